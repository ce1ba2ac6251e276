"""Proximity: how close a public molecule is to what a teacher knows, computed inside the partner.

The result is in [0, 1] and on a scale that is public and fixed, so that it needs nothing from other partners.
It is a statement about private compounds all the same (flaw 6 in the method): the gate and the audit bound it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.values.parts import Catalogue, Part

OfSum = Callable[[NDArray[np.float64], NDArray[np.float32]], NDArray[np.float64]]
"""From a sum of rows, (n_columns,), and queries, (n_queries, n_columns), to proximities, (n_queries,), in [0, 1]."""


class Proximity(Protocol):
    """A way to say how near molecules are to known ones."""

    @property
    def fingerprint(self) -> Part | None:
        """Featuriser of what is compared; None: the charter's own features."""

    @property
    def averages_over(self) -> int | None:
        """How many single known molecules it is a mean over: the fewer, the more it tells of each. None: it isn't."""
        return None

    @property
    def of_sum(self) -> OfSum | None:
        """The proximity from the sum of all known rows alone, as private as that sum; None if it needs single rows."""
        return None

    def __call__(self, queries: csr_matrix, known: csr_matrix, seed: int) -> NDArray[np.float64]:
        """Proximity of each query, (n_queries,), in [0, 1]."""


PROXIMITIES: Catalogue[Proximity] = Catalogue(
    "proximity",
    {
        "euclidean-neighbours": "fluidmol.chem.proximity.euclidean_neighbours:EuclideanNeighbours",
        "resemblance": "fluidmol.chem.proximity.resemblance:Resemblance",
        "tanimoto-neighbours": "fluidmol.chem.proximity.tanimoto_neighbours:TanimotoNeighbours",
        "uniform": "fluidmol.chem.proximity.uniform:Uniform",
    },
)
"""Proximities by name."""
