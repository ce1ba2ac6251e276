"""What a consortium knows about the chemistry of somebody who isn't in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding
from fluidmol.values.results import gained


@attrs.frozen
class CrossDomain:
    """Each partner in turn stays out, and its compounds are the test set.

    The others' teachers, and the student and hybrids of a federation of the others alone, are judged on all compounds
    of the left-out partner. Nothing that partner says reaches labels, selection or models. With eight partners these
    are 8 teachers, 8 students and 56 hybrids.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Cross-domain validation"
    question: ClassVar[str] = "What do student and hybrids of the others know about the domain of a partner left out?"
    over: ClassVar[tuple[str, ...]] = ("left_out",)

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a left-out partner.

        Raises
        ------
        QuorumError
            If nobody is left where one is left out.
        """
        lab.check_partners(2, "Each in turn is left out: the study needs two.")
        for name in lab.partners:
            yield Cell({"left_out": name}, partial(left_out, lab, name))


def left_out(lab: Lab, name: str) -> list[Finding]:
    """Federate without a partner, and judge on its compounds; gains are over the others' own teachers."""
    others = [other for other in lab.partners if other != name]
    labels = lab.labels(others)
    models = [
        *(lab.teacher(other) for other in others),
        lab.student(labels),
        *(lab.hybrid(other, labels) for other in others),
        lab.ensemble(others),
    ]
    found = lab.judge(models, [name])
    for metric in lab.metrics:
        before = figure(found, name, metric, kind="teacher")
        for gain, kind in (("student-gain", "student"), ("hybrids-gain", "hybrid")):
            after = figure(found, name, metric, kind=kind)
            found.append(derived(gain, name, metric, gained(metric, after, before)))
    return found
