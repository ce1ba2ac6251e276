"""Which labelled molecules teach best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding
from fluidmol.values.parts import Part

MODES = ("random", "balanced", "confident", "least-confident", "confident-diverse")
"""The selections of a fixed size."""


@attrs.frozen
class SelectionStudy:
    """Students of so many molecules, chosen in five ways, with hard and with soft labels; and of all of them.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Selection of the student's molecules"
    question: ClassVar[str] = "Which labelled molecules should a student learn from?"
    over: ClassVar[tuple[str, ...]] = ()

    size: int = attrs.field(default=10_000, validator=attrs.validators.ge(2))
    """Molecules asked for; ``n_train`` says how many there were."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a mode and kind of label."""
        for hard in (True, False):
            for mode in MODES:
                yield _cell(lab, Part(mode, {"size": self.size, "hard": hard}))
            yield _cell(lab, Part("all", {"hard": hard}))


def _cell(lab: Lab, selection: Part) -> Cell:
    labels = "hard" if dict(selection.options)["hard"] else "soft"
    return Cell({"selection": selection.name, "labels": labels}, partial(_selected, lab, selection))


def _selected(lab: Lab, selection: Part) -> Sequence[Finding]:
    return lab.judge([lab.student(lab.labels(), attrs.evolve(lab.charter, selection=selection))])
