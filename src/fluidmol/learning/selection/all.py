"""Every molecule that has a label."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection import Selection
from fluidmol.learning.selection.halves import labelled
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class All(Selection):
    """Every molecule that has a label, with soft labels as they are.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> All()(np.array([0.2, np.nan]), csr_matrix((2, 4)), np.random.default_rng(1)).tolist()
    [0]
    """

    hard: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether labels are rounded to classes."""

    def __call__(
        self,
        label: NDArray[np.float64],
        features: FeatureTable,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.int64]:
        """Positions of the molecules that have a label."""
        return labelled(label)
