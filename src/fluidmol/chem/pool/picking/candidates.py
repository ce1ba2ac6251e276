"""What RDKit's pickers are given."""

from __future__ import annotations

from typing import Any

from rdkit import DataStructs

from fluidmol.chem.similarity import Packed
from fluidmol.errors import UsageError


def bit_vectors(rows: Packed) -> list[Any]:
    """Turn packed rows into RDKit's bit vectors.

    Examples
    --------
    >>> import numpy as np
    >>> [list(vector.GetOnBits()) for vector in bit_vectors(np.array([[5] + [0] * 31], dtype=np.uint64))]
    [[0, 2]]
    """
    return [DataStructs.CreateFromBinaryText(row.astype("<u8").tobytes()) for row in rows]


def check_size(n_pool: int, size: int, candidates: int) -> int:
    """Return how many molecules are looked at.

    Raises
    ------
    UsageError
        If more are asked for than are looked at.
    """
    n = min(n_pool, candidates)
    if size > n:
        raise UsageError(
            f"{size:,} molecules are asked for, and this method looks at {n:,}",
            hint="Give more candidates, which takes longer, or choose tiling, which takes any number.",
        )
    return n
