"""A set of molecules piece by piece, so that what is computed of a million of them is never in memory at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.values.compounds import CompoundSet

PIECE = 25_000
"""Molecules of one piece: features of so many take some 100 MB, and computing them some ten seconds on two cores."""


class Pieces(Protocol):
    """Molecules in a fixed order, cut into pieces; each piece is there when it is asked for."""

    @property
    def digest(self) -> str:
        """Of all molecules in their order: what a charter names."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Molecules of each piece, (n_pieces,)."""

    def name(self, place: int) -> str:
        """Return the digest of a piece, a :class:`~fluidmol.values.compounds.CompoundSet`."""

    def piece(self, place: int) -> CompoundSet:
        """Return a piece; ``place`` is from 0 to n_pieces - 1."""

    def __len__(self) -> int:
        return sum(self.sizes)

    def __iter__(self) -> Iterator[CompoundSet]:
        return (self.piece(place) for place in range(len(self.sizes)))

    def take(self, rows: NDArray[np.int64]) -> CompoundSet:
        """Return the molecules at these positions, (n_rows,), in this order; only pieces that have some are read."""
        ends = np.cumsum(self.sizes)
        places = np.searchsorted(ends, rows, side="right")
        found: dict[int, tuple[str, str]] = {}
        for place in np.unique(places).tolist():
            piece, start = self.piece(place), int(ends[place]) - self.sizes[place]
            for row in rows[places == place].tolist():
                found[row] = piece.smiles[row - start], piece.inchikeys[row - start]
        pairs = [found[row] for row in rows.tolist()]
        return CompoundSet([smiles for smiles, _ in pairs], [key for _, key in pairs])


@attrs.frozen(eq=False)
class InMemory(Pieces):
    """Pieces of a set that is in memory.

    Examples
    --------
    >>> keys = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "YXFVVABEGXRONW-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    >>> pieces = InMemory(CompoundSet(("Oc1ccccc1", "Cc1ccccc1", "CCO"), keys), size=2)
    >>> pieces.sizes, pieces.piece(1).smiles, pieces.take(np.array([2, 0])).smiles
    ((2, 1), ('CCO',), ('CCO', 'Oc1ccccc1'))
    """

    compounds: CompoundSet = attrs.field(repr=False)
    """The molecules."""

    size: int = attrs.field(factory=lambda: PIECE)
    """Molecules of one piece, 1 or more; the last one may have fewer."""

    @property
    def digest(self) -> str:
        """Of all molecules in their order."""
        return self.compounds.digest

    @property
    def sizes(self) -> tuple[int, ...]:
        """Molecules of each piece, (n_pieces,)."""
        n = len(self.compounds)
        return tuple(min(self.size, n - start) for start in range(0, n, self.size))

    def name(self, place: int) -> str:
        """Return the digest of a piece."""
        return self.piece(place).digest

    def piece(self, place: int) -> CompoundSet:
        """Return a piece."""
        if len(self.compounds) <= self.size:
            return self.compounds
        part = slice(place * self.size, (place + 1) * self.size)
        return CompoundSet(self.compounds.smiles[part], self.compounds.inchikeys[part])
