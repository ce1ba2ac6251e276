"""Experts: what the coordinator has understood of each teacher, as numbers that anyone can read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs
import numpy as np

from fluidmol.values.arrays import FloatArray, digest_of, frozen_floats, texts


def _rows(values: object) -> FloatArray:
    return frozen_floats(values, 2)  # type: ignore[arg-type]


def _row(values: object) -> FloatArray:
    return frozen_floats(values, 1)  # type: ignore[arg-type]


LARGEST = 1e4
"""Largest coefficient: what is fitted to log-odds within 7 of 0 stays far below; beyond, somebody made it up."""


@attrs.frozen(slots=False, eq=False)
class Experts:
    """For each partner a linear model of its opinion, and one of how near a molecule is to what it knows.

    Both are linear in the charter's features and were fitted to what the partner said about public molecules.

    Raises
    ------
    ValueError
        If shapes don't fit, a number isn't finite, or trust and fidelity are out of range.

    Examples
    --------
    >>> experts = Experts(("a",), [[0.1, -2.0, 0.5]], [[0.0, 0.3, -1.0]], [0.98], [1.0])
    >>> experts.n_columns
    2
    """

    partners: tuple[str, ...] = attrs.field(converter=texts)
    """Whose opinions they are, in alphabetical order."""

    opinion: FloatArray = attrs.field(converter=_rows, repr=False)
    """Coefficients of the log-odds, the intercept last, (n_partners, n_columns + 1)."""

    proximity: FloatArray = attrs.field(converter=_rows, repr=False)
    """Coefficients of the logarithm of the stated weight, the intercept last, (n_partners, n_columns + 1)."""

    fidelity: FloatArray = attrs.field(converter=_row)
    """Share of a teacher's variance that its expert explains on held-out public molecules, (n_partners,), at most 1."""

    trust: FloatArray = attrs.field(converter=_row)
    """How far the aggregation believes each partner, (n_partners,), in [0, 1]."""

    def __attrs_post_init__(self) -> None:
        n = len(self.partners)
        shapes = (self.opinion.shape, self.proximity.shape, self.fidelity.shape, self.trust.shape)
        width = self.opinion.shape[1]
        if shapes != ((n, width), (n, width), (n,), (n,)) or not n or width < 2:
            raise ValueError(f"{n} experts with arrays of shapes {shapes}: expected a row a partner, equally wide")
        if list(self.partners) != sorted(set(self.partners)):
            raise ValueError("partners must be in alphabetical order, each once")
        if not all(np.isfinite(a).all() for a in (self.opinion, self.proximity, self.fidelity, self.trust)):
            raise ValueError("a number isn't finite")
        if max(float(np.abs(a).max()) for a in (self.opinion, self.proximity)) > LARGEST:
            raise ValueError(f"a coefficient is beyond {LARGEST:g}: log-odds of what teachers say don't need such")
        if (self.fidelity > 1).any() or (self.trust < 0).any() or (self.trust > 1).any():
            raise ValueError("fidelity must be at most 1, and trust in [0, 1]")

    @property
    def n_columns(self) -> int:
        """Number of features."""
        return int(self.opinion.shape[1]) - 1

    def without(self, partner: str) -> Experts | None:
        """Give the experts but one; None if nobody is left."""
        kept = [i for i, name in enumerate(self.partners) if name != partner]
        if not kept:
            return None
        arrays = (self.opinion, self.proximity, self.fidelity, self.trust)
        return Experts([self.partners[i] for i in kept], *(array[kept] for array in arrays))

    def renamed(self, names: Mapping[str, str]) -> Experts:
        """Give the same experts under other names, in the order of these; who isn't among ``names`` keeps its own.

        Examples
        --------
        >>> two = Experts(("a", "b"), [[1, 2], [3, 4]], [[0, 0], [0, 0]], [0.9, 0.8], [1, 1])
        >>> two.renamed({"a": "z"}).opinion.tolist()
        [[3.0, 4.0], [1.0, 2.0]]
        """
        called = [names.get(name, name) for name in self.partners]
        order = sorted(range(len(called)), key=called.__getitem__)
        arrays = (self.opinion, self.proximity, self.fidelity, self.trust)
        return Experts([called[i] for i in order], *(array[order] for array in arrays))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over partners and coefficients."""
        arrays = (self.opinion, self.proximity, self.fidelity, self.trust)
        return digest_of("fluidmol experts 1", self.partners, arrays)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Experts) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
