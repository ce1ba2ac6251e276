"""Estimators: what teachers, students and hybrids are made of, chosen by name in the charter.

An estimator is a recipe; fitting it gives a model that predicts probabilities. Targets are probabilities too, so
that soft labels need no second path; an estimator that knows classes only takes each row twice, once a class.

Most read features. An estimator of structures reads SMILES, which are mere texts to this package; only a student can
be made of one.

>>> from fluidmol.values.parts import Part
>>> ESTIMATORS.build(Part("random-forest", {"trees": 10})).trees
10
>>> STUDENTS.build(Part("chemprop", {"epochs": 5})).epochs
5
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from scipy.sparse import csr_matrix

from fluidmol.learning.model import Floats, Model, Rows_contra
from fluidmol.values.parts import Catalogue


class Estimator(Protocol[Rows_contra]):
    """A recipe for models."""

    reads_structures: ClassVar[bool] = False
    """Whether it and its models read SMILES in place of features."""

    linear: ClassVar[bool] = False
    """Whether its models are linear in their features on the scale of the log-odds."""

    @property
    def closeness(self) -> float | None:
        """Weight of each row against the penalty on a linear model; None where there is no such penalty."""
        return None

    @property
    def of_classes(self) -> bool:
        """Whether it means something for classes only, and not for a regression's values."""
        return False

    def check(self) -> None:
        """Raise UnavailableError if what it needs isn't installed; it is made, and described, without."""
        return

    def fit(self, rows: Rows_contra, /, target: Floats, weight: Floats, seed: int) -> Model[Any]:
        """Fit to targets in [0, 1] with weights above 0, both (n_rows,); the model reads what the estimator read."""


_OF_FEATURES = {
    "lightgbm": "fluidmol.learning.estimators.lightgbm:LightGBM",
    "logistic": "fluidmol.learning.estimators.logistic:Logistic",
    "random-forest": "fluidmol.learning.estimators.random_forest:RandomForest",
}

_OF_STRUCTURES = {"chemprop": "fluidmol.learning.estimators.chemprop:Chemprop"}

ESTIMATORS: Catalogue[Estimator[csr_matrix]] = Catalogue(
    "estimator",
    _OF_FEATURES,
    elsewhere=dict.fromkeys(
        _OF_STRUCTURES,
        "It reads structures, and a charter's teacher and hybrid read features: it can be the student. A partner may"
        " answer with a model of its own all the same: fluid answer `teacher_program`.",
    ),
)
"""Estimators by name: of teachers and hybrids."""

STUDENTS: Catalogue[Estimator[Any]] = Catalogue("student", _OF_FEATURES | _OF_STRUCTURES)
"""What a student of labels can be, by name."""
