"""What each partner brings to the consortium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding


@attrs.frozen
class LeaveOneOut:
    """Student and ensemble of all partners, and of all but one.

    The left-out teacher influences nothing: labels, and with them the selection of the student's rows, are made
    without it. (In the paper's proof of concept its opinion still helps to select.)

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Leave one teacher out"
    question: ClassVar[str] = "How good are labels and student without one of the partners?"
    over: ClassVar[tuple[str, ...]] = ()

    hybrids: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether the others' hybrids are made too."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell for all, and one a left-out partner.

        Raises
        ------
        QuorumError
            If nobody is left where one is left out.
        """
        lab.check_partners(2, "Each in turn is left out: the study needs two.")
        for name in ("", *lab.partners):
            yield Cell({"left_out": name}, partial(_without, lab, name, self.hybrids))


def _without(lab: Lab, name: str, hybrids: bool) -> Sequence[Finding]:
    present = [other for other in lab.partners if other != name]
    labels = lab.labels(present)
    models = [lab.student(labels), lab.ensemble(present)]
    return lab.judge([*models, *(lab.hybrid(other, labels) for other in present if hybrids)])
