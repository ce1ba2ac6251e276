"""Numbers on a grid of powers of two: compact, and the same wherever rounding differs a little."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fluidmol.values.arrays import FloatArray

LEVELS = 4095
"""Steps on each side of 0 that :meth:`Grid.of` uses: 13 bits a number, of which a file takes no more."""

MOST_LEVELS = 32767
"""Steps on each side of 0 that there may be."""

EXPONENTS = (-60, 16)
"""Least and largest exponent of a step: the largest number is about 2e9."""

WIDEST = 1 << 18
"""Most rows or columns of a grid."""


def _steps(values: ArrayLike) -> NDArray[np.int16]:
    given = np.asarray(values)
    if given.ndim != 2 or not 0 < given.shape[0] <= WIDEST or not 0 < given.shape[1] <= WIDEST:
        raise ValueError(f"a grid of shape {given.shape}: expected 1 to {WIDEST} rows and columns")
    # The comparison is false for NaN too.
    if given.dtype.kind not in "if" or not (np.abs(given.astype(np.float64)) <= MOST_LEVELS).all():
        raise ValueError(f"steps beyond {MOST_LEVELS}, or no numbers: expected whole numbers")
    array = given.astype(np.int16, order="C", copy=True)
    if (array != given).any():
        raise ValueError("a step is no whole number")
    array.setflags(write=False)
    return array


def _exponents(values: Iterable[int]) -> tuple[int, ...]:
    found = tuple(values)
    least, most = EXPONENTS
    for exponent in found:
        if type(exponent) is not int or not least <= exponent <= most:
            raise ValueError(f"an exponent of {exponent!r}: expected a whole number from {least} to {most}")
    return found


@attrs.frozen(slots=False, eq=False)
class Grid:
    """A matrix whose columns are whole numbers times a power of two each.

    Raises
    ------
    ValueError
        If there isn't an exponent a column, or a number is out of range.

    Examples
    --------
    >>> Grid([[3, -1], [0, 2]], (-1, 0)).numbers.tolist()
    [[1.5, -1.0], [0.0, 2.0]]
    """

    steps: NDArray[np.int16] = attrs.field(converter=_steps, repr=False)
    """Whole numbers, (n_rows, n_columns), from -32 767 to 32 767."""

    exponents: tuple[int, ...] = attrs.field(converter=_exponents, repr=False)
    """Of 2, a column each."""

    def __attrs_post_init__(self) -> None:
        if len(self.exponents) != self.steps.shape[1]:
            raise ValueError(f"{len(self.exponents)} exponents for {self.steps.shape[1]} columns: expected as many")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.steps.shape[0]), int(self.steps.shape[1])

    @cached_property
    def numbers(self) -> FloatArray:
        """The matrix, float32: exact, for a step has fewer bits than a float32."""
        numbers = np.ldexp(self.steps.astype(np.float32), np.array(self.exponents, dtype=np.int32))
        numbers.setflags(write=False)
        return numbers

    @classmethod
    def of(cls, values: ArrayLike, levels: int = LEVELS) -> Grid:
        """Round a matrix: each column by the smallest power of two with which it needs no more steps than ``levels``.

        Raises
        ------
        ValueError
            If a number isn't finite or too large.

        Examples
        --------
        >>> Grid.of([[1.0, 0.001], [0.3, -0.002]], levels=15).numbers.tolist()
        [[1.0, 0.0009765625], [0.25, -0.001953125]]
        """
        given = np.asarray(values, dtype=np.float64)
        if not np.isfinite(given).all():
            raise ValueError("a number isn't finite")
        # frexp: x = m 2^e with m in [1/2, 1), so that 2^e is at least x; never a logarithm, which would be rounded.
        largest = np.abs(given).max(axis=0)
        exponents = np.maximum(np.frexp(largest / levels)[1], EXPONENTS[0])
        # The least of all floats become 0 when they are divided.
        exponents[(largest > 0) & (largest / levels == 0)] = EXPONENTS[0]
        return cls(np.rint(np.ldexp(given, -exponents)), exponents.tolist())
