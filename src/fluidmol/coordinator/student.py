"""The student: the consortium's public knowledge as a model."""

from __future__ import annotations

import attrs
from numpy import float64
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.learning.distillation import lesson
from fluidmol.learning.estimators import ESTIMATORS, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels


@attrs.frozen(eq=False)
class Student:
    """A model of the federated labels. It has seen no private compound."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was distilled under."""

    model: Model = attrs.field(repr=False)
    """Predicts from features."""

    n_train: int
    """Number of transfer molecules it learnt from."""

    @classmethod
    def distilled(cls, labels: FederatedLabels, transfer: CompoundSet, charter: Charter) -> Student:
        """Fit to federated labels.

        Raises
        ------
        ValueError
            If all chosen labels are of one class.
        CharterError
            If the charter names unknown parts.
        """
        rows = lesson(labels, features(transfer, charter.featuriser), charter)
        seed = derive_seed(charter.seed, "student")
        model = ESTIMATORS.build(charter.student).fit(rows.features, rows.target, rows.weight, seed)
        return cls(charter, model, len(rows))

    def predict(self, compounds: CompoundSet) -> NDArray[float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict(features(compounds, self.charter.featuriser))
