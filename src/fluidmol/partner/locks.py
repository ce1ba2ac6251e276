"""One process at a time: a lock on an open file, which ends with the process that holds it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from fluidmol.errors import AwaitingError, OutputError

PATIENCE = 20.0
"""Seconds to wait for another process; entries take milliseconds."""

SHORT = 3.0
"""Seconds to wait for another process that may work for minutes."""

LOCK = ".lock"
"""File in a folder that somebody works in: it says who, and is gone afterwards."""


@contextmanager
def held(file: IO[bytes], path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a lock on an open file within the context.

    Parameters
    ----------
    file : file
        Open for writing.
    path : Path
        Its name, for messages.
    patience : float
        Seconds to wait for whoever holds it, 0 or more.

    Raises
    ------
    OutputError
        If another process holds it for longer.
    OSError
        If the file system has no locks.
    """
    until = time.monotonic() + patience
    while not _locked(file.fileno()):
        if time.monotonic() >= until:
            raise OutputError(f"another process has held {path} for {patience:g} s", hint="Wait for it, then repeat.")
        time.sleep(0.02)
    try:
        yield
    finally:
        _release(file.fileno())


@contextmanager
def alone(folder: Path, doing: str, patience: float | None = None) -> Iterator[None]:
    """Work in a folder alone: no other process that asks for it does so within the context.

    The lock ends with the process that holds it, however that ends.

    Parameters
    ----------
    folder : Path
        Made if it isn't there; removed again if nothing was put into it.
    doing : str
        What is done, for whoever waits.
    patience : float
        Seconds to wait for whoever holds it, 0 or more; :data:`SHORT` by default.

    Raises
    ------
    AwaitingError
        If another process holds it for longer; it says which.
    OutputError
        If the folder can't be written, or its file system has no locks.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as parent:
    ...     with alone(Path(parent, "ada"), "an answer"):
    ...         inside = [path.name for path in Path(parent, "ada").iterdir()]
    ...     inside, Path(parent, "ada").exists()
    (['.lock'], False)
    """
    was_there, path = folder.exists(), folder / LOCK
    try:
        file = _taken(path, SHORT if patience is None else patience)
    except OSError as problem:
        raise _unlockable(folder, problem) from problem
    with file:
        with suppress(OSError):  # a full disk is no reason to do nothing
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}, since {_now()}, for {doing}\n".encode())
        try:
            yield
        finally:
            with suppress(OSError):  # on Windows, which keeps what is open
                path.unlink()
            _release(file.fileno())
            if not was_there:
                with suppress(OSError):
                    folder.rmdir()


@contextmanager
def alone_with(file: Path, doing: str, patience: float | None = None) -> Iterator[None]:
    """Work with a file alone, such as one's key: whatever folders others name, they wait for it.

    Parameters
    ----------
    file : Path
        It is opened for reading only: it may lie on what can't be written.
    doing : str
        What is done, for whoever waits.
    patience : float
        Seconds to wait for whoever holds it, 0 or more; :data:`SHORT` by default.

    Raises
    ------
    AwaitingError
        If another process holds it for longer.
    OutputError
        If it can't be read, or its file system has no locks.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     key = Path(folder, "ada.key")
    ...     _ = key.write_text("secret")
    ...     with alone_with(key, "an answer"):
    ...         pass
    """
    until = time.monotonic() + (SHORT if patience is None else patience)
    try:
        opened = file.open("rb")
    except OSError as problem:
        raise _unlockable(file, problem) from problem
    with opened:
        try:
            while not _locked(opened.fileno()):
                if time.monotonic() >= until:
                    raise AwaitingError(
                        f"another process works with {file}", hint=f"Nothing was done ({doing}): wait, then repeat."
                    )
                time.sleep(0.05)
        except OSError as problem:
            raise _unlockable(file, problem) from problem
        try:
            yield
        finally:
            _release(opened.fileno())


def _unlockable(path: Path, problem: OSError) -> OutputError:
    return OutputError(
        f"{path} can't be locked: {problem.strerror or problem}",
        hint="Nothing was done. Check its rights, and that its file system has locks.",
    )


def _taken(path: Path, patience: float) -> IO[bytes]:
    """Open a file and lock it, while it has its name: who held it before removes it."""
    until = time.monotonic() + patience
    while True:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except FileNotFoundError:  # the folder was removed meanwhile
            if time.monotonic() >= until:
                raise
            continue
        file = os.fdopen(descriptor, "r+b", buffering=0)
        try:
            if _locked(descriptor):
                if _is(descriptor, path):
                    return file
                _release(descriptor)
            elif time.monotonic() >= until:
                holder = file.read(300).decode(errors="replace").strip() or "it isn't said which"
                raise AwaitingError(
                    f"another process works in {path.parent} ({holder})", hint="Nothing was done: wait, then repeat."
                )
            else:
                time.sleep(0.05)
        except BaseException:
            file.close()
            raise
        file.close()


def _is(descriptor: int, path: Path) -> bool:
    try:
        there, ours = path.stat(), os.fstat(descriptor)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    # Far beyond any content, for on Windows a locked part can't be read by others.
    _PLACE = 1 << 62

    def _locked(descriptor: int) -> bool:
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
