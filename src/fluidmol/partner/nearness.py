"""How near molecules are to a partner's compounds."""

from __future__ import annotations

import attrs
from numpy import float64
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


def compared(charter: Charter) -> Part:
    """Name the featuriser of what the charter's proximity compares: one of its own, or else the charter's.

    Raises
    ------
    CharterError
        If the charter names an unknown proximity.

    Examples
    --------
    >>> compared(Charter.from_preset("open")).name
    'fcfp'
    """
    return PROXIMITIES.build(charter.proximity).fingerprint or charter.featuriser


@attrs.frozen(eq=False)
class Nearness:
    """The charter's proximity to a partner's compounds, whatever model speaks of them."""

    charter: Charter = attrs.field(repr=False)
    """Names the proximity."""

    known: csr_matrix = attrs.field(repr=False)
    """What the proximity compares of the partner's compounds. It never leaves."""

    seed: int = attrs.field(repr=False)
    """Of the proximity's draws."""

    @classmethod
    def of(cls, assay: Assay, charter: Charter, name: str) -> Nearness:
        """Remember the compounds; seeds derive from the partner's name.

        Raises
        ------
        CharterError
            If the charter names an unknown proximity.
        """
        known = features(assay.compounds, compared(charter))
        return cls(charter, known, derive_seed(derive_seed(charter.seed, "teacher", name), "proximity"))

    def __call__(self, compounds: CompoundSet) -> NDArray[float64]:
        """Proximity of each compound, (n_compounds,), in [0, 1]."""
        proximity = PROXIMITIES.build(self.charter.proximity)
        return proximity(features(compounds, compared(self.charter)), self.known, self.seed)
