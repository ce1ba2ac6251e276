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


def environments(compounds: CompoundSet, radius: int = 2, *, by_element: bool = False) -> Environments:
    """Find the Morgan environments of each molecule, unfolded.

    Runs on the ambient joblib backend (:func:`joblib.parallel_config`); a molecule is computed once, whatever sets it
    occurs in.

    Parameters
    ----------
    compounds : CompoundSet
        Standardised molecules.
    radius : int
        Largest radius, in bonds; all smaller ones are there too.
    by_element : bool
        Whether atoms are told apart by element and aromaticity; by default it is by pharmacophoric role.

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
    kind = _Kind(radius, by_element)
    if len(compounds) > LARGEST_STORE:
        return _compute(compounds.smiles, kind)
    with _lock:
        return _stores.setdefault(kind, _EnvironmentStore(kind)).take(compounds.smiles)


def unknown_fragments(smiles: str, known: Identifiers, radius: int = 2, *, by_element: bool = False) -> tuple[str, ...]:
    """Write the fragments of a molecule that are made of environments that aren't among the known ones.

    Environments that touch are one fragment, so that nothing is said twice.

    Parameters
    ----------
    smiles : str
        Standardised.
    known : Identifiers
        Of :func:`environments`, (n_known,), ascending.
    radius : int
        Largest radius, in bonds.
    by_element : bool
        As for :func:`environments`.

    Returns
    -------
    tuple of str
        SMARTS in the letters of SMILES, without stereochemistry; the longest first, each once. Read it as SMILES: the
        atoms in its middle have no other neighbours but hydrogens.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> known = np.unique(environments(phenol, 1, by_element=True).identifiers)
    >>> unknown_fragments("Oc1ccc(C(F)(F)F)cc1", known, 1, by_element=True)
    ('cc(C(F)(F)F)c',)
    """
    kind = _Kind(radius, by_element)
    molecule = kind.parse(smiles)
    molecule.UpdatePropertyCache(strict=False)
    found = rdFingerprintGenerator.AdditionalOutput()
    found.AllocateBitInfoMap()
    kind.generator.GetSparseCountFingerprint(molecule, additionalOutput=found)
    places = found.GetBitInfoMap()
    lacking = np.setdiff1d(np.fromiter(places, dtype=np.int64, count=len(places)), known)
    atoms: set[int] = set()
    bonds: set[int] = set()
    for centre, reach in (place for identifier in lacking.tolist() for place in places[identifier]):
        around = Chem.FindAtomEnvironmentOfRadiusN(molecule, reach, centre) if reach else ()
        bonds.update(around)
        atoms.add(centre)
        for bond in map(molecule.GetBondWithIdx, around):
            atoms.update((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
    if not atoms:
        return ()
    written = Chem.MolFragmentToSmiles(molecule, sorted(atoms), sorted(bonds), isomericSmiles=False)
    return tuple(sorted(set(written.split(".")), key=lambda part: (-len(part), part)))


def forget() -> None:
    """Drop all environments that are kept in memory."""
    with _lock:
        _stores.clear()


@attrs.frozen
class _Kind:
    """What tells environments apart."""

    radius: int
    by_element: bool

    @property
    def generator(self) -> Any:
        return _generator(self.radius, self.by_element)

    def parse(self, smiles: str) -> Any:
        # Elements, aromaticity and bonds stand in the text: nothing else need be found out, which takes longest.
        molecule = Chem.MolFromSmiles(smiles, sanitize=not self.by_element)
        if molecule is None:
            raise ValueError(f"RDKit can't read the SMILES {smiles!r}: expected a standardised one")
        return molecule


@cache
def _generator(radius: int, by_element: bool) -> Any:
    known = rdFingerprintGenerator
    atoms = known.GetRDKitAtomInvGen() if by_element else known.GetMorganFeatureAtomInvGen()
    return known.GetMorganGenerator(radius=radius, atomInvariantsGenerator=atoms)


class _EnvironmentStore:
    """Environments by SMILES."""

    def __init__(self, kind: _Kind) -> None:
        self._kind = kind
        self._place: dict[str, int] = {}
        self._held = _joined([])

    def take(self, smiles: Sequence[str]) -> Environments:
        unknown = sorted({text for text in smiles if text not in self._place})
        if len(self._place) + len(unknown) > LARGEST_STORE:
            self._place.clear()
            self._held = _joined([])
            unknown = sorted(set(smiles))
        if unknown:
            found = _compute(unknown, self._kind)
            self._place.update((text, len(self._place)) for text in unknown)
            self._held = _joined([self._held, found])
        places = np.fromiter((self._place[text] for text in smiles), dtype=np.int64, count=len(smiles))
        return self._held.take(places)


_stores: dict[_Kind, _EnvironmentStore] = {}

_lock = RLock()
"""Partners of a simulation ask from several threads."""


def _compute(smiles: Sequence[str], kind: _Kind) -> Environments:
    starts = range(0, len(smiles), CHUNK)
    tasks = ((smiles[start : start + CHUNK], kind) for start in starts)
    # One chunk isn't worth waking other processes for.
    return _joined(list(on_backend(_chunk, tasks, 1 if len(starts) <= 1 else None)))


def _joined(pieces: Sequence[Environments]) -> Environments:
    empty = np.empty(0, np.int64)
    return Environments(
        np.concatenate([empty, *(piece.identifiers for piece in pieces)]),
        np.concatenate([empty, *(piece.length for piece in pieces)]),
    )


def _chunk(smiles: Sequence[str], kind: _Kind) -> Environments:
    generator = kind.generator
    rows = []
    with rdBase.BlockLogs():
        for text in smiles:
            found = generator.GetSparseCountFingerprint(kind.parse(text)).GetNonzeroElements()
            rows.append(np.sort(np.fromiter(found, dtype=np.int64, count=len(found))))
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    return Environments(np.concatenate(rows) if rows else np.empty(0, np.int64), lengths)
