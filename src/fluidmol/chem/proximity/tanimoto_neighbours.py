"""Mean Tanimoto similarity to the nearest private compounds."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.proximity import Proximity
from fluidmol.chem.similarity import nearest_tanimoto, pack_bits
from fluidmol.values.parts import Part


@attrs.frozen
class TanimotoNeighbours(Proximity):
    """Mean Tanimoto similarity to the k nearest compounds.

    Examples
    --------
    >>> known = csr_matrix([[1, 1, 0, 0]])
    >>> TanimotoNeighbours(neighbours=1)(csr_matrix([[1, 1, 0, 0], [1, 0, 0, 0]]), known, 0).tolist()
    [1.0, 0.5]
    """

    neighbours: int = attrs.field(default=8, validator=[attrs.validators.ge(1), attrs.validators.le(200)])
    """Nearest compounds that are averaged over, at most 200."""

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

    def __call__(self, queries: csr_matrix, known: csr_matrix, seed: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Proximity of each query, (n_queries,), in [0, 1]; the seed isn't used."""
        similarity = nearest_tanimoto(pack_bits(queries), pack_bits(known), self.neighbours)
        return np.asarray(similarity.mean(axis=1, dtype=np.float64))
