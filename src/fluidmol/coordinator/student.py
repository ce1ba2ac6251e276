"""The student: the consortium's public knowledge as a model."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from fluidmol.chem.table import LazyFeatures
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.table_rows import read
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels


@attrs.frozen(eq=False)
class Student(Model[CompoundSet]):
    """A model of the federated labels. It has seen no private compound."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was distilled under."""

    model: Model[Any] = attrs.field(repr=False)
    """Predicts from features, or from structures."""

    n_train: int
    """Number of transfer molecules it learnt from."""

    @classmethod
    def distilled(cls, labels: FederatedLabels, transfer: CompoundSet, charter: Charter) -> Student:
        """Make it from federated labels, as the charter says.

        Raises
        ------
        ValueError
            If all chosen labels are of one class.
        CharterError
            If the charter names unknown parts.
        UnavailableError
            If the charter's student needs what isn't installed.
        """
        table = LazyFeatures(transfer, charter.featuriser)
        return cls(charter, *DISTILLATIONS.build(charter.distillation).student(labels, table, charter))

    def predict(self, compounds: CompoundSet) -> Floats:
        """Predict the probability of the active class, (n_compounds,), in [0, 1]."""
        structures = DISTILLATIONS.build(self.charter.distillation).reads_structures(self.charter)
        table = LazyFeatures(compounds, self.charter.featuriser)
        return self.model.predict(read(table, np.arange(len(compounds)), structures=structures))


def check_student(charter: Charter) -> None:
    """Make sure that the charter's student can be made on this machine, before anybody is asked.

    Raises
    ------
    UnavailableError
        If it needs what isn't installed.
    CharterError
        If the charter names unknown parts.
    """
    DISTILLATIONS.build(charter.distillation).check(charter)
