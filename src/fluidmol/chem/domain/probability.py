"""Class-probability domain: where the model itself is sure."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain import DomainRecipe
from fluidmol.values.compounds import CompoundSet


@attrs.frozen
class ProbabilityDomain:
    """Molecules whose predicted probability is far enough from one half.

    It asks how sure the model is, not how near the molecule is; of the measures compared by Klingspohn et al., class
    probabilities told right from wrong predictions best.
    Source: Klingspohn et al. 2017, doi 10.1186/s13321-017-0230-2.

    Examples
    --------
    >>> ProbabilityDomain(margin=0.25).covers(None, np.array([0.1, 0.6, 0.8])).tolist()
    [True, False, True]
    """

    margin: float = attrs.field(
        default=0.25, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(0.5)]
    )
    """Least distance from one half that is inside, in [0, 0.5]."""

    def score(self, compounds: object, probability: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ARG002
        """Distance of each probability from one half, (n_compounds,), in [0, 0.5]; the compounds aren't used."""
        return np.asarray(np.abs(probability - 0.5), dtype=np.float64)

    def covers(self, compounds: object, probability: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the model is sure of each molecule, (n_compounds,); the compounds aren't used."""
        return np.asarray(self.score(compounds, probability) >= self.margin)


@attrs.frozen
class Probability(DomainRecipe):
    """Recipe of a :class:`ProbabilityDomain`.

    Examples
    --------
    >>> Probability(margin=0.1).fit(CompoundSet((), ()))
    ProbabilityDomain(margin=0.1)
    """

    margin: float = attrs.field(
        default=0.25, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(0.5)]
    )
    """Least distance from one half that is inside, in [0, 0.5]."""

    def fit(self, compounds: CompoundSet) -> ProbabilityDomain:  # noqa: ARG002
        """Give the domain; the margin is agreed beforehand, the compounds aren't used."""
        return ProbabilityDomain(self.margin)
