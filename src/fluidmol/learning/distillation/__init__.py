"""Distillation: what teachers said about public molecules becomes something to learn from.

>>> from fluidmol.values.parts import Part
>>> DISTILLATIONS.build(Part("experts", {"sharpness": 2.0})).sharpness
2.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from fluidmol.learning.model import Model
from fluidmol.learning.table_rows import FeatureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Catalogue


class Distillation(Protocol):
    """What a student is made from, and how."""

    makes_experts: ClassVar[bool] = False
    """Whether labels get experts, and the student is those experts, asked as one."""

    sharpness: float = 1.0
    """Exponent of the weights that experts estimate, see :func:`fluidmol.learning.experts.asking.asked`."""

    translation: int = 0
    """Number of transfer molecules, the nearest, that a teacher which isn't linear is asked about at home, for a linear
    model to speak for it; 0: it speaks for itself."""

    translation_weight: float = 0.3
    """How much one of these opinions counts there, against a measured compound."""

    def reads_structures(self, charter: Charter) -> bool:  # noqa: ARG002
        """Return whether the charter's student reads SMILES in place of features."""
        return False

    def check(self, charter: Charter) -> None:  # noqa: ARG002
        """Raise UnavailableError if a student needs what isn't installed here; before anybody is asked."""
        return

    def prepare(
        self,
        labels: FederatedLabels,
        opinions: Sequence[Annotations],  # noqa: ARG002
        features: FeatureTable,  # noqa: ARG002
        charter: Charter,  # noqa: ARG002
    ) -> FederatedLabels:
        """Add to the labels what only those who see the single opinions can know; features are the transfer set's."""
        return labels

    def reuse(
        self,
        labels: FederatedLabels,
        opinions: Sequence[Annotations],  # noqa: ARG002
        experts: Experts | None,  # noqa: ARG002
        charter: Charter,  # noqa: ARG002
    ) -> FederatedLabels:
        """Add those of the experts whose partners spoke, where the student is made of experts."""
        return labels

    def student(self, labels: FederatedLabels, features: FeatureTable, charter: Charter) -> tuple[Model[Any], int]:
        """Give the student's model, and how many transfer molecules it learnt from."""


DISTILLATIONS: Catalogue[Distillation] = Catalogue(
    "distillation",
    {
        "experts": "fluidmol.learning.distillation.from_experts:FromExperts",
        "labels": "fluidmol.learning.distillation.from_labels:FromLabels",
    },
)
"""Distillations by name."""
