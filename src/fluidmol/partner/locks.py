"""One process at a time: a lock on an open file, which ends with the process that holds it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fluidmol.errors import OutputError

PATIENCE = 20.0
"""Seconds to wait for another process; entries take milliseconds."""


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


if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import os

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
