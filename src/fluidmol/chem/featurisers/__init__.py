"""Featurisers: molecules to sparse rows of numbers, chosen by name in the charter.

A featuriser is one or more *blocks* side by side; a block computes one kind of feature. Blocks are
computed once a set of compounds and shared between featurisers (:mod:`fluidmol.chem.features`). One has none:
``directions`` maps the features of another as a whole (:mod:`fluidmol.chem.representation`).

>>> from fluidmol.values.parts import Part
>>> [block.width for block in FEATURISERS.build(Part("combined")).blocks]
[2048, 2048, 17]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fluidmol.values.parts import Catalogue

SparseRow = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Columns that aren't zero, ascending, and their values."""


def counted(found: Mapping[int, int]) -> SparseRow:
    """Turn counts by column, as RDKit gives them, into a row.

    Examples
    --------
    >>> counted({7: 1, 3: 2})
    (array([3, 7], dtype=int32), array([2., 1.], dtype=float32))
    """
    columns = sorted(found)
    return np.array(columns, dtype=np.int32), np.array([found[column] for column in columns], dtype=np.float32)


class Block(Protocol):
    """One kind of feature; hashable, so that its results can be shared."""

    @property
    def width(self) -> int:
        """Number of columns."""

    def row(self, molecule: Any) -> SparseRow:
        """Features of one RDKit molecule."""


@runtime_checkable
class BulkBlock(Block, Protocol):
    """A block that takes less time for several molecules together."""

    def rows(self, molecules: Sequence[Any]) -> list[SparseRow]:
        """Features of some RDKit molecules, each as :meth:`row` computes them."""


class Featuriser(Protocol):
    """Blocks side by side, or rows of a representation."""

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks, from left to right; none for rows of a representation."""

    @property
    def representation(self) -> str | None:
        """Digest of the representation whose rows it makes; None: its rows are made of blocks."""
        return None


FEATURISERS: Catalogue[Featuriser] = Catalogue(
    "featuriser",
    {
        "additive": "fluidmol.chem.featurisers.additive:Additive",
        "combined": "fluidmol.chem.featurisers.combined:Combined",
        "descriptor-steps": "fluidmol.chem.featurisers.steps:DescriptorSteps",
        "descriptors": "fluidmol.chem.featurisers.descriptors:Descriptors",
        "directions": "fluidmol.chem.featurisers.directions:Directions",
        "ecfp-counts": "fluidmol.chem.featurisers.morgan:EcfpCounts",
        "fcfp": "fluidmol.chem.featurisers.morgan:Fcfp",
        "feature-pairs": "fluidmol.chem.featurisers.paths:FeaturePairs",
        "torsions": "fluidmol.chem.featurisers.paths:Torsions",
    },
)
"""Featurisers by name."""
