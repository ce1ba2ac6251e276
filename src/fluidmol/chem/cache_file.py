"""A cache in one SQLite file that only its owner can read, shared by all runs of one user."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from fluidmol.values.places import cache_folder

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_BATCH = 900
_PATIENCE_S = 30


class CacheFile:
    """What caches have in common: a file of mode 0600, in a folder of mode 0700, and how trouble with it is met.

    It never stops the work: a damaged file is set aside and begun anew, and where nothing can be written the work is
    done without it; both are logged as warnings. Several processes may share it.

    Parameters
    ----------
    folder : Path, optional
        Where the file lies; by default ``FLUID_CACHE``, or ``fluidmol`` in the user's cache folder.
    """

    name: ClassVar[str]
    """Of the file."""

    schema: ClassVar[tuple[str, ...]]
    """Statements that make its tables where they aren't there."""

    without: ClassVar[str]
    """What is done without it where it can't be used."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (cache_folder() if folder is None else Path(folder)) / self.name
        self._usable = True

    def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Ask the file; None where there is none, or it can't be used."""
        return self._attempt(question) if self._usable and self.path.exists() else None

    def _tell(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Write to the file, which is made where there is none."""
        if self._usable:
            self._attempt(work)

    def _attempt(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Open, work and close; a connection that doesn't outlive the call is safe among processes."""
        try:
            with closing(self._open()) as base:
                return work(base)
        except sqlite3.OperationalError as problem:
            self._give_up(problem)
        except sqlite3.DatabaseError as problem:
            self._set_aside(problem)
        except OSError as problem:
            self._give_up(problem)
        return None

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite would take the mode from the umask; its side files take theirs from this one.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        base = sqlite3.connect(self.path, timeout=_PATIENCE_S)
        try:
            _share(base)
            base.execute("PRAGMA synchronous = NORMAL")
            for table in self.schema:
                base.execute(table)
        except BaseException:
            base.close()
            raise
        return base

    def _give_up(self, problem: Exception) -> None:
        self._usable = False
        _log.warning("%s without a cache: %s: %s", self.without, self.path, problem)

    def _set_aside(self, problem: Exception) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            for side in ("-wal", "-shm"):
                self.path.with_name(self.path.name + side).unlink(missing_ok=True)
            self.path.chmod(0o600)
            self.path.replace(aside)
        except OSError as trouble:
            self._give_up(trouble)
            return
        _log.warning("the cache %s is damaged (%s): set aside as %s, a new one is begun", self.path, problem, aside)


def rows_of(base: sqlite3.Connection, question: str, keys: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Ask for the rows of many keys, some hundred a statement.

    Parameters
    ----------
    base : sqlite3.Connection
    question : str
        A statement that ends in ``IN``; fixed text, never anybody's input.
    keys : sequence

    Examples
    --------
    >>> base = sqlite3.connect(":memory:")
    >>> _ = base.execute("CREATE TABLE squares AS SELECT 2 AS root, 4 AS square")
    >>> list(rows_of(base, "SELECT square FROM squares WHERE root IN", [1, 2, 3]))
    [(4,)]
    >>> base.close()
    """
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        yield from base.execute(f"{question} ({','.join('?' * len(batch))})", batch)


def _share(base: sqlite3.Connection) -> None:
    """Let others read and write meanwhile. SQLite's patience doesn't hold for this: two who create a file collide."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            base.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
