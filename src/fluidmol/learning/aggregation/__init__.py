"""Aggregations: many weighted opinions become one label.

>>> import numpy as np
>>> from fluidmol.values.parts import Part
>>> opinions = np.array([[[0.9]], [[0.1]]])
>>> weights = np.array([[[3.0]], [[1.0]]])
>>> AGGREGATIONS.build(Part("weighted-mean"))(opinions, weights).round(3).tolist()
[[0.7]]
"""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fluidmol.values.parts import Catalogue


class Aggregation(Protocol):
    """Combines opinions by weights, and says who really shaped the result."""

    is_mean: ClassVar[bool] = False
    """Whether it is the weighted arithmetic mean, and nothing else."""

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Combine probabilities, both (n_partners, n_compounds, n_endpoints), to (n_compounds, n_endpoints).

        Shares need not sum to 1; a share of 0 leaves the opinion out. Where all are 0 the result is NaN.
        """

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each opinion in the label, (n_partners, n_compounds, n_endpoints).

        They sum to 1 over partners, and to 0 where all shares are 0. A robust aggregation gives other shares than it
        was given: 0 for an opinion that it set aside.
        """

    def trust(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute how far each partner is believed, (n_partners, n_endpoints), in [0, 1]: all that is learnt of it."""
        return np.ones((len(value), share.shape[2]))

    def of_one_molecule(self) -> Aggregation:
        """Return the aggregation that combines trusted opinions of a molecule without looking at any other."""
        return self


AGGREGATIONS: Catalogue[Aggregation] = Catalogue(
    "aggregation",
    {
        "log-odds": "fluidmol.learning.aggregation.log_odds:LogOdds",
        "reliability": "fluidmol.learning.aggregation.reliability:Reliability",
        "trimmed-mean": "fluidmol.learning.aggregation.trimmed_mean:TrimmedMean",
        "weighted-mean": "fluidmol.learning.aggregation.weighted_mean:WeightedMean",
        "weighted-median": "fluidmol.learning.aggregation.weighted_median:WeightedMedian",
    },
)
"""Aggregations by name."""
