"""Hybrids that are tried: the charter's, and settings that a partner may prefer for itself."""

from __future__ import annotations

import attrs

from fluidmol.learning.union import UNIONS
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

AGREED = "hybrid"
"""The hybrid as the charter says."""

ALTERNATIVES = {
    "own x4": Part("weighted", {"own_weight": 4.0}),
    "near": Part("local", {"power": 2.0}),
    "nearest": Part("local", {"power": 6.0}),
}
"""Unions of own compounds and labels: own ones count four times; labels count by nearness, and much more so."""


@attrs.frozen
class Candidate:
    """One way to make a hybrid."""

    name: str
    """Short, for tables."""

    charter: Charter = attrs.field(repr=False)
    """The charter, with a union of the partner's own choice; which one it is, nobody else learns."""

    @property
    def labels(self) -> bool:
        """Whether it learns from labels, rather than asks experts."""
        return not UNIONS.build(self.charter.union).needs_experts


def candidates(charter: Charter, *, alternatives: bool) -> tuple[Candidate, ...]:
    """List the hybrids to try, the charter's first.

    Examples
    --------
    >>> [candidate.name for candidate in candidates(Charter.from_preset("open"), alternatives=True)]
    ['hybrid', 'own x4', 'near', 'nearest']
    """
    agreed = Candidate(AGREED, charter)
    more = ALTERNATIVES if alternatives else {}
    return (agreed, *(Candidate(name, attrs.evolve(charter, union=part)) for name, part in more.items()))
