"""Calibration: whether stated probabilities can be believed, and how they are off."""

from __future__ import annotations

import math

import attrs
import numpy as np

from fluidmol.learning.statistics.predictions import Flags, Floats

_CLIP = 1e-3
"""Probabilities nearer to 0 or 1 count as this near: a forest's 0 has no finite logit."""


@attrs.frozen
class Bin:
    """Predictions of about one probability."""

    low: float
    high: float

    n: int
    """How many predictions are in it."""

    stated: float
    """Their mean probability."""

    observed: float
    """Share of them that is active."""


def reliability_bins(active: Flags, probability: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """Compare stated with observed, over bins of equal width; empty ones are left out.

    Parameters
    ----------
    active : (n,) bool
        The truth.
    probability : (n,) float
        Of the active class, in [0, 1]; 1 belongs to the last bin.
    bins : int
        At least 1.

    Returns
    -------
    tuple of Bin
        Ascending. Their gaps, weighted by n, are the expected calibration error.

    Examples
    --------
    >>> reliability_bins(np.array([True, False]), np.array([0.5, 0.75]), bins=2)
    (Bin(low=0.5, high=1.0, n=2, stated=0.625, observed=0.5),)
    """
    place = np.minimum((np.asarray(probability) * bins).astype(int), bins - 1)
    return tuple(
        Bin(i / bins, (i + 1) / bins, int(mine.sum()), float(probability[mine].mean()), float(active[mine].mean()))
        for i in np.unique(place).tolist()
        if (mine := place == i).any()
    )


@attrs.frozen
class Recalibration:
    """How a logistic model would correct the probabilities: logit(p) becomes slope * logit(p) + intercept."""

    slope: float
    """1 where calibrated; below, probabilities are too extreme; above, too timid."""

    intercept: float
    """0 where calibrated; below, they are too high; above, too low (at a stated probability of 0.5)."""


def calibration_slope_intercept(active: Flags, probability: Floats) -> Recalibration:
    """Fit slope and intercept of logistic recalibration, by maximum likelihood.

    Source: Cox 1958, doi 10.1093/biomet/45.3-4.562.

    Parameters
    ----------
    active : (n,) bool
        The truth.
    probability : (n,) float
        Of the active class, in [0, 1]; clipped to [.001, .999].

    Returns
    -------
    Recalibration
        NaN where there is no finite answer: one class only, one probability only, or classes that don't overlap.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> honest = rng.random(50_000)
    >>> truth = rng.random(50_000) < honest
    >>> found = calibration_slope_intercept(truth, honest**2 / (honest**2 + (1 - honest) ** 2))
    >>> round(found.slope, 1), round(found.intercept, 1) + 0
    (0.5, 0.0)
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - heavy
    from scipy.special import expit  # noqa: PLC0415

    clipped = np.clip(np.asarray(probability, dtype=np.float64), _CLIP, 1 - _CLIP)
    logit = np.log(clipped) - np.log1p(-clipped)
    yes, no = logit[active], logit[~active]
    if not len(yes) or not len(no) or yes.min() >= no.max() or yes.max() <= no.min():
        return Recalibration(math.nan, math.nan)
    sign = np.where(active, 1.0, -1.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = sign * (at[0] * logit + at[1])
        pull = -sign * expit(-margin)
        return float(np.logaddexp(0, -margin).mean()), np.array([(pull * logit).mean(), pull.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-8})
    return Recalibration(float(found.x[0]), float(found.x[1]))
