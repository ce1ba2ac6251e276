"""Half active, half inactive, drawn at random."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection.halves import Sized, halves
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class Balanced(Sized):
    """Half of the size from each class by the label, or as many as there are; the paper's choice.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> Balanced(size=2)(np.array([0.2, 0.4, 0.6]), csr_matrix((3, 4)), np.random.default_rng(1)).tolist()
    [0, 2]
    """

    def __call__(
        self,
        label: NDArray[np.float64],
        features: FeatureTable,  # noqa: ARG002
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending."""
        return halves(label, self.size, lambda rows, n: rng.choice(rows, size=n, replace=False))
