"""Molecules as learning sees them: rows that are asked for by their positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


class FeatureTable(Protocol):
    """Features of a set of molecules; a csr_matrix is one.

    Only rows that are asked for need be there: a table may make them then.

    Examples
    --------
    >>> table: FeatureTable = csr_matrix([[0, 1], [1, 0], [1, 1]])
    >>> table[np.array([2, 0])].toarray().tolist()
    [[1, 1], [0, 1]]
    """

    def __getitem__(self, rows: NDArray[np.int64]) -> csr_matrix:
        """Features of the molecules at these positions, (n_rows, n_columns), in this order."""


@runtime_checkable
class StructureTable(Protocol):
    """A table that knows the structures as well; to learning they are mere texts."""

    def smiles(self, rows: NDArray[np.int64]) -> Sequence[str]:
        """SMILES of the molecules at these positions, (n_rows,), in this order."""


def read(table: FeatureTable, rows: NDArray[np.int64], *, structures: bool) -> csr_matrix | Sequence[str]:
    """Return what an estimator or its model reads of the molecules at these positions.

    Parameters
    ----------
    table : FeatureTable
    rows : (n_rows,) int64
    structures : bool
        Whether it reads SMILES in place of features.

    Raises
    ------
    TypeError
        If it reads structures, and the table has none.
    """
    if not structures:
        return table[rows]
    if not isinstance(table, StructureTable):
        raise TypeError("structures are read: expected a table with SMILES")
    return table.smiles(rows)
