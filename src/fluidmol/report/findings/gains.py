"""What the federation gave each partner: hybrid against teacher, on the same molecules."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning import metrics
from fluidmol.learning.statistics.draws import times_sampled
from fluidmol.report.read.run import Floats, Judged, Run, RunScore

RESAMPLES = 1000
"""Bootstrap samples behind each interval."""

_SAME = 0.002
"""Largest difference at which the predictions are said to reproduce ``metrics.csv``."""


@attrs.frozen
class Gain:
    """A difference in MCC with its 95 % interval (NaN where it can't be had)."""

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, ``unclear`` (the interval holds 0) or ``unknown`` (no interval).

        Examples
        --------
        >>> Gain(0.05, 0.01, 0.09).verdict, Gain(0.01, -0.02, 0.04).verdict
        ('better', 'unclear')
        """
        if np.isnan(self.low):
            return "unknown"
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"


@attrs.frozen
class GainComparison:
    """Teachers against hybrids on one data set."""

    dataset: str
    n_test: int
    teacher: float
    """Mean MCC of the teachers that have a hybrid beside them."""
    hybrid: float
    """Mean MCC of those hybrids."""
    gain: Gain
    by_partner: dict[str, Gain]
    undefined: int
    """Models among them whose MCC is undefined; they count as 0."""


def compare(run: Run, dataset: str) -> GainComparison | None:
    """Compare each partner's hybrid with its teacher; none where no partner has both, or the set is of one class.

    The interval is a paired bootstrap over molecules: both models meet the same resampled molecules,
    so what makes a set easy or hard for both cancels. It covers the choice of molecules to test on,
    not that of the partners, the split or the seed.
    """
    pairs = [] if run.one_class(dataset) else _pairs(run, dataset)
    if not pairs:
        return None
    scores = [score for pair in pairs for score in pair]
    point = np.nan_to_num(np.array([score.mcc for score in scores])).reshape(-1, 2)
    spread = _resampled(run.judged.get(dataset), scores, int(run.facts.get("seed") or 0))
    before, after = point[:, 0], point[:, 1]
    gains = [
        _gain(before[i], after[i], None if spread is None else spread[:, 2 * i + 1] - spread[:, 2 * i])
        for i in range(len(pairs))
    ]
    teacher, hybrid = float(before.mean()), float(after.mean())
    return GainComparison(
        dataset=dataset,
        n_test=int(np.nan_to_num(scores[0].n_test)),
        teacher=teacher,
        hybrid=hybrid,
        gain=_gain(teacher, hybrid, None if spread is None else (spread[:, 1::2] - spread[:, 0::2]).mean(axis=1)),
        by_partner={pair[0].partner: gain for pair, gain in zip(pairs, gains, strict=True)},
        undefined=sum(bool(np.isnan(score.mcc)) for score in scores),
    )


def _pairs(run: Run, dataset: str) -> list[tuple[RunScore, RunScore]]:
    hybrids = {score.partner: score for score in run.of(dataset, "hybrid")}
    return [(t, hybrids[t.partner]) for t in run.of(dataset, "teacher") if t.partner and t.partner in hybrids]


def _gain(before: float, after: float, resampled: Floats | None) -> Gain:
    if resampled is None:
        return Gain(float(after - before), np.nan, np.nan)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Gain(float(after - before), float(low), float(high))


def _resampled(judged: Judged | None, scores: list[RunScore], seed: int) -> Floats | None:
    """MCC of each model on resampled molecules, (RESAMPLES, n_models); none where it would mislead."""
    if judged is None or any(score.model not in judged.said for score in scores):
        return None
    said = np.stack([judged.said[score.model] for score in scores], axis=1)
    if np.isnan(said).any():
        return None
    called = said > 0.5
    once = mcc(np.ones((1, len(called)), dtype=np.float32), judged.active, called)[0]
    if np.abs(once - np.nan_to_num([score.mcc for score in scores])).max() > _SAME:
        return None  # metrics.csv was taken at another operating point: this interval wouldn't be its own
    return np.concatenate([mcc(times, judged.active, called) for times in times_sampled(len(called), RESAMPLES, seed)])


def mcc(counts: NDArray[np.generic], active: NDArray[np.bool_], called: NDArray[np.bool_]) -> Floats:
    """Matthews correlation coefficient of many models under many resamplings; 0 where undefined.

    Parameters
    ----------
    counts : array of shape (n_resamples, n_molecules)
        How often each molecule was drawn.
    active : array of bool, shape (n_molecules,)
        True class.
    called : array of bool, shape (n_molecules, n_models)
        Predicted class.

    Returns
    -------
    array of float, shape (n_resamples, n_models)
        In [-1, 1].

    Examples
    --------
    >>> truth = np.array([True, True, False, False])
    >>> mcc(np.ones((1, 4)), truth, np.stack([truth, ~truth], axis=1)).tolist()
    [[1.0, -1.0]]
    """
    weight = counts.astype(np.float64)
    hits = called.astype(np.float64)
    positive = weight @ active.astype(np.float64)[:, None]
    negative = weight.sum(axis=1, keepdims=True) - positive
    tp = weight @ (hits * active[:, None])
    fp = weight @ hits - tp
    return metrics.mcc(tp, fp, positive - tp, negative - fp)
