"""Overlap of sets of molecules: how many of one are known, or nearly known, in another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import combinations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.near import Flags, near_each_other
from fluidmol.chem.similarity import Packed, nearest_tanimoto, pack_bits
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

# Where a count isn't 0, the binary fingerprint has its bit; models share the rows.
_ECFP4 = Part("ecfp-counts", {"radius": 2, "bits": 2048})


@attrs.frozen
class Overlap:
    """How much of one set occurs in another."""

    n_compounds: int
    """Molecules of the one set."""

    n_same_skeleton: int
    """Those whose connectivity (first block of the InChIKey) occurs in the other."""

    n_near: int
    """Those with a near duplicate in the other; the same skeleton nearly always is one, but needn't be."""

    @property
    def share_near(self) -> float:
        """Share with a near duplicate, in [0, 1]; NaN of no molecules."""
        return self.n_near / self.n_compounds if self.n_compounds else math.nan


def near_duplicates(a: CompoundSet, b: CompoundSet, at_least: float = 0.9) -> Overlap:
    """Count the molecules of one set that have a near duplicate in another.

    Exact. Not symmetric: a hundred analogues in ``a`` may all be near to one molecule in ``b``.

    Parameters
    ----------
    a : CompoundSet
        Whose molecules are counted.
    b : CompoundSet
        Where near duplicates are looked for.
    at_least : float
        Tanimoto similarity of ECFP4 (radius 2, 2048 bits, binary) from which molecules are near duplicates, in (0, 1].

    Returns
    -------
    Overlap

    Raises
    ------
    ValueError
        If the similarity is out of range.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> near_duplicates(phenol, phenol)
    Overlap(n_compounds=1, n_same_skeleton=1, n_near=1)
    """
    _check(at_least)
    return _measured(_known(a), _known(b), at_least)[0]


def overlaps(sets: Mapping[str, CompoundSet], at_least: float = 0.9) -> dict[str, dict[str, Overlap]]:
    """Give the table of overlaps: rows say of which set, columns in which set; nothing on the diagonal.

    Parameters
    ----------
    sets : mapping of str to CompoundSet
        Say training (see :func:`joined`), validation, external and transfer.
    at_least : float
        As in :func:`near_duplicates`.

    Returns
    -------
    dict of str to dict of str to Overlap
        ``overlaps(sets)["external"]["training"]`` counts external molecules that are known in training.

    Raises
    ------
    ValueError
        If the similarity is out of range.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> methane = CompoundSet(("C",), ("VNWKTOKETHGBQD-UHFFFAOYSA-N",))
    >>> table = overlaps({"external": joined([phenol, methane]), "training": phenol})
    >>> table["external"]["training"].share_near, table["training"]["external"].share_near
    (0.5, 1.0)
    """
    _check(at_least)
    known = {name: _known(compounds) for name, compounds in sets.items()}
    found: dict[str, dict[str, Overlap]] = {name: {} for name in sets}
    for one, other in combinations(sets, 2):
        found[one][other], found[other][one] = _measured(known[one], known[other], at_least)
    return {one: {other: found[one][other] for other in sets if other != one} for one in sets}


def nearest_similarity(compounds: CompoundSet, known: CompoundSet) -> NDArray[np.float64]:
    """Measure how similar each molecule is to the nearest one of another set.

    Returns
    -------
    (n_compounds,) float64
        Tanimoto similarity of ECFP4 (radius 2, 2048 bits, binary), in [0, 1].

    Raises
    ------
    ValueError
        If there is none to be near to.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> nearest_similarity(phenol, phenol).tolist()
    [1.0]
    """
    near = nearest_tanimoto(_known(compounds).fingerprints, _known(known).fingerprints, 1)[:, 0]
    return np.asarray(near, dtype=np.float64).round(6)  # what is 0.7 isn't 0.69999999


def joined(sets: Iterable[CompoundSet]) -> CompoundSet:
    """Join sets, say those of all partners; a molecule of several is taken once.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> len(joined([phenol, phenol]))
    1
    """
    found: dict[str, str] = {}
    for compounds in sets:
        for key, smiles in zip(compounds.inchikeys, compounds.smiles, strict=True):
            found.setdefault(key, smiles)
    return CompoundSet(tuple(found.values()), tuple(found))


@attrs.frozen(eq=False)
class _Known:
    skeletons: tuple[str, ...]
    fingerprints: Packed


def _known(compounds: CompoundSet) -> _Known:
    return _Known(compounds.skeletons, pack_bits(features(compounds, _ECFP4)))


def _check(at_least: float) -> None:
    if not 0 < at_least <= 1:
        raise ValueError(f"near duplicates from a similarity of {at_least}: expected above 0, at most 1")


def _measured(one: _Known, other: _Known, at_least: float) -> tuple[Overlap, Overlap]:
    """Give the overlap of the one with the other, and of the other with the one."""
    of_one, of_other = near_each_other(one.fingerprints, other.fingerprints, at_least)
    return _overlap(one, other, of_one), _overlap(other, one, of_other)


def _overlap(mine: _Known, other: _Known, near: Flags) -> Overlap:
    there = frozenset(other.skeletons)
    return Overlap(len(mine.skeletons), sum(skeleton in there for skeleton in mine.skeletons), int(near.sum()))
