"""The paper's scale: the nearest molecule of all partners counts 1, the farthest 0."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.weighting import Weighting


@attrs.frozen
class Rescaled(Weighting):
    """Proximities stretched to [0, 1] over all partners and molecules, then raised to a power.

    The coordinator must see all partners' raw proximities for it (flaw 6 in the method).
    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.

    Examples
    --------
    >>> Rescaled()(np.array([[[0.5, 0.6]], [[0.7, 0.9]]]), np.ones((2, 1, 2), bool)).round(4).ravel().tolist()
    [0.0, 0.0625, 0.25, 1.0]
    """

    over_all_molecules: ClassVar[bool] = True
    """The weight of a molecule depends on which others are asked about."""

    power: float = attrs.field(
        default=2.0, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(100)]
    )
    """Exponent after rescaling, at most 100."""

    def __call__(self, stated: NDArray[np.float64], spoke: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights, (n_partners, n_compounds, n_endpoints)."""
        if not spoke.any():
            return np.zeros_like(stated)
        low, high = stated[spoke].min(), stated[spoke].max()
        if high <= low:
            return np.where(spoke, 1.0, 0.0)
        return np.where(spoke, np.clip((stated - low) / (high - low), 0, 1) ** self.power, 0.0)
