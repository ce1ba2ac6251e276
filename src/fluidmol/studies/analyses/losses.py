"""Where the distance between the pooled model and the student went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.study import Finding, Row


def losses(findings: Sequence[Finding], datasets: Iterable[str]) -> list[Row]:
    """Split the loss, in MCC and ROC AUC.

    - ``teacher-loss`` = T0 - teachers' mean: what each partner lacks alone.
    - ``total-loss`` = T0 - student = ``federation-loss`` + ``distillation-loss``
    - ``federation-loss`` = T0 - ensemble: what the labels themselves lack.
    - ``distillation-loss`` = ensemble - student: what is lost on the way through the transfer set.
    - ``recovery`` = (student - teachers' mean) / (T0 - teachers' mean): R of the method's page. Undefined where T0
      isn't above the teachers' mean: a student below both would count as one above.

    Parameters
    ----------
    findings : sequence of Finding
        With T0, teachers, student and ensemble.
    datasets : iterable of str

    Returns
    -------
    list of Row
        Of kind ``derived``. A loss is negative where something was gained; NaN where a model is missing, and so are all
        three terms of the split where one is: their means over seeds add up.
    """
    rows = []
    for dataset in datasets:
        for metric in ("mcc", "roc_auc"):
            ceiling = figure(findings, dataset, metric, model="T0")
            student = figure(findings, dataset, metric, model="student")
            ensemble = figure(findings, dataset, metric, model="ensemble")
            teachers = figure(findings, dataset, metric, kind="teacher")
            distance = ceiling - teachers
            split = (ceiling - student, ceiling - ensemble, ensemble - student)
            total, federation, distillation = (math.nan,) * 3 if any(map(math.isnan, split)) else split
            parts = {
                "teacher-loss": distance,
                "total-loss": total,
                "federation-loss": federation,
                "distillation-loss": distillation,
                "recovery": (student - teachers) / distance if distance > 0 else math.nan,
            }
            rows += [derived(name, dataset, metric, value) for name, value in parts.items()]
    return rows
