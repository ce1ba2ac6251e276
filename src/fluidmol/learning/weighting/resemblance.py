"""The share of a molecule's resemblance to what each teacher knows."""

from __future__ import annotations

import attrs
import numpy as np
from attrs import validators
from numpy.typing import NDArray

from fluidmol.learning.weighting import Weighting

LEAST = np.exp(-2.0)
"""What a stated weight is at least; less, and nothing, count as this."""


@attrs.frozen
class ResemblanceWeighting(Weighting):
    """Undoes the logarithmic scale of the proximity ``resemblance``: weights are (offset + resemblance)^power.

    Resemblance is scale * (ln(stated) + 1), and what is negative counts as 0. No partner counts for nothing, and
    nobody's weight depends on the others'.

    Examples
    --------
    >>> stated = np.exp(np.array([[[7 / 2000 - 1]], [[-7 / 2000 - 1]], [[0]]]))
    >>> ResemblanceWeighting()(stated, np.array([[[True]], [[True]], [[False]]])).round(6).ravel().tolist()
    [100.0, 9.0, 0.0]
    """

    scale: float = attrs.field(default=2000.0, converter=float, validator=[validators.gt(0), validators.le(1e9)])
    """That of the proximity."""

    offset: float = attrs.field(default=3.0, converter=float, validator=[validators.gt(0), validators.le(1e9)])
    """What each partner has at least, whatever its compounds."""

    power: float = attrs.field(default=2.0, converter=float, validator=[validators.gt(0), validators.le(10)])
    """Exponent, at most 10."""

    def __call__(self, stated: NDArray[np.float64], spoke: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights, (n_partners, n_compounds, n_endpoints)."""
        found = self.scale * (np.log(np.maximum(np.where(spoke, stated, LEAST), LEAST)) + 1)
        return np.where(spoke, (self.offset + np.maximum(found, 0)) ** self.power, 0.0)
