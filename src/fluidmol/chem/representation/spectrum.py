"""Covariances of wide, sparse tables, and their principal directions: the same bytes on any number of cores."""

from __future__ import annotations

import attrs
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

from fluidmol.parallel import in_threads, jobs, one_blas_thread

Floats = NDArray[np.float64]

FLAT = 1e-6
"""Directions of less than this share of the largest variance are rounding, and left out."""


@attrs.frozen(eq=False)
class Spectrum:
    """Principal directions, the one of the largest variance first."""

    mean: Floats = attrs.field(repr=False)
    """Of the rows, (n_columns,)."""

    variances: Floats = attrs.field(repr=False)
    """Along the directions, (n_directions,), falling."""

    directions: Floats = attrs.field(repr=False)
    """(n_columns, n_directions), columns of length 1; the entry farthest from 0 is positive."""

    def onto(self, power: float) -> tuple[Floats, Floats]:
        """Give the map onto the directions, each times variance^-power: weights, and the bias that takes the mean off.

        Returns
        -------
        tuple of (n_columns, n_directions) and (n_directions,) arrays
        """
        weights = self.directions * self.variances**-power
        return weights, -(self.mean @ weights)


def sparse_spectrum(rows: csr_matrix, most: int) -> Spectrum:
    """Find the principal directions of a sparse table, (n_rows, n_columns), ``most`` at most.

    Examples
    --------
    >>> found = sparse_spectrum(csr_matrix([[2.0, 0], [0, 0], [2, 1], [0, 1]]), 2)
    >>> found.variances.tolist(), found.directions.tolist()
    ([1.0, 0.25], [[1.0, 0.0], [0.0, 1.0]])
    """
    n, width = rows.shape
    columns = rows.tocsc()
    ordered = rows.sorted_indices()
    gram = np.zeros((width, width))
    tables = (columns.indptr, columns.indices, columns.data, ordered.indptr, ordered.indices, ordered.data, gram)
    pieces = 4 * jobs()
    for _ in in_threads(_products, ((*tables, piece, pieces) for piece in range(pieces))):
        pass
    with one_blas_thread():
        # Not rows.mean(), which may sum in single precision.
        mean = np.asarray(rows.T @ np.ones(n)) / n
        gram /= n
        for start in range(0, width, 512):  # in blocks: the whole outer product is as large as the table itself
            gram[start : start + 512] -= np.outer(mean[start : start + 512], mean)
        return _principal(gram, mean, most)


def dense_spectrum(rows: NDArray[np.float32], flat: float) -> Spectrum:
    """Find the principal directions of a dense table, (n_rows, n_columns), but for the faint.

    Left out are those of less than ``flat`` times the largest variance.

    Examples
    --------
    >>> dense_spectrum(np.array([[2, 0], [0, 0], [2, 1], [0, 1]], np.float32), 0.5).variances.tolist()
    [1.0]
    """
    width = rows.shape[1]
    gram = np.zeros((width, width))
    with one_blas_thread():
        mean = rows.mean(axis=0, dtype=np.float64)
        for start in range(0, len(rows), 4096):
            block = rows[start : start + 4096] - mean
            gram += block.T @ block
        return _principal(gram / len(rows), mean, width, flat)


def _principal(covariance: Floats, mean: Floats, most: int, flat: float = FLAT) -> Spectrum:
    width = len(covariance)
    wanted = [max(0, width - most), width - 1]
    values, vectors = eigh(covariance, lower=True, subset_by_index=wanted, overwrite_a=True, check_finite=False)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > flat * max(values[0], 0)
    values, vectors = values[kept], vectors[:, kept]
    farthest = np.abs(vectors).argmax(axis=0)
    # An eigenvector has no sign of its own.
    return Spectrum(mean, values, vectors * np.sign(vectors[farthest, np.arange(len(values))]) + 0.0)


@njit(cache=True, nogil=True)
def _products(starts, members, values, row_starts, row_columns, row_values, gram, piece, pieces):  # type: ignore[no-untyped-def]  # pragma: no cover
    # Each entry is summed by one thread in the order of the rows; nothing above the diagonal.
    for column in range(piece, len(starts) - 1, pieces):
        line = gram[column]
        for place in range(starts[column], starts[column + 1]):
            row, value = members[place], np.float64(values[place])
            for entry in range(row_starts[row], row_starts[row + 1]):
                other = row_columns[entry]
                if other > column:
                    break
                line[other] += value * row_values[entry]
