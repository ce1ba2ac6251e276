"""The mean of the middle opinions: the lowest and the highest don't count."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import Aggregation
from fluidmol.learning.aggregation.claims import capped, normalised
from fluidmol.learning.aggregation.ranks import below_and_at
from fluidmol.learning.aggregation.weighted_mean import WeightedMean


@attrs.frozen
class TrimmedMean(Aggregation):
    """Weighted mean without the lowest and the highest opinions, a fixed share of the *weight* at either end.

    Who holds no more of the weight than is trimmed can't move a label out of the hull of the others. With weights by
    proximity one partner often holds more than that: only a ``cap`` bounds it then, and costs some of what its
    proximity is worth. Source: Huber 1964, doi 10.1214/aoms/1177703732 (and Yin et al. 2018, ICML, for federations).

    Examples
    --------
    >>> opinions = np.array([[[0.0]], [[0.6]], [[0.7]], [[0.8]], [[0.9]]])
    >>> TrimmedMean()(opinions, np.ones_like(opinions)).round(3).tolist()
    [[0.7]]
    """

    trim: float = attrs.field(
        default=0.2, converter=float, validator=[attrs.validators.ge(0), attrs.validators.lt(0.5)]
    )
    """Share of the weight that is cut at either end, below 0.5."""

    cap: float = attrs.field(default=1e6, converter=float, validator=[attrs.validators.ge(1), attrs.validators.le(1e9)])
    """Most that one partner counts in a label, in units of an equal share; the default is no bound."""

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shares that are left, (n_partners, n_compounds, n_endpoints); equal opinions lose alike."""
        kept = capped(share, self.cap)
        below, at = below_and_at(value, kept)
        inside = np.clip(np.minimum(below + at, 1 - self.trim) - np.maximum(below, self.trim), 0, None)
        return normalised(kept * np.divide(inside, at, out=np.zeros_like(at), where=at > 0))

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels, (n_compounds, n_endpoints), in [0, 1]; NaN where no share is above 0."""
        return WeightedMean()(value, self.contribution(value, share))
