"""The middle opinion by weight."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import Aggregation
from fluidmol.learning.aggregation.claims import capped, normalised
from fluidmol.learning.aggregation.ranks import below_and_at
from fluidmol.learning.aggregation.weighted_mean import WeightedMean

_HALF = 0.5
_CLOSE = 1e-12


@attrs.frozen
class WeightedMedian(Aggregation):
    """The opinion with half of the *weight* on either side; the mean of two where the half falls between them.

    Whoever hold less than half of the weight together can't move a label out of the hull of the others. With weights
    by proximity one partner often holds more than that: only a ``cap`` bounds it then.
    Source: Edgeworth 1888, On a new method of reducing observations, Philosophical Magazine 25.

    Examples
    --------
    >>> opinions = np.array([[[0.0]], [[0.6]], [[0.9]]])
    >>> WeightedMedian()(opinions, np.array([[[1.0]], [[1.0]], [[1.5]]])).tolist()
    [[0.6]]
    """

    cap: float = attrs.field(default=1e6, converter=float, validator=[attrs.validators.ge(1), attrs.validators.le(1e9)])
    """Most that one partner counts in a label, in units of an equal share; the default is no bound."""

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of those in the middle, who alone decide, (n_partners, n_compounds, n_endpoints)."""
        kept = capped(share, self.cap)
        below, at = below_and_at(value, kept)
        middle = (below <= _HALF + _CLOSE) & (below + at >= _HALF - _CLOSE)
        # Each different opinion in the middle counts the same; who share it divide that by their weights.
        return normalised(np.divide(kept, at, out=np.zeros_like(at), where=middle & (at > 0)))

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels, (n_compounds, n_endpoints), in [0, 1]; NaN where no share is above 0."""
        return WeightedMean()(value, self.contribution(value, share))
