"""A random draw."""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.chem.pool.picking import Picker


@attrs.frozen
class RandomDraw(Picker):
    """The first molecules of the pool's order: those whose skeletons draw the smallest numbers under the seed."""

    def __call__(self, pool: Pool, size: int) -> Places:  # noqa: ARG002
        """Pick places in the pool's order, (size,)."""
        return np.arange(size, dtype=np.int64)
