"""What a domain is worth: figures of one model on one data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning import conformal
from fluidmol.learning.selective import (
    aurc,
    aurc_excess,
    coverage_at_error,
    mcc_at_coverage,
    metric_inside_outside,
)

COVERAGES = (0.25, 0.5, 0.75)
"""At which all domains are compared."""

ERRORS = (0.1, 0.2)
"""Shares of wrong predictions at which their coverages are compared."""

LEVELS = (0.8, 0.9)
"""Levels of conformal sets."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def mcc_of(active: Flags, probability: Floats) -> float:
    """MCC, in [-1, 1]; NaN without compounds of both classes.

    Examples
    --------
    >>> mcc_of(np.array([True, False]), np.array([0.9, 0.1]))
    1.0
    """
    return mcc_at_coverage(active, probability, np.zeros(len(active)), 1.0) if len(active) else float("nan")


def figures_of_worth(active: Flags, probability: Floats, score: Floats, inside: Flags) -> dict[str, float]:
    """Compare predictions inside and outside, at equal coverage, at equal error and over all coverages.

    Parameters
    ----------
    active : (n,) bool
        The truth.
    probability : (n,) float
        Of the active class, in [0, 1].
    score : (n,) float
        Higher = more inside.
    inside : (n,) bool

    Examples
    --------
    >>> truth = np.array([True, False, True, False])
    >>> figures = figures_of_worth(truth, np.array([0.9, 0.1, 0.2, 0.6]), np.array([4.0, 3, 2, 1]), truth)
    >>> figures["coverage"], figures["error_inside"], figures["mcc_at_50"], figures["coverage_at_error_20"]
    (0.5, 0.5, 1.0, 0.5)
    """
    correct = (probability > 0.5) == active
    within, without = metric_inside_outside(mcc_of, inside, active, probability)
    right, right_outside = metric_inside_outside(np.mean, inside, correct)
    return {
        "coverage": float(inside.mean()),
        "mcc_inside": within,
        "mcc_outside": without,
        "error": float(1 - correct.mean()),
        "error_inside": 1 - right,
        "error_outside": 1 - right_outside,
        **{f"mcc_at_{100 * c:.0f}": mcc_at_coverage(active, probability, score, c) for c in COVERAGES},
        **{f"coverage_at_error_{100 * e:.0f}": coverage_at_error(correct, score, e) for e in ERRORS},
        "aurc": aurc(correct, score),
        "aurc_excess": aurc_excess(correct, score),
    }


def figures_of_sets(active: Flags, p_values: Floats) -> dict[str, float]:
    """Give coverage and efficiency of conformal sets at all levels.

    Examples
    --------
    >>> figures_of_sets(np.array([True]), np.array([[0.15, 0.7]]))["efficiency_80"]
    1.0
    """
    found: dict[str, float] = {}
    for level in LEVELS:
        sets, percent = conformal.sets_at(p_values, level), f"{100 * level:.0f}"
        inactive_coverage, active_coverage = conformal.coverage_by_class(sets, active)
        found |= {
            f"set_coverage_{percent}": conformal.coverage(sets, active),
            f"set_coverage_{percent}_active": active_coverage,
            f"set_coverage_{percent}_inactive": inactive_coverage,
            f"efficiency_{percent}": conformal.efficiency(sets),
            f"empty_{percent}": conformal.share_empty(sets),
            f"both_{percent}": conformal.share_both(sets),
        }
    return found | {"fuzziness": conformal.observed_fuzziness(p_values, active)}
