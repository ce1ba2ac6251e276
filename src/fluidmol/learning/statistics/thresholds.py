"""Thresholds: where a probability becomes a class.

A threshold belongs to a model, and is fixed on what that model's owner may see: out-of-fold predictions of the
training data. One that is chosen on a test set flatters the model on that set.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.confusion import mcc

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_SAME = 1e-12
"""MCCs that differ by less are equal but for rounding."""

_ROUNDED = 1e-6
"""How far beyond 0 or 1 a mean of many probabilities may lie by rounding in single precision."""


def best_threshold(active: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """Find the threshold at which the MCC is largest, on *training* data.

    Exact, by sorting: O(n log n). All thresholds between two neighbouring probabilities predict the same classes; where
    several such gaps are best, the middle of the widest one (neighbours that are equally good make one) is taken.

    Parameters
    ----------
    active : (n,) bool
        The truth of compounds of the training side.
    probability : (n,) float
        Of the active class, in [0, 1]: out-of-fold, that is from a model that didn't learn from that compound.
    weight : (n,) float, optional
        How much each compound counts, at least 0; all the same by default.

    Returns
    -------
    float
        In [0, 1]; above it, a compound is predicted active.

    Raises
    ------
    ValueError
        If lengths differ, a probability or weight is out of range, or only one class has weight.

    Examples
    --------
    >>> best_threshold(np.array([True, True, False, False]), np.array([0.75, 0.5, 0.25, 0.0]))
    0.375
    """
    probability = _checked(probability)
    weight = np.ones(len(probability)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not len(active) == len(probability) == len(weight):
        raise ValueError(f"{len(active)} outcomes, {len(probability)} predictions and {len(weight)} weights")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("a weight is negative or no number: expected 0 or more")
    values, place = np.unique(probability, return_inverse=True)
    # From the highest probability downwards, so that the counts above each threshold are running sums.
    tp, fp = (_above(np.bincount(place, weights=weight * side, minlength=len(values))) for side in (active, ~active))
    if tp[0] <= 0 or fp[0] <= 0:
        raise ValueError("all compounds with weight are of one class: no threshold is better than another")
    score = mcc(tp, fp, tp[0] - tp, fp[0] - fp)
    edges = np.concatenate([[0.0], values, [1.0]])
    inside = np.ones(len(score), dtype=bool)
    inside[0] = values[0] > 0  # below a probability of 0 there is no threshold
    best = inside & (score >= score[inside].max() - _SAME)
    starts = np.flatnonzero(best & ~np.concatenate([[False], best[:-1]]))
    stops = np.flatnonzero(best & ~np.concatenate([best[1:], [False]])) + 1
    widest = int(np.argmax(edges[stops] - edges[starts]))
    return _middle(edges[starts[widest]], edges[stops[widest]])


def matched_threshold(probability: Floats, prevalence: float) -> float:
    """Find the threshold above which the share of compounds is as near to a prevalence as ties allow.

    Compares models at one operating point: all of them call as many compounds active. Where two shares are equally
    near, the smaller one is taken. Only the ranks of the probabilities matter for who is called active.

    Parameters
    ----------
    probability : (n,) float
        Of the active class, in [0, 1].
    prevalence : float
        Share that is to be called active, in [0, 1].

    Returns
    -------
    float
        In [0, 1], or -0.5 where all are to be called active though some have probability 0.

    Raises
    ------
    ValueError
        If the prevalence or a probability is out of range, or there are no compounds.

    Examples
    --------
    >>> matched_threshold(np.array([0.8, 0.6, 0.6, 0.1]), 0.25)
    0.7
    """
    if not 0 <= prevalence <= 1:
        raise ValueError(f"a prevalence of {prevalence}: expected a share from 0 to 1")
    values, sizes = np.unique(_checked(probability), return_counts=True)
    # Whole numbers, but for the prevalence's rounding: what is equally near must be seen to be so.
    distance = np.round(np.abs(_above(sizes) - prevalence * sizes.sum()), 9)
    cut = len(values) - int(np.argmin(distance[::-1]))
    low = values[cut - 1] if cut else (0.0 if values[0] > 0 else -1.0)
    return _middle(low, values[cut] if cut < len(values) else 1.0)


def _checked(probability: Floats) -> Floats:
    # Not single precision: rounding the threshold to it could move it past a prediction.
    wide = np.asarray(probability, dtype=np.float64)
    if not len(wide) or not ((wide >= -_ROUNDED) & (wide <= 1 + _ROUNDED)).all():
        raise ValueError("a prediction is no probability, or there is none: expected numbers from 0 to 1")
    return wide


def _above(sizes: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    """Sum all from each place on; then 0, for nothing is above the last."""
    return np.concatenate([np.cumsum(sizes[::-1], dtype=np.float64)[::-1], [0.0]])


def _middle(low: float, high: float) -> float:
    middle = (low + high) / 2
    # Two neighbouring numbers have none between them; at the lower one, only what is higher is called active.
    return float(middle if middle < high else low)
