"""Thrift's compact protocol, as Parquet's footers and heads of pages are written in it: read, and nothing believed.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, SHORT, INT, LONG, DOUBLE, TEXT, LIST, SET, MAP, STRUCT = range(1, 13)
"""Types of fields."""

Struct = dict[int, tuple[int, Any]]
"""Type and content of each field, by number."""

_BITS = {BYTE: 8, SHORT: 16, INT: 32, LONG: 64}
_DEEPEST = 8


def read_struct(data: bytes, at: int, depth: int = 0) -> tuple[Struct, int]:
    """Read a struct, and say where it ends.

    Parameters
    ----------
    data : bytes
    at : int
        Where it begins.
    depth : int
        How deep it lies in others.

    Raises
    ------
    ValueError
        If it is malformed, or readers might disagree about it.
    IndexError
        If it doesn't end.

    Examples
    --------
    >>> read_struct(bytes([0x15, 0x02, 0x18, 0x01, 0x61, 0x00]), 0)
    ({1: (5, 1), 2: (8, b'a')}, 6)
    """
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    fields: Struct = {}
    field = 0
    while head := data[at]:
        at += 1
        kind = head & 15
        if head >> 4:
            field += head >> 4
        else:
            field, at = _number(data, at, SHORT)
        if field in fields:
            raise ValueError(f"it has the field {field} twice")
        content: Any = kind == TRUE
        if kind not in (TRUE, FALSE):
            content, at = _content(data, at, kind, depth)
        fields[field] = kind, content
    return fields, at + 1


def field_of(struct: Struct, field: int, kind: int) -> Any:
    """Give a field's content, None if there is none.

    Raises
    ------
    ValueError
        If it is of another type: some readers then take it for absent.
    """
    if field not in struct:
        return None
    found, content = struct[field]
    if found != kind:
        raise ValueError(f"its field {field} is of type {found}, expected {kind}")
    return content


def _content(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind == BYTE:
        return data[at], at + 1
    if kind in _BITS:
        return _number(data, at, kind)
    if kind == DOUBLE:
        return None, _within(data, at + 8)
    if kind == TEXT:
        length, at = _varint(data, at)
        return data[at : at + length], _within(data, at + length)
    if kind in (LIST, SET):
        return _list(data, at, depth + 1)
    if kind == STRUCT:
        return read_struct(data, at, depth + 1)
    raise ValueError(f"it has a field of type {kind}")  # Parquet has no maps


def _list(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    length, kind = data[at] >> 4, data[at] & 15
    at += 1
    if length == 15:
        length, at = _varint(data, at)
    if length > len(data) - at:  # each member takes a byte at least
        raise ValueError(f"it has a list that claims {length} members")
    content = []
    for _ in range(length):
        one, at = (data[at] == TRUE, at + 1) if kind in (TRUE, FALSE) else _content(data, at, kind, depth)
        content.append(one)
    return content, at


def _number(data: bytes, at: int, kind: int) -> tuple[int, int]:
    raw, at = _varint(data, at)
    if raw >> _BITS[kind]:
        raise ValueError("it has a number that is too large for its type")
    return (raw >> 1) ^ -(raw & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("it has a number that doesn't end")


def _within(data: bytes, at: int) -> int:
    if at > len(data):
        raise ValueError("it doesn't end")
    return at
