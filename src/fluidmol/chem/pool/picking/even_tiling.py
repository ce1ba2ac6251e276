"""Evenly over the tiles of the public tiling."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.chem.pool.picking import Picker


@attrs.frozen
class EvenTiling(Picker):
    """One molecule of each occupied tile, then a second one of each that has two, and so on.

    Of the last round as many as are needed, at random: no tile has two more than one that isn't used up.
    """

    def __call__(self, pool: Pool, size: int) -> Places:
        """Pick places in the pool's order, (size,)."""
        turns = rounds(pool.tiles)
        return np.sort(np.argsort(turns, kind="stable")[:size]).astype(np.int64)


def rounds(tiles: NDArray[np.int64]) -> Places:
    """Count off the molecules of each tile from 0, in their order.

    Examples
    --------
    >>> rounds(np.array([7, 3, 7, 7, 3])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(tiles, kind="stable")
    ordered = tiles[order]
    is_first = np.ones(len(tiles), np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = np.maximum.accumulate(np.where(is_first, np.arange(len(tiles)), 0))
    found = np.empty(len(tiles), np.int64)
    found[order] = np.arange(len(tiles)) - starts
    return found
