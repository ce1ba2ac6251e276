"""Features of molecules that nobody has computed yet: each SMILES is parsed once for all that is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from scipy.sparse import csr_matrix

from fluidmol.chem.featurisers import Block, BulkBlock, SparseRow
from fluidmol.parallel import on_backend

CHUNK = 1000
"""Molecules a task: long enough to hide what dispatch costs, short enough to keep all cores busy."""

_AT_HAND = 50
"""Molecules of which one block is computed after the other. One molecule at a time takes a fifth longer: RDKit's tables
and patterns for one block drive those for the other out of the processor's cache. Of many, what two blocks need of a
molecule (its roles) is forgotten in between."""

Rows = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
"""Rows of one block: how many columns each has that aren't zero (n_molecules,), which, and their values."""


def featurised(smiles: Sequence[str], blocks: Sequence[Block]) -> Iterator[tuple[Sequence[str], list[Rows]]]:
    """Compute blocks of features, chunk by chunk, on the ambient joblib backend.

    Parameters
    ----------
    smiles : sequence of str
        Standardised.
    blocks : sequence of Block

    Yields
    ------
    smiles, rows : sequence of str, list of Rows
        A chunk's molecules, in the order of the input, and the rows of each block.

    Raises
    ------
    ValueError
        If a SMILES can't be parsed.

    Examples
    --------
    >>> from fluidmol.chem.featurisers.morgan import Fcfp
    >>> [(chunk, rows[0][0].tolist()) for chunk, rows in featurised(["CO", "CCO"], [Fcfp()])]
    [(['CO', 'CCO'], [3, 5])]
    """
    chunks = [smiles[start : start + CHUNK] for start in range(0, len(smiles), CHUNK)]
    # One chunk isn't worth waking other processes for.
    done = on_backend(_rows, ((chunk, blocks) for chunk in chunks), 1 if len(chunks) <= 1 else None)
    yield from zip(chunks, done, strict=True)


def joined(pieces: Sequence[Rows], width: int) -> csr_matrix:
    """Put rows under one another, (n_molecules, width), float32.

    Examples
    --------
    >>> one = np.array([1], np.int32), np.array([2], np.int32), np.array([.5], np.float32)
    >>> joined([one, one], 3).toarray().tolist()
    [[0.0, 0.0, 0.5], [0.0, 0.0, 0.5]]
    """
    if not pieces:
        return csr_matrix((0, width), dtype=np.float32)
    lengths, columns, values = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    matrix = csr_matrix((values, columns, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(lengths), width))
    matrix.has_sorted_indices = True
    return matrix


def _rows(smiles: Sequence[str], blocks: Sequence[Block]) -> list[Rows]:
    found: list[list[SparseRow]] = [[] for _ in blocks]
    with rdBase.BlockLogs():
        for start in range(0, len(smiles), _AT_HAND):
            molecules = [_parse(text) for text in smiles[start : start + _AT_HAND]]
            for rows, block in zip(found, blocks, strict=True):
                if isinstance(block, BulkBlock):
                    rows.extend(block.rows(molecules))
                else:
                    rows.extend(block.row(molecule) for molecule in molecules)
    return [_flat(rows) for rows in found]


def _flat(rows: Sequence[SparseRow]) -> Rows:
    lengths = np.fromiter((len(columns) for columns, _ in rows), dtype=np.int32, count=len(rows))
    return lengths, np.concatenate([columns for columns, _ in rows]), np.concatenate([values for _, values in rows])


def _parse(smiles: str) -> Any:
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError(f"RDKit can't read the SMILES {smiles!r}: expected a standardised one")
    return molecule
