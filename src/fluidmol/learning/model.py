"""What predicts: fitted estimators, teachers, students and hybrids have one protocol.

They differ in what they read, which is the protocol's parameter: ``Model[csr_matrix]`` reads features,
``Model[Sequence[str]]`` reads SMILES, and ``Model[CompoundSet]`` is asked about molecules.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Rows_contra = TypeVar("Rows_contra", contravariant=True)


class Model(Protocol[Rows_contra]):
    """A fitted model of one endpoint."""

    def predict(self, rows: Rows_contra, /) -> Floats:
        """Predict the probability of the active class, (n_rows,), in [0, 1]."""
