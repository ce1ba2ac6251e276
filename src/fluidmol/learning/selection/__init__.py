"""Selections: which labelled transfer molecules students and hybrids learn from.

>>> import numpy as np
>>> from scipy.sparse import csr_matrix
>>> from fluidmol.values.parts import Part
>>> labels = np.array([0.9, 0.1, 0.2, np.nan])
>>> SELECTIONS.build(Part("all"))(labels, csr_matrix((4, 8)), np.random.default_rng(1)).tolist()
[0, 1, 2]
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.table_rows import FeatureTable
from fluidmol.values.parts import Catalogue


class Selection(Protocol):
    """Chooses rows of the transfer set."""

    @property
    def hard(self) -> bool:
        """Whether the chosen labels are rounded to classes."""

    @property
    def of_classes(self) -> bool:
        """Whether it means something for classes only, and not for a regression's values."""
        return self.hard

    def __call__(
        self, label: NDArray[np.float64], features: FeatureTable, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending, each once; never one without a label (NaN)."""


SELECTIONS: Catalogue[Selection] = Catalogue(
    "selection",
    {
        "all": "fluidmol.learning.selection.all:All",
        "balanced": "fluidmol.learning.selection.balanced:Balanced",
        "confident": "fluidmol.learning.selection.confident:Confident",
        "confident-diverse": "fluidmol.learning.selection.confident_diverse:ConfidentDiverse",
        "least-confident": "fluidmol.learning.selection.least_confident:LeastConfident",
        "random": "fluidmol.learning.selection.random:Random",
    },
)
"""Selections by name."""
