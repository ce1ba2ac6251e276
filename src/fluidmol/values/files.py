"""Files: written whole or not at all, and read only where there is something to read."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from fluidmol.errors import InputError, MissingFileError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside ``path``, then rename: a reader, or an interrupted run, never meets half a file.

    Parameters
    ----------
    path : Path
        Its folder must be there; a file of this name is replaced.
    content : str or bytes
        Text is written as UTF-8, line ends as they are.

    Raises
    ------
    OSError
        If the folder can't be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), "whole")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    # Made by open and not by tempfile, whose files nobody but their owner may read.
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with part.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_once(path: Path, content: bytes, mode: int = 0o666) -> bool:
    """Write a file whole, unless there is one of this name: of several processes that try, one succeeds.

    Parameters
    ----------
    path : Path
        Its folder must be there.
    content : bytes
    mode : int
        Rights of the file, as far as the user's mask leaves them; ``0o600`` for a secret, which nobody else may read at
        any time.

    Returns
    -------
    bool
        Whether it was written; a file that was there stays as it is.

    Raises
    ------
    OSError
        If the folder can't be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.bin")
    ...     write_once(path, b"first"), write_once(path, b"second"), path.read_bytes()
    (True, False, b'first')
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(part, flags, mode), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # which, unlike a renaming, replaces nothing
    except FileExistsError:
        return False
    except OSError as problem:
        # Sticks and some shares know no links.
        if not part.exists() or problem.errno not in _NO_LINKS:
            raise
        if path.exists():
            return False
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EINVAL}


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    path : Path
    most : int, optional
        Bytes that it may have.

    Raises
    ------
    MissingFileError
        If it can't be read.
    InputError
        If it is a pipe or a device, or larger.
    """
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            data = file.read(-1 if most is None else most + 1)
    except OSError as problem:
        raise MissingFileError(
            f"{path} can't be read: {problem.strerror or problem}", hint="Check path and rights."
        ) from problem
    if most is not None and len(data) > most:
        raise InputError(f"{path} is too large", hint=f"At most {most:,} bytes are read.")
    return data


def refuse_pipe(path: Path) -> None:
    """Refuse a pipe or a device, on which a command would wait; what isn't there is left to who opens it.

    Raises
    ------
    InputError
        If it is one.
    OSError
        If its folder can't be looked into.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"{path} is no regular file", hint="Expected a file on a disk, not a pipe or a device.")


def read_text_file(path: Path, largest: int, *, what: str, make: str) -> str:
    """Read a small text file that people write.

    Parameters
    ----------
    path : Path
    largest : int
        Bytes that it may have.
    what : str
        What it is, for messages.
    make : str
        How one is made.

    Raises
    ------
    MissingFileError
        If there is none, or it can't be read.
    InputError
        If it is too large, or no UTF-8 text.
    """
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as problem:
        raise MissingFileError(f"{what} {path} can't be read: {problem.strerror}", hint=make) from problem
    if len(data) > largest:
        raise InputError(f"{path} has more than {largest} bytes", hint=f"Expected {what}.")
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        raise InputError(f"{path} isn't UTF-8 text", hint=f"Expected {what}, a TOML file.") from problem
