"""Metrics of binary classification, from probabilities, and their intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.confusion import COUNTED, mcc
from fluidmol.learning.statistics.intervals import mcc_interval
from fluidmol.learning.statistics.thresholds import matched_threshold
from fluidmol.values.results import METRICS

__all__ = ["METRICS", "expected_calibration_error", "judge", "judge_at", "mcc", "mcc_interval"]

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def judge(active: Flags, probability: Floats, threshold: float = 0.5) -> dict[str, float]:
    """Compare probabilities with the truth.

    Parameters
    ----------
    active : (n,) bool
        The truth.
    probability : (n,) float
        Of the active class, in [0, 1].
    threshold : float
        Above it, a compound is predicted active.

    Returns
    -------
    dict of str to float
        All :data:`METRICS`. A ratio without a denominator is NaN, as is an area when only one class occurs; MCC is 0 by
        convention when only one class is predicted. ``mcc_matched`` is the MCC where as many are predicted active as
        are (:func:`~fluidmol.learning.statistics.thresholds.matched_threshold` at the set's own prevalence): it
        compares models at one operating point, whatever the threshold, and is no way to choose one.

    Raises
    ------
    ValueError
        If lengths differ or there are no compounds.

    Examples
    --------
    >>> figures = judge(np.array([True, True, False, False]), np.array([0.9, 0.4, 0.2, 0.1]))
    >>> round(figures["mcc"], 3), figures["mcc_matched"], figures["roc_auc"], figures["sensitivity"]
    (0.577, 1.0, 1.0, 0.5)
    """
    from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - heavy

    called = judge_at(active, probability, threshold)
    both = active.any() and not active.all()
    matched = judge_at(active, probability, matched_threshold(probability, float(active.mean())))
    return {
        **called,
        "roc_auc": float(roc_auc_score(active, probability)) if both else math.nan,
        "pr_auc": float(average_precision_score(active, probability)) if both else math.nan,
        "brier": float(np.mean((probability - active) ** 2)),
        "ece": expected_calibration_error(active, probability),
        "mcc_matched": matched["mcc"],
    }


def judge_at(active: Flags, probability: Floats, threshold: float) -> dict[str, float]:
    """Give the figures that depend on a threshold alone, say at one that was fixed on training data.

    Parameters
    ----------
    active, probability
        As in :func:`judge`.
    threshold : float
        Above it, a compound is predicted active. Never choose it on these compounds: see
        :func:`~fluidmol.learning.statistics.thresholds.best_threshold`.

    Returns
    -------
    dict of str to float
        The first eight of :data:`METRICS`, under the same names and conventions.

    Raises
    ------
    ValueError
        If lengths differ or there are no compounds.

    Examples
    --------
    >>> truth, said = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.2, 0.1])
    >>> judge_at(truth, said, threshold=0.3)["mcc"]
    1.0
    """
    if len(active) != len(probability) or not len(active):
        raise ValueError(f"{len(active)} outcomes and {len(probability)} predictions: expected as many, above 0")
    # Not in single precision, which would round the threshold too.
    predicted = np.asarray(probability, dtype=np.float64) > threshold
    cells = (predicted & active, predicted & ~active, ~predicted & active, ~predicted & ~active)
    counts = [np.array([float(cell.sum())]) for cell in cells]
    return {name: float(figure(*counts)[0]) for name, figure in COUNTED.items()}


def expected_calibration_error(active: Flags, probability: Floats, bins: int = 10) -> float:
    """Mean gap between stated probability and observed frequency, over bins of equal width, in [0, 1].

    Source: Naeini, Cooper and Hauskrecht 2015, doi 10.1609/aaai.v29i1.9602.

    Examples
    --------
    >>> expected_calibration_error(np.array([True, False]), np.array([0.95, 0.05])).__round__(3)
    0.05
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights=probability - active, minlength=bins)
    return float(np.abs(gap).sum() / len(active))
