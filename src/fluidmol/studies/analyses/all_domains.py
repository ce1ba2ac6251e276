"""What each partner gains on its own chemistry and on everybody else's, in one federation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.studies.analyses.own_domain import HELD_OUT, OwnDomain, without_fold
from fluidmol.studies.lab.ceiling import best_pooled, pooled_kinds
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding


@attrs.frozen
class AllDomains(OwnDomain):
    """All partners hold out a fold of their compounds and federate without it; everybody is judged by all folds.

    As in the study of own domains, but each teacher and hybrid meets the others' held-out compounds, too: what a
    partner has for its own chemistry, and for chemistry that it doesn't know. A panel asks this of each endpoint.
    """

    title: ClassVar[str] = "All domains"
    question: ClassVar[str] = "What does a partner gain on its own held-out compounds, and on the others'?"
    ceiling: str = attrs.field(default="lightgbm", validator=attrs.validators.instance_of(str))
    """Kinds of pooled models that compete with the teachers' make to be T0; ``none``: T0 is of the teachers' make."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a fold."""
        for fold in range(min(self.asked, self.folds)):
            yield Cell({"fold": fold + 1}, partial(_judged, lab, self.folds, fold, pooled_kinds(self.ceiling)))


def _judged(lab: Lab, n_folds: int, fold: int, kinds: Sequence[str]) -> list[Finding]:
    without = without_fold(lab, n_folds, fold)
    names = [name for name in without.partners if f"{HELD_OUT}{name}" in without.benchmarks]
    labels = without.labels()
    ceiling, chosen = best_pooled(without, kinds)
    models = [
        without.student(labels),
        ceiling,
        *(without.hybrid(name, labels) for name in names),
        *(without.teacher(name) for name in names),
    ]
    return [*without.judge(models, [f"{HELD_OUT}{name}" for name in names]), *chosen]
