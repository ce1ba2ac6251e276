"""Where the distance between the best pooled model and the student went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.study import Finding, Row
from fluidmol.values.results import DECIDING, gained


def losses(
    findings: Sequence[Finding], datasets: Iterable[str], metrics: Iterable[str] = DECIDING["classification"]
) -> list[Row]:
    """Split the loss, in MCC and ROC AUC, or in other metrics; where lower is better, a loss is what is added.

    - ``teacher-loss`` = T0 - teachers' mean: what each partner lacks alone.
    - ``total-loss`` = T0 - student = ``learner-loss`` + ``federation-loss`` + ``distillation-loss``
    - ``learner-loss`` = T0 - T0-same-make: what the teachers' make of model lacks, were all data in one place.
    - ``federation-loss`` = T0-same-make - ensemble: what the labels themselves lack, like compared with like.
    - ``distillation-loss`` = ensemble - student: what is lost on the way through the transfer set.
    - ``recovery`` = (student - teachers' mean) / (T0 - teachers' mean). Undefined where T0 isn't above the teachers'
      mean: a student below both would count as one above.
    - ``recovery-same-make``: the same against T0-same-make, as the paper has it. It flatters where the best pooled
      model is of another make.

    Parameters
    ----------
    findings : sequence of Finding
        With T0, T0-same-make, teachers, student and ensemble.
    datasets : iterable of str
    metrics : iterable of str

    Returns
    -------
    list of Row
        Of kind ``derived``. A loss is negative where something was gained; NaN where a model is missing, and so are all
        terms of the split where one is: their means over seeds add up.
    """
    rows = []
    for dataset in datasets:
        for metric in metrics:
            # Where lower is better, the negative figure is what is compared.
            ceiling, same_make, student, ensemble = (
                gained(metric, figure(findings, dataset, metric, model=name), 0.0)
                for name in ("T0", "T0-same-make", "student", "ensemble")
            )
            teachers = gained(metric, figure(findings, dataset, metric, kind="teacher"), 0.0)
            split = (ceiling - student, ceiling - same_make, same_make - ensemble, ensemble - student)
            total, learner, federation, distillation = (math.nan,) * 4 if any(map(math.isnan, split)) else split
            parts = {
                "teacher-loss": ceiling - teachers,
                "total-loss": total,
                "learner-loss": learner,
                "federation-loss": federation,
                "distillation-loss": distillation,
                "recovery": _share(teachers, student, ceiling),
                "recovery-same-make": _share(teachers, student, same_make),
            }
            rows += [derived(name, dataset, metric, value) for name, value in parts.items()]
    return rows


def _share(teachers: float, student: float, ceiling: float) -> float:
    return (student - teachers) / (ceiling - teachers) if ceiling > teachers else math.nan
