"""Covariances of wide, sparse tables, and their principal directions: the same bytes on any number of cores."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

from fluidmol.gram import add_gram
from fluidmol.parallel import one_blas_thread

Floats = NDArray[np.float64]

FLAT = 1e-6
"""Directions of less than this share of the largest variance are rounding, and left out."""


FEWER = 3
"""From so many times fewer rows than columns on, the products of the rows are taken: half a minute less for 6 320."""


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
        """Compute the map onto the directions, each times variance^-power: weights, and a bias that takes the mean off.

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
    # Not rows.mean(), which may sum in single precision.
    mean = np.asarray(rows.T @ np.ones(n)) / n
    if FEWER * n <= width:
        return _of_few(rows.toarray() - mean, mean, most)
    gram = np.zeros((width, width))
    add_gram(rows, gram)
    with one_blas_thread():
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


def _of_few(centred: Floats, mean: Floats, most: int) -> Spectrum:
    """Find the directions of a table of few rows by the products of its rows, of which there are far fewer."""
    n = len(centred)
    with one_blas_thread():
        values, vectors = eigh(
            centred @ centred.T / n, subset_by_index=[max(0, n - most), n - 1], overwrite_a=True, check_finite=False
        )
        values, vectors = values[::-1], vectors[:, ::-1]
        kept = values > FLAT * max(values[0], 0)
        values, vectors = values[kept], vectors[:, kept]
        return _signed(mean, values, centred.T @ vectors / np.sqrt(n * values))


def _principal(covariance: Floats, mean: Floats, most: int, flat: float = FLAT) -> Spectrum:
    width = len(covariance)
    wanted = [max(0, width - most), width - 1]
    values, vectors = eigh(covariance, lower=True, subset_by_index=wanted, overwrite_a=True, check_finite=False)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > flat * max(values[0], 0)
    values, vectors = values[kept], vectors[:, kept]
    return _signed(mean, values, vectors)


def _signed(mean: Floats, values: Floats, vectors: Floats) -> Spectrum:
    farthest = np.abs(vectors).argmax(axis=0)
    # An eigenvector has no sign of its own.
    return Spectrum(mean, values, vectors * np.sign(vectors[farthest, np.arange(len(values))]) + 0.0)
