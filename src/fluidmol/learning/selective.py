"""Selective prediction: what a score of trust is worth.

A good applicability domain keeps the molecules that a model predicts rightly. These measures take any score (higher =
more inside), so that all domains are compared alike: at equal coverage, at equal error, and over all coverages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.metrics import Flags, Floats, mcc

Metric = Callable[..., float]
"""Gives one figure from arrays over molecules, say the truth and the prediction."""


def risk_coverage(correct: Flags, score: Floats) -> tuple[Floats, Floats]:
    """Share of wrong predictions among the molecules that are most inside, at each coverage.

    Molecules of equal score come in no order: the risk is the one expected over all their orders.
    Source: El-Yaniv and Wiener 2010, On the foundations of noise-free selective classification, JMLR 11.

    Parameters
    ----------
    correct : (n,) bool
        Whether each prediction is right.
    score : (n,) float
        Higher = more inside.

    Returns
    -------
    coverage, risk : (n,) float
        Coverages 1/n to 1, and the risk at each, in [0, 1].

    Raises
    ------
    ValueError
        If lengths differ, there are no molecules, or a score isn't a number.

    Examples
    --------
    >>> coverage, risk = risk_coverage(np.array([True, False, True]), np.array([0.9, 0.1, 0.8]))
    >>> risk.round(2).tolist()
    [0.0, 0.0, 0.33]
    """
    last, wrong = _groups(correct, score)
    taken = np.arange(1, len(correct) + 1)
    # Within a group of equal scores, errors are expected to come evenly.
    errors = np.interp(taken, np.concatenate([[0], last]), np.concatenate([[0], wrong]))
    return taken / len(correct), errors / taken


def aurc(correct: Flags, score: Floats) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages, in [0, 1]; lower is better.

    A score that tells nothing gives the error rate.
    Source: Geifman, Uziel and El-Yaniv 2019, Bias-reduced uncertainty estimation for deep neural classifiers, ICLR.

    Examples
    --------
    >>> correct = np.array([True, False, True, False])
    >>> aurc(correct, np.zeros(4))
    0.5
    """
    return float(risk_coverage(correct, score)[1].mean())


def aurc_excess(correct: Flags, score: Floats) -> float:
    """AURC above that of a score that puts all right predictions first, 0 or larger.

    What is left once the model's own error rate is taken out, so that scores of different models compare.
    Source: Geifman, Uziel and El-Yaniv 2019, Bias-reduced uncertainty estimation for deep neural classifiers, ICLR.

    Examples
    --------
    >>> aurc_excess(np.array([True, False]), np.array([0.9, 0.2]))
    0.0
    """
    return aurc(correct, score) - aurc(correct, np.asarray(correct, dtype=np.float64))


def coverage_at_error(correct: Flags, score: Floats, target: float) -> float:
    """Largest coverage at which the error is at most a target, in [0, 1]; 0 if there is none.

    Only coverages count that a threshold on the score can give: equal scores are kept or dropped together.

    Parameters
    ----------
    correct, score
        As in :func:`risk_coverage`.
    target : float
        Share of wrong predictions that is allowed, in [0, 1].

    Examples
    --------
    >>> coverage_at_error(np.array([True, True, False, True]), np.array([4.0, 3, 2, 1]), 0.25)
    1.0
    >>> coverage_at_error(np.array([True, True, False, True]), np.array([4.0, 3, 2, 1]), 0.1)
    0.5
    """
    last, wrong = _groups(correct, score)
    fine = last[wrong <= target * last]
    return float(fine[-1] / len(correct)) if len(fine) else 0.0


def share_kept(score: Floats, coverage: float) -> Floats:
    """Say how much of each molecule is kept at a coverage.

    Parameters
    ----------
    score : (n,) float
        Higher = more inside.
    coverage : float
        In [0, 1].

    Returns
    -------
    (n,) float
        1 above the threshold, 0 below; molecules on it share what is left. The sum is ``coverage * n``.

    Examples
    --------
    >>> share_kept(np.array([3.0, 1.0, 1.0, 0.0]), 0.5).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if not 0 <= coverage <= 1:
        raise ValueError(f"a coverage of {coverage}: expected one in [0, 1]")
    _, group, size = np.unique(-np.asarray(score), return_inverse=True, return_counts=True)
    before = np.cumsum(size) - size
    return np.asarray(np.clip((coverage * len(score) - before) / size, 0, 1)[group], dtype=np.float64)


def mcc_at_coverage(active: Flags, probability: Floats, score: Floats, coverage: float) -> float:
    """MCC over the molecules that are most inside, in [-1, 1]; NaN if they are of one class.

    Molecules of equal score at the border count in part, so that no order of theirs is chosen.

    Examples
    --------
    >>> truth = np.array([True, False, True, False])
    >>> mcc_at_coverage(truth, np.array([0.9, 0.1, 0.2, 0.3]), np.array([4.0, 3, 2, 1]), 0.5)
    1.0
    """
    kept, predicted = share_kept(score, coverage), probability > 0.5
    if not kept[active].sum() or not kept[~active].sum():
        return float("nan")
    cells = ((predicted, active), (predicted, ~active), (~predicted, active), (~predicted, ~active))
    return float(mcc(*(np.array([kept[said & truth].sum()]) for said, truth in cells))[0])


def metric_inside_outside(metric: Metric, inside: Flags, *columns: NDArray[Any]) -> tuple[float, float]:
    """Give a metric inside and outside of a domain.

    Parameters
    ----------
    metric : callable
        Takes the columns, cut to one side.
    inside : (n,) bool
    columns : (n,) arrays
        Say the truth and the probabilities.

    Returns
    -------
    tuple of float
        Inside, outside; NaN for a side without molecules.

    Examples
    --------
    >>> metric_inside_outside(np.mean, np.array([True, True, False]), np.array([1.0, 0.0, 0.0]))
    (0.5, 0.0)
    """
    within, without = (
        float(metric(*(column[side] for column in columns))) if side.any() else float("nan")
        for side in (inside, ~inside)
    )
    return within, without


def _groups(correct: Flags, score: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Molecules and errors up to the end of each group of equal scores, best first."""
    if len(correct) != len(score) or not len(correct):
        raise ValueError(f"{len(correct)} predictions and {len(score)} scores: expected as many, above 0")
    if np.isnan(score).any():
        raise ValueError("a score isn't a number: expected higher = more inside")
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return ends + 1, np.cumsum(~correct[order])[ends]
