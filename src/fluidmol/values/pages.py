"""What a Parquet file will take when it is read, seen before it is read.

Its footer states sizes that nobody holds it to: 30 kB may say that they are 2 bytes, and become 4 GB. What a reader
allocates is what each page says of itself, so that the heads of all pages are looked at here; encodings that can
grow without bound are refused. The format: https://parquet.apache.org/docs/file-format/.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq

from fluidmol.errors import CodecError

FOOTER = 1 << 21
"""Most bytes of a footer, 2 MiB: some 20 000 columns, which already take a second and 200 MB."""

MANY = 1 << 15
"""Most members of any list in a footer: 38 bytes may claim a million columns, for which 764 MB are laid out."""

_PLAIN = {0, 2, 3, 8}
"""Encodings that we write: plain, dictionary (two numbers), run length. Others may say a long text in a few bits."""

_HEADS = {0: (5, 2), 2: (7, 2), 3: (8, 4)}
"""By type of page (data, dictionary, data of version 2): where its own head is, and the encoding therein."""

_INT, _TEXT, _STRUCT, _DEEPEST = 5, 8, 12, 4


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
    ValueError, IndexError, OSError, pyarrow.ArrowException
        If it is no Parquet file.

    Examples
    --------
    >>> import pyarrow as pa
    >>> target = io.BytesIO()
    >>> pq.write_table(pa.table({"value.0": pa.array([0.5] * 1000, pa.float32())}), target)
    >>> check_pages(target.getvalue(), 10_000)
    >>> check_pages(target.getvalue(), 1_000)
    Traceback (most recent call last):
    fluidmol.errors.CodecError: columns of 1000 rows and ... bytes. At most 1000 bytes are read.
    """
    footer = int.from_bytes(data[-8:-4], "little")
    if footer > FOOTER:
        raise CodecError(f"columns with a footer of {footer} bytes", hint=f"At most {FOOTER} are read.")
    facts = pq.ParquetFile(io.BytesIO(data), thrift_container_size_limit=MANY).metadata
    groups = [facts.row_group(index) for index in range(facts.num_row_groups)]
    rows, total = sum(group.num_rows for group in groups), 0
    chunks = [(group, group.column(index)) for group in groups for index in range(group.num_columns)]
    # What is read is what the chunks say, whatever the file says of itself.
    if rows != facts.num_rows or any(chunk.num_values != group.num_rows or rows < 0 for group, chunk in chunks):
        raise CodecError("columns that don't agree on the number of rows", hint="Expected a value in each row.")
    for _, chunk in chunks:
        if chunk.num_values:  # without any, no page is read
            total += sum(_unpacked(data, chunk))
    if total > largest or rows * max(1, facts.num_columns) * 4 > largest:
        raise CodecError(f"columns of {rows} rows and {total} bytes", hint=f"At most {largest} bytes are read.")


def _unpacked(data: bytes, chunk: Any) -> Iterator[int]:
    """Give the bytes that each page of a column has when it is unpacked."""
    begin = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < begin:
        begin = chunk.dictionary_page_offset
    at, end = begin, begin + chunk.total_compressed_size
    if not 0 <= begin <= end <= len(data):
        raise CodecError("a column lies outside of its file", hint="Expected a whole Parquet file.")
    while at < end:
        head, at = _struct(data, at)
        size, stored = head.get(2), head.get(3)
        where, encoding = _HEADS.get(head.get(1, -1), (0, 0))
        own = head.get(where)
        if not (isinstance(size, int) and isinstance(stored, int) and isinstance(own, dict)) or min(size, stored) < 0:
            raise CodecError("a page without its sizes", hint="Expected a page as Parquet has it.")
        if own.get(encoding) not in _PLAIN:
            raise CodecError(
                f"a page of encoding {own.get(encoding)}", hint="Expected plain, dictionary or run-length encoding."
            )
        yield size
        at += stored
    if at != end:
        raise CodecError("a page ends outside of its column", hint="Expected a whole Parquet file.")


def _struct(data: bytes, at: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Read a struct in Thrift's compact protocol: fields by number, and where it ends. Only pages' heads are so."""
    fields: dict[int, Any] = {}
    field = 0
    while head := data[at]:
        at += 1
        step, kind = head >> 4, head & 15
        if step == 0:
            raise ValueError("a page's head with fields out of order")
        field += step
        if kind in (1, 2):
            fields[field] = kind == 1
        elif kind == _INT:
            raw, at = _varint(data, at)
            fields[field] = (raw >> 1) ^ -(raw & 1)
        elif kind == _TEXT:
            length, at = _varint(data, at)
            at += length
        elif kind == _STRUCT and depth < _DEEPEST:
            fields[field], at = _struct(data, at, depth + 1)
        else:
            # Statistics have long integers in places; no other type occurs in a page's head.
            if kind != 6:
                raise ValueError(f"a page's head with a field of type {kind}")
            _, at = _varint(data, at)
    return fields, at + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("a page's head with a number that doesn't end")
