"""Features of whole sets of compounds: computed in parallel, and once."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from scipy.sparse import csr_matrix, hstack, vstack

from fluidmol.chem.featurisers import FEATURISERS, Block
from fluidmol.chem.representation.projections import forget as forget_projections
from fluidmol.chem.representation.projections import projections
from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

CHUNK = 1000
"""Molecules a task: long enough to hide what dispatch costs, short enough to keep all cores busy."""

LARGEST_STORE = 120_000
"""Molecules that are remembered at most: one consortium of 50 000 transfer molecules, not many seeds of them. With the
features of preset open, 50 000 take some 130 MB."""

_Piece = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


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
        lacking = [block for block in blocks if _store(block).unknown(compounds.smiles)]
        if lacking:
            for block in lacking:
                _store(block).make_room(len(compounds))
            unknown = sorted({text for block in lacking for text in _store(block).unknown(compounds.smiles)})
            for block, rows in zip(lacking, _compute(unknown, lacking), strict=True):
                _store(block).add(unknown, rows)
        found = [_store(block).take(compounds.smiles) for block in blocks]
    return _side_by_side(found)


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

_lock = RLock()
"""Partners of a simulation ask from several threads."""


def _store(block: Block) -> _Store:
    return _stores.setdefault(block, _Store(block.width))


def _side_by_side(matrices: Sequence[csr_matrix]) -> csr_matrix:
    return matrices[0] if len(matrices) == 1 else csr_matrix(hstack(matrices, format="csr"))


def _compute(smiles: Sequence[str], blocks: Sequence[Block]) -> list[csr_matrix]:
    starts = range(0, len(smiles), CHUNK)
    tasks = ((smiles[start : start + CHUNK], blocks) for start in starts)
    # One chunk isn't worth waking other processes for.
    done = list(on_backend(_chunk, tasks, 1 if len(starts) <= 1 else None))
    # A block's pieces are let go as soon as they are joined: of a large set all of them twice is too much.
    return [_join([pieces.pop(0) for pieces in done], block.width) for block in blocks]


def _chunk(smiles: Sequence[str], blocks: Sequence[Block]) -> list[_Piece]:
    with rdBase.BlockLogs():
        molecules = [_parse(text) for text in smiles]
    pieces: list[_Piece] = []
    for block in blocks:
        rows = [block.row(molecule) for molecule in molecules]
        lengths = np.fromiter((len(columns) for columns, _ in rows), dtype=np.int32, count=len(rows))
        columns = np.concatenate([row[0] for row in rows]) if rows else np.empty(0, np.int32)
        values = np.concatenate([row[1] for row in rows]) if rows else np.empty(0, np.float32)
        pieces.append((lengths, columns, values))
    return pieces


def _parse(smiles: str) -> Any:
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError(f"RDKit can't read the SMILES {smiles!r}: expected a standardised one")
    return molecule


def _join(pieces: list[_Piece], width: int) -> csr_matrix:
    if not pieces:
        return csr_matrix((0, width), dtype=np.float32)
    lengths = np.concatenate([piece[0] for piece in pieces])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    columns = np.concatenate([piece[1] for piece in pieces])
    values = np.concatenate([piece[2] for piece in pieces])
    matrix = csr_matrix((values, columns, starts), shape=(len(lengths), width))
    matrix.has_sorted_indices = True
    return matrix
