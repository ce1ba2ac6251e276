"""A cache of standardised molecules: one SQLite file, shared by all runs of one user."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import attrs

from fluidmol.chem.intake.parents import Standardised
from fluidmol.values.places import cache_folder

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

STANDARDISER = 2
"""Version of our own steps around the pipeline; raise it when a result may change."""

_SCHEMA = (
    # Files of older versions have a table "standardised" without notes; it is left alone.
    """CREATE TABLE IF NOT EXISTS structures (key BLOB PRIMARY KEY, smiles TEXT NOT NULL, inchikey TEXT NOT NULL,
reason TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS sound (digest TEXT PRIMARY KEY) WITHOUT ROWID",
)
_BATCH = 900
_PATIENCE_S = 30


@cache
def standardiser_version() -> str:
    """Name everything that a standardised molecule depends on: our steps, RDKit and the pipeline."""
    pipeline = version("chembl-structure-pipeline")
    return f"fluidmol-standardiser {STANDARDISER}; rdkit {version('rdkit')}; chembl_structure_pipeline {pipeline}"


class StandardCache:
    """Remembers what became of each SMILES, for one version of the standardiser, and which transfer sets are sound.

    **Private structures are in it.** Its keys are SHA-256 digests of the raw SMILES, but the standardised SMILES
    stand in the file as they are. So the file can be read and written by its owner only (mode 0600, folder
    0700); delete it whenever you like.

    It never stops the work: a damaged file is set aside and begun anew, and where nothing can be written
    molecules are standardised without it; both are logged as warnings. Several processes may share it.

    Parameters
    ----------
    folder : Path, optional
        Where the file ``standardised.sqlite`` lies; by default ``FLUID_CACHE``, or ``fluidmol`` in the
        user's cache folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     memory = StandardCache(Path(folder))
    ...     memory.put({"OCC": Standardised("CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "")})
    ...     memory.get(["OCC", "CCN"])
    {'OCC': Standardised(smiles='CCO', inchikey='LFQSCWFLJHTTHZ-UHFFFAOYSA-N', reason='', note='')}
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (cache_folder() if folder is None else Path(folder)) / "standardised.sqlite"
        self._usable = True

    def get(self, smiles: Sequence[str]) -> dict[str, Standardised]:
        """Give what is known of these SMILES; the unknown are left out."""
        keys = {_key(text): text for text in smiles}
        if not keys or not self._usable or not self.path.exists():
            return {}
        rows = self._attempt(lambda base: _select(base, list(keys)))
        return {keys[key]: Standardised(*values) for key, *values in rows or ()}

    def put(self, found: Mapping[str, Standardised]) -> None:
        """Keep results by raw SMILES, all or none of them."""
        rows = [(_key(text), *attrs.astuple(item)) for text, item in found.items()]
        if rows and self._usable:
            self._attempt(lambda base: _insert(base, rows))

    def is_sound(self, digest: str) -> bool:
        """Say whether a transfer set was looked at before, and found to be what it is said to be."""
        if not self._usable or not self.path.exists():
            return False
        ask = "SELECT 1 FROM sound WHERE digest = ?"
        return bool(self._attempt(lambda base: base.execute(ask, (digest,)).fetchone()))

    def note_sound(self, digest: str) -> None:
        """Keep that a transfer set is what it is said to be."""
        if self._usable:
            self._attempt(lambda base: _note(base, digest))

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
            for table in _SCHEMA:
                base.execute(table)
        except BaseException:
            base.close()
            raise
        return base

    def _give_up(self, problem: Exception) -> None:
        self._usable = False
        _log.warning("molecules are standardised without a cache: %s: %s", self.path, problem)

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


def _key(text: str) -> bytes:
    return hashlib.sha256(f"{standardiser_version()}\n{text}".encode("utf-8", "surrogatepass")).digest()


def _select(base: sqlite3.Connection, keys: list[bytes]) -> list[tuple[bytes, str, str, str, str]]:
    rows: list[tuple[bytes, str, str, str, str]] = []
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        marks = ",".join("?" * len(batch))
        ask = f"SELECT key, smiles, inchikey, reason, note FROM structures WHERE key IN ({marks})"  # noqa: S608
        rows += base.execute(ask, batch)
    return rows


def _insert(base: sqlite3.Connection, rows: list[tuple[bytes, str, str, str, str]]) -> None:
    with base:
        base.executemany("INSERT OR REPLACE INTO structures VALUES (?, ?, ?, ?, ?)", rows)


def _note(base: sqlite3.Connection, digest: str) -> None:
    with base:
        base.execute("INSERT OR IGNORE INTO sound VALUES (?)", (digest,))


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
