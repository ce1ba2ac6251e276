"""The paper's distillation: one model of the federated labels."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from fluidmol.learning.distillation.rows import lesson
from fluidmol.learning.estimators import ESTIMATORS, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.tables import FeatureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


@attrs.frozen
class FromLabels:
    """Fits the charter's estimator to the chosen labels.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    def prepare(
        self,
        labels: FederatedLabels,
        opinions: Sequence[Annotations],  # noqa: ARG002
        features: FeatureTable,  # noqa: ARG002
        charter: Charter,  # noqa: ARG002
    ) -> FederatedLabels:
        """Give the labels as they are."""
        return labels

    def student(self, labels: FederatedLabels, features: FeatureTable, charter: Charter) -> tuple[Model, int]:
        """Fit the student.

        Raises
        ------
        ValueError
            If all chosen labels are of one class.
        """
        rows = lesson(labels, features, charter)
        seed = derive_seed(charter.seed, "student")
        return ESTIMATORS.build(charter.student).fit(rows.features, rows.target, rows.weight, seed), len(rows)
