"""What a proof of differential privacy leaves to any attack at all, beside what attacks reached."""

from __future__ import annotations

import attrs

from fluidmol.learning.privacy.accountant import found_at_most, largest_auc, noise_multiplier
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
    multiplier = noise_multiplier(epsilon, delta)
    found, rarely = (found_at_most(multiplier, rate) for rate in (0.01, 0.001))
    return Bound(epsilon, delta, largest_auc(multiplier), found, rarely)
