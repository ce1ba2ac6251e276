"""Gradient-boosted trees, which learn soft labels as they are."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from scipy.sparse import csr_matrix

from fluidmol.learning.estimators import Estimator
from fluidmol.learning.model import Floats, Model
from fluidmol.parallel import jobs

MANY = 20_000
"""Rows from which several threads are used. With fewer they mostly wait for one another, and where other programs want
the cores as well they were seen to take ten times as long as one."""


@attrs.frozen
class LightGBM(Estimator[csr_matrix]):
    """Gradient boosting with cross-entropy on targets in [0, 1].

    Source: Ke et al. 2017, LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.

    Examples
    --------
    >>> features = csr_matrix(np.tile([[0, 1], [1, 0]], (40, 1)).astype("float32"))
    >>> target = np.tile([0.9, 0.2], 40)
    >>> model = LightGBM(rounds=200).fit(features, target, np.ones(80), seed=1)
    >>> model.predict(features[:2]).round(1).tolist()
    [0.9, 0.2]
    """

    rounds: int = attrs.field(default=300, validator=[attrs.validators.ge(1), attrs.validators.le(10_000)])
    """Number of trees, at most 10 000."""

    rate: float = attrs.field(
        default=0.05, converter=float, validator=[attrs.validators.ge(1e-6), attrs.validators.le(10)]
    )
    """Learning rate, from 1e-6 to 10."""

    leaves: int = attrs.field(default=31, validator=[attrs.validators.ge(2), attrs.validators.le(4096)])
    """Most leaves of a tree, at most 4096."""

    leaf: int = attrs.field(default=10, validator=[attrs.validators.ge(1), attrs.validators.le(1_000_000)])
    """Fewest rows in a leaf, at most 1 000 000."""

    columns: float = attrs.field(
        default=0.3, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(1)]
    )
    """Share of the columns that each tree sees."""

    def fit(self, features: csr_matrix, target: Floats, weight: Floats, seed: int) -> Booster:
        """Fit to targets in [0, 1].

        Raises
        ------
        ValueError
            If all targets are 0, or all are 1.
        """
        import lightgbm  # noqa: PLC0415 - heavy, and only this estimator needs it

        if target.min() >= 1 or target.max() <= 0:
            raise ValueError("only one class: expected active and inactive compounds")
        settings = {
            "objective": "cross_entropy",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.leaf,
            "feature_fraction": self.columns,
            "seed": seed,
            # The same trees on any number of threads.
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": jobs() if features.shape[0] >= MANY else 1,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(features, label=target, weight=weight, free_raw_data=True)
        return Booster(lightgbm.train(settings, data, num_boost_round=self.rounds))


@attrs.frozen(eq=False)
class Booster(Model[csr_matrix]):
    """A fitted LightGBM model."""

    booster: Any = attrs.field(repr=False)
    """LightGBM's own object."""

    def predict(self, features: csr_matrix) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        if not features.shape[0]:
            return np.empty(0)
        return np.asarray(self.booster.predict(features, num_threads=jobs()), dtype=np.float64)
