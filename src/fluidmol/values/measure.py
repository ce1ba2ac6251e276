"""What an endpoint means in numbers: quantity, unit, threshold, direction, and what becomes of limits."""

from __future__ import annotations

import math
from typing import Any

import attrs

from fluidmol.values.quantities import is_logarithm

UNITS = ("M", "mM", "uM", "nM", "pM", "p")
"""Units of a threshold; ``p`` is the negative decimal logarithm of M."""

DIRECTIONS = ("at-or-below", "at-or-above")
"""Where active compounds lie; the threshold itself counts as active."""

RELATIONS = ("judge", "exclude")
"""What becomes of measurements that are limits, such as > 30."""

MAX_QUANTITY_LENGTH = 40
"""Most characters of a quantity's name."""

MAX_P_THRESHOLD = 50
"""Largest threshold on the p scale, and, negated, the smallest."""


def _unit(value: Any) -> Any:
    # Two signs look like a micro sign: MICRO SIGN and GREEK SMALL LETTER MU.
    return value.replace("\u00b5", "u").replace("\u03bc", "u") if isinstance(value, str) else value


def _number(value: Any) -> float:
    # True is an int to Python, but no threshold.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"threshold is {value!r}: expected a number")
    try:
        return float(value) + 0.0  # -0.0 would be another text of the same number
    except OverflowError as problem:
        raise ValueError("threshold is too large a number") from problem


def _quantity_valid(_measure: object, _field: object, value: Any) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_QUANTITY_LENGTH or value != value.strip():
        raise ValueError(
            f"quantity is {value!r}: expected 1 to {MAX_QUANTITY_LENGTH} characters without spaces at the ends, such"
            " as IC50"
        )
    if not value.isprintable() or not any(map(str.isalnum, value)):
        raise ValueError(f"quantity is {value!r}: expected letters or digits, and no control characters")


def _unit_valid(measure: Measure, _field: object, value: Any) -> None:
    if value not in UNITS:
        raise ValueError(f"unit is {value!r}: expected M, mM, uM, nM, pM, or p for -log10(M)")
    if value != "p" and is_logarithm(measure.quantity):
        # Somebody has likely written a threshold on the p scale beside the unit of concentrations.
        plain = measure.quantity[1:]
        raise ValueError(f"quantity is {measure.quantity}, but unit {value}: expected p, or a quantity such as {plain}")


def _threshold_valid(measure: Measure, _field: object, value: float) -> None:
    if measure.unit == "p" and not abs(value) <= MAX_P_THRESHOLD:
        raise ValueError(f"threshold is {value}: expected -{MAX_P_THRESHOLD} to {MAX_P_THRESHOLD} with unit p")
    if measure.unit != "p" and not (value > 0 and math.isfinite(value)):
        raise ValueError(f"threshold is {value}: expected a number larger than 0 with unit {measure.unit}")


def _direction_of_unit(measure: Measure) -> str:
    return "at-or-above" if measure.unit == "p" else "at-or-below"


def _direction_valid(measure: Measure, _field: object, value: Any) -> None:
    expected = _direction_of_unit(measure)
    if value != expected:
        size = "a large value" if measure.unit == "p" else "a small concentration"
        raise ValueError(
            f"direction is {value!r} with unit {measure.unit}: expected {expected}, for this version knows potencies"
            f" only, where {size} is the active side"
        )


@attrs.frozen
class Measure:
    """What an endpoint means in numbers, so that a partner's file can be checked against it.

    Raises
    ------
    ValueError
        If a field is out of range, or the direction isn't that of a potency in this unit.
    TypeError
        If the threshold is no number.

    Examples
    --------
    >>> Measure("IC50", "µM", 10)
    Measure(quantity='IC50', unit='uM', threshold=10.0, direction='at-or-below', relations='judge')
    >>> Measure("pIC50", "p", 5).cut
    'at or above 5 (p, -log10 of M)'
    """

    quantity: str = attrs.field(validator=_quantity_valid)
    """What is measured, such as ``IC50`` or ``Ki``, in the word that files use for it."""

    unit: str = attrs.field(converter=_unit, validator=_unit_valid)
    """Of the threshold: ``M``, ``mM``, ``uM``, ``nM``, ``pM``, or ``p`` for -log10(M)."""

    threshold: float = attrs.field(converter=_number, validator=_threshold_valid)
    """Where active begins: larger than 0, or from -50 to 50 on the p scale."""

    direction: str = attrs.field(default=attrs.Factory(_direction_of_unit, takes_self=True), validator=_direction_valid)
    """``at-or-below`` for concentrations, ``at-or-above`` on the p scale."""

    relations: str = attrs.field(default="judge", validator=attrs.validators.in_(RELATIONS))
    """``judge``: a limit is judged where all that it allows lies on one side; ``exclude``: no limit is used."""

    @property
    def cut(self) -> str:
        """When a compound counts as active, in words."""
        unit = "(p, -log10 of M)" if self.unit == "p" else self.unit
        return f"{self.direction.replace('-', ' ')} {repr(self.threshold).removesuffix('.0')} {unit}"
