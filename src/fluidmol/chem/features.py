"""Features of whole sets of compounds: computed in parallel, and once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from fluidmol.chem.feature_cache import FeatureCache
from fluidmol.chem.featurisers import FEATURISERS, Block
from fluidmol.chem.featurising import Rows, featurised, joined
from fluidmol.chem.representation.projections import forget as forget_projections
from fluidmol.chem.representation.projections import projections
from fluidmol.chem.representation.underlying import underlying
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

LARGEST_STORE = 120_000
"""Molecules that are remembered at most: one consortium of 50 000 transfer molecules, not many seeds of them. With the
features of preset open, 50 000 take some 130 MB."""

_LOOKED_UP = 10_000
"""Molecules that are looked up in a cache at once, which takes some 20 MB."""


def features(compounds: CompoundSet, featuriser: Part) -> csr_matrix:
    """Turn compounds into one sparse row each.

    Runs on the ambient joblib backend (:func:`joblib.parallel_config`). The transfer set is public and the
    same for all, so one process that plays several partners computes its features once.

    Parameters
    ----------
    compounds : CompoundSet
        Standardised molecules.
    featuriser : Part
        Choice from :data:`fluidmol.chem.featurisers.FEATURISERS`.

    Returns
    -------
    csr_matrix
        (n_compounds, width), float32, rows in the order of the compounds.

    Raises
    ------
    CharterError
        If the featuriser is unknown, or names no representation where it needs one.
    MissingFileError
        If it names a representation that isn't known here.
    ValueError
        If a SMILES can't be parsed (standardised ones can).

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> features(phenol, Part("fcfp")).shape
    (1, 2048)
    """
    built = FEATURISERS.build(featuriser)
    if built.representation is not None:
        return projections(compounds, built.representation, features)
    blocks = built.blocks
    if len(compounds) > LARGEST_STORE:
        return _side_by_side(_compute(compounds.smiles, blocks))
    with _lock:
        _learn(compounds.smiles, blocks)
        found = [_store(block).take(compounds.smiles) for block in blocks]
    return _side_by_side(found)


def remember(compounds: CompoundSet, *featurisers: Part) -> None:
    """Compute what several featurisers need, in one pass, so that no molecule is parsed twice.

    :func:`features` finds it then. Of more than :data:`LARGEST_STORE` molecules nothing is computed, for it couldn't be
    remembered.

    Parameters
    ----------
    compounds : CompoundSet
        Standardised molecules.
    *featurisers : Part
        Choices from :data:`fluidmol.chem.featurisers.FEATURISERS`; of a representation's rows, what these are made of.

    Raises
    ------
    CharterError, MissingFileError, ValueError
        As :func:`features` does.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> remember(phenol, Part("fcfp"), Part("descriptors"))
    >>> features(phenol, Part("descriptors")).shape
    (1, 17)
    """
    blocks = [block for part in featurisers for block in FEATURISERS.build(underlying(part)).blocks]
    if len(compounds) <= LARGEST_STORE:
        with _lock:
            _learn(compounds.smiles, list(dict.fromkeys(blocks)))


@contextmanager
def kept_on_disk(cache: FeatureCache) -> Iterator[None]:
    """Look features up in a cache before they are computed, and keep there what was, in this whole process.

    Without it nothing is read or written: a cache holds what features tell of private structures.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder, kept_on_disk(FeatureCache(Path(folder))):
    ...     propane = features(CompoundSet(("CCC",), ("ATUOYWHBWRKTHZ-UHFFFAOYSA-N",)), Part("torsions", {"bits": 64}))
    ...     [file.name for file in Path(folder).iterdir()]
    ['features.sqlite']
    """
    _disks.append(cache)
    try:
        yield
    finally:
        _disks.remove(cache)


def forget() -> None:
    """Drop all features that are kept in memory."""
    _stores.clear()
    forget_projections()


class _Store:
    """Rows of one block by SMILES: a molecule's features are computed once, whatever sets it occurs in."""

    def __init__(self, width: int) -> None:
        self._place: dict[str, int] = {}
        self._rows = csr_matrix((0, width), dtype=np.float32)

    def unknown(self, smiles: Sequence[str]) -> list[str]:
        return [text for text in smiles if text not in self._place]

    def make_room(self, n_molecules: int) -> None:
        if len(self._place) + n_molecules > LARGEST_STORE:
            self._place.clear()
            self._rows = self._rows[:0]

    def add(self, smiles: Sequence[str], rows: csr_matrix) -> None:
        # Another block may have lacked some that are known here.
        new = [i for i, text in enumerate(smiles) if text not in self._place]
        start = self._rows.shape[0]
        self._place.update((smiles[i], start + j) for j, i in enumerate(new))
        added = rows if len(new) == len(smiles) else rows[new]
        self._rows = csr_matrix(vstack([self._rows, added], format="csr")) if start else added

    def take(self, smiles: Sequence[str]) -> csr_matrix:
        places = np.fromiter((self._place[text] for text in smiles), dtype=np.int64, count=len(smiles))
        return self._rows[places]


_stores: dict[Block, _Store] = {}

_disks: list[FeatureCache] = []
"""The last is asked. Not a context variable: threads of a simulation ask too."""

_lock = RLock()
"""Partners of a simulation ask from several threads."""


def _store(block: Block) -> _Store:
    return _stores.setdefault(block, _Store(block.width))


def _learn(smiles: Sequence[str], blocks: Sequence[Block]) -> None:
    """Compute what some block doesn't know; whoever calls it has the lock."""
    lacking = [block for block in blocks if _store(block).unknown(smiles)]
    if lacking:
        for block in lacking:
            _store(block).make_room(len(smiles))
        unknown = sorted({text for block in lacking for text in _store(block).unknown(smiles)})
        for block, rows in zip(lacking, _compute(unknown, lacking), strict=True):
            _store(block).add(unknown, rows)


def _side_by_side(matrices: Sequence[csr_matrix]) -> csr_matrix:
    return matrices[0] if len(matrices) == 1 else csr_matrix(hstack(matrices, format="csr"))


def _compute(smiles: Sequence[str], blocks: Sequence[Block]) -> list[csr_matrix]:
    """Compute each block, or read it from the disk, (n_molecules, width)."""
    places: list[int] = []
    pieces: list[list[Rows]] = []
    disk = _disks[-1] if _disks else None
    if disk:
        for start in range(0, len(smiles), _LOOKED_UP):
            known, rows = disk.get(smiles[start : start + _LOOKED_UP], blocks)
            places += [start + place for place in known]
            pieces.append(rows)
    lacking = sorted(set(range(len(smiles))).difference(places))
    for chunk, rows in featurised([smiles[place] for place in lacking], blocks):
        if disk:
            disk.put(chunk, blocks, rows)
        pieces.append(rows)
    # A block's pieces are let go as soon as they are joined: of a large set all of them twice is too much.
    found = [joined([piece.pop(0) for piece in pieces], block.width) for block in blocks]
    return [rows[np.argsort(places + lacking)] for rows in found] if places and lacking else found
