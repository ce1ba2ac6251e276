"""Leverage: which compounds a linear teacher can't do without, told without any shadow.

In a linear model with Gaussian noise, a compound's leverage decides by itself how well the best attack can tell that it
took part (Dorseuil et al. 2026, arXiv 2602.15919). Here it is that of ridge regression in the weights with which
logistic regression fits in the end; the list is for the partner alone.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from fluidmol.partner.audit.observations import Floats


def leverages(rows: csr_matrix, probability: Floats, strength: float) -> Floats:
    """Leverage of each compound in a penalised logistic regression, (n_compounds,), in [0, 1).

    Parameters
    ----------
    rows : (n_compounds, n_columns) csr_matrix
    probability : (n_compounds,) float
        What the teacher says of its own compounds; 0.5 where it isn't known.
    strength : float
        Weight of a compound against the penalty (often called C).

    Examples
    --------
    >>> rows = csr_matrix(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]]))
    >>> leverages(rows, np.full(4, 0.5), 10.0).round(2).tolist()
    [0.29, 0.29, 0.29, 0.71]
    """
    table = csr_matrix(rows, dtype=np.float64)
    root = np.sqrt(strength * np.clip(probability * (1 - probability), 1e-6, None))
    # The hat matrix A (A + 1)^-1 of the rows in their weights, in the space of the compounds.
    kernel = (table @ table.T).toarray() * root[:, None] * root
    solved = cho_solve(cho_factor(kernel + np.eye(len(kernel)), lower=True, overwrite_a=True), kernel)
    return np.clip(np.diag(solved), 0, 1)
