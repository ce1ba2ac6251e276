"""Atom environments of whole sets of compounds: computed in parallel chunks, once a molecule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import RLock
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet

CHUNK = 1000
"""Molecules a task: long enough to hide what dispatch costs, short enough to keep all cores busy."""

LARGEST_STORE = 250_000
"""Molecules that are remembered at most; 50 000 of them take some 20 MB."""

Identifiers = NDArray[np.int64]
"""32-bit identifiers of environments, 0 or larger."""


@attrs.frozen(eq=False)
class Environments:
    """The environments of some molecules, one after the other."""

    identifiers: Identifiers = attrs.field(repr=False)
    """Of all molecules, (n_environments,); within one molecule ascending, each once."""

    length: NDArray[np.int64]
    """How many each molecule has, (n_molecules,)."""

    def known(self, identifiers: Identifiers) -> NDArray[np.int64]:
        """Count, for each molecule, its environments that occur in a sorted array, (n_molecules,)."""
        place = np.searchsorted(identifiers, self.identifiers)
        padded = np.append(identifiers, -1)
        hits = np.concatenate([[0], np.cumsum(padded[place] == self.identifiers)])
        ends = np.cumsum(self.length)
        return np.asarray(hits[ends] - hits[ends - self.length], dtype=np.int64)

    def take(self, rows: NDArray[np.int64]) -> Environments:
        """Give the molecules at these positions, in this order."""
        length = self.length[rows]
        starts = (np.cumsum(self.length) - self.length)[rows]
        within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        return Environments(self.identifiers[np.repeat(starts, length) + within], length)


def environments(compounds: CompoundSet, radius: int = 2) -> Environments:
    """Find the feature-Morgan environments of each molecule, unfolded.

    Runs on the ambient joblib backend (:func:`joblib.parallel_config`); a molecule is computed once, whatever sets it
    occurs in.

    Parameters
    ----------
    compounds : CompoundSet
        Standardised molecules.
    radius : int
        Largest radius, in bonds; all smaller ones are there too.

    Raises
    ------
    ValueError
        If a SMILES can't be parsed (standardised ones can).

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> environments(phenol, radius=0).length.tolist()
    [2]
    """
    if len(compounds) > LARGEST_STORE:
        return _compute(compounds.smiles, radius)
    with _lock:
        return _stores.setdefault(radius, _EnvironmentStore(radius)).take(compounds.smiles)


def forget() -> None:
    """Drop all environments that are kept in memory."""
    with _lock:
        _stores.clear()


class _EnvironmentStore:
    """Environments by SMILES."""

    def __init__(self, radius: int) -> None:
        self._radius = radius
        self._place: dict[str, int] = {}
        self._held = _joined([])

    def take(self, smiles: Sequence[str]) -> Environments:
        unknown = sorted({text for text in smiles if text not in self._place})
        if len(self._place) + len(unknown) > LARGEST_STORE:
            self._place.clear()
            self._held = _joined([])
            unknown = sorted(set(smiles))
        if unknown:
            found = _compute(unknown, self._radius)
            self._place.update((text, len(self._place)) for text in unknown)
            self._held = _joined([self._held, found])
        places = np.fromiter((self._place[text] for text in smiles), dtype=np.int64, count=len(smiles))
        return self._held.take(places)


_stores: dict[int, _EnvironmentStore] = {}

_lock = RLock()
"""Partners of a simulation ask from several threads."""


def _compute(smiles: Sequence[str], radius: int) -> Environments:
    starts = range(0, len(smiles), CHUNK)
    tasks = ((smiles[start : start + CHUNK], radius) for start in starts)
    # One chunk isn't worth waking other processes for.
    return _joined(list(on_backend(_chunk, tasks, 1 if len(starts) <= 1 else None)))


def _joined(pieces: Sequence[Environments]) -> Environments:
    empty = np.empty(0, np.int64)
    return Environments(
        np.concatenate([empty, *(piece.identifiers for piece in pieces)]),
        np.concatenate([empty, *(piece.length for piece in pieces)]),
    )


@cache
def _generator(radius: int) -> Any:
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, atomInvariantsGenerator=invariants)


def _chunk(smiles: Sequence[str], radius: int) -> Environments:
    generator = _generator(radius)
    rows = []
    with rdBase.BlockLogs():
        for text in smiles:
            molecule = Chem.MolFromSmiles(text)
            if molecule is None:
                raise ValueError(f"RDKit can't read the SMILES {text!r}: expected a standardised one")
            found = generator.GetSparseCountFingerprint(molecule).GetNonzeroElements()
            rows.append(np.sort(np.fromiter(found, dtype=np.int64, count=len(found))))
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    return Environments(np.concatenate(rows) if rows else np.empty(0, np.int64), lengths)
