"""Distillation: what teachers said about public molecules becomes something to learn from.

>>> from fluidmol.values.parts import Part
>>> DISTILLATIONS.build(Part("experts", {"sharpness": 2.0})).sharpness
2.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fluidmol.learning.estimators import Model, StructureModel
from fluidmol.learning.tables import FeatureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Catalogue


class Distillation(Protocol):
    """What a student is made from, and how."""

    def check(self, charter: Charter) -> None:
        """Raise UnavailableError if a student needs what isn't installed here; before anybody is asked."""

    def prepare(
        self, labels: FederatedLabels, opinions: Sequence[Annotations], features: FeatureTable, charter: Charter
    ) -> FederatedLabels:
        """Add to the labels what only those who see the single opinions can know; features are the transfer set's."""

    def student(
        self, labels: FederatedLabels, features: FeatureTable, charter: Charter
    ) -> tuple[Model | StructureModel, int]:
        """Give the student's model, and how many transfer molecules it learnt from."""


DISTILLATIONS: Catalogue[Distillation] = Catalogue(
    "distillation",
    {
        "experts": "fluidmol.learning.distillation.from_experts:FromExperts",
        "labels": "fluidmol.learning.distillation.from_labels:FromLabels",
    },
)
"""Distillations by name."""
