"""The paper's distance, as a proximity."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.proximity import Proximity
from fluidmol.chem.similarity import nearest_euclidean, pack_bits
from fluidmol.values.parts import Part


@attrs.frozen
class EuclideanNeighbours(Proximity):
    """One minus the mean Euclidean distance to the k nearest of a random part of the compounds.

    Distances are divided by the largest that there can be, the root of the number of bits. This only shifts and
    scales them: the coordinator's rescaling over all partners (``rescaled``) gives the paper's weights, but for the
    rounding at the gate.
    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.

    Examples
    --------
    >>> known = csr_matrix(([1.0], ([0], [0])), shape=(1, 4))
    >>> EuclideanNeighbours(neighbours=1, reference_fraction=1.0)(csr_matrix((1, 4)), known, 0).tolist()
    [0.5]
    """

    neighbours: int = attrs.field(default=8, validator=[attrs.validators.ge(1), attrs.validators.le(200)])
    """Nearest compounds that are averaged over, at most 200."""

    reference_fraction: float = attrs.field(
        default=0.2, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(1)]
    )
    """Share of the compounds, drawn at random, that queries are compared with."""

    bits: int = attrs.field(default=2048, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 14)])
    """Width of the FCFP (radius 2) that is compared, from 64 to 16 384."""

    @property
    def fingerprint(self) -> Part:
        """Featuriser of the binary fingerprint that is compared."""
        return Part("fcfp", {"radius": 2, "bits": self.bits})

    @property
    def averages_over(self) -> int:
        """How many compounds it is a mean over."""
        return self.neighbours

    def __call__(self, queries: csr_matrix, known: csr_matrix, seed: int) -> NDArray[np.float64]:
        """Proximity of each query, (n_queries,), in [0, 1]."""
        n_known = known.shape[0]
        # At least as many as neighbours, or a small partner's distances would be averages over fewer.
        size = min(n_known, max(self.neighbours, round(self.reference_fraction * n_known)))
        drawn = np.random.default_rng(seed).choice(n_known, size=size, replace=False)
        distance = nearest_euclidean(pack_bits(queries), pack_bits(known[np.sort(drawn)]), self.neighbours)
        return np.asarray(1.0 - distance.mean(axis=1, dtype=np.float64) / np.sqrt(queries.shape[1]))
