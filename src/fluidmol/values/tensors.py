"""Numbers and texts as safetensors: arrays of checked lengths, in a format that says nothing else.

https://github.com/huggingface/safetensors
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

HEADER = 1 << 16
"""Most bytes of the list of arrays: reading it takes many times as much."""

PER_TEXT = 64
"""Bytes that a text takes in memory, however short it is."""

_LENGTHS = ".lengths"
"""Texts are two arrays: their UTF-8 bytes in a row and, under a name that ends so, the number of bytes of each."""

Columns = dict[str, Any]
"""Arrays of float32, or sequences of texts, by name."""


def write_columns(columns: Columns) -> bytes:
    """Write arrays and texts; equal ones give equal bytes.

    Examples
    --------
    >>> read_columns(write_columns({"value": np.array([0.5], np.float32), "smiles": ("C", "CC")}), 1 << 20)
    {'value': array([0.5], dtype=float32), 'smiles': ('C', 'CC')}
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            arrays[name] = np.ascontiguousarray(column, np.float32)
        else:
            encoded = [text.encode() for text in column]
            arrays[name] = np.frombuffer(b"".join(encoded), np.uint8)
            arrays[name + _LENGTHS] = np.array([len(text) for text in encoded], np.uint32)
    return save(arrays)


def read_columns(data: bytes, largest: int) -> Columns:
    """Read arrays and texts that may have been made to fill our memory.

    Parameters
    ----------
    data : bytes
        As :func:`write_columns` writes them.
    largest : int
        Most bytes that texts may take.

    Raises
    ------
    ValueError
        If they are malformed or of other types, if texts have other lengths than stated, or take too much.
    """
    if (size := int.from_bytes(data[:8], "little")) > HEADER:
        raise ValueError(f"a list of arrays of {size} bytes: at most {HEADER} are read")
    try:
        arrays = load(data)
    except (SafetensorError, KeyError) as problem:  # a key: a type that numpy doesn't have
        raise ValueError(f"arrays that can't be read: {problem}") from problem
    found: Columns = {name: array for name, array in arrays.items() if array.dtype == np.float32}
    for name in [name for name, array in arrays.items() if array.dtype == np.uint8]:
        found[name] = _texts(arrays[name], arrays.pop(name + _LENGTHS, None), largest)
    if len(found) != len(arrays):
        raise ValueError(
            f"arrays of types {sorted({str(a.dtype) for a in arrays.values()})}: expected float32 or texts"
        )
    return found


def _texts(joined: NDArray[Any], lengths: NDArray[Any] | None, largest: int) -> tuple[str, ...]:
    if lengths is None or lengths.dtype != np.uint32 or lengths.ndim != 1 or joined.ndim != 1:
        raise ValueError(
            f"texts whose lengths are {None if lengths is None else lengths.dtype}: expected a row of uint32"
        )
    ends = np.cumsum(lengths, dtype=np.uint64)
    if int(ends[-1] if len(ends) else 0) != len(joined):
        raise ValueError(f"texts of {len(joined)} bytes: their lengths say otherwise")
    if len(joined) + PER_TEXT * len(lengths) > largest:
        raise ValueError(f"{len(lengths)} texts of {len(joined)} bytes are too long: at most {largest} bytes are read")
    text = joined.tobytes()
    return tuple(text[begin:end].decode() for begin, end in pairwise([0, *ends.tolist()]))
