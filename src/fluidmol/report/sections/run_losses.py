"""Where the distance between the student and the model of all data is lost."""

from __future__ import annotations

import math

import numpy as np

from fluidmol.report.parts import ReportTable, TableCell, TableColumn, decimal, text
from fluidmol.report.read.run import Run
from fluidmol.report.style import DOMAINS, figure
from fluidmol.values.results import SCORES

_LOSSES = (
    ("teacher loss", "pooled", "teacher", "T0 minus teachers' mean: what each partner lacks alone"),
    ("total loss", "pooled", "student", "T0 minus student"),
    ("learner loss", "pooled", "pooled_same_make", "T0 minus T0-same-make: what the teachers' make of model lacks"),
    ("federation loss", "pooled_same_make", "control", "T0-same-make minus ensemble: what the labels themselves lack"),
    ("distillation loss", "control", "student", "Ensemble minus student: lost on the way through the transfer set"),
)  # fmt: skip

_SHARES = (
    ("recovery", "pooled", "T0", ""),
    ("the same, against T0-same-make", "pooled_same_make", "T0-same-make", "; it flatters where T0 is of another make"),
)

_METRICS = tuple((name, SCORES[name].short) for name in ("mcc", "roc_auc"))


def losses(run: Run) -> ReportTable | None:
    """Split what the student lacks into losses; negative ones are gains. Nothing where no model was asked directly.

    Total loss is learner loss plus federation loss plus distillation loss. The ensemble is the teachers themselves,
    asked about the test molecules, without any transfer set between.
    """
    there = [dataset for dataset in run.datasets if run.of(dataset, "control") and run.of(dataset, "pooled")]
    if not there:
        return None
    columns = (
        TableColumn("Loss", number=False),
        *(TableColumn(f"{DOMAINS[dataset]}, {name}") for dataset in there for _, name in _METRICS),
        TableColumn("Which is", number=False),
    )
    cases = [(dataset, metric) for dataset in there for metric, _ in _METRICS]
    rows = [
        (text(called), *(_signed(_mean(run, one, *case) - _mean(run, other, *case)) for case in cases), text(meaning))
        for called, one, other, meaning in _LOSSES
    ]
    rows += [
        (
            text(called),
            *(_recovery(run, kind, *case) for case in cases),
            text(f"(Student − teachers' mean) / ({ceiling} − teachers' mean), where {ceiling} is better{note}"),
        )
        for called, kind, ceiling, note in _SHARES
    ]
    return ReportTable("Where is the distance to T0 lost?", columns, tuple(rows))


def _mean(run: Run, kind: str, dataset: str, metric: str) -> float:
    of_kind = run.of(dataset, kind)
    if kind == "pooled_same_make" and not of_kind:
        of_kind = run.of(dataset, "pooled")  # runs from before T0 was chosen: theirs is of the teachers' make
    values = [score.figures[metric] for score in of_kind]
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan


def _recovery(run: Run, ceiling: str, dataset: str, metric: str) -> TableCell:
    teacher, student, pooled = (_mean(run, kind, dataset, metric) for kind in ("teacher", "student", ceiling))
    return decimal((student - teacher) / (pooled - teacher) if pooled > teacher else None, 2)


def _signed(value: float) -> TableCell:
    return decimal(None) if math.isnan(value) else TableCell(figure(value, sign=True), repr(value), number=True)
