"""All rows together, federated labels counting by how near they are to one's own compounds."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from scipy.sparse import vstack

from fluidmol.learning.union import DataCombination, TrainingSet


@attrs.frozen
class Local(DataCombination):
    """All rows; a federated label counts as much as its molecule is near to one's own compounds.

    The federated rows arrive with that nearness as their weight, in [0, 1]: the charter's proximity to the partner's
    compounds, see :meth:`fluidmol.partner.hybrid.Hybrid.fit`. It is computed at the partner and stays there.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> own = TrainingSet(csr_matrix((1, 1)), np.array([1.0]), np.ones(1))
    >>> federated = TrainingSet(csr_matrix((2, 1)), np.array([1.0, 0.0]), np.array([0.5, 0.0]))
    >>> Local(own_weight=3, power=2, floor=0.01)(own, federated, np.random.default_rng(1)).weight.tolist()
    [0.25, 0.01, 3.0]
    """

    by_nearness: ClassVar[bool] = True
    """Federated rows arrive with it."""

    own_weight: float = attrs.field(
        default=1.0, converter=float, validator=[attrs.validators.ge(1e-3), attrs.validators.le(1e3)]
    )
    """Weight of an own compound, relative to a label as near as can be, from 0.001 to 1000."""

    power: float = attrs.field(
        default=2.0, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(100)]
    )
    """Exponent of the nearness, from 0 (all labels count alike) to 100."""

    floor: float = attrs.field(
        default=0.01, converter=float, validator=[attrs.validators.ge(1e-6), attrs.validators.le(1)]
    )
    """Least weight of a label, from 0.000001 to 1."""

    def __call__(self, own: TrainingSet, federated: TrainingSet, rng: np.random.Generator) -> TrainingSet:  # noqa: ARG002
        """All rows, the federated ones first."""
        weight = np.maximum(federated.weight**self.power, self.floor)
        return TrainingSet(
            vstack([federated.features, own.features], format="csr"),
            np.concatenate([federated.target, own.target]),
            np.concatenate([weight, own.weight * self.own_weight]),
        )
