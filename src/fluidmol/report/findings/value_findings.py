"""A regression in plain words: what the federation gave each partner, on the same molecules."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.statistics.intervals import Interval, quantiles
from fluidmol.learning.statistics.paired import Comparison, compare
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.learning.statistics.resampling import resample
from fluidmol.report.findings.headline import ROWS
from fluidmol.report.parts import Finding, Tile
from fluidmol.report.read.value_run import ValueRun, ValueScore
from fluidmol.report.style import DOMAINS, count, figure

FEWEST = 50
"""Test molecules below which nothing is concluded."""

DRAWS = 1000
"""Bootstrap samples behind each interval."""

_TITLES = {
    "better": "The federation helped.",
    "unclear": "No gain can be shown.",
    "worse": "The federation made models worse.",
}


@attrs.frozen
class ValueLine:
    """One kind of model on one data set: means over its models."""

    kind: str
    name: str
    dataset: str
    n_models: int
    rmse: Interval
    """With a 95 % bootstrap interval over molecules."""
    others: tuple[float, ...]
    """MAE, R² and Spearman's correlation."""


def summarise(run: ValueRun) -> list[ValueLine]:
    """Average each kind of model on each data set.

    The interval covers the choice of test molecules, not that of partners, split or seed.
    """
    lines = []
    for dataset in run.datasets:
        for kind, name in ROWS.items():
            scores = _with_predictions(run, dataset, kind)
            if not scores or (kind == "pooled_same_make" and _is_t0(run, dataset, scores)):
                continue
            drawn = resample({"": {0: _said(run, dataset, scores)}}, "rmse", _seed(run), DRAWS)[""]
            mean = float(drawn.figures.mean())
            rmse = Interval(mean, *quantiles(mean, drawn.drawn[:, 0], 0.95), drawn.n_molecules)
            if len(scores) == 1:  # a single model's interval is that of metrics.csv
                figures = scores[0].figures
                rmse = Interval(figures["rmse"], figures["rmse_low"], figures["rmse_high"], rmse.n)
            others = tuple(
                float(np.mean([score.figures[metric] for score in scores])) for metric in ("mae", "r2", "spearman")
            )
            lines.append(ValueLine(kind, name, dataset, len(scores), rmse, others))
    return lines


@attrs.frozen
class ValueGain:
    """Teachers against hybrids on one data set; gains are what the error is smaller by."""

    dataset: str
    n_test: int
    gain: Comparison
    """Of the means, in RMSE; negative numbers are gains."""
    by_partner: dict[str, Comparison]


def gains(run: ValueRun, dataset: str) -> ValueGain | None:
    """Compare each partner's hybrid with its teacher; None where no partner has both."""
    hybrids = {score.partner: score for score in _with_predictions(run, dataset, "hybrid")}
    teachers = [score for score in _with_predictions(run, dataset, "teacher") if score.partner in hybrids]
    if not teachers:
        return None
    paired = [(teacher, hybrids[teacher.partner]) for teacher in teachers]

    def compared(pairs: Sequence[tuple[ValueScore, ValueScore]]) -> Comparison:
        before, after = zip(*pairs, strict=True)
        first, second = ({0: _said(run, dataset, side)} for side in (after, before))
        return compare(first, second, "rmse", seed=_seed(run), draws=DRAWS)

    n_test = len(run.judged[dataset].measured)
    return ValueGain(dataset, n_test, compared(paired), {pair[0].partner: compared([pair]) for pair in paired})


def verdict(gain: Comparison) -> str:
    """Return ``better``, ``worse`` or ``unclear`` (the interval holds 0) of a difference in error."""
    return "better" if gain.high < 0 else "worse" if gain.low > 0 else "unclear"


def what_ran(run: ValueRun) -> str:
    """Describe what was run, in two sentences."""
    teachers = len({score.model for score in run.scores if score.kind == "teacher"})
    return (
        f"One data set was divided among {len(run.partners)} virtual partners, and {teachers} teachers were trained, "
        "each on one partner's compounds alone. Their estimates for public molecules were combined into federated "
        "labels; a student was made of these alone, and each partner's hybrid of its own data and the labels."
    )


def findings(run: ValueRun) -> list[Finding]:
    """Describe what each data set shows, the more telling set first."""
    return [_finding(run, dataset) for dataset in run.datasets]


def _finding(run: ValueRun, dataset: str) -> Finding:
    found = gains(run, dataset)
    if found is None:
        text = "No partner has both a teacher and a hybrid here, so a gain can't be stated."
        return Finding(DOMAINS[dataset], "none", "Teachers and hybrids can't be compared.", (text,))
    lines = {line.kind: line for line in summarise(run) if line.dataset == dataset}
    before, after = lines["teacher"].rmse.mean, lines["hybrid"].rmse.mean
    clear = sum(verdict(each) == "better" for each in found.by_partner.values())
    said = [
        f"On the {DOMAINS[dataset].lower()} ({count(found.n_test)} compounds) the partners' hybrids err by "
        f"{figure(after)} ({run.unit}, RMSE) on average, their teachers by {figure(before)}: a difference of "
        f"{figure(found.gain.difference, sign=True)} (95\u00a0% interval {figure(found.gain.low, sign=True)} to "
        f"{figure(found.gain.high, sign=True)}).",
        f"For {clear} of {len(found.by_partner)} partners the gain is beyond chance.",
    ]
    if "pooled" in lines and "student" in lines:
        best, student = lines["pooled"].rmse.mean, lines["student"].rmse.mean
        said.append(
            f"The best model of all data in one place errs by {figure(best)}, the student by {figure(student)}, "
            f"{(student / best - 1):+.0%} against it.".replace("-", "−")
        )
    what = verdict(found.gain)
    title = _TITLES[what]
    if found.n_test < FEWEST:
        what, title = "few", f"{found.n_test} compounds are too few to tell."
    elif what == "better" and clear < len(found.by_partner):
        what = "partly"
        title = f"On average the federation helped; clearly for {clear or 'none'} of {len(found.by_partner)} partners."
    tiles = tuple(
        Tile(kind, ROWS[kind], figure(lines[kind].rmse.mean), f"RMSE, R² {figure(lines[kind].others[1], 2)}")
        for kind in ("teacher", "hybrid", "student", "pooled")
        if kind in lines
    )
    return Finding(DOMAINS[dataset], what, title, tuple(said), tiles)


def _with_predictions(run: ValueRun, dataset: str, kind: str) -> list[ValueScore]:
    judged = run.judged.get(dataset)
    return [] if judged is None else [score for score in run.of(dataset, kind) if score.model in judged.said]


def _said(run: ValueRun, dataset: str, scores: Sequence[ValueScore]) -> list[Predictions]:
    judged = run.judged[dataset]
    names = np.arange(len(judged.measured))
    return [Predictions(judged.measured, judged.said[score.model], names) for score in scores]


def _is_t0(run: ValueRun, dataset: str, same_make: Sequence[ValueScore]) -> bool:
    said = run.judged[dataset].said
    best = _with_predictions(run, dataset, "pooled")
    return bool(best) and np.array_equal(said[best[0].model], said[same_make[0].model])


def _seed(run: ValueRun) -> int:
    return int(run.facts.get("seed") or 0)
