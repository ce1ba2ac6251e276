"""Files of a folder into which others write, too: read without being led astray, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from pathlib import Path

from fluidmol.errors import InputError

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{12}")

STALE = 3600.0
"""Seconds after which nobody can be writing a temporary file any more."""


def plain(root: Path, parts: list[str]) -> bool:
    """Say whether there is a plain file at ``parts`` below ``root``, with no link on the way."""
    path = root
    for index, part in enumerate(parts):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except (OSError, ValueError):
            return False
        if not (stat.S_ISREG(mode) if index == len(parts) - 1 else stat.S_ISDIR(mode)):
            return False
    return True


def obstacle(path: Path) -> str:
    """Say what is at a path that is no plain file; empty if nothing is, or a plain file.

    Examples
    --------
    >>> obstacle(Path.cwd())
    'a folder'
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return ""
    kinds = ((stat.S_ISREG, ""), (stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a pipe"))
    return next((kind for is_kind, kind in kinds if is_kind(mode)), "a device or socket")


def content(path: Path, largest: int) -> bytes:
    """Give a plain file's content, if it has at most ``largest`` bytes.

    Raises
    ------
    OSError
        If it can't be read, or is a link or a pipe.
    InputError
        If it is larger.
    """
    # Without waiting, and without following: it may have become a pipe or a link since we looked.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise FileNotFoundError(0, "not a plain file")
        if facts.st_size > largest:
            raise InputError(f"{path} has {facts.st_size:,} bytes", hint=f"At most {largest:,} are read.")
        return file.read(largest)


def put(path: Path, data: bytes) -> None:
    """Write a file whole, on the disk itself, in place of one of that name."""
    part = _part(path, data)
    try:
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def put_new(path: Path, data: bytes) -> bool:
    """Write a file whole if there is none of that name; say whether there was none."""
    part = _part(path, data)
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:
        # Sticks and some shares know no links.
        if path.exists():
            return False
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def _part(path: Path, data: bytes) -> Path:
    part = path.with_name(temporary_name(path.name))
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            # A stick may be pulled out as soon as we say that it is done.
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def temporary_name(name: str) -> str:
    """Return a name, new each time, under which a file is written before it gets its own."""
    return f".{name}.{secrets.token_hex(6)}"


def is_temporary(name: str) -> bool:
    """Check whether a file's name is one of :func:`temporary_name`.

    Examples
    --------
    >>> is_temporary(temporary_name("charter.toml")), is_temporary("charter.toml")
    (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Remove what interrupted writers left, once nobody can be writing it any more."""
    for path in folder.glob(".*"):
        if is_temporary(path.name) and not path.is_symlink():
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime > STALE:
                    path.unlink()
