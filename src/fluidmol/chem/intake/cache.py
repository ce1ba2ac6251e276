"""A cache of standardised molecules: one SQLite file, shared by all runs of one user."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import ClassVar

import attrs

from fluidmol.chem.cache_file import CacheFile, rows_of
from fluidmol.chem.intake.parents import Standardised

STANDARDISER = 2
"""Version of our own steps around the pipeline; raise it when a result may change."""


@cache
def standardiser_version() -> str:
    """Name everything that a standardised molecule depends on: our steps, RDKit and the pipeline."""
    pipeline = version("chembl-structure-pipeline")
    return f"fluidmol-standardiser {STANDARDISER}; rdkit {version('rdkit')}; chembl_structure_pipeline {pipeline}"


class StandardCache(CacheFile):
    """Remembers what became of each SMILES, for one version of the standardiser, and which transfer sets are sound.

    **Private structures are in it.** Its keys are SHA-256 digests of the raw SMILES, but the standardised SMILES
    stand in the file as they are. So the file can be read and written by its owner only (mode 0600, folder
    0700); delete it whenever you like.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     memory = StandardCache(Path(folder))
    ...     memory.put({"OCC": Standardised("CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "")})
    ...     memory.get(["OCC", "CCN"])
    {'OCC': Standardised(smiles='CCO', inchikey='LFQSCWFLJHTTHZ-UHFFFAOYSA-N', reason='', note='')}
    """

    name: ClassVar[str] = "standardised.sqlite"
    schema: ClassVar[tuple[str, ...]] = (
        # Files of older versions have a table "standardised" without notes; it is left alone.
        """CREATE TABLE IF NOT EXISTS structures (key BLOB PRIMARY KEY, smiles TEXT NOT NULL, inchikey TEXT NOT NULL,
reason TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE IF NOT EXISTS sound (digest TEXT PRIMARY KEY) WITHOUT ROWID",
    )
    without: ClassVar[str] = "molecules are standardised"

    def get(self, smiles: Sequence[str]) -> dict[str, Standardised]:
        """Look up these SMILES; the unknown are left out."""
        keys = {_key(text): text for text in smiles}
        rows = self._ask(lambda base: _select(base, list(keys))) if keys else None
        return {keys[key]: Standardised(*values) for key, *values in rows or ()}

    def put(self, found: Mapping[str, Standardised]) -> None:
        """Keep results by raw SMILES, all or none of them."""
        rows = [(_key(text), *attrs.astuple(item)) for text, item in found.items()]
        if rows:
            self._tell(lambda base: _insert(base, rows))

    def is_sound(self, digest: str) -> bool:
        """Look up whether a transfer set was looked at before, and found to be what it is said to be."""
        ask = "SELECT 1 FROM sound WHERE digest = ?"
        return bool(self._ask(lambda base: base.execute(ask, (digest,)).fetchone()))

    def note_sound(self, digest: str) -> None:
        """Keep that a transfer set is what it is said to be."""
        self._tell(lambda base: _note(base, digest))


def _key(text: str) -> bytes:
    return hashlib.sha256(f"{standardiser_version()}\n{text}".encode("utf-8", "surrogatepass")).digest()


def _select(base: sqlite3.Connection, keys: list[bytes]) -> list[tuple[bytes, str, str, str, str]]:
    return list(rows_of(base, "SELECT key, smiles, inchikey, reason, note FROM structures WHERE key IN", keys))


def _insert(base: sqlite3.Connection, rows: list[tuple[bytes, str, str, str, str]]) -> None:
    with base:
        base.executemany("INSERT OR REPLACE INTO structures VALUES (?, ?, ?, ?, ?)", rows)


def _note(base: sqlite3.Connection, digest: str) -> None:
    with base:
        base.execute("INSERT OR IGNORE INTO sound VALUES (?)", (digest,))
