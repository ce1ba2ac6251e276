"""Rows as integers, so that sums are exact and one row changes them by no more than its bound.

In floating point the sum of a thousand rows depends on their order and rounds at every step, and what one row adds can
exceed its length. On a lattice of 2^-20 neither can happen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError

PER_UNIT = 1 << 20
"""Lattice points on a length of 1."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def lengths(rows: Floats) -> Floats:
    """Compute the length of each row, (n_rows, 1), from that row alone: to the last bit whatever the others are."""
    return np.sqrt(along(rows, rows))


def along(rows: Floats, other: Floats) -> Floats:
    """Compute dot products of each row with a vector, or with its row of another matrix, (n_rows, 1).

    Not as a product of matrices: libraries add up in an order that depends on how many rows there are, so that a
    compound more would change what *other* compounds add by a rounding error, which no proof allows for. Here each
    product is rounded by itself, and numpy adds up each row of contiguous numbers in an order that its length decides.
    """
    products = np.ascontiguousarray(rows * other)
    result: Floats = products.sum(axis=1, keepdims=True)
    return result


def shortened(rows: Floats, length: float) -> Floats:
    """Cut each row at a length, up to rounding; shorter rows stay as they are, to the last bit.

    Examples
    --------
    >>> shortened(np.array([[3.0, 4.0], [0.3, 0.4]]), 1.0).tolist()
    [[0.6000000000000001, 0.8], [0.3, 0.4]]
    """
    # By a power of two first, which is exact: squares of large numbers would overflow.
    _, exponent = np.frexp(np.abs(rows).max(axis=1, keepdims=True, initial=0))
    unit = np.ldexp(rows, 1 - exponent)
    factor = np.minimum(np.ldexp(1.0, exponent - 1), length / np.maximum(lengths(unit), 0.5))
    result: Floats = unit * factor
    return result


def on_lattice(rows: Floats, bound: int) -> Integers:
    """Shorten each row to a bound and put it on the lattice, towards zero.

    Parameters
    ----------
    rows : (n_rows, n_columns) float64
        In units of 1.
    bound : int
        Greatest length of a row, in lattice points: at most ``PER_UNIT``.

    Returns
    -------
    (n_rows, n_columns) int64
        No row is longer than the bound, in exact arithmetic.

    Raises
    ------
    InputError
        If a number isn't finite.

    Examples
    --------
    >>> on_lattice(np.array([[0.6, -0.8], [3.0, 0.0]]), PER_UNIT).tolist()
    [[629145, -838860], [1048576, 0]]
    """
    if not np.isfinite(rows).all():
        raise InputError(
            f"{int((~np.isfinite(rows)).any(axis=1).sum())} of {len(rows)} rows have a number that isn't finite",
            hint="Look at the features of these compounds: nothing was released.",
        )
    # Truncation never lengthens a row: |trunc(x)| <= |x| holds for every coordinate. So in exact arithmetic
    # |trunc(2^20 x)| <= bound, where |x| was cut at bound / 2^20. What remains is the rounding of that cut, some 2^-50.
    result: Integers = np.trunc(shortened(rows, bound / PER_UNIT) * PER_UNIT).astype(np.int64)
    # It is caught in integers, which don't round. Squares: each coordinate is at most 2^20 (and a little), its square
    # 2^40, and a sum of up to 2^22 such fits 63 bits. Each pass moves every coordinate towards zero by one, so that
    # it ends; more than one was never seen.
    while (over := (result * result).sum(axis=1) > bound * bound).any():
        result[over] -= np.sign(result[over])
    return result
