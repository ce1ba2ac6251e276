"""The default features: what a group does, where it stands, and what the whole molecule is like."""

from __future__ import annotations

import attrs

from fluidmol.chem.featurisers import Block, Featuriser
from fluidmol.chem.featurisers.descriptors import Descriptors
from fluidmol.chem.featurisers.morgan import EcfpCounts, Fcfp


@attrs.frozen
class Combined(Featuriser):
    """FCFP bits, ECFP counts and descriptors side by side.

    Examples
    --------
    >>> Combined(bits=1024).blocks[0]
    Fcfp(radius=2, bits=1024)
    """

    radius: int = attrs.field(default=2, validator=[attrs.validators.ge(0), attrs.validators.le(6)])
    """Radius of both fingerprints, in bonds."""

    bits: int = attrs.field(default=2048, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 16)])
    """Width of each fingerprint."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Bits, counts, descriptors."""
        return (Fcfp(self.radius, self.bits), EcfpCounts(self.radius, self.bits), Descriptors())
