"""All rows together, then the larger class cut down to the smaller."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from scipy.sparse import vstack

from fluidmol.learning.union import DataCombination, TrainingSet


@attrs.frozen
class Undersampled(DataCombination):
    """The paper's union: rows of the larger class are dropped at random until both are as large.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> own = TrainingSet(csr_matrix((3, 1)), np.array([1.0, 0, 0]), np.ones(3))
    >>> federated = TrainingSet(csr_matrix((2, 1)), np.array([1.0, 0]), np.ones(2))
    >>> Undersampled()(own, federated, np.random.default_rng(1)).target.sum()
    np.float64(2.0)
    """

    of_classes: ClassVar[bool] = True
    """It balances them."""

    def __call__(self, own: TrainingSet, federated: TrainingSet, rng: np.random.Generator) -> TrainingSet:
        """Balanced rows, the federated ones first."""
        target = np.concatenate([federated.target, own.target])
        weight = np.concatenate([federated.weight, own.weight])
        active = target > 0.5
        size = min(int(active.sum()), int((~active).sum()))
        kept = [rng.choice(np.flatnonzero(side), size=size, replace=False) for side in (active, ~active)]
        # One class alone: nothing to balance; the estimator says what is wrong with it.
        rows = np.sort(np.concatenate(kept)) if size else np.arange(len(target))
        features = vstack([federated.features, own.features], format="csr")[rows]
        return TrainingSet(features, target[rows], weight[rows])
