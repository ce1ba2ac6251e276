"""What a proof of differential privacy leaves to any attack at all, beside what attacks reached.

Gaussian differential privacy: Dong, Roth and Su 2022, doi 10.1111/rssb.12454. The multiplier that epsilon and delta
stand for: Balle and Wang 2018, arXiv 1805.06530.
"""

from __future__ import annotations

import math

import attrs
from scipy.optimize import brentq
from scipy.stats import norm

from fluidmol.values.charter import Charter


@attrs.frozen
class Bound:
    """The most that any attack on one compound can reach, whoever makes it."""

    epsilon: float
    delta: float

    auc: float
    """Area under the ROC curve."""

    found: float
    """Share of members found at 1 % false ones."""

    found_rarely: float
    """The same at 0.1 %."""


def bound(charter: Charter) -> Bound | None:
    """Give the bound that a charter's ``[privacy]`` proves; None without one."""
    part = getattr(charter, "privacy", None)
    if part is None:
        return None
    options = dict(part.options)
    return gaussian(float(options["epsilon"]), float(options["delta"]))


def gaussian(epsilon: float, delta: float) -> Bound:
    """Give the bound of one Gaussian mechanism that is (epsilon, delta) private, and no better.

    Examples
    --------
    >>> found = gaussian(1.0, 1e-5)
    >>> round(found.auc, 2), round(found.found, 3)
    (0.58, 0.02)
    """
    mu = brentq(lambda m: _delta(epsilon, m) - delta, 1e-6, 100.0)
    found, rarely = (float(norm.cdf(norm.ppf(rate) + mu)) for rate in (0.01, 0.001))
    return Bound(epsilon, delta, float(norm.cdf(mu / math.sqrt(2))), found, rarely)


def _delta(epsilon: float, mu: float) -> float:
    # The second term in logarithms: exp(epsilon) alone would overflow.
    second = math.exp(min(0.0, epsilon + float(norm.logcdf(-epsilon / mu - mu / 2))))
    return float(norm.cdf(-epsilon / mu + mu / 2)) - second
