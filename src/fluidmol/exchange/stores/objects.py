"""Stores that fsspec reaches: objects in S3, and what other packages of fsspec's family speak to."""

from __future__ import annotations

import contextlib
import inspect
import time
from datetime import UTC, datetime
from typing import Any

import fsspec
from fsspec.dircache import DirCache

from fluidmol.exchange.disk import STALE, is_temporary, temporary_name
from fluidmol.exchange.mailbox import LARGEST
from fluidmol.exchange.stores.store import StoredFile
from fluidmol.exchange.stores.trouble import code_of

CONDITIONAL = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")
"""Schemes of stores that write an object only if there is none, in one step."""

S3 = ("s3", "s3a")

CAUTION = (
    "this store has no way to write a file only if there is none: two who write the same name at the same moment may"
    " replace one another's (docs/stores.md)"
)
"""What is told of all other schemes."""

_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified")


def is_conditional(scheme: str) -> bool:
    """Check whether fsspec's package for a scheme writes only if there is none, in one step.

    Raises
    ------
    ImportError, ValueError
        If the package isn't installed, or no package speaks that.
    """
    kind = fsspec.get_filesystem_class(scheme)
    return scheme in CONDITIONAL and "mode" in inspect.signature(getattr(kind, "_pipe_file", kind.pipe_file)).parameters


class FsspecStore:
    """A :class:`~fluidmol.exchange.stores.store.Store` below an fsspec URL.

    Settings of the connection are fsspec's: ``FSSPEC_...`` in the environment, and files in ``~/.config/fsspec``.

    Parameters
    ----------
    scheme : str
        In small letters.
    url : str
    """

    def __init__(self, scheme: str, url: str) -> None:
        options: dict[str, Any] = {"skip_instance_cache": True}
        if scheme in S3 and "config_kwargs" not in fsspec.config.conf.get("s3", {}):
            options["config_kwargs"] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 20, "read_timeout": 90}
        self._system, root = fsspec.core.url_to_fs(url, **options)
        if scheme in S3:
            self._system.retries = 1  # it is tried again by who uses us, who also says so
        # What others have just written must show.
        self._system.dircache = DirCache(use_listings_cache=False)
        self._root = str(root).rstrip("/")
        self._conditional = is_conditional(scheme)
        # One request for any size, so that nothing unfinished is ever left behind.
        self._at_once: dict[str, Any] = {"chunksize": LARGEST} if scheme in S3 else {}
        self.whole = self._conditional

    def children(self, folder: str) -> list[StoredFile]:
        """List files and folders right within a folder."""
        path = self._path(folder)
        found = (self._item(facts) for facts in self._system.ls(path, detail=True))
        return [item for item in found if item is not None and item.name != folder]

    def look(self, name: str) -> StoredFile:
        """Return what is known of a file or folder."""
        item = self._item(self._system.info(self._path(name)))
        if item is None:
            raise FileNotFoundError(name)
        return item

    def content(self, name: str, size: int) -> bytes:
        """Read no more than ``size`` bytes of a file."""
        return bytes(self._system.cat_file(self._path(name), start=0, end=size))

    def put(self, name: str, data: bytes) -> None:
        """Write a file, in place of one of that name."""
        self._make_above(name)
        self._system.pipe_file(self._path(name), data, **self._at_once)

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a file if none has the name; in one step where the store has conditional writes."""
        if not self._conditional:
            return self._put_checked(name, data)
        try:
            self._system.pipe_file(self._path(name), data, mode="create", **self._at_once)
        except OSError as problem:
            if isinstance(problem, FileExistsError) or code_of(problem) in ("PreconditionFailed", "412"):
                return False
            if code_of(problem) in ("ConditionalRequestConflict", "409"):
                raise ConnectionError("another write of the same name is under way") from problem
            raise
        return True

    def move(self, source: str, target: str) -> None:
        """Copy, then remove: stores of objects know no other way."""
        self._make_above(target)
        if self._conditional:
            self._system.cp_file(self._path(source), self._path(target))
            self._system.rm_file(self._path(source))
        else:
            self._system.mv(self._path(source), self._path(target))

    def close(self) -> None:
        """Leave connections to fsspec, which ends them with its loop."""

    def _put_checked(self, name: str, data: bytes) -> bool:
        """Write beside, look whether the name is free, rename, and read back: between these somebody may write, too."""
        above, _, last = name.rpartition("/")
        self._make_above(name)
        self._sweep(above)
        part = f"{above}/{temporary_name(last)}".lstrip("/")
        try:
            self._system.pipe_file(self._path(part), data)
            if self._system.exists(self._path(name)):
                return False
            self._system.mv(self._path(part), self._path(name))
        finally:
            with contextlib.suppress(Exception):
                self._system.rm_file(self._path(part))
        return self.content(name, len(data) + 1) == data

    def _sweep(self, folder: str) -> None:
        with contextlib.suppress(Exception):
            for item in self.children(folder):
                old = item.when is not None and time.time() - item.when.timestamp() > STALE
                if old and is_temporary(item.name.rpartition("/")[2]):
                    self._system.rm_file(self._path(item.name))

    def _make_above(self, name: str) -> None:
        if not self._conditional:
            self._system.makedirs(self._path(name.rpartition("/")[0]), exist_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _item(self, facts: dict[str, Any]) -> StoredFile | None:
        """Read what fsspec tells of a file; None of what is neither file nor folder, or not below us."""
        path, kind = str(facts["name"]).rstrip("/"), facts.get("type")
        if kind not in ("file", "directory") or not f"{path}/".startswith(f"{self._root}/"):
            return None
        name = path[len(self._root) + 1 :]
        return StoredFile(name, int(facts.get("size") or 0), _moment(facts), folder=kind == "directory")


def _moment(facts: dict[str, Any]) -> datetime | None:
    for found in (facts[key] for key in _TIMES if facts.get(key)):
        with contextlib.suppress(ValueError, OverflowError, OSError):
            if isinstance(found, (int, float)):
                return datetime.fromtimestamp(found, UTC)
            when = found if isinstance(found, datetime) else datetime.fromisoformat(str(found))
            return when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return None
