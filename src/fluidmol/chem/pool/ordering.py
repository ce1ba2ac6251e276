"""One molecule a skeleton, in an order that the seed and the skeletons alone decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.pool.chunk_file import read_columns

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


@attrs.frozen(eq=False)
class PoolOrder:
    """The molecules of a pool in a random order that doesn't depend on files, chunks or workers.

    The first n of it are a random draw of n. All molecules of one skeleton are one: that with the smallest hash of key
    and SMILES. 64 bits tell the skeletons of a hundred million molecules apart but for one chance in 3 000 that some
    two of them become one.
    """

    paths: tuple[Path, ...] = attrs.field(repr=False)
    """Files of the chunks."""

    starts: Places = attrs.field(repr=False)
    """Where the rows of each chunk begin among those of all, (n_chunks + 1,)."""

    places: Places = attrs.field(repr=False)
    """Row of each molecule among those of all chunks, (n,)."""

    skeletons: Hashes = attrs.field(repr=False)
    """Hash of each molecule's skeleton, (n,)."""

    n_repeated: int
    """Rows with the skeleton of another one, which are left out."""

    def __len__(self) -> int:
        return len(self.places)

    def ranks(self) -> NDArray[np.int32]:
        """Compute the place in the order of each row of all chunks, (n_rows,); -1 of those that aren't in it."""
        found = np.full(int(self.starts[-1]), -1, dtype=np.int32)
        found[self.places] = np.arange(len(self.places), dtype=np.int32)
        return found

    def take(self, kept: NDArray[np.bool_]) -> PoolOrder:
        """Return the order of those that are kept; ``kept`` is (n,) bool."""
        return attrs.evolve(self, places=self.places[kept], skeletons=self.skeletons[kept])

    def read(self, rows: Places, names: Sequence[str]) -> dict[str, Any]:
        """Read columns of molecules by their place in the order; they come in the order of ``rows``."""
        places = self.places[rows]
        by_place = np.argsort(places, kind="stable")
        bounds = np.searchsorted(places[by_place], self.starts)
        parts: dict[str, list[Any]] = {name: [] for name in names}
        for chunk, path in enumerate(self.paths):
            here = by_place[bounds[chunk] : bounds[chunk + 1]]
            if not len(here):
                continue
            inside = places[here] - self.starts[chunk]
            for name, column in read_columns(path, names).items():
                taken = [column[i] for i in inside] if isinstance(column, list) else column[inside]
                parts[name].append(taken)
        back = np.empty_like(by_place)
        back[by_place] = np.arange(len(by_place))
        return {name: _joined(pieces, back) for name, pieces in parts.items()}


def put_in_order(paths: Sequence[Path], seed: int) -> PoolOrder:
    """Order the molecules of all chunks, one a skeleton.

    Parameters
    ----------
    paths : sequence of Path
        Files of the chunks.
    seed : int
        Of the order, 0 or larger.
    """
    skeletons, molecules, starts = [], [], [0]
    for path in paths:
        found = read_columns(path, ("skeleton", "molecule"))
        skeletons.append(found["skeleton"])
        molecules.append(found["molecule"])
        starts.append(starts[-1] + len(found["skeleton"]))
    every = np.concatenate(skeletons) if skeletons else np.empty(0, np.uint64)
    draws = drawn(every, seed)
    order = np.lexsort((np.concatenate(molecules) if molecules else every, draws))
    ordered = draws[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    kept = order[first]
    return PoolOrder(tuple(paths), np.asarray(starts, np.int64), kept, every[kept], int(len(order) - len(kept)))


def drawn(hashes: Hashes, seed: int) -> Hashes:
    """Turn hashes into random numbers of a seed: two that differ stay different.

    The finaliser of SplitMix64 (Steele et al. 2014, doi 10.1145/2660193.2660195).

    Examples
    --------
    >>> few = np.arange(3, dtype=np.uint64)
    >>> len(set(drawn(few, 0)) | set(drawn(few, 1)))
    6
    """
    shift = _mixed(np.asarray([seed], dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    return _mixed(hashes ^ shift)


def _mixed(values: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        z = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        made: Hashes = z ^ (z >> np.uint64(31))
    return made


def _joined(pieces: list[Any], back: Places) -> Any:
    if not pieces:
        return []
    if isinstance(pieces[0], list):
        flat = [item for piece in pieces for item in piece]
        return [flat[i] for i in back]
    return np.concatenate(pieces)[back]
