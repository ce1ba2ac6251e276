"""Intervals of values that hold the truth as often as promised: split-conformal regression.

For compounds exchangeable with the calibration set, an interval at level 0.8 holds the truth for at least four in five
of them, all together: not of each kind of molecule by itself. Elsewhere nothing is promised. Errors grow with the
distance from what a model has learnt from, and intervals with them; docs/regression.md has what that is worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.conformal import LEVELS
from fluidmol.learning.metrics import Floats

FARTHEST = 2.0
"""How many times as wide as of a compound that is known an interval is where nothing is similar at all.

Chosen once, on six endpoints, and not fitted to a partner's own errors."""


def _floats(values: Floats) -> Floats:
    return np.array(values, dtype=np.float64)


@attrs.frozen(eq=False)
class ValueIntervals:
    """Intervals as wide on either side as errors on calibration compounds were large, the farther the wider.

    Source: Papadopoulos et al. 2002, doi 10.1007/3-540-36755-1_29, normalised; with predictions out of fold, Barber et
    al. 2021, doi 10.1214/20-AOS1965 (whose guarantee for any data is weaker, and its usual coverage as promised).

    Raises
    ------
    ValueError
        If lengths differ, or a number isn't in [0, 1].

    Examples
    --------
    >>> said = np.linspace(0.3, 0.7, 9)
    >>> intervals = ValueIntervals(said + np.linspace(-0.2, 0.2, 9), said, np.ones(9))
    >>> intervals.bounds(np.array([0.5, 0.95]), np.array([1.0, 0.5]), 0.8).round(2).tolist()
    [[0.3, 0.7], [0.65, 1.0]]
    """

    truth: Floats = attrs.field(converter=_floats, repr=False)
    """Measured positions on the scale of the calibration compounds, (n_calibration,). They are private."""

    said: Floats = attrs.field(converter=_floats, repr=False)
    """What the model said of each without having learnt from it, (n_calibration,). It is private."""

    similarity: Floats = attrs.field(converter=_floats, repr=False)
    """Of each to the nearest of the compounds that the model had learnt from, (n_calibration,), in [0, 1]."""

    def __attrs_post_init__(self) -> None:
        parts = (self.truth, self.said, self.similarity)
        if self.truth.ndim != 1 or len({part.shape for part in parts}) != 1:
            raise ValueError(f"outcomes, predictions, similarities of {[part.shape for part in parts]}: expected (n,)")
        if not all(np.all((part >= 0) & (part <= 1)) for part in parts):
            raise ValueError("a position, or a similarity, isn't in [0, 1]")

    def half_widths(self, similarity: Floats, level: float) -> Floats:
        """Compute how far intervals reach to either side, (n,), in lengths of the scale; 1 with too few compounds.

        Parameters
        ----------
        similarity : (n,) float
            To the nearest own compound, in [0, 1].
        level : float
            Promised coverage, in (0, 1).
        """
        if not 0 < level < 1:
            raise ValueError(f"a level of {level}: expected one in (0, 1)")
        errors = np.sort(np.abs(self.truth - self.said) / (FARTHEST - self.similarity))
        # The next compound is one more among them; 10 times 0.9 is a little more than 9 as floats go.
        place = math.ceil((len(errors) + 1) * level - 1e-9)
        usual = float(errors[place - 1]) if place <= len(errors) else 1.0
        return np.minimum(usual * (FARTHEST - similarity), 1.0)

    def bounds(self, said: Floats, similarity: Floats, level: float) -> Floats:
        """Return lower and upper bounds, (n, 2), within the scale.

        Parameters
        ----------
        said : (n,) float
            Predicted positions.
        similarity : (n,) float
            To the nearest own compound, in [0, 1].
        level : float
            Promised coverage, in (0, 1).
        """
        half = self.half_widths(similarity, level)
        return np.clip(np.stack([said - half, said + half], axis=1), 0.0, 1.0)


@attrs.frozen
class IntervalCost:
    """What a promised coverage costs."""

    level: float
    """Promised coverage."""

    held: float
    """Share of the calibration compounds in their own intervals, in [0, 1]."""

    half_width: float
    """How far intervals reach to either side on average, in lengths of the scale."""


def interval_costs(intervals: ValueIntervals, levels: Sequence[float] = LEVELS) -> tuple[IntervalCost, ...]:
    """Compute how wide intervals are, on the calibration compounds themselves.

    Examples
    --------
    >>> said = np.linspace(0.3, 0.7, 99)
    >>> found = interval_costs(ValueIntervals(said + np.linspace(-0.2, 0.2, 99), said, np.ones(99)), (0.8,))
    >>> [(cost.level, round(cost.held, 1), round(cost.half_width, 2)) for cost in found]
    [(0.8, 0.8, 0.16)]
    """
    errors = np.abs(intervals.truth - intervals.said)
    return tuple(
        IntervalCost(level, float((errors <= half + 1e-12).mean()), float(half.mean()))
        for level, half in ((level, intervals.half_widths(intervals.similarity, level)) for level in levels)
    )
