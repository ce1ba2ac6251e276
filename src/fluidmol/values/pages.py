"""What a Parquet file will take when it is read, seen before it is read.

Its footer states sizes that nobody holds it to: 30 kB may say that they are 2 bytes, and become 4 GB. What a reader
allocates is what each page says of itself, so that the heads of all pages are looked at here; encodings that can
grow without bound are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from fluidmol.errors import CodecError
from fluidmol.values.footers import Chunk, read_footer
from fluidmol.values.thrift import INT, STRUCT, field_of, read_struct

_PLAIN = {0, 2, 3, 8}
"""Encodings that we write: plain, dictionary (two numbers), run length. Others may say a long text in a few bits."""

_HEADS = {0: (5, 2), 2: (7, 2), 3: (8, 4)}
"""By type of page (data, dictionary, data of version 2): where its own head is, and the encoding therein."""


def check_pages(data: bytes, largest: int) -> None:
    """Refuse a Parquet file that takes more than ``largest`` bytes when it is read.

    Parameters
    ----------
    data : bytes
        The file.
    largest : int
        Bytes, of all pages unpacked and of all numbers in memory.

    Raises
    ------
    CodecError
        If it is larger, contradicts itself, or isn't written as we write.
    ValueError, IndexError
        If it is no Parquet file.

    Examples
    --------
    >>> import io
    >>> import pyarrow as pa
    >>> import pyarrow.parquet as pq
    >>> target = io.BytesIO()
    >>> pq.write_table(pa.table({"value.0": pa.array([0.5] * 1000, pa.float32())}), target)
    >>> check_pages(target.getvalue(), 10_000)
    >>> check_pages(target.getvalue(), 1_000)
    Traceback (most recent call last):
    fluidmol.errors.CodecError: columns of 1000 rows and ... bytes. At most 1000 bytes are read.
    """
    footer = read_footer(data)
    # Without values, no page is read.
    total = sum(size for chunk in footer.chunks if chunk.values for size in _unpacked(data, chunk))
    if total > largest or footer.rows * max(1, footer.columns) * 4 > largest:
        raise CodecError(f"columns of {footer.rows} rows and {total} bytes", hint=f"At most {largest} bytes are read.")


def _unpacked(data: bytes, chunk: Chunk) -> Iterator[int]:
    """Give the bytes that each page of a column has when it is unpacked."""
    at = chunk.begin
    while at < chunk.end:
        head, at = read_struct(data, at)
        size, stored = field_of(head, 2, INT), field_of(head, 3, INT)
        where, encoding = _HEADS.get(field_of(head, 1, INT), (0, 0))
        own = field_of(head, where, STRUCT)
        if own is None or size is None or stored is None or min(size, stored) < 0:
            raise CodecError("a page without its sizes", hint="Expected a page as Parquet has it.")
        if (found := field_of(own, encoding, INT)) not in _PLAIN:
            raise CodecError(f"a page of encoding {found}", hint="Expected plain, dictionary or run-length encoding.")
        yield size
        at += stored
    if at != chunk.end:
        raise CodecError("a page ends outside of its column", hint="Expected a whole Parquet file.")
