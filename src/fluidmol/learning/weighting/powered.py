"""Stated weights to a power: the nearest teacher decides nearly alone."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.weighting import Weighting


@attrs.frozen
class Powered(Weighting):
    """Each weight raised to a power by itself: no scale over all partners.

    The power is taken after the partners' gates have rounded: were it taken before, four decimals would turn a
    similarity of 0.18 to the sixth power into nothing.

    Examples
    --------
    >>> Powered(power=2)(np.array([[[0.5]], [[0.1]]]), np.ones((2, 1, 1), bool)).round(2).ravel().tolist()
    [0.25, 0.01]
    """

    power: float = attrs.field(
        default=6.0, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(100)]
    )
    """Exponent, at most 100: the larger, the more the nearest teacher decides alone."""

    @property
    def exponent(self) -> float:
        """The power."""
        return self.power

    def __call__(self, stated: NDArray[np.float64], spoke: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights, (n_partners, n_compounds, n_endpoints)."""
        return np.where(spoke, stated**self.power, 0.0)
