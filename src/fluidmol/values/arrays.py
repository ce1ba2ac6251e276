"""Arrays inside values: read-only, of one fixed type, with one canonical byte form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float32]
"""What opinions and labels are stored as: 32-bit floats."""

DIGEST = r"sha256:[0-9a-f]{64}"
"""What digests look like."""


def frozen_floats(values: ArrayLike, ndim: int) -> FloatArray:
    """Copy values into a read-only, contiguous float32 array with ``ndim`` axes.

    Raises
    ------
    ValueError
        If the number of axes differs.
    """
    array = np.array(values, dtype=np.float32, order="C", copy=True)
    if array.ndim != ndim:
        raise ValueError(f"expected {ndim} axes, found {array.ndim} (shape {array.shape})")
    # One zero and one NaN: otherwise equal values could have different digests.
    array[array == 0] = 0.0
    array[np.isnan(array)] = np.nan
    array.setflags(write=False)
    return array


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Copy texts into a tuple.

    Raises
    ------
    TypeError
        If one isn't a string.

    Examples
    --------
    >>> texts(["a", "b"])
    ('a', 'b')
    """
    copied = tuple(values)
    for value in copied:
        if not isinstance(value, str):
            raise TypeError(f"expected texts, found a {type(value).__name__}")
    return copied


def digest_of(kind: str, texts: Iterable[str], arrays: Iterable[FloatArray] = ()) -> str:
    """Hash canonical bytes: a kind with its format version, texts, then little-endian arrays with shapes.

    Every part is preceded by its length, so that no two different values share one byte string.

    Examples
    --------
    >>> digest_of("demo 1", ["ab", "c"]) == digest_of("demo 1", ["a", "bc"])
    False
    """
    state = hashlib.sha256()

    def add(data: bytes) -> None:
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)

    add(kind.encode())
    for text in texts:
        add(text.encode())
    for array in arrays:
        add(repr(array.shape).encode())
        add(np.ascontiguousarray(array, dtype="<f4").tobytes())
    return "sha256:" + state.hexdigest()
