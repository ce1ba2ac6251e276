"""Whitening: what is left of a compound's features when all that public molecules have in common is taken away."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack

from fluidmol.parallel import one_blas_thread

Floats = NDArray[np.float64]

MOST = 1000
"""Public molecules that second moments are of: with 8 000 of 50 000, tracing reached nothing more."""

PENALTY = 1.0
"""Of the second moments, as a multiple of their mean: columns that hardly any public molecule has say little. From .1
to 10 it makes no difference."""


@attrs.frozen(eq=False)
class Whitened:
    """Products with candidates, in the metric of public chemistry: x (M + penalty)^-1, M their second moments.

    The constant is one column more, which takes the mean away. It is solved among public molecules (Woodbury), which
    are fewer than columns.
    """

    rows: csr_matrix = attrs.field(repr=False)
    """Candidates, with a one appended, (n_candidates, n_columns + 1)."""

    public: csr_matrix = attrs.field(repr=False)
    """Public molecules, with a one appended, (n_public, n_columns + 1)."""

    penalty: float

    solved: Floats = attrs.field(repr=False)
    """Candidates in terms of the public molecules, (n_public, n_candidates)."""

    leverage: Floats = attrs.field(repr=False)
    """Product of each candidate with itself, (n_candidates,)."""

    @classmethod
    def of(cls, candidates: csr_matrix, transfer: csr_matrix) -> Whitened:
        """Whiten candidates, (n_candidates, n_columns), by public molecules, (n_transfer, n_columns)."""
        places = np.linspace(0, transfer.shape[0] - 1, min(MOST, transfer.shape[0])).astype(np.int64)
        rows, public = with_constant(candidates), with_constant(transfer[places])
        n = len(places)
        products = _products(public, public)
        penalty = PENALTY * float(np.trace(products)) / n / public.shape[1]
        products[np.diag_indices(n)] += n * penalty
        across = _products(public, rows)
        with one_blas_thread():
            solved = cho_solve(cho_factor(products, lower=True, overwrite_a=True), across)
        lengths = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
        leverage = (lengths - np.einsum("ij,ij->j", across, solved)) / penalty
        return cls(rows, public, penalty, np.asarray(solved), np.asarray(leverage))

    def product(self, aggregates: Floats) -> Floats:
        """Multiply aggregates, (n_draws, n_columns + 1), with candidates: (n_draws, n_candidates)."""
        whole, shared = (np.asarray((table @ aggregates.T).T) for table in (self.rows, self.public))
        return np.asarray((whole - shared @ self.solved) / self.penalty)


def _products(some: csr_matrix, others: csr_matrix) -> Floats:
    """Multiply all rows with all others, (n_some, n_others)."""
    if some.nnz < some.shape[0] * some.shape[1] / 4:
        return np.asarray((some @ others.T).toarray())
    return np.asarray(some.toarray() @ others.toarray().T)  # sparse in name only


def with_constant(rows: csr_matrix) -> csr_matrix:
    """Append a column of ones."""
    return csr_matrix(hstack([rows, np.ones((rows.shape[0], 1))]), dtype=np.float64)
