"""Features for models that add up: what a linear model needs to be as good as trees."""

from __future__ import annotations

import attrs

from fluidmol.chem.featurisers import Block, Featuriser
from fluidmol.chem.featurisers.morgan import EcfpCounts, Fcfp
from fluidmol.chem.featurisers.paths import FeaturePairs, Torsions
from fluidmol.chem.featurisers.steps import DescriptorSteps


@attrs.frozen
class Additive(Featuriser):
    """FCFP bits, ECFP counts, pairs of features, torsions (all counts as logarithms) and descriptors as steps.

    All columns are on public, fixed scales: a linear model of them can be told from its answers alone, which is what
    makes it so easy a teacher to learn from.

    Examples
    --------
    >>> [block.width for block in Additive(bits=1024).blocks]
    [1024, 1024, 512, 512, 176]
    """

    bits: int = attrs.field(default=2048, validator=[attrs.validators.ge(128), attrs.validators.le(1 << 16)])
    """Width of each circular fingerprint; pairs and torsions have half of it."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """From atoms to the whole molecule."""
        half = self.bits // 2
        return (
            Fcfp(2, self.bits),
            EcfpCounts(3, self.bits, log=True),
            FeaturePairs(half),
            Torsions(half),
            DescriptorSteps(),
        )
