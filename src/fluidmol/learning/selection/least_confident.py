"""The labels that are nearest to one half."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection.halves import Sized, labelled
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class LeastConfident(Sized):
    """The least confident molecules of both classes together: where teachers hesitate.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> LeastConfident(size=2)(np.array([0.0, 0.4, 0.6]), csr_matrix((3, 4)), np.random.default_rng(1)).tolist()
    [1, 2]
    """

    def __call__(
        self,
        label: NDArray[np.float64],
        features: FeatureTable,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending."""
        rows = labelled(label)
        return np.sort(rows[np.argsort(np.abs(label[rows] - 0.5), kind="stable")[: self.size]])
