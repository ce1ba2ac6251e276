"""Ridge regression of many targets on one wide, mostly sparse table."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]

CROWDED = 0.1
"""Share of the rows from which a column is summed as a dense one: sparse sums of such columns take longer."""


@attrs.frozen(eq=False)
class Moments:
    """All that ridge regression needs to know about rows: sums of products, which add up over parts of the rows."""

    gram: Floats = attrs.field(repr=False)
    """Products of the columns, the constant last, (n_columns + 1, n_columns + 1)."""

    answer: Floats = attrs.field(repr=False)
    """Products of columns and targets, (n_columns + 1, n_targets)."""

    @classmethod
    def of(cls, features: csr_matrix, targets: Floats) -> Moments:
        """Sum over rows: features (n, n_columns), targets (n, n_targets)."""
        n, width = features.shape
        gram = np.zeros((width + 1, width + 1))
        crowded = np.diff(features.tocsc().indptr) > CROWDED * n
        thin, wide = np.flatnonzero(~crowded), np.flatnonzero(crowded)
        columns = features.tocsc()
        sparse = columns[:, thin].tocsr()
        dense = np.asarray(columns[:, wide].toarray(), dtype=np.float64)
        gram[np.ix_(thin, thin)] = (sparse.T @ sparse).toarray()
        # One thread sums in one order: the same bytes on any machine size.
        with threadpool_limits(1):
            gram[np.ix_(wide, wide)] = dense.T @ dense
            gram[np.ix_(thin, wide)] = sparse.T @ dense
        gram[np.ix_(wide, thin)] = gram[np.ix_(thin, wide)].T
        gram[-1, :-1] = gram[:-1, -1] = np.asarray(columns.sum(axis=0)).ravel()
        gram[-1, -1] = n
        answer = np.concatenate([features.T @ targets, targets.sum(axis=0)[None]])
        return cls(gram, answer)

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.gram + other.gram, self.answer + other.answer)

    def solve(self, penalty: float) -> Floats:
        """Coefficients, the intercept last, (n_columns + 1, n_targets); all but the intercept are penalised."""
        shifted = self.gram.copy()
        shifted[np.diag_indices(len(shifted) - 1)] += penalty
        shifted[-1, -1] += 1e-9
        with threadpool_limits(1):
            return np.asarray(cho_solve(cho_factor(shifted, overwrite_a=True), self.answer))
