"""Tracing: a compound's product with what was released about an aggregate says whether it took part in it.

Sources: Homer et al. 2008, doi 10.1371/journal.pgen.1000167, who found a person in the mean of a mixture; Dwork, Smith,
Steinke, Ullman and Vadhan 2015, doi 10.1109/FOCS.2015.46, who showed that products with noisy means are enough. A
linear model is such an aggregate, w = C sum (y - p) x, and so is the mean of public molecules by stated weights. It
needs neither a list nor shadows: only what a chemist can know of public molecules, their mean and their second moments.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.learning.experts.ridge import Moments
from fluidmol.parallel import one_blas_thread
from fluidmol.partner.audit.observations import Floats, Observations

PENALTY = 1e-2
"""Of the public second moments, as a share of their mean: columns that hardly any public molecule has say little."""


def opinions(seen: Observations) -> Floats | None:
    """Score candidates whose measured class is known, (n_draws, n_candidates); None if there is no linear model."""
    sides = _sides(seen)
    return None if sides is None else np.where(seen.active, sides[1], sides[0])


def structures(seen: Observations) -> Floats | None:
    """Score candidates of which nothing but the structure is known, (n_draws, n_candidates); None as above."""
    sides = _sides(seen)
    return None if sides is None else np.maximum(*sides)


def weights(seen: Observations) -> Floats | None:
    """Score candidates by the mean of public molecules in their weights, (n_draws, n_candidates); None as above."""
    if seen.rows is None or seen.public is None or np.ptp(seen.public.weight) == 0:
        return None
    rows, weight = seen.public.rows, seen.public.weight
    # Taken away: the mean of public molecules, each counted once.
    aggregate = np.asarray(((weight - weight.mean(axis=1, keepdims=True)) @ rows), dtype=np.float64)
    return aggregate @ _whitened(seen.rows, rows)[1]


def _sides(seen: Observations) -> tuple[Floats, Floats] | None:
    """Score candidates as inactive and as active members.

    A member puts c x into the aggregate, c = y - p; all others together are noise, of the covariance of chemistry.
    Then the best score is the likelihood ratio of c and nothing, c (product - c leverage / 2), but for a scale.
    """
    if seen.models is None or seen.rows is None or seen.public is None:
        return None
    centred, white = _whitened(seen.rows, seen.public.rows)
    product = seen.models[:, :-1] @ white / seen.strength
    leverage = np.einsum("ij,ji->i", centred, white)
    active = expit(seen.opinion)
    return (
        -active * (product + active * leverage / 2),
        (1 - active) * (product - (1 - active) * leverage / 2),
    )


def _whitened(rows: csr_matrix, public: csr_matrix) -> tuple[Floats, Floats]:
    """Take the public mean away from rows, and divide them by the public covariance.

    Returns
    -------
    centred : (n_rows, n_columns) float
    white : (n_columns, n_rows) float
        Solutions of covariance @ white = centred.T, with a penalty.
    """
    n, width = public.shape
    gram = Moments.of(public, np.empty((n, 0))).gram
    mean = gram[-1, :-1] / n
    covariance = gram[:-1, :-1] / n - np.outer(mean, mean)  # nothing above the diagonal is read
    covariance[np.diag_indices(width)] += PENALTY * np.trace(covariance) / width
    centred = rows.toarray() - mean
    with one_blas_thread():
        return centred, cho_solve(cho_factor(covariance, lower=True, overwrite_a=True), centred.T)
