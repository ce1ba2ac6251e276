"""A cache of features: one SQLite file, shared by all runs of one user."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from typing import ClassVar

from fluidmol.chem.cache_file import CacheFile, rows_of
from fluidmol.chem.featurisers import Block
from fluidmol.chem.featurising import Rows
from fluidmol.chem.packed_rows import LARGEST_WIDTH, packed, unpacked

FEATURES = 1
"""Version of our own code of blocks; raise it when a feature may change."""

LARGEST = 1 << 30
"""Bytes that are kept at most: additive features of a million molecules."""

_CHECK = 8
_OURS = "fluidmol.chem.featurisers."


class FeatureCache(CacheFile):
    """Remembers features by SMILES, block by block, for one version of RDKit, numpy and our own code.

    **It tells of private structures.** They are named by digests only, but features say much of a molecule. So
    nobody but its owner can read the file (mode 0600, folder 0700); delete it whenever you like.

    What was read is checked by a digest that names molecule and block, and computed again where it is damaged. Of two
    halves the one that wasn't asked for longest is dropped when both together reach :data:`LARGEST`. Blocks of other
    packages aren't kept: nobody knows the versions of their code.

    Parameters
    ----------
    folder : Path, optional
        Where the file ``features.sqlite`` lies; by default ``FLUID_CACHE``, or ``fluidmol`` in the user's
        cache folder.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from fluidmol.chem.featurisers.morgan import Fcfp
    >>> rows = np.array([2], np.int32), np.array([3, 5], np.int32), np.array([1, 1], np.float32)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     memory = FeatureCache(Path(folder))
    ...     memory.put(["CO"], [Fcfp()], [rows])
    ...     known, (found,) = memory.get(["CC", "CO"], [Fcfp()])
    >>> known, found[1].tolist()
    ([1], [3, 5])
    """

    name: ClassVar[str] = "features.sqlite"
    schema: ClassVar[tuple[str, ...]] = (
        # Keys are numbers: SQLite finds these fastest.
        "CREATE TABLE IF NOT EXISTS young (key INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS old (key INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS tally (id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL)",
    )
    without: ClassVar[str] = "features are computed"

    def get(self, smiles: Sequence[str], blocks: Sequence[Block]) -> tuple[list[int], list[Rows]]:
        """Look up molecules.

        Returns
        -------
        known : list of int
            Positions of the molecules all of whose blocks are known, ascending.
        rows : list of Rows
            Of each block, those of the known molecules.
        """
        names = [_block_name(block) for block in blocks]
        if not all(map(_ours, blocks)):
            return [], [unpacked([], block.width) for block in blocks]
        molecules = [_molecule_name(text) for text in smiles]
        keys = [_key(molecule, name) for molecule in molecules for name in names]
        found = self._ask(lambda base: _recall(base, keys)) or {}
        known: list[int] = []
        bodies: list[list[bytes]] = [[] for _ in blocks]
        for place, molecule in enumerate(molecules):
            read = [_checked(found.get(_key(molecule, name)), molecule, name) for name in names]
            if None not in read:
                known.append(place)
                for kept, body in zip(bodies, read, strict=True):
                    kept.append(body or b"")
        try:
            return known, [unpacked(kept, block.width) for kept, block in zip(bodies, blocks, strict=True)]
        except (ValueError, IndexError):
            # Whole, but not of this program's making.
            return [], [unpacked([], block.width) for block in blocks]

    def put(self, smiles: Sequence[str], blocks: Sequence[Block], rows: Sequence[Rows]) -> None:
        """Keep the rows of these molecules for each block, all or none of them."""
        molecules = [_molecule_name(text) for text in smiles]
        kept: list[tuple[int, bytes]] = []
        for block, found in zip(blocks, rows, strict=True):
            if _ours(block):
                name = _block_name(block)
                for molecule, body in zip(molecules, packed(found), strict=True):
                    kept.append((_key(molecule, name), _check(body, molecule, name) + body))
        if kept:
            self._tell(lambda base: _insert(base, sorted(kept)))


def _ours(block: Block) -> bool:
    return type(block).__module__.startswith(_OURS) and block.width <= LARGEST_WIDTH


@cache
def features_version() -> str:
    """Name everything that features depend on, but for the block itself: our code, RDKit, and numpy's logarithms.

    Examples
    --------
    >>> features_version().split(";")[0]
    'fluidmol-features 1'
    """
    return f"fluidmol-features {FEATURES}; rdkit {version('rdkit')}; numpy {version('numpy')}"


def _block_name(block: Block) -> bytes:
    return blake2b(f"{features_version()}; {block!r}".encode(), digest_size=32).digest()


def _molecule_name(smiles: str) -> bytes:
    return blake2b(smiles.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _key(molecule: bytes, block: bytes) -> int:
    # A molecule's blocks lie side by side in the file. Two that share a key are told apart by the check.
    return int.from_bytes(molecule[:6] + block[:2], "big", signed=True)


def _check(body: bytes, molecule: bytes, block: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK, key=molecule + block).digest()


def _checked(found: bytes | None, molecule: bytes, block: bytes) -> bytes | None:
    if found is None or found[:_CHECK] != _check(found[_CHECK:], molecule, block):
        return None
    return found[_CHECK:]


def _recall(base: sqlite3.Connection, keys: list[int]) -> Mapping[int, bytes]:
    found: dict[int, bytes] = dict(rows_of(base, "SELECT key, body FROM young WHERE key IN", keys))
    aged = dict(rows_of(base, "SELECT key, body FROM old WHERE key IN", [key for key in keys if key not in found]))
    if aged:
        _insert(base, sorted(aged.items()))
    return found | aged


def _insert(base: sqlite3.Connection, rows: list[tuple[int, bytes]]) -> None:
    """Keep rows among the young; once these are half of what is allowed, they are the old, and the old are dropped."""
    size = sum(len(body) for _, body in rows)
    with base:
        base.executemany("INSERT OR REPLACE INTO young VALUES (?, ?)", rows)
        base.execute("INSERT INTO tally VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET bytes = bytes + ?", (size, size))
        if base.execute("SELECT bytes FROM tally").fetchone()[0] >= LARGEST // 2:
            base.execute("DROP TABLE old")
            base.execute("ALTER TABLE young RENAME TO old")
            base.execute(FeatureCache.schema[0])
            base.execute("UPDATE tally SET bytes = 0")
