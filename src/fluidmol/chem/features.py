"""Features of whole sets of compounds: computed in parallel, and once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from scipy.sparse import csr_matrix, hstack

from fluidmol.chem.featurisers import FEATURISERS, Block
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

CHUNK = 1000
"""Molecules a task: long enough to hide what dispatch costs, short enough to keep all cores busy."""

REMEMBERED = 96
"""Blocks kept in memory, the least recently used dropped first; 50 000 fingerprints take some 20 MB."""

_memory: OrderedDict[tuple[str, Block], csr_matrix] = OrderedDict()

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
        If the featuriser is unknown.
    ValueError
        If a SMILES can't be parsed (standardised ones can).

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> features(phenol, Part("fcfp")).shape
    (1, 2048)
    """
    blocks = list(FEATURISERS.build(featuriser).blocks)
    missing = [block for block in blocks if (compounds.digest, block) not in _memory]
    if missing:
        for block, matrix in zip(missing, _compute(compounds.smiles, missing), strict=True):
            _memory[compounds.digest, block] = matrix
    found = [_memory[compounds.digest, block] for block in blocks]
    for block in blocks:
        _memory.move_to_end((compounds.digest, block))
    while len(_memory) > REMEMBERED:
        _memory.popitem(last=False)
    return found[0] if len(found) == 1 else csr_matrix(hstack(found, format="csr"))


def forget() -> None:
    """Drop all features that are kept in memory."""
    _memory.clear()


def _compute(smiles: Sequence[str], blocks: list[Block]) -> list[csr_matrix]:
    starts = range(0, len(smiles), CHUNK)
    tasks = (delayed(_chunk)(smiles[start : start + CHUNK], blocks) for start in starts)
    # One chunk isn't worth waking other processes for.
    done: list[list[_Piece]] = Parallel(n_jobs=1 if len(starts) <= 1 else None)(tasks)
    return [_join([pieces[i] for pieces in done], block.width) for i, block in enumerate(blocks)]


def _chunk(smiles: Sequence[str], blocks: list[Block]) -> list[_Piece]:
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
