"""Representations: public maps from features to short rows, and those who make them, chosen by name.

A maker learns from public molecules only: the transfer set, and perhaps public tables. What it makes is a value
(:class:`fluidmol.values.representation.Representation`) that names its sources.

>>> from fluidmol.values.parts import Part
>>> MAKERS.build(Part("principal", {"directions": 64})).featuriser
Part(name='additive', options=(('bits', 2048),))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

from fluidmol.values.parts import Catalogue, Part
from fluidmol.values.representation import Branch

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from fluidmol.chem.representation.labelled_tables import PublicTables

Note = Callable[[str], None]
"""Is told, in words, what was done."""


class Maker(Protocol):
    """Makes branches from public molecules."""

    reads_tables: ClassVar[bool]
    """Whether it learns from labelled tables as well."""

    @property
    def featuriser(self) -> Part:
        """Featuriser of the molecules."""

    def __call__(self, transfer: csr_matrix, tables: PublicTables | None, note: Note) -> tuple[Branch, ...]:
        """Learn from features of the transfer set, (n_compounds, n_columns), and from tables."""


MAKERS: Catalogue[Maker] = Catalogue(
    "maker",
    {
        "endpoints": "fluidmol.chem.representation.endpoints:Endpoints",
        "principal": "fluidmol.chem.representation.principal:Principal",
    },
)
"""Makers by name."""
