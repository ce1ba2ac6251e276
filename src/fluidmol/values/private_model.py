"""A private model: what a partner has released once, with a proof of how little it says about any one compound."""

from __future__ import annotations

import math
from functools import cached_property

import attrs
import numpy as np

from fluidmol.values.arrays import FloatArray, digest_of, frozen_floats

LARGEST = 1e4
"""Largest coefficient, as of experts."""

LARGEST_SUM = 1e9
"""Largest coordinate of the sum, and count: so many compounds nobody has."""


def _row(values: object) -> FloatArray:
    return frozen_floats(values, 1)  # type: ignore[arg-type]


@attrs.frozen(slots=False, eq=False)
class PrivateModel:
    """A linear model and a sum of compounds, both with noise: nothing in it is private any more.

    Whatever is computed from it gives away no more than it does. It is made by
    :func:`fluidmol.learning.privacy.mechanism.release`, which has the proof.

    Raises
    ------
    ValueError
        If shapes don't fit, or a number isn't finite or out of its range.

    Examples
    --------
    >>> model = PrivateModel([2.0, 0.0, -1.0], [30.0, 4.0], 812.5, 4.0, 1e-5, 1.0812)
    >>> model.n_columns, model.protects
    (2, True)
    """

    opinion: FloatArray = attrs.field(converter=_row, repr=False)
    """Coefficients of the log-odds of the active class, the intercept last, (n_columns + 1,)."""

    total: FloatArray = attrs.field(converter=_row, repr=False)
    """Noisy sum of the compounds' directions, (n_columns,)."""

    count: float = attrs.field(converter=float)
    """Noisy number of compounds, above 0."""

    epsilon: float = attrs.field(converter=float)
    """Privacy of one compound, above 0; infinite of a model without noise, which can't be packed."""

    delta: float = attrs.field(converter=float)
    """Probability, roughly, that ``epsilon`` doesn't hold, in (0, 1)."""

    multiplier: float = attrs.field(converter=float)
    """Standard deviation of the noise over the sensitivity, of all of it as one mechanism; 0 without noise."""

    def __attrs_post_init__(self) -> None:
        n = len(self.total)
        if not n or len(self.opinion) != n + 1:
            raise ValueError(
                f"{len(self.opinion)} coefficients and a sum of {n} columns: expected a coefficient a column and the"
                " intercept"
            )
        if not (np.isfinite(self.opinion).all() and np.isfinite(self.total).all()):
            raise ValueError("a number isn't finite")
        if float(np.abs(self.opinion).max()) > LARGEST:
            raise ValueError(f"a coefficient is beyond {LARGEST:g}: these steps were too large for so many compounds")
        if not 0 < self.count <= LARGEST_SUM or float(np.abs(self.total).max()) > LARGEST_SUM:
            raise ValueError(f"count or sum aren't within {LARGEST_SUM:g}, or the count isn't above 0")
        if not (0 < self.delta < 1 and self.epsilon > 0 and 0 <= self.multiplier < math.inf):
            raise ValueError(
                f"epsilon {self.epsilon}, delta {self.delta}, multiplier {self.multiplier}: expected numbers above 0,"
                " and delta below 1"
            )
        if self.protects == (self.multiplier == 0):
            raise ValueError("expected noise where epsilon is finite, and none where it isn't")

    @property
    def n_columns(self) -> int:
        """Number of directions."""
        return len(self.total)

    @property
    def protects(self) -> bool:
        """Whether there is noise at all."""
        return math.isfinite(self.epsilon)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything."""
        facts = [value.hex() for value in (self.count, self.epsilon, self.delta, self.multiplier)]
        return digest_of("fluidmol private model 1", facts, (self.opinion, self.total))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrivateModel) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
