"""Metrics of regression, from values on a scale, and their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.confusion import ratio
from fluidmol.values.results import VALUE_METRICS

Floats = NDArray[np.float64]

SUMMED: dict[str, Callable[[Floats], Floats]] = {
    "rmse": lambda sums: np.sqrt(ratio(sums[:, 0], sums[:, -1])),
    "mae": lambda sums: ratio(sums[:, 1], sums[:, -1]),
    "r2": lambda sums: 1 - ratio(sums[:, 0], sums[:, 3] - ratio(sums[:, 2] ** 2, sums[:, -1])),
}
"""Figures that follow from sums over molecules of :func:`terms`, (draws, 5), one a draw."""


def terms(truth: Floats, said: Floats) -> Floats:
    """Return what :data:`SUMMED` needs of each molecule: squared and absolute error, truth, its square, and 1: (n, 5).

    Truth is taken from its mean, so that its squares lose no digits.
    """
    error, middle = said - truth, truth - truth.mean()
    return np.column_stack([error**2, np.abs(error), middle, middle**2, np.ones(len(truth))])


def judge_values(truth: Floats, said: Floats) -> dict[str, float]:
    """Compare predicted values with measured ones.

    Parameters
    ----------
    truth, said : (n,) float
        In the units of the endpoint's transformation.

    Returns
    -------
    dict of str to float
        All :data:`~fluidmol.values.results.VALUE_METRICS`: errors in the same units; the coefficient of determination
        against the mean of these very molecules, 1 at best, and NaN where all are equal; Spearman's rank correlation,
        -1 to 1, NaN where either side is constant.

    Raises
    ------
    ValueError
        If lengths differ or there are no molecules.

    Examples
    --------
    >>> figures = judge_values(np.array([5.0, 6.0, 7.0, 8.0]), np.array([5.5, 5.5, 7.5, 7.5]))
    >>> figures["rmse"], figures["mae"], round(figures["r2"], 2), round(figures["spearman"], 2)
    (0.5, 0.5, 0.8, 0.89)
    """
    if len(truth) != len(said) or not len(truth):
        raise ValueError(f"{len(truth)} values and {len(said)} predictions: expected as many, above 0")
    sums = terms(truth, said).sum(axis=0)[None]
    figures = {name: float(figure(sums)[0]) for name, figure in SUMMED.items()}
    return {name: figures[name] if name in figures else spearman(truth, said) for name in VALUE_METRICS}


def spearman(truth: Floats, said: Floats) -> float:
    """Return the rank correlation, -1 to 1; NaN where either side is constant.

    Examples
    --------
    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])).__round__(6)
    1.0
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - heavy

    if np.ptp(truth) == 0 or np.ptp(said) == 0:
        return math.nan
    return float(np.corrcoef(rankdata(truth), rankdata(said))[0, 1])
