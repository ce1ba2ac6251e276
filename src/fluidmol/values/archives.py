"""The zip file around a value: written always alike, and read without believing what it says of itself."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

DIRECTORY = 1 << 12
"""Most bytes of the list of members: a zip file of 26 MB may list 300 000, which take 300 MB and seconds to read."""

MALFORMED = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, NotImplementedError, OSError, EOFError,
    RecursionError, RuntimeError, OverflowError, MemoryError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What malformed content makes the readers raise; never a bare ``Exception``, which would hide our own faults."""

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_SAMPLE, _SAMPLES, _WORTH = 1 << 12, 16, 0.8
_LEVEL = 4
"""Of deflate: opinions become no smaller above it, and structures by 7 % in twice the time."""


def add_member(archive: zipfile.ZipFile, name: str, data: bytes, *, deflate: bool = False) -> None:
    """Add a member; equal content gives equal bytes.

    Parameters
    ----------
    archive : zipfile.ZipFile
        Open for writing.
    name : str
        ASCII.
    data : bytes
    deflate : bool
        Whether to deflate it if that is worth the time, as a sample of it says: random numbers only take longer.
    """
    step = max(_SAMPLE, len(data) // _SAMPLES)
    sample = b"".join(data[at : at + _SAMPLE] for at in range(0, len(data), step)) if deflate else b""
    worth = len(zlib.compress(sample, _LEVEL)) < _WORTH * len(sample)
    # A fixed date: equal values must give equal bytes.
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    archive.writestr(info, data, zipfile.ZIP_DEFLATED if worth else zipfile.ZIP_STORED, _LEVEL)


def read_members(
    data: bytes, stored: Mapping[str, int], deflated: Mapping[str, int] | None = None
) -> tuple[set[str], dict[str, bytes]]:
    r"""Read some members of a zip file.

    Parameters
    ----------
    data : bytes
        The file.
    stored : mapping of str to int
        Members that are read, with the most bytes that each may have; they must be stored as they are.
    deflated : mapping of str to int, optional
        Likewise; these may be deflated.

    Returns
    -------
    set of str
        Names of all members.
    dict of str to bytes
        Content of those that were named and are there.

    Raises
    ------
    ValueError
        If it lists many members or one twice, has anything before, between or behind them, could be read in two ways,
        or if a member is larger than it may be or than it says: nothing larger is unpacked.
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError
        If it is no whole zip file.

    Examples
    --------
    >>> read_members(b"PK\x05\x06" + b"\0" * 18, {"facts.json": 100})
    (set(), {})
    >>> read_members(b"a letter", {})
    Traceback (most recent call last):
    ValueError: they don't end as a zip file does
    """
    _check_end(data)
    bounds = {**stored, **(deflated or {})}
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        names = {member.filename for member in members}
        if len(names) != len(members):
            raise ValueError(f"members {sorted(member.filename for member in members)}: one is there twice")
        # Two headers of 30 and 46 bytes a member, each with its name, and 22 bytes at the end.
        if sum(member.compress_size + 2 * len(member.filename.encode()) + 76 for member in members) + 22 != len(data):
            raise ValueError("there is something before, between or within the members")
        for member in members:
            name, size = member.filename, member.file_size
            if name not in bounds:
                continue
            if member.compress_type not in {
                zipfile.ZIP_STORED,
                *({zipfile.ZIP_DEFLATED} if name not in stored else ()),
            }:
                raise ValueError(f"{name} is compressed")
            if size > bounds[name]:
                raise ValueError(f"{name} is too large: {size} bytes, at most {bounds[name]} are read")
            with archive.open(member) as file:
                # No more than it announces is inflated, whatever it holds.
                found[name] = file.read(size)
            if len(found[name]) != size:
                raise ValueError(f"{name} has {len(found[name])} bytes and announces {size}")
    return names, found


def _check_end(data: bytes) -> None:
    end = data[-22:]
    if end[:4] != _END or end[-2:] != b"\0\0":
        raise ValueError("they don't end as a zip file does")
    if data[-42:-38] == _END_64:
        raise ValueError("they are a zip file for huge content")
    if (size := int.from_bytes(end[12:16], "little")) > DIRECTORY:
        raise ValueError(f"they list members in {size} bytes: at most {DIRECTORY} are read")
