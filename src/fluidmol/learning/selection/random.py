"""A plain random draw."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection.halves import Sized, labelled
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class Random(Sized):
    """Molecules drawn at random, each at most once.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> len(Random(size=2)(np.array([0.2, 0.4, 0.6]), csr_matrix((3, 4)), np.random.default_rng(1)))
    2
    """

    @property
    def of_classes(self) -> bool:
        """Only if labels are rounded."""
        return self.hard

    def __call__(
        self,
        label: NDArray[np.float64],
        features: FeatureTable,  # noqa: ARG002
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending."""
        rows = labelled(label)
        return np.sort(rng.choice(rows, size=min(self.size, len(rows)), replace=False))
