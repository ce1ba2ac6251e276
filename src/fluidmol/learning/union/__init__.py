"""Unions: how a hybrid puts a partner's own compounds and the federated labels together.

>>> from fluidmol.values.parts import Part
>>> UNIONS.build(Part("weighted", {"own_weight": 2}))
Weighted(own_weight=2.0)
"""

from __future__ import annotations

from typing import ClassVar, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.values.parts import Catalogue


@attrs.frozen(eq=False)
class TrainingSet:
    """Rows to learn from."""

    features: csr_matrix = attrs.field(repr=False)
    """(n_rows, n_columns)."""

    target: NDArray[np.float64] = attrs.field(repr=False)
    """Probability of the active class, (n_rows,), in [0, 1]."""

    weight: NDArray[np.float64] = attrs.field(repr=False)
    """How much each row counts, (n_rows,), above 0."""

    def __len__(self) -> int:
        return len(self.target)


class DataCombination(Protocol):
    """Combines own and federated rows; or says that the hybrid is a mixture, which learns from own rows alone."""

    by_nearness: ClassVar[bool] = False
    """Whether federated rows arrive with their molecule's nearness to own compounds as their weight, in [0, 1]."""

    needs_experts: ClassVar[bool] = False
    """Whether the hybrid asks the others' experts and an own model, in place of learning from federated rows."""

    of_classes: ClassVar[bool] = False
    """Whether it means something for classes only, and not for a regression's values."""

    folds: int = 0
    """Of the partner's own cross-validation, by which a mixture chooses; 0 where there is nothing to choose."""

    def __call__(self, own: TrainingSet, federated: TrainingSet, rng: np.random.Generator) -> TrainingSet:
        """Combine the partner's own and the federated rows into one training set."""


UNIONS: Catalogue[DataCombination] = Catalogue(
    "union",
    {
        "local": "fluidmol.learning.union.local:Local",
        "mixture": "fluidmol.learning.union.mixture:Mixture",
        "undersampled": "fluidmol.learning.union.undersampled:Undersampled",
        "weighted": "fluidmol.learning.union.weighted:Weighted",
    },
)
"""Unions by name."""
