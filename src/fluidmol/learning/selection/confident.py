"""The labels that are nearest to 0 and 1."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection.halves import Sized, halves
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class Confident(Sized):
    """The most confident half of the size from each class.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> Confident(size=2)(np.array([0.2, 0.4, 0.6]), csr_matrix((3, 4)), np.random.default_rng(1)).tolist()
    [0, 2]
    """

    def __call__(
        self,
        label: NDArray[np.float64],
        features: FeatureTable,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending."""
        return halves(label, self.size, lambda rows, n: _most_confident(label, rows, n))


def _most_confident(label: NDArray[np.float64], rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return rows[np.argsort(-np.abs(label[rows] - 0.5), kind="stable")[:n]]
