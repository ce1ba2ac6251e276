"""One pass over a pool: what is excluded, how near the rest is to given sets, and which tile each lies in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.intake.formats.rows import unique
from fluidmol.chem.intake.standardise import Progress
from fluidmol.chem.near import near_each_other
from fluidmol.chem.pool.chunk_file import read_columns
from fluidmol.chem.pool.known_sets import KnownSet
from fluidmol.chem.pool.ordering import Hashes, Places, PoolOrder
from fluidmol.chem.pool.private_directions import PrivateDirections
from fluidmol.chem.pool.tiles import BINS, PoolTiling
from fluidmol.chem.similarity import Packed
from fluidmol.values.compounds import CompoundSet

NEAR_DUPLICATE = 0.9
"""Tanimoto similarity of ECFP4 from which molecules are near duplicates, as everywhere."""


@attrs.frozen
class ExcludedCounts:
    """How many molecules of a pool an excluded set has taken out; one may be in several sets."""

    name: str
    """Of the set."""

    digest: str
    """Of the set's molecules."""

    n_compounds: int
    """Molecules of the set."""

    n_same: int
    """Molecules of the pool with the skeleton of one of the set."""

    n_near: int
    """Others, with a near duplicate in the set."""


@attrs.frozen(eq=False)
class Pool:
    """What may be picked: molecules in the pool's random order, with what is known of each."""

    order: PoolOrder = attrs.field(repr=False)
    """Of those that no set excludes."""

    tiles: NDArray[np.int64] = attrs.field(repr=False)
    """Tile of the public tiling, (n,)."""

    scaffolds: Hashes = attrs.field(repr=False)
    """Hash of the scaffold, (n,)."""

    scores: NDArray[np.float32] = attrs.field(repr=False)
    """How near each is to each given set, (n_sets, n); larger is nearer."""

    names: tuple[str, ...] = ()
    """Of the given sets: files of molecules and scaffolds first, then partners."""

    excluded: tuple[ExcludedCounts, ...] = ()
    """What the excluded sets have taken out."""

    n_excluded: int = 0
    """Molecules that are out, each counted once."""

    def __len__(self) -> int:
        return len(self.order)

    def fingerprints(self, rows: Places) -> Packed:
        """Read the ECFP4 bits of molecules by their places, (n_rows, 32)."""
        found: Packed = self.order.read(rows, ("bits",))["bits"]
        return found.reshape(-1, 32) if len(rows) else np.empty((0, 32), np.uint64)


def compare(
    order: PoolOrder,
    *,
    exclude: Sequence[KnownSet] = (),
    near: Sequence[KnownSet] = (),
    private: PrivateDirections | None = None,
    at_least: float = NEAR_DUPLICATE,
    progress: Progress | None = None,
) -> Pool:
    """Take out what excluded sets have, and compute for the rest what pickers ask for.

    A molecule is out if its skeleton is in an excluded set, or its Tanimoto similarity to one there is ``at_least``.

    Parameters
    ----------
    order : PoolOrder
    exclude : sequence of KnownSet
    near : sequence of KnownSet
    private : PrivateDirections, optional
    at_least : float
        In (0, 1].
    progress : callable, optional
        Called with the number of molecules that are done, and of all.
    """
    # Two files of different folders may be called alike.
    names = tuple(unique([*(known.name for known in near), *(private.names if private is not None else ())]))
    work = _Comparison(order, exclude, near, private, at_least, len(names))
    for chunk in range(len(order.paths)):
        work.take(chunk)
        if progress is not None:
            progress(work.done, len(order))
    kept = ~work.out
    counts = tuple(
        ExcludedCounts(known.name, known.compounds.digest, len(known.compounds), *work.counts[i])
        for i, known in enumerate(exclude)
    )
    return Pool(
        order.take(kept), work.tiles[kept], work.scaffolds[kept], work.scores[:, kept], names, counts,
        int(work.out.sum()),
    )  # fmt: skip


@attrs.define(eq=False)
class _Comparison:
    order: PoolOrder
    exclude: Sequence[KnownSet]
    near: Sequence[KnownSet]
    private: PrivateDirections | None
    at_least: float
    n_scores: int
    done: int = 0
    ranks: NDArray[np.int32] = attrs.field(init=False)
    out: NDArray[np.bool_] = attrs.field(init=False)
    tiles: NDArray[np.int64] = attrs.field(init=False)
    scaffolds: Hashes = attrs.field(init=False)
    scores: NDArray[np.float32] = attrs.field(init=False)
    counts: list[list[int]] = attrs.field(init=False)
    tiling: PoolTiling = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        n = len(self.order)
        self.ranks = self.order.ranks()
        self.out, self.tiles = np.zeros(n, np.bool_), np.zeros(n, np.int64)
        self.scaffolds, self.scores = np.zeros(n, np.uint64), np.zeros((self.n_scores, n), np.float32)
        self.counts = [[0, 0] for _ in self.exclude]
        self.tiling = PoolTiling.of(self.order)

    def take(self, chunk: int) -> None:
        start, stop = self.order.starts[chunk : chunk + 2]
        ranks = self.ranks[start:stop]
        alive = ranks >= 0
        if not alive.any():
            return
        texts = ("smiles", "inchikey") if self.private is not None else ()
        names = ("bits", "skeleton", "scaffold", *(name for name, _ in BINS), *texts)
        found = _only(read_columns(self.order.paths[chunk], names), alive)
        ranks = ranks[alive]
        self.done += len(ranks)
        self.scaffolds[ranks] = found["scaffold"]
        out = self._excluded(found)
        self.out[ranks] = out
        left, ranks = _only(found, ~out), ranks[~out]
        if not len(ranks):
            return
        self.tiles[ranks] = self.tiling.tiles(left["bits"], left)
        for i, known in enumerate(self.near):
            self.scores[i, ranks] = known.nearness(left["bits"], left["scaffold"])
        if self.private is not None:
            compounds = CompoundSet(left["smiles"], left["inchikey"])
            self.scores[len(self.near) :, ranks] = self.private.nearness(compounds)

    def _excluded(self, found: dict[str, Any]) -> NDArray[np.bool_]:
        out = np.zeros(len(found["skeleton"]), np.bool_)
        for i, known in enumerate(self.exclude):
            same = np.isin(found["skeleton"], known.skeletons)
            near = near_each_other(found["bits"], known.fingerprints, self.at_least)[0] & ~same
            self.counts[i][0] += int(same.sum())
            self.counts[i][1] += int(near.sum())
            out |= same | near
        return out


def _only(columns: dict[str, Any], kept: NDArray[np.bool_]) -> dict[str, Any]:
    if kept.all():
        return columns
    rows = np.flatnonzero(kept)
    return {
        name: [column[i] for i in rows] if isinstance(column, list) else column[rows]
        for name, column in columns.items()
    }
