"""Ridge regression of many targets on one wide, mostly sparse table."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from fluidmol.gram import add_gram
from fluidmol.parallel import one_blas_thread

Floats = NDArray[np.float64]

BLOCK = 4096
"""Rows of a dense table that are summed at once."""


@attrs.frozen(eq=False)
class Moments:
    """All that ridge regression needs to know about rows: sums of products, which add up over parts of the rows."""

    gram: Floats = attrs.field(repr=False)
    """Products of the columns, the constant last, (n_columns + 1, n_columns + 1); nothing above the diagonal."""

    answer: Floats = attrs.field(repr=False)
    """Products of columns and targets, (n_columns + 1, n_targets)."""

    @classmethod
    def of(cls, features: csr_matrix, targets: Floats) -> Moments:
        """Sum over rows: features (n, n_columns), targets (n, n_targets)."""
        width = features.shape[1]
        moments = cls(np.zeros((width + 1, width + 1)), np.zeros((width + 1, targets.shape[1])))
        moments.add(features, targets)
        return moments

    def add(self, features: csr_matrix, targets: Floats) -> None:
        """Sum over more rows, in place: these tables are the largest of the whole program."""
        n, width = features.shape
        if n and features.nnz == n * width and features.has_canonical_format:  # sparse in name only
            self._add_dense(features.data.reshape(features.shape), targets)
            return
        add_gram(features, self.gram)
        # Not features.sum(), which sums in single precision whatever it is told.
        self.gram[-1, :-1] += features.T @ np.ones(features.shape[0])
        self.gram[-1, -1] += features.shape[0]
        self.answer[:-1] += features.T @ targets
        self.answer[-1] += targets.sum(axis=0)

    def _add_dense(self, table: NDArray[np.floating[Any]], targets: Floats) -> None:
        # On one thread, some thousand rows at a time: the same bytes on any number of cores.
        with one_blas_thread():
            for start in range(0, len(table), BLOCK):
                block = table[start : start + BLOCK].astype(np.float64)
                self.gram[:-1, :-1] += np.tril(block.T @ block)
                self.gram[-1, :-1] += block.sum(axis=0)
                self.answer[:-1] += block.T @ targets[start : start + BLOCK]
        self.gram[-1, -1] += len(table)
        self.answer[-1] += targets.sum(axis=0)

    def solve(self, penalty: float) -> Floats:
        """Coefficients, the intercept last, (n_columns + 1, n_targets); all but the intercept are penalised."""
        shifted = self.gram.copy()
        shifted[np.diag_indices(len(shifted) - 1)] += penalty
        shifted[-1, -1] += 1e-9
        # One thread sums in one order.
        with one_blas_thread():
            return np.asarray(cho_solve(cho_factor(shifted, lower=True, overwrite_a=True), self.answer))
