"""A public tiling of chemical space: which tile a molecule lies in."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.pool.ordering import PoolOrder
from fluidmol.chem.similarity import Packed, nearest_rows

LANDMARKS = 2048
"""Molecules around which tiles lie, at most."""

SURROUNDINGS = 200
"""Molecules of the pool a landmark, at least: of a small pool each molecule would be a tile of its own."""

BINS = (("heavy atoms", 4.0), ("logP", 1.0), ("TPSA", 20.0))
"""Properties that divide the surroundings of a landmark, and the width of their bins."""

_MOST = 1 << 12


@attrs.frozen(eq=False)
class PoolTiling:
    """Tiles: the molecules nearest to one landmark, divided by size, lipophilicity and polar surface.

    Landmarks are molecules of the pool whose skeletons have the smallest hashes: no seed, file or partner decides.
    """

    landmarks: Packed = attrs.field(repr=False)
    """ECFP4 fingerprints, (n_landmarks, 32)."""

    @classmethod
    def of(cls, order: PoolOrder) -> PoolTiling:
        """Lay the tiling of a pool."""
        n = min(LANDMARKS, -(-len(order) // SURROUNDINGS))
        rows = np.argpartition(order.skeletons, n - 1)[:n] if n else np.empty(0, np.int64)
        rows = rows[np.argsort(order.skeletons[rows])]
        return cls(order.read(rows, ("bits",))["bits"])

    def tiles(self, bits: Packed, properties: dict[str, Any]) -> NDArray[np.int64]:
        """Return each molecule's tile, (n,).

        Parameters
        ----------
        bits : (n, 32) uint64
        properties : mapping of str to (n,) float32
            Those of :data:`BINS`.
        """
        tile = nearest_rows(bits, self.landmarks, 1)[1][:, 0].astype(np.int64)
        for name, width in BINS:
            binned = np.floor(properties[name] / width).astype(np.int64) + _MOST // 2
            tile = tile * _MOST + np.clip(binned, 0, _MOST - 1)
        return tile
