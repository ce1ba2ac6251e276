"""The zip file around a value, seen before it is opened."""

from __future__ import annotations

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"

DIRECTORY = 1 << 12
"""Most bytes of the list of members: a zip file of 26 MB may list 300 000, which take 300 MB and seconds to read."""


def check_short(data: bytes) -> None:
    r"""Refuse a zip file that lists many members, or that could be read in two ways.

    Parameters
    ----------
    data : bytes
        The file.

    Raises
    ------
    ValueError
        If its list of members has more than :data:`DIRECTORY` bytes, it is in the format for huge files, or ends in
        anything but the end of a zip file without a comment.

    Examples
    --------
    >>> check_short(b"PK\x05\x06" + b"\0" * 18)
    >>> check_short(b"a letter")
    Traceback (most recent call last):
    ValueError: they don't end as a zip file does
    """
    end = data[-22:]
    if end[:4] != _END or end[-2:] != b"\0\0":
        raise ValueError("they don't end as a zip file does")
    if data[-42:-38] == _END_64:
        raise ValueError("they are a zip file for huge content")
    if (size := int.from_bytes(end[12:16], "little")) > DIRECTORY:
        raise ValueError(f"they list members in {size} bytes: at most {DIRECTORY} are read")
