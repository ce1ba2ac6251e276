"""How the student grows with the consortium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.seeds import derive_seed
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding


@attrs.frozen
class TeacherCount:
    """Student and ensemble of one teacher, of two, ... of all, joining in a random order.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Number of teachers"
    question: ClassVar[str] = "How good are labels and student of so many teachers?"
    over: ClassVar[tuple[str, ...]] = ("order",)

    orders: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """Random orders a seed."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell an order and number."""
        for order in range(self.orders):
            rng = np.random.default_rng(derive_seed(lab.charter.seed, "teacher count", str(order)))
            names = [lab.partners[int(place)] for place in rng.permutation(len(lab.partners))]
            for n in range(1, len(names) + 1):
                yield Cell({"order": order + 1, "teachers": n}, partial(_federated, lab, tuple(names[:n])))


def _federated(lab: Lab, names: tuple[str, ...]) -> Sequence[Finding]:
    return lab.judge([lab.student(lab.labels(names)), lab.ensemble(names)])
