"""Weightings: how much each partner's opinion of each molecule counts, decided at the coordinator.

Kept apart from aggregation, which says what to do with weighted opinions.

>>> from fluidmol.values.parts import Part
>>> WEIGHTINGS.build(Part("as-stated"))
AsStated()
"""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fluidmol.values.parts import Catalogue


class Weighting(Protocol):
    """Turns stated weights into weights that count."""

    over_all_molecules: ClassVar[bool] = False
    """Whether the weight of a molecule depends on which others are asked about."""

    @property
    def exponent(self) -> float | None:
        """Power that each stated weight is raised to by itself; None if weights are made in another way."""
        return None

    def __call__(self, stated: NDArray[np.float64], spoke: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights of 0 or more, (n_partners, n_compounds, n_endpoints); 0 where a partner abstained."""


WEIGHTINGS: Catalogue[Weighting] = Catalogue(
    "weighting",
    {
        "as-stated": "fluidmol.learning.weighting.as_stated:AsStated",
        "powered": "fluidmol.learning.weighting.powered:Powered",
        "resemblance": "fluidmol.learning.weighting.resemblance:ResemblanceWeighting",
        "rescaled": "fluidmol.learning.weighting.rescaled:Rescaled",
    },
)
"""Weightings by name."""
