"""The stated rule of the synthetic endpoint.

The latent potency of a molecule, in log units, is the sum of

- 1.6 times the larger basicity of the substituents a and b (:attr:`Substituent.base`, 0 to 1),
- 0.8 where one of a and b is basic and the other is lipophilic,
- -1.5 where a or b is an acid,
- 0.35 times (Crippen logP - 3), logP clipped to [0, 6],
- 0.25 times (aromatic rings - 2),
- -0.012 times (TPSA / Å² - 60),
- the contribution of a and that of b, one number for each substituent, drawn from N(0, 0.6),
- the contribution of the scaffold, drawn from N(0, 0.4),
- noise, drawn from N(0, 0.4) for each molecule.

A molecule is active where its latent potency is at or above the 60th percentile of the labelled source, so that
40 % of the source are active.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.studies.synthetic_chemistry import SUBSTITUENTS
from fluidmol.studies.synthetic_molecules import ALL_SCAFFOLDS, Molecule

ACTIVE_SHARE = 0.4
"""Share of active molecules in the labelled source."""

NOISE = 0.4
"""Standard deviation of the noise, log units."""


@attrs.frozen(eq=False)
class LatentPotency:
    """Latent potency, with contributions that were drawn once.

    Examples
    --------
    >>> LatentPotency.drawn(np.random.default_rng(0)).substituent.shape
    (57,)
    """

    scaffold: NDArray[np.float64]
    """Contribution of each scaffold, log units."""

    substituent: NDArray[np.float64]
    """Contribution of each substituent, log units."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> LatentPotency:
        """Draw the contributions."""
        return cls(rng.normal(0, 0.4, len(ALL_SCAFFOLDS)), rng.normal(0, 0.6, len(SUBSTITUENTS)))

    def noiseless(self, molecule: Molecule) -> float:
        """Give the latent potency without its noise, log units."""
        scaffold, a, b, _ = molecule.pick
        head, tail = molecule.substituents
        paired = (head.base > 0 and tail.lipophilic) or (tail.base > 0 and head.lipophilic)
        return float(
            1.6 * max(head.base, tail.base)
            + 0.8 * paired
            - 1.5 * ("acid" in (head.kind, tail.kind))
            + 0.35 * (min(max(molecule.logp, 0.0), 6.0) - 3)
            + 0.25 * (molecule.rings - 2)
            - 0.012 * (molecule.tpsa - 60)
            + self.substituent[a]
            + self.substituent[b]
            + self.scaffold[scaffold]
        )

    def latent(self, molecules: Sequence[Molecule], rng: np.random.Generator) -> NDArray[np.float64]:
        """Give latent potencies with noise, (n_molecules,), log units."""
        clean = np.array([self.noiseless(molecule) for molecule in molecules])
        return clean + rng.normal(0, NOISE, len(molecules))


def cut_of(latent: NDArray[np.float64]) -> float:
    """Give the latent potency at and above which a molecule is active.

    Examples
    --------
    >>> cut_of(np.arange(10.0))
    6.0
    """
    return float(np.sort(latent)[min(len(latent) - 1, round((1 - ACTIVE_SHARE) * len(latent)))])
