"""The paper's distillation: one model of the federated labels."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.distillation.rows import chosen_rows, lesson, targets
from fluidmol.learning.estimators import STUDENTS, Model, StructureEstimator, StructureModel
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.tables import FeatureTable, StructureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


@attrs.frozen
class FromLabels:
    """Fits the charter's estimator to the chosen labels.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    def check(self, charter: Charter) -> None:
        """Make sure that the charter's student can be fitted here.

        Raises
        ------
        UnavailableError
            If it needs what isn't installed.
        CharterError
            If it is unknown.
        """
        estimator = STUDENTS.build(charter.student)
        if isinstance(estimator, StructureEstimator):
            estimator.check()

    def prepare(
        self,
        labels: FederatedLabels,
        opinions: Sequence[Annotations],  # noqa: ARG002
        features: FeatureTable,  # noqa: ARG002
        charter: Charter,  # noqa: ARG002
    ) -> FederatedLabels:
        """Give the labels as they are."""
        return labels

    def student(
        self, labels: FederatedLabels, features: FeatureTable, charter: Charter
    ) -> tuple[Model | StructureModel, int]:
        """Fit the student.

        Raises
        ------
        ValueError
            If all chosen labels are of one class.
        TypeError
            If the student reads structures, and the table has none.
        UnavailableError
            If it needs what isn't installed.
        """
        estimator, seed = STUDENTS.build(charter.student), derive_seed(charter.seed, "student")
        if not isinstance(estimator, StructureEstimator):
            told = lesson(labels, features, charter)
            return estimator.fit(told.features, told.target, told.weight, seed), len(told)
        if not isinstance(features, StructureTable):
            raise TypeError(f"{charter.student.name} reads structures: expected a table with SMILES")
        rows = chosen_rows(labels, features, charter)
        target = targets(labels, rows, charter)
        return estimator.fit_smiles(features.smiles(rows), target, np.ones(len(rows)), seed), len(rows)
