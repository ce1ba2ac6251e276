"""The mean opinion."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import Aggregation
from fluidmol.learning.aggregation.claims import normalised


@attrs.frozen
class WeightedMean(Aggregation):
    """Weighted arithmetic mean of the probabilities.

    Examples
    --------
    >>> WeightedMean()(np.array([[[1.0]], [[0.0]]]), np.array([[[1.0]], [[3.0]]])).tolist()
    [[0.25]]
    """

    is_mean: ClassVar[bool] = True
    """It is."""

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ARG002
        """Shares as they are, (n_partners, n_compounds, n_endpoints), scaled to a sum of 1."""
        return normalised(share)

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels, (n_compounds, n_endpoints), in [0, 1]; NaN where no share is above 0."""
        total = share.sum(axis=0)
        summed = (np.where(share > 0, value, 0.0) * share).sum(axis=0)
        mean = np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0)
        return np.asarray(np.clip(mean, 0.0, 1.0))
