"""All rows together, one's own counting more."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.sparse import vstack

from fluidmol.learning.union import DataCombination, TrainingSet


@attrs.frozen
class Weighted(DataCombination):
    """All rows; a measurement of one's own counts ``own_weight`` times as much as a federated label.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> own = federated = TrainingSet(csr_matrix((1, 1)), np.array([1.0]), np.ones(1))
    >>> Weighted(own_weight=3)(own, federated, np.random.default_rng(1)).weight.tolist()
    [1.0, 3.0]
    """

    own_weight: float = attrs.field(
        default=1.0, converter=float, validator=[attrs.validators.ge(1e-3), attrs.validators.le(1e3)]
    )
    """Weight of an own compound, relative to a federated label, from 0.001 to 1000."""

    def __call__(self, own: TrainingSet, federated: TrainingSet, rng: np.random.Generator) -> TrainingSet:  # noqa: ARG002
        """All rows, the federated ones first."""
        return TrainingSet(
            vstack([federated.features, own.features], format="csr"),
            np.concatenate([federated.target, own.target]),
            np.concatenate([federated.weight, own.weight * self.own_weight]),
        )
