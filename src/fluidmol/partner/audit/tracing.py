"""Tracing: a compound's product with what was released about an aggregate says whether it took part in it.

Sources: Homer et al. 2008, doi 10.1371/journal.pgen.1000167, who found a person in the mean of a mixture; Dwork, Smith,
Steinke, Ullman and Vadhan 2015, doi 10.1109/FOCS.2015.46, who showed that products with noisy means are enough. A
linear model of opinions is such an aggregate, w = C sum (y - p) x, and one of weights grows with the mean of what is
near. Tracing needs neither a list nor shadows: only the second moments of public molecules.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from fluidmol.partner.audit.observations import Floats, Observations


def opinions(seen: Observations) -> Floats | None:
    """Score candidates whose measured class is known, (n_draws, n_candidates); None if there is no linear model."""
    sides = _sides(seen)
    return None if sides is None else np.where(seen.active, sides[1], sides[0])


def structures(seen: Observations) -> Floats | None:
    """Score candidates of which nothing but the structure is known, (n_draws, n_candidates); None as above."""
    sides = _sides(seen)
    return None if sides is None else np.maximum(*sides)


def weights(seen: Observations) -> Floats | None:
    """Score candidates by what is understood of weights, (n_draws, n_candidates); None if that is nothing.

    The product is divided by the candidate's own with itself: what it would put into the mean of members.
    """
    # All weights the same: coefficients are rounding.
    if seen.nearness is None or np.ptp(seen.weight) < 1e-6 or seen.whitened is None:
        return None
    return seen.whitened.product(seen.nearness) / np.maximum(seen.whitened.leverage, 1e-12)


def _sides(seen: Observations) -> tuple[Floats, Floats] | None:
    """Score candidates as inactive and as active members.

    A member puts c x into the aggregate, c = y - p; all others together are noise, of the covariance of chemistry.
    Then the best score is the likelihood ratio of c and nothing, c (product - c leverage / 2), but for a scale.
    """
    if seen.models is None or seen.whitened is None:
        return None
    product, leverage = seen.whitened.product(seen.models) / seen.strength, seen.whitened.leverage
    active = expit(seen.opinion)
    return -active * (product + active * leverage / 2), (1 - active) * (product - (1 - active) * leverage / 2)
