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
    ("federation loss", "pooled", "control", "T0 minus ensemble: what the labels themselves lack"),
    ("distillation loss", "control", "student", "Ensemble minus student: lost on the way through the transfer set"),
)  # fmt: skip

_METRICS = tuple((name, SCORES[name].short) for name in ("mcc", "roc_auc"))


def losses(run: Run) -> ReportTable | None:
    """Split what the student lacks into losses; negative ones are gains. Nothing where no model was asked directly.

    Total loss is federation loss plus distillation loss. The ensemble is the teachers themselves, asked about the test
    molecules, without any transfer set between.
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
    rows.append(
        (
            text("recovery"),
            *(_recovery(run, *case) for case in cases),
            text("(Student − teachers' mean) / (T0 − teachers' mean), where T0 is better than the teachers"),
        )
    )
    return ReportTable("Where is the distance to T0 lost?", columns, tuple(rows))


def _mean(run: Run, kind: str, dataset: str, metric: str) -> float:
    values = [score.figures[metric] for score in run.of(dataset, kind)]
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan


def _recovery(run: Run, dataset: str, metric: str) -> TableCell:
    teacher, student, pooled = (_mean(run, kind, dataset, metric) for kind in ("teacher", "student", "pooled"))
    return decimal((student - teacher) / (pooled - teacher) if pooled > teacher else None, 2)


def _signed(value: float) -> TableCell:
    return decimal(None) if math.isnan(value) else TableCell(figure(value, sign=True), repr(value), number=True)
