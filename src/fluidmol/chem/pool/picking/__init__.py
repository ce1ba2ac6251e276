"""How molecules are picked from a pool: one file a method.

A pool is in a random order of its seed; a method that is indifferent between two molecules takes the earlier one.
"""

from __future__ import annotations

from typing import Protocol

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.values.parts import Catalogue


class Picker(Protocol):
    """A way to pick molecules."""

    @property
    def needs_sets(self) -> bool:
        """Whether it picks by how near molecules are to given sets, so that there must be some."""
        return False

    def __call__(self, pool: Pool, size: int) -> Places:
        """Pick places in the pool's order, (size,); fewer where the method finds no more. ``size`` fits the pool."""


PICKERS: Catalogue[Picker] = Catalogue(
    "method",
    {
        "maxmin": "fluidmol.chem.pool.picking.maxmin:MaxMin",
        "near": "fluidmol.chem.pool.picking.near_sets:NearSets",
        "random": "fluidmol.chem.pool.picking.random_draw:RandomDraw",
        "sphere-exclusion": "fluidmol.chem.pool.picking.sphere_exclusion:SphereExclusion",
        "tiling": "fluidmol.chem.pool.picking.even_tiling:EvenTiling",
    },
)
"""Methods by name."""
