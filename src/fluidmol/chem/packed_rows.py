"""Sparse rows of features as few bytes, one piece a molecule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.featurising import Rows

LARGEST_WIDTH = 1 << 16
"""Columns that a block may have, for two bytes name one."""

# All that counts, their logarithms and steps can be, as far as one byte can name it.
_counts = np.arange(1, 128, dtype=np.float32)
_USUAL: NDArray[np.float32] = np.unique(np.concatenate([[np.float32(0.5)], _counts, np.log2(1 + _counts)]))

_SMALL = np.dtype([("column", "<u2"), ("value", "u1")])
_LARGE = np.dtype([("column", "<u2"), ("value", "<f4")])


def packed(rows: Rows) -> list[bytes]:
    """Pack each row by itself: 3 bytes for a column whose value is usual, or else 6.

    Examples
    --------
    >>> lengths, columns = np.array([2, 1], np.int32), np.array([3, 9, 4], np.int32)
    >>> [len(row) for row in packed((lengths, columns, np.array([1, 2, .3], np.float32)))]
    [7, 7]
    """
    lengths, columns, values = rows
    places = np.minimum(np.searchsorted(_USUAL, values), len(_USUAL) - 1)
    usual = _USUAL[places] == values
    small, large = np.empty(len(columns), _SMALL), np.empty(len(columns), _LARGE)
    small["column"] = large["column"] = columns
    small["value"], large["value"] = places, values
    pieces: list[bytes] = []
    start = 0
    for end in np.cumsum(lengths).tolist():
        compact = bool(usual[start:end].all())
        pieces.append(b"s" + small[start:end].tobytes() if compact else b"l" + large[start:end].tobytes())
        start = end
    return pieces


def unpacked(pieces: Sequence[bytes], width: int) -> Rows:
    """Unpack what :func:`packed` made.

    Raises
    ------
    ValueError
        If there is a column that a block of this width doesn't have.

    Examples
    --------
    >>> rows = np.array([2], np.int32), np.array([3, 9], np.int32), np.array([1, .3], np.float32)
    >>> [part.tolist() for part in unpacked(packed(rows), 16)][:2]
    [[2], [3, 9]]
    """
    compact = np.fromiter((piece[:1] == b"s" for piece in pieces), dtype=bool, count=len(pieces))
    sizes = np.fromiter((len(piece) - 1 for piece in pieces), dtype=np.int64, count=len(pieces))
    lengths = sizes // np.where(compact, _SMALL.itemsize, _LARGE.itemsize)
    whose = np.repeat(compact, lengths)
    columns, values = np.empty(len(whose), np.int32), np.empty(len(whose), np.float32)
    for chosen, kind in ((True, _SMALL), (False, _LARGE)):
        body = b"".join(
            piece[1:] for piece, is_compact in zip(pieces, compact.tolist(), strict=True) if is_compact is chosen
        )
        found = np.frombuffer(body, kind)
        columns[whose == chosen] = found["column"]
        values[whose == chosen] = _USUAL[found["value"]] if chosen else found["value"]
    if columns.max(initial=0) >= width:
        raise ValueError(f"column {columns.max()} of rows in a cache: expected less than {width}")
    return lengths.astype(np.int32), columns, values
