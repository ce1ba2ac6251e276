"""Estimators: what teachers, students and hybrids are made of, chosen by name in the charter.

An estimator is a recipe; fitting it gives a model that predicts probabilities. Targets are probabilities too, so
that soft labels need no second path; an estimator that knows classes only takes each row twice, once a class.

>>> from fluidmol.values.parts import Part
>>> ESTIMATORS.build(Part("random-forest", {"trees": 10})).trees
10
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.values.parts import Catalogue

Floats = NDArray[np.float64]


class Model(Protocol):
    """Whatever predicts."""

    def predict(self, features: csr_matrix) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""


class Estimator(Protocol):
    """A recipe for models."""

    def fit(self, features: csr_matrix, target: Floats, weight: Floats, seed: int) -> Model:
        """Fit to targets in [0, 1] with weights above 0, both (n_compounds,)."""


ESTIMATORS: Catalogue[Estimator] = Catalogue(
    "estimator",
    {
        "lightgbm": "fluidmol.learning.estimators.lightgbm:LightGBM",
        "logistic": "fluidmol.learning.estimators.logistic:Logistic",
        "random-forest": "fluidmol.learning.estimators.random_forest:RandomForest",
    },
)
"""Estimators by name."""
