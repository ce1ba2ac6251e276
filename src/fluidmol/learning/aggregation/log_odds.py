"""The mean log-odds: a confident opinion moves the label further than a hesitant one."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import Aggregation
from fluidmol.learning.aggregation.claims import normalised
from fluidmol.learning.aggregation.weighted_mean import WeightedMean


@attrs.frozen
class LogOdds(Aggregation):
    """Weighted mean of the log-odds, also called logarithmic opinion pool.

    Source: Genest and Zidek 1986, doi 10.1214/ss/1177013825.

    Examples
    --------
    >>> opinions = np.array([[[0.99]], [[0.4]]])
    >>> LogOdds()(opinions, np.ones_like(opinions)).round(2).tolist()
    [[0.89]]
    """

    limit: float = attrs.field(
        default=0.01, converter=float, validator=[attrs.validators.gt(0), attrs.validators.lt(0.5)]
    )
    """Opinions are drawn back to [limit, 1 - limit], so that no single one decides alone."""

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ARG002
        """Shares as they are, (n_partners, n_compounds, n_endpoints), scaled to a sum of 1."""
        return normalised(share)

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels, (n_compounds, n_endpoints), in [0, 1]; NaN where no share is above 0."""
        bounded = np.clip(value, self.limit, 1 - self.limit)
        odds = np.log(bounded / (1 - bounded))
        # The mean of log-odds is a mean of numbers outside of [0, 1]: shift them there and back.
        span = np.log((1 - self.limit) / self.limit)
        mean = WeightedMean()((odds + span) / (2 * span), share) * 2 * span - span
        return np.asarray(1 / (1 + np.exp(-mean)))
