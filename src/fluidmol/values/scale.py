"""The scale of a regression: the public range that all parties agree on, from measured values to numbers in [0, 1].

Everything that leaves a partner is a position on this scale: bounded, so that no single value can pull a mean, a model
or a privacy proof further than everybody has agreed to.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MAX_UNIT_LENGTH = 40
"""Most characters of a unit."""


def _number(value: Any) -> float:
    # True is an int to Python, but no number here.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a scale ends at {value!r}: expected a number")
    try:
        return float(value) + 0.0  # -0.0 would be another text of the same number
    except OverflowError as problem:
        raise ValueError("a scale ends at too large a number") from problem


def _unit_valid(_scale: object, _field: object, value: Any) -> None:
    fine = isinstance(value, str) and 1 <= len(value) <= MAX_UNIT_LENGTH and value == value.strip()
    if not fine or not value.isprintable():
        raise ValueError(
            f"unit is {value!r}: expected 1 to {MAX_UNIT_LENGTH} characters without spaces at the ends, such as uM, p,"
            " mL/min/g or log10 mol/L"
        )


@attrs.frozen
class _Transformation:
    """What a map in which errors are measured is defined for, and what it is called."""

    above: float
    below: float
    word: str


TRANSFORMATIONS = {
    "none": _Transformation(-math.inf, math.inf, ""),
    "log10": _Transformation(0.0, math.inf, "log10 of "),
    "logit": _Transformation(0.0, 1.0, "logit of "),
}
"""In what values are compared: as they are, as decimal logarithms, or as the logit of a fraction."""


def _transformed(how: str, values: ArrayLike) -> Floats:
    import numpy as np  # noqa: PLC0415 - charters are read where nothing heavy may be loaded

    given = np.asarray(values, dtype=np.float64)
    if how == "none":
        return given
    return np.asarray(np.log10(given) if how == "log10" else np.log(given / (1 - given)))


def _measured(how: str, values: ArrayLike) -> Floats:
    import numpy as np  # noqa: PLC0415

    given = np.asarray(values, dtype=np.float64)
    if how == "none":
        return given
    return np.asarray(10.0**given if how == "log10" else 1 / (1 + np.exp(-given)))


@attrs.frozen
class Scale:
    """From measured values to positions between 0 and 1, and back.

    Raises
    ------
    ValueError
        If the ends aren't two numbers, the lower one first, for which the transformation is defined.
    TypeError
        If an end is no number.

    Examples
    --------
    >>> clearance = Scale("mL/min/g", 1, 1000, "log10")
    >>> clearance.position([1, 10, 1000, 20000]).round(3).tolist()
    [0.0, 0.333, 1.0, 1.0]
    >>> clearance.value([0.0, 1 / 3]).round(3).tolist(), clearance.span
    ([1.0, 10.0], 3.0)
    """

    unit: str = attrs.field(validator=_unit_valid)
    """Of the values, as files write it; ``M``, ``mM``, ``uM``, ``nM``, ``pM`` and ``p`` (-log10 of M) are converted
    into one another."""

    lowest: float = attrs.field(converter=_number)
    """Value at position 0; lower ones are taken for it."""

    highest: float = attrs.field(converter=_number)
    """Value at position 1; higher ones are taken for it."""

    transformation: str = attrs.field(default="none", validator=attrs.validators.in_(tuple(TRANSFORMATIONS)))
    """One of :data:`TRANSFORMATIONS`: in this, positions are proportional, and errors are stated."""

    def __attrs_post_init__(self) -> None:
        how = TRANSFORMATIONS[self.transformation]
        if not (math.isfinite(self.lowest) and math.isfinite(self.highest) and self.lowest < self.highest):
            raise ValueError(f"the scale goes from {self.lowest} to {self.highest}: expected the lower number first")
        if not (how.above < self.lowest and self.highest < how.below):
            limits = "between 0 and 1" if how.below == 1 else "above 0"
            raise ValueError(
                f"the scale goes from {self.lowest} to {self.highest}: {self.transformation} is defined {limits} only"
            )

    @property
    def span(self) -> float:
        """Length of the scale in transformed units: what a difference of 1 between positions means."""
        low, high = _transformed(self.transformation, [self.lowest, self.highest])
        return float(high - low)

    @property
    def unit_words(self) -> str:
        """The unit, in words."""
        return "-log10 M" if self.unit == "p" else self.unit

    @property
    def words(self) -> str:
        """In what errors are stated."""
        return f"{TRANSFORMATIONS[self.transformation].word}{self.unit_words}"

    @property
    def range(self) -> str:
        """From where to where it goes, in words."""
        return f"{_plain(self.lowest)} to {_plain(self.highest)} {'(p)' if self.unit == 'p' else self.unit}"

    def defined(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Tell for which values the transformation is defined, of the values' shape."""
        import numpy as np  # noqa: PLC0415

        how, given = TRANSFORMATIONS[self.transformation], np.asarray(values, dtype=np.float64)
        return np.asarray(np.isfinite(given) & (given > how.above) & (given < how.below))

    def beyond(self, values: ArrayLike) -> Floats:
        """Compute how far values lie outside of the scale, in lengths of it; 0 within, of the values' shape."""
        import numpy as np  # noqa: PLC0415

        raw = self._raw(values)
        return np.maximum(0.0, np.maximum(-raw, raw - 1))

    def position(self, values: ArrayLike) -> Floats:
        """Compute the positions of values, cut at 0 and 1, of the values' shape."""
        import numpy as np  # noqa: PLC0415

        return np.asarray(np.clip(self._raw(values), 0, 1), dtype=np.float64)

    def value(self, position: ArrayLike) -> Floats:
        """Compute the values at positions, in the scale's unit."""
        return _measured(self.transformation, self.coordinate(position))

    def coordinate(self, position: ArrayLike) -> Floats:
        """Compute the transformed values at positions."""
        return self._low + self.span * _transformed("none", position)

    @property
    def _low(self) -> float:
        return float(_transformed(self.transformation, self.lowest))

    def _raw(self, values: ArrayLike) -> Floats:
        return (_transformed(self.transformation, values) - self._low) / self.span


def _plain(number: float) -> str:
    return repr(number).removesuffix(".0")
