"""No proximity at all: each opinion counts the same."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.proximity import Proximity
from fluidmol.values.parts import Part


@attrs.frozen
class Uniform(Proximity):
    """Weight 1 for each molecule: says nothing about private compounds.

    Examples
    --------
    >>> Uniform()(csr_matrix((2, 4)), csr_matrix((1, 4)), 0).tolist()
    [1.0, 1.0]
    """

    @property
    def fingerprint(self) -> Part:
        """Featuriser of the fingerprint that would be compared."""
        return Part("fcfp")

    def __call__(self, queries: csr_matrix, known: csr_matrix, seed: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Ones, (n_queries,)."""
        return np.ones(queries.shape[0])
