"""Each opinion counts as much as its teacher says."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.weighting import Weighting


@attrs.frozen
class AsStated(Weighting):
    """The partners' own weights, unchanged: no scale over all partners, so sums of them are all one needs.

    Examples
    --------
    >>> AsStated()(np.array([[[0.5]], [[0.2]]]), np.array([[[True]], [[False]]])).ravel().tolist()
    [0.5, 0.0]
    """

    @property
    def exponent(self) -> float:
        """1: as stated."""
        return 1.0

    def __call__(self, stated: NDArray[np.float64], spoke: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights, (n_partners, n_compounds, n_endpoints)."""
        return np.where(spoke, stated, 0.0)
