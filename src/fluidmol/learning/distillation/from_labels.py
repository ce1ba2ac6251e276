"""The paper's distillation: one model of the federated labels."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from fluidmol.learning.distillation import Distillation
from fluidmol.learning.distillation.rows import chosen_rows, targets
from fluidmol.learning.estimators import STUDENTS
from fluidmol.learning.model import Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.table_rows import FeatureTable, read
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


@attrs.frozen
class FromLabels(Distillation):
    """Fits the charter's estimator to the chosen labels.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    def reads_structures(self, charter: Charter) -> bool:
        """Return whether the charter's estimator does."""
        return STUDENTS.build(charter.student).reads_structures

    def check(self, charter: Charter) -> None:
        """Make sure that the charter's student can be fitted here.

        Raises
        ------
        UnavailableError
            If it needs what isn't installed.
        CharterError
            If it is unknown.
        """
        STUDENTS.build(charter.student).check()

    def student(self, labels: FederatedLabels, features: FeatureTable, charter: Charter) -> tuple[Model[Any], int]:
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
        rows = chosen_rows(labels, features, charter)
        known = read(features, rows, structures=estimator.reads_structures)
        return estimator.fit(known, targets(labels, rows, charter), np.ones(len(rows)), seed), len(rows)
