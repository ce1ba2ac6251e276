"""Products of the columns of a wide, sparse table: the same bytes on any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fluidmol.parallel import in_threads, jobs


def add_gram(rows: Any, gram: NDArray[np.float64]) -> None:
    """Add the products of the columns of a table to a matrix, in place; nothing above the diagonal.

    Each entry is summed by one thread, in the order of the rows.

    Parameters
    ----------
    rows : (n_rows, n_columns) csr_matrix
    gram : (n_columns or more, n_columns or more) float array

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> gram = np.zeros((2, 2))
    >>> add_gram(csr_matrix([[1.0, 2.0], [0.0, 3.0]]), gram)
    >>> gram.tolist()
    [[1.0, 0.0], [2.0, 13.0]]
    """
    ordered = rows.sorted_indices()
    columns = ordered.tocsc()
    tables = (columns.indptr, columns.indices, columns.data, ordered.indptr, ordered.indices, ordered.data, gram)
    pieces = 4 * jobs()
    for _ in in_threads(_products, ((*tables, piece, pieces) for piece in range(pieces))):
        pass


@njit(cache=True, nogil=True)
def _products(starts, members, values, row_starts, row_columns, row_values, gram, piece, pieces):  # type: ignore[no-untyped-def]  # pragma: no cover
    # One line of the table at a time stays in the processor's nearest cache.
    for column in range(piece, len(starts) - 1, pieces):
        line = gram[column]
        for place in range(starts[column], starts[column + 1]):
            row, value = members[place], np.float64(values[place])
            for entry in range(row_starts[row], row_starts[row + 1]):
                other = row_columns[entry]
                if other > column:
                    break
                line[other] += value * row_values[entry]
