"""A Parquet file's footer: what is in the file and where, checked before Parquet's own reader sees it.

That reader aborts the whole process at some footers, and lays out memory for what others claim. So only such footers
are let through as flat columns of numbers and texts have. The format: https://parquet.apache.org/docs/file-format/.
"""

from __future__ import annotations

from typing import Any

import attrs

from fluidmol.errors import CodecError
from fluidmol.values.thrift import INT, LIST, LONG, STRUCT, TEXT, Struct, field_of, read_struct

FOOTER = 1 << 21
"""Most bytes of a footer, 2 MiB: some 10 000 columns, which take a second and 100 MB."""

WRITER = b"parquet-cpp-arrow"
"""How the writer's name begins: for files of old writers, readers have exceptions that nobody needs here."""

_MAGIC = b"PAR1"
_TYPES = ("bool", "int32", "int64", "int96", "float", "double", "binary", "fixed")
_FLOAT, _BYTES = 4, 6
_OPTIONAL = 1


@attrs.frozen
class Chunk:
    """Values of one column, page by page."""

    begin: int
    """Where its first page begins."""

    end: int
    """Where its last page ends."""

    values: int
    """How many there are."""


@attrs.frozen
class Footer:
    """What a file holds."""

    rows: int
    """Number of rows."""

    columns: int
    """Number of columns."""

    chunks: tuple[Chunk, ...] = attrs.field(repr=False)
    """All columns of all groups of rows."""


def read_footer(data: bytes) -> Footer:
    """Read and check the footer of a Parquet file.

    Raises
    ------
    CodecError
        If it is too long, or says what isn't so, or isn't said of flat columns.
    ValueError, IndexError
        If it is no Parquet file.

    Examples
    --------
    >>> import io
    >>> import pyarrow as pa
    >>> import pyarrow.parquet as pq
    >>> target = io.BytesIO()
    >>> pq.write_table(pa.table({"a": pa.array([0.5, 0.25], pa.float32()), "b": ["C", "CC"]}), target)
    >>> read_footer(target.getvalue())
    Footer(rows=2, columns=2)
    """
    length = int.from_bytes(data[-8:-4], "little")
    if length > FOOTER:
        raise CodecError(f"columns with a footer of {length} bytes", hint=f"At most {FOOTER} are read.")
    if data[:4] != _MAGIC or data[-4:] != _MAGIC or length > len(data) - 12:
        raise ValueError("the columns aren't in a Parquet file")
    begin = len(data) - 8 - length
    facts, end = read_struct(data[begin:-8], 0)
    if end != length or not bytes(_needed(facts, 6, TEXT)).startswith(WRITER) or {8, 9} & set(facts):
        raise CodecError("columns that another program wrote", hint="Expected a Parquet file as fluidmol writes it.")
    names = _names(_needed(facts, 2, LIST))
    chunks, rows = [], 0
    for group in _needed(facts, 4, LIST):
        count = _needed(group, 3, LONG)
        found = _needed(group, 1, LIST)
        if count < 0 or len(found) != len(names):
            raise _wrong("groups of rows that don't agree with its columns")
        rows += count
        for name, column in zip(names, found, strict=True):
            chunks.append(_chunk(column, name, count, begin))
    if _needed(facts, 3, LONG) != rows:
        raise _wrong("groups that don't agree on the number of rows")
    return Footer(rows, len(names), tuple(chunks))


def _names(schema: list[Any]) -> list[tuple[bytes, int]]:
    """Give name and type of each column."""
    if not schema or field_of(schema[0], 5, INT) != len(schema) - 1:
        raise _wrong("nested columns, such as lists")
    found = []
    for element in schema[1:]:
        kind = _needed(element, 1, INT)
        if kind not in (_FLOAT, _BYTES):
            named = _TYPES[kind] if kind in range(len(_TYPES)) else kind
            raise _wrong(f"a column of type {named}: expected float or string")
        if 5 in element or field_of(element, 3, INT) != _OPTIONAL:
            raise _wrong("columns that aren't flat")
        found.append((_needed(element, 4, TEXT), kind))
    if len({name for name, _ in found}) != len(found):
        raise _wrong("two columns of one name")
    return found


def _chunk(column: Struct, name: tuple[bytes, int], rows: int, end: int) -> Chunk:
    facts = _needed(column, 3, STRUCT)
    if {1, 8, 9} & set(column) or 17 in facts:
        raise _wrong("a column in another file, encrypted, or of places on the earth")
    if (_needed(facts, 3, LIST), _needed(facts, 1, INT)) != ([name[0]], name[1]):
        raise _wrong("columns that aren't those of its schema")
    if _needed(facts, 5, LONG) != rows:
        raise _wrong("columns that don't agree on the number of rows")
    # Levels of optional, flat columns: one of repetition, two of definition.
    sizes = field_of(facts, 16, STRUCT) or {}
    if len(field_of(sizes, 2, LIST) or ()) > 1 or len(field_of(sizes, 3, LIST) or ()) not in (0, 2):
        raise _wrong("counts of levels that flat columns don't have")
    first, dictionary = _needed(facts, 9, LONG), field_of(facts, 11, LONG)
    begin = dictionary if dictionary is not None and 0 < dictionary < first else first
    size = _needed(facts, 7, LONG)
    if rows and not 4 <= begin <= begin + size <= end:
        raise _wrong("a column outside of its file")
    return Chunk(begin, begin + size, rows)


def _needed(struct: Any, field: int, kind: int) -> Any:
    found = field_of(struct, field, kind)
    if found is None:
        raise ValueError(f"the columns' footer lacks a field {field}")
    return found


def _wrong(what: str) -> CodecError:
    return CodecError(f"the columns' footer says {what}", hint="Expected a Parquet file as fluidmol writes it.")
