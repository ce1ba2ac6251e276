"""How good teachers are at home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.studies.analyses.folds import folds
from fluidmol.studies.lab.judgement import figures_of
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import NoModelError
from fluidmol.studies.lab.study import Cell, Finding


@attrs.frozen
class TeacherCV:
    """Cross-validation of each teacher on its partner's own compounds.

    Compounds of one skeleton stay in one fold. The figures are those of all out-of-fold predictions together.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Teachers' cross-validation"
    question: ClassVar[str] = "How good is each teacher on its own partner's compounds?"
    over: ClassVar[tuple[str, ...]] = ()

    folds: int = attrs.field(default=5, validator=attrs.validators.ge(2))
    """Number of folds."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell for all teachers."""
        yield Cell({}, partial(_validated, lab, self.folds))


def _validated(lab: Lab, n_folds: int) -> Sequence[Finding]:
    from fluidmol.parallel import in_threads  # noqa: PLC0415

    found: list[Finding] = []
    for findings in in_threads(_one, ((lab, name, n_folds) for name in lab.partners)):
        found += findings
    return found


def _one(lab: Lab, name: str, n_folds: int) -> list[Finding]:
    assay = lab.assays[name]
    fold = folds(assay.compounds, n_folds, lab.charter.seed, name)
    probability = np.full(len(assay), np.nan)
    for k in range(n_folds):
        inside, outside = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        if not len(inside):
            continue
        try:
            teacher = lab.teacher_of(assay.take(outside), name, model=f"{lab.teacher(name).model}")
            probability[inside] = teacher.predict(assay.take(inside).compounds)
        except NoModelError:
            continue  # all others are of one class: nothing is said about these
    said = np.flatnonzero(~np.isnan(probability))
    n_train = round(len(assay) * (n_folds - 1) / n_folds)
    who = lab.teacher(name)
    return figures_of(who, name, assay.take(said), probability[said], n_train, lab.charter.seed) if len(said) else []
