"""Logistic regression: a model that adds up, and so can be told from its answers."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from scipy.sparse import csr_matrix, vstack
from scipy.special import expit

from fluidmol.learning.estimators import Estimator
from fluidmol.learning.model import Floats, Model


@attrs.frozen
class Logistic(Estimator[csr_matrix]):
    """Logistic regression with an L2 penalty.

    Soft targets are learnt as they are: a row of target p counts p times as active and 1 - p times as inactive.

    Examples
    --------
    >>> features = csr_matrix(np.tile([[0, 1], [1, 0]], (40, 1)).astype("float32"))
    >>> model = Logistic(strength=1.0).fit(features, np.tile([0.9, 0.2], 40), np.ones(80), seed=1)
    >>> model.predict(features[:2]).round(1).tolist()
    [0.9, 0.2]
    """

    linear: ClassVar[bool] = True
    """They are."""

    strength: float = attrs.field(
        default=0.05, converter=float, validator=[attrs.validators.ge(1e-6), attrs.validators.le(1e6)]
    )
    """Weight of each row against the penalty (often called C): the larger, the closer the fit; from 1e-6 to 1e6, for
    far outside liblinear doesn't come to an end."""

    @property
    def closeness(self) -> float:
        """The strength."""
        return self.strength

    def fit(self, features: csr_matrix, target: Floats, weight: Floats, seed: int) -> Linear:
        """Fit to targets in [0, 1].

        Raises
        ------
        ValueError
            If all targets are 0, or all are 1.
        """
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy

        if target.min() >= 1 or target.max() <= 0:
            raise ValueError("only one class: expected active and inactive compounds")
        active, inactive = np.flatnonzero(target > 0), np.flatnonzero(target < 1)
        rows = vstack([features[active], features[inactive]], format="csr")
        classes = np.repeat([1, 0], [len(active), len(inactive)])
        counts = np.concatenate([weight[active] * target[active], weight[inactive] * (1 - target[inactive])])
        # liblinear has one thread and no randomness in its primal form: the same bytes anywhere.
        model = LogisticRegression(C=self.strength, solver="liblinear", max_iter=1000, random_state=seed % 2**32)
        model.fit(rows, classes, counts)
        return Linear(np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0]))


@attrs.frozen(eq=False)
class Linear(Model[csr_matrix]):
    """A linear model of the log-odds."""

    coefficients: Floats = attrs.field(repr=False)
    """One a column, (n_columns,)."""

    intercept: float
    """Log-odds of a molecule without any feature."""

    def predict(self, features: csr_matrix) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return np.asarray(expit(features @ self.coefficients + self.intercept), dtype=np.float64)
