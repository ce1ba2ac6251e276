"""Intervals of values that hold the truth as often as promised: split-conformal regression.

For compounds exchangeable with the calibration set, an interval at level 0.8 holds the truth for at least four in five
of them, all together: not of each kind of molecule by itself. Elsewhere nothing is promised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.conformal import LEVELS
from fluidmol.learning.metrics import Floats


def _floats(values: Floats) -> Floats:
    return np.array(values, dtype=np.float64)


@attrs.frozen(eq=False)
class ValueIntervals:
    """Intervals as wide on either side as errors on calibration compounds were large.

    Source: Papadopoulos et al. 2002, doi 10.1007/3-540-36755-1_29; with predictions out of fold, Barber et al. 2021,
    doi 10.1214/20-AOS1965 (whose guarantee for any data is weaker, and its usual coverage as promised).

    Raises
    ------
    ValueError
        If lengths differ, or a number isn't in [0, 1].

    Examples
    --------
    >>> said = np.linspace(0.3, 0.7, 9)
    >>> intervals = ValueIntervals(said + np.linspace(-0.2, 0.2, 9), said)
    >>> intervals.bounds(np.array([0.5, 0.95]), 0.8).round(2).tolist()
    [[0.3, 0.7], [0.75, 1.0]]
    """

    truth: Floats = attrs.field(converter=_floats, repr=False)
    """Measured positions on the scale of the calibration compounds, (n_calibration,). They are private."""

    said: Floats = attrs.field(converter=_floats, repr=False)
    """What the model said of each without having learnt from it, (n_calibration,). It is private."""

    def __attrs_post_init__(self) -> None:
        if self.truth.shape != self.said.shape or self.truth.ndim != 1:
            raise ValueError(f"{self.truth.shape} outcomes and {self.said.shape} predictions: expected (n,)")
        if not all(np.all((part >= 0) & (part <= 1)) for part in (self.truth, self.said)):
            raise ValueError("a position isn't in [0, 1]")

    def half_width(self, level: float) -> float:
        """How far an interval reaches to either side, in lengths of the scale; 1 with too few compounds for the level.

        Parameters
        ----------
        level : float
            Promised coverage, in (0, 1).
        """
        if not 0 < level < 1:
            raise ValueError(f"a level of {level}: expected one in (0, 1)")
        errors = np.sort(np.abs(self.truth - self.said))
        # The next compound is one more among them; 10 times 0.9 is a little more than 9 as floats go.
        place = math.ceil((len(errors) + 1) * level - 1e-9)
        return float(errors[place - 1]) if place <= len(errors) else 1.0

    def bounds(self, said: Floats, level: float) -> Floats:
        """Return lower and upper bounds, (n, 2), within the scale.

        Parameters
        ----------
        said : (n,) float
            Predicted positions.
        level : float
            Promised coverage, in (0, 1).
        """
        half = self.half_width(level)
        return np.clip(np.stack([said - half, said + half], axis=1), 0.0, 1.0)


@attrs.frozen
class IntervalCost:
    """What a promised coverage costs."""

    level: float
    """Promised coverage."""

    held: float
    """Share of the calibration compounds in their own intervals, in [0, 1]."""

    half_width: float
    """How far intervals reach to either side, in lengths of the scale."""


def interval_costs(intervals: ValueIntervals, levels: Sequence[float] = LEVELS) -> tuple[IntervalCost, ...]:
    """Say how wide intervals are, on the calibration compounds themselves.

    Examples
    --------
    >>> said = np.linspace(0.3, 0.7, 99)
    >>> found = interval_costs(ValueIntervals(said + np.linspace(-0.2, 0.2, 99), said), (0.8,))
    >>> [(cost.level, round(cost.held, 1), round(cost.half_width, 2)) for cost in found]
    [(0.8, 0.8, 0.16)]
    """
    errors = np.abs(intervals.truth - intervals.said)
    return tuple(
        IntervalCost(level, float((errors <= half).mean()), half)
        for level, half in ((level, intervals.half_width(level)) for level in levels)
    )
