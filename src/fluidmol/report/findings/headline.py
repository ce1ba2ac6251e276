"""The run in one small table: teachers, student, hybrids and the pooled models, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.statistics.draws import times_sampled
from fluidmol.report.findings.gains import RESAMPLES, mcc
from fluidmol.report.read.run import Judged, Run, RunScore

ROWS = {
    "teacher": "teachers, mean",
    "student": "student",
    "hybrid": "hybrids, mean",
    "pooled": "T0 (pooled)",
    "pooled_same_make": "T0, same make",
    "pooled_hybrid": "T0 hybrid",
    "control": "ensemble",
}
"""Kind of model to what the table calls it."""


@attrs.frozen
class SummaryLine:
    """One kind of model on one data set."""

    kind: str
    """As in ``metrics.csv``."""

    name: str
    """What the table calls it."""

    dataset: str
    """``validation`` or ``external``."""

    n_models: int
    """How many are averaged over."""

    mcc: float
    """Mean MCC, in [-1, 1]; a model that predicts one class only counts 0. NaN on a set of one class."""

    low: float
    """Lower bound of the 95 % bootstrap interval over molecules."""

    high: float
    """Upper bound."""

    roc_auc: float
    """Mean area under the ROC curve, in [0, 1]; NaN on a set of one class."""


def summarise(run: Run) -> list[SummaryLine]:
    """Average each kind of model on each data set, with intervals from the same resampled molecules.

    The interval covers the choice of test molecules, not that of partners, split or seed.
    """
    lines = []
    for dataset, judged in run.judged.items():
        seed = int(run.facts.get("seed") or 0)
        counts = np.concatenate([*times_sampled(len(judged.active), RESAMPLES, seed)], dtype=np.float32)
        teachers = {score.partner for score in run.of(dataset, "teacher")}
        for kind, name in ROWS.items():
            scores = [score for score in run.of(dataset, kind) if score.model in judged.said]
            if kind == "hybrid" and (taught := [score for score in scores if score.partner in teachers]):
                scores = taught  # the same partners as in the teachers' mean
            if not scores or (kind == "pooled_same_make" and _is_t0(run, judged, scores)):
                continue
            called = np.stack([judged.said[score.model] > 0.5 for score in scores], axis=1)
            low, high = np.quantile(mcc(counts, judged.active, called).mean(axis=1), [0.025, 0.975])
            if len(scores) == 1:  # a single model's interval is that of metrics.csv
                low, high = (scores[0].figures[key] for key in ("mcc_low", "mcc_high"))
            point, area = (
                float(np.mean(np.nan_to_num([score.figures[key] for score in scores]))) for key in ("mcc", "roc_auc")
            )
            if run.one_class(dataset):  # 0 stands for a model that is no better than chance: here, nobody can tell
                point = low = high = area = math.nan
            lines.append(SummaryLine(kind, name, dataset, len(scores), point, float(low), float(high), area))
    return lines


def _is_t0(run: Run, judged: Judged, same_make: Sequence[RunScore]) -> bool:
    """Tell whether T0 is the pooled model of the teachers' make itself: a second row would say nothing."""
    best = [score for score in run.of(same_make[0].dataset, "pooled") if score.model in judged.said]
    return bool(best) and np.array_equal(judged.said[best[0].model], judged.said[same_make[0].model])
