"""What a private release is asked to keep, and how its budget is spent."""

from __future__ import annotations

import math
from typing import Any

import attrs


def _within(low: float, high: float, *, low_end: bool = True) -> Any:
    """Validate a finite number between two bounds: with both, or without the lower."""

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{attribute.name} is {value!r}: expected a number")
        if not low <= value <= high or (value == low and not low_end):
            bracket = "[" if low_end else "("
            raise ValueError(f"{attribute.name} is {value:g}: expected a number in {bracket}{low:g}, {high:g}]")

    return check


def _whole(low: int, high: int) -> Any:
    """Validate a whole number between two bounds, both allowed."""

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{attribute.name} is {value!r}: expected a whole number from {low:,} to {high:,}")

    return check


@attrs.frozen
class Gaussian:
    """One release per partner: a noisy sum of its compounds, and a linear model fitted by noisy steps.

    All of it together is one Gaussian mechanism; see :mod:`fluidmol.learning.privacy.mechanism`. Only ``epsilon`` and
    ``delta`` say how private it is: the other options change what is learnt, not what is given away.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> Gaussian(epsilon=1).epsilon, Gaussian().steps
    (1, 8)
    >>> Gaussian(epsilon=0)
    Traceback (most recent call last):
    ValueError: epsilon is 0: expected a number in [0.001, 64]
    """

    epsilon: float = attrs.field(default=4.0, validator=_within(1e-3, 64))
    """The most that one compound may change the logarithm of any event's probability, .001 to 64; see ``delta``."""

    delta: float = attrs.field(default=1e-5, validator=_within(1e-12, 1e-3))
    """Probability, roughly, that ``epsilon`` fails, in [1e-12, .001]; far below 1 over the number of compounds."""

    steps: int = attrs.field(default=8, validator=_whole(1, 200))
    """Gradient steps, 1 to 200. More steps are noisier ones."""

    rate: float = attrs.field(default=0.15, validator=_within(0, 10, low_end=False))
    """Learning rate, in (0, 10]; of the gradient's sum over compounds, not its mean."""

    penalty: float = attrs.field(default=0.5, validator=_within(0, 1000))
    """Strength of the L2 penalty, in [0, 1000], in units of compounds."""

    steps_share: float = attrs.field(default=0.85, validator=_within(1e-3, 1 - 1e-3))
    """Share of the budget (of the squared signal to noise ratio) for the steps, .001 to .999; the sum has the rest."""

    def __attrs_post_init__(self) -> None:
        if self.rate * self.penalty > 1:
            raise ValueError(
                f"rate {self.rate:g} times penalty {self.penalty:g} is {self.rate * self.penalty:g}: expected at most"
                " 1, or each step would overshoot"
            )


def chosen_for(epsilon: float) -> dict[str, float | int]:
    """Give the steps that were chosen for an epsilon, on training data: the more noise, the fewer and the firmer.

    Examples
    --------
    >>> chosen_for(4.0)["steps"], chosen_for(1.0)["steps"]
    (8, 2)
    """
    if epsilon <= FIRM:
        return {"steps": 2, "rate": 0.1, "penalty": 4.0, "steps_share": 0.7}
    return {"steps": 8, "rate": 0.15, "penalty": 0.5, "steps_share": 0.85}


FIRM = 1.5
"""Up to this epsilon few, firm steps are better; where exactly wasn't looked for."""
