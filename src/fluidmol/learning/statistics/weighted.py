"""Metrics of resampled molecules: how often each was drawn goes in, one figure a draw comes out.

All are vectorised over draws. Those that need an order sort once, for all draws.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import UsageError
from fluidmol.learning.confusion import COUNTED, ratio
from fluidmol.learning.statistics.predictions import Flags, Floats, Predictions
from fluidmol.learning.value_metrics import SUMMED, terms
from fluidmol.values.parts import nearest

Places = NDArray[np.int64]
Metric = str | Callable[[Flags, Floats], float]
"""A name from :data:`fluidmol.learning.metrics.METRICS`, or a function of (active, probability), which is slow."""

Weighted = Callable[[Floats], Floats]
"""From how often each molecule was drawn, (draws, n_molecules), to one figure a draw, (draws,); NaN where undefined."""

_ECE_BINS = 10


def weighted(metric: Metric, said: Predictions, place: Places, n_molecules: int) -> Weighted:
    """Make a metric ready for many draws.

    Parameters
    ----------
    metric : str or callable
    said : Predictions
    place : (n,) int64
        Column of each of its molecules among all that are drawn.
    n_molecules : int
        How many are drawn in all.

    Returns
    -------
    callable

    Raises
    ------
    UsageError
        If there is no metric of that name.

    Examples
    --------
    >>> said = Predictions([True, False, False], [0.9, 0.7, 0.2])
    >>> accuracy = weighted("accuracy", said, np.arange(3), 3)
    >>> accuracy(np.array([[1.0, 1.0, 1.0], [0.0, 3.0, 0.0]])).round(2).tolist()
    [0.67, 0.0]
    """
    if not isinstance(metric, str):
        return _any_function(metric, said, place)
    if metric in COUNTED:
        figure = COUNTED[metric]
        return _summed(cells(said), place, n_molecules, lambda sums: figure(*sums.T))
    if metric == "brier":
        error = np.column_stack([(said.probability - said.active) ** 2, np.ones(len(said))])
        return _summed(error, place, n_molecules, lambda sums: ratio(sums[:, 0], sums[:, 1]))
    if metric == "ece":
        gaps = np.column_stack([_gaps(said), np.ones(len(said))])
        return _summed(gaps, place, n_molecules, lambda sums: ratio(np.abs(sums[:, :-1]).sum(axis=1), sums[:, -1]))
    if metric in SUMMED:
        return _summed(terms(said.active.astype(np.float64), said.probability), place, n_molecules, SUMMED[metric])
    if metric in _RANKED:
        return _ranked(_RANKED[metric], said, place)
    raise UsageError(f"unknown metric {metric!r}", hint=nearest(metric, (*COUNTED, "brier", "ece", *SUMMED, *_RANKED)))


def cells(said: Predictions) -> Floats:
    """Tell which cell of the confusion table each molecule is in: (n, 4) of 0 and 1; tp, fp, fn, tn."""
    called, active = said.probability > said.threshold, said.active
    return np.column_stack([called & active, called & ~active, ~called & active, ~called & ~active]).astype(np.float64)


def _gaps(said: Predictions) -> Floats:
    gaps = np.zeros((len(said), _ECE_BINS))
    bins = np.minimum((said.probability * _ECE_BINS).astype(int), _ECE_BINS - 1)
    gaps[np.arange(len(said)), bins] = said.probability - said.active
    return gaps


def _summed(terms: Floats, place: Places, n_molecules: int, figure: Callable[[Floats], Floats]) -> Weighted:
    if 2 * len(place) < n_molecules:  # few of many: a hundred models needn't each have a row for all
        return lambda counts: figure(counts[:, place] @ terms)
    spread = np.zeros((n_molecules, terms.shape[1]))
    spread[place] = terms
    return lambda counts: figure(counts @ spread)


def _any_function(metric: Callable[[Flags, Floats], float], said: Predictions, place: Places) -> Weighted:
    def one(times: Floats) -> float:
        rows = np.repeat(np.arange(len(said)), times.astype(np.int64))
        return float(metric(said.active[rows], said.probability[rows])) if len(rows) else np.nan

    return lambda counts: np.array([one(times) for times in counts[:, place]])


_Ranking = Callable[[Floats, Floats], Floats]
"""From actives and inactives at each distinct probability, highest first, (draws, n_distinct) each, to (draws,)."""


def _ranked(figure: _Ranking, said: Predictions, place: Places) -> Weighted:
    order = np.argsort(-said.probability, kind="stable")
    ordered, is_active = said.probability[order], said.active[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    columns, ties = place[order], len(starts) < len(order)

    def resampled(counts: Floats) -> Floats:
        drawn = counts[:, columns]
        positive = drawn * is_active
        negative = drawn - positive
        if ties:
            positive, negative = (np.add.reduceat(side, starts, axis=1) for side in (positive, negative))
        found = figure(positive, negative)
        return np.where((positive.sum(axis=1) > 0) & (negative.sum(axis=1) > 0), found, np.nan)

    return resampled


def _roc_auc(positive: Floats, negative: Floats) -> Floats:
    # Of each active, the inactives below it, and half of those beside it.
    above = np.cumsum(negative, axis=1)
    total = above[:, -1]
    beaten = np.einsum("ij,ij->i", positive, total[:, None] - above + negative / 2)
    return ratio(beaten, positive.sum(axis=1) * total)


def _pr_auc(positive: Floats, negative: Floats) -> Floats:
    found = np.cumsum(positive, axis=1)
    called = found + np.cumsum(negative, axis=1)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    return ratio(np.einsum("ij,ij->i", positive, precision), found[:, -1])


def _mcc_matched(positive: Floats, negative: Floats) -> Floats:
    nothing = np.zeros((len(positive), 1))
    tp = np.concatenate([nothing, np.cumsum(positive, axis=1)], axis=1)
    fp = np.concatenate([nothing, np.cumsum(negative, axis=1)], axis=1)
    actives, inactives = tp[:, -1], fp[:, -1]
    cut = np.argmin(np.abs(tp + fp - actives[:, None]), axis=1)
    draws = np.arange(len(cut))
    called_right, called_wrong = tp[draws, cut], fp[draws, cut]
    return COUNTED["mcc"](called_right, called_wrong, actives - called_right, inactives - called_wrong)


_RANKED: dict[str, _Ranking] = {"roc_auc": _roc_auc, "pr_auc": _pr_auc, "mcc_matched": _mcc_matched}
