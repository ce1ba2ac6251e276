"""Reliability: whoever contradicts the others where it claims to know counts less."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import Aggregation
from fluidmol.learning.aggregation.claims import budget_scale, capped, normalised
from fluidmol.learning.aggregation.weighted_mean import WeightedMean
from fluidmol.learning.reliability import reliabilities

_BRAZEN = 0.01
"""Who must be scaled down below this to keep its budget claims what no honest proximity does, and is scaled further."""

_NEVER_QUITE_NOTHING = 1e-6
"""A label is made even where only unreliable partners speak; elsewhere they shift it by a millionth."""


@attrs.frozen
class Reliability(Aggregation):
    """Weighted mean of the opinions, each partner's weights multiplied by its estimated reliability.

    The reliability is one number a partner (:func:`fluidmol.learning.reliability.reliabilities`), estimated over the
    whole transfer set. It bounds a malicious minority, also one that colludes or claims to know everything; it sees no
    lie about a few molecules, which only ``cap`` bounds. Budget and cap count in units of an equal share.

    Examples
    --------
    >>> truth = np.linspace(0, 1, 200)[:, None]
    >>> opinions = np.stack([truth, truth**2, np.sqrt(truth), 0.1 + 0.8 * truth, 1 - truth])
    >>> label = Reliability()(opinions, np.ones_like(opinions))
    >>> float(np.corrcoef(label[:, 0], truth[:, 0])[0, 1]) > 0.99
    True
    """

    enough: float = attrs.field(
        default=0.25, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(100)]
    )
    """Share of the typical agreement that a partner must reach to be believed."""

    budget: float = attrs.field(
        default=2.0, converter=float, validator=[attrs.validators.ge(1), attrs.validators.le(1e9)]
    )
    """Most that one partner may claim on average over all molecules; much more than that is no longer believed."""

    cap: float = attrs.field(default=6.0, converter=float, validator=[attrs.validators.ge(1), attrs.validators.le(1e9)])
    """Most that one partner may claim of a single label."""

    def contribution(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each partner after all, (n_partners, n_compounds, n_endpoints)."""
        claimed = normalised(share * self._unit(share)[:, None, :])
        believed = np.maximum(self._reliability(value, claimed), _NEVER_QUITE_NOTHING)[:, None, :]
        # An equal share is one among those who are believed: a liar in the room doesn't lower the cap of the others.
        return capped(claimed * believed, self.cap, ((share > 0) * believed).sum(axis=0))

    def trust(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Factors of each partner's weights, (n_partners, n_endpoints), in [0, 1]: all that is learnt of it.

        They are its reliability times the unit of weights that keeps it within its budget.
        """
        unit = self._unit(share)
        return self._reliability(value, normalised(share * unit[:, None, :])) * unit

    def of_one_molecule(self) -> WeightedMean:
        """Return the weighted mean: what is learnt over all molecules is the trust."""
        return WeightedMean()

    def _unit(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        scale = budget_scale(share, self.budget)
        return np.asarray(scale * np.minimum(scale / _BRAZEN, 1.0) ** 2)

    def _reliability(self, value: NDArray[np.float64], claimed: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack(
            [reliabilities(value[..., e], claimed[..., e], self.enough) for e in range(value.shape[2])], axis=-1
        )

    def __call__(self, value: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels, (n_compounds, n_endpoints), in [0, 1]; NaN where no share is above 0."""
        return WeightedMean()(value, self.contribution(value, share))
