"""Content by its SHA-256: in a folder, or anywhere that fsspec reaches."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from fluidmol.errors import MissingFileError, UnavailableError, UsageError

PIECE = 1 << 18
"""Bytes that are in memory at a time while content is read, 256 KiB."""


class Blobs(Protocol):
    """A store of content, each under its SHA-256 in hexadecimal."""

    def take(self, part: Path, digest: str) -> None:
        """Take a complete file in; it is gone from ``part`` afterwards. Content that is there already stays."""

    def has(self, digest: str) -> bool:
        """Say whether content is there."""

    def pieces(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Give the bytes from ``start`` up to ``stop``, piece by piece.

        Raises
        ------
        MissingFileError
            If the content isn't there.
        """

    def remove(self, digest: str) -> None:
        """Delete content, if it is there."""


class FolderBlobs:
    """Content in a folder.

    Parameters
    ----------
    root : Path
        Made if it isn't there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     part = Path(folder, "part")
    ...     _ = part.write_bytes(b"content")
    ...     store = FolderBlobs(Path(folder, "blobs"))
    ...     store.take(part, "ab12")
    ...     b"".join(store.pieces("ab12", 1, 4))
    b'ont'
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def take(self, part: Path, digest: str) -> None:
        """Move the file in; it is on the disk, not only in the system's memory, before this returns."""
        target = self._path(digest)
        target.parent.mkdir(exist_ok=True)
        _sync(part)
        try:
            part.replace(target)
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            _copy(part, target)
            part.unlink()
        _sync_folder(target.parent)

    def has(self, digest: str) -> bool:
        """Look for the file."""
        return self._path(digest).exists()

    def pieces(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Read from the file."""
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError as problem:
            raise _gone(digest) from problem
        with file:
            yield from _read(file, start, stop)

    def remove(self, digest: str) -> None:
        """Delete the file."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest


class RemoteBlobs:
    """Content wherever fsspec reaches, say ``s3://bucket/drop``.

    Parameters
    ----------
    url : str
        As fsspec has it; its own packages (s3fs, gcsfs, ...) may be needed.

    Raises
    ------
    UnavailableError
        If nothing can speak to such an address.
    """

    def __init__(self, url: str) -> None:
        import fsspec  # noqa: PLC0415 - only who stores elsewhere needs it

        try:
            self._system, root = fsspec.core.url_to_fs(url)
            self._root = str(root).rstrip("/")
            self._system.makedirs(self._root, exist_ok=True)
        except (ImportError, ValueError, OSError) as problem:
            raise UnavailableError(
                f"blobs can't be kept at {url.partition('://')[0]}://: {type(problem).__name__}",
                hint="Check the address, its rights, and that fsspec's package for it is installed.",
            ) from problem

    def take(self, part: Path, digest: str) -> None:
        """Copy the file there, whole, then delete it here."""
        target = self._path(digest)
        if not self.has(digest):
            # Stores of objects show nothing before all is there; file systems would, so that it is renamed.
            # The name tells whose it is, so that two uploads of the same content don't meet.
            beside = f"{target}.{part.stem}.part"
            self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._system.put_file(str(part), beside)
            self._system.mv(beside, target)
        part.unlink()

    def has(self, digest: str) -> bool:
        """Look for it there."""
        return bool(self._system.exists(self._path(digest)))

    def pieces(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Read through fsspec."""
        try:
            file = self._system.open(self._path(digest), "rb", block_size=PIECE)
        except FileNotFoundError as problem:
            raise _gone(digest) from problem
        with file:
            yield from _read(file, start, stop)

    def remove(self, digest: str) -> None:
        """Delete it there."""
        with contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._path(digest))

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"


FLEETING = {
    "memory": "what it holds ends with the process",
    "data": "it holds only what its own name says",
    **dict.fromkeys(("blockcache", "cached", "filecache", "simplecache"), "it is a cache, which may forget"),
    **dict.fromkeys(
        ("git", "github", "gist", "http", "https", "libarchive", "reference", "root", "tar", "zip"),
        "what is stored once can't be stored and deleted there",
    ),
}
"""Schemes of fsspec at which no content lasts, or can't be written, and why."""


def check_lasting(url: str) -> None:
    """Refuse an address at which content doesn't last.

    Parameters
    ----------
    url : str
        As fsspec has it; of a chain, such as ``simplecache::s3://bucket``, each link counts.

    Raises
    ------
    UsageError
        Saying why.

    Examples
    --------
    >>> check_lasting("s3://bucket/drop")
    >>> check_lasting("memory://drop")
    Traceback (most recent call last):
    fluidmol.errors.UsageError: blobs can't be kept at memory://: what it holds ends with the process. Name ...
    """
    for link in url.split("::"):
        scheme = link.partition("://")[0].lower()
        if scheme in FLEETING and ("://" in link or "::" in url):
            raise UsageError(
                f"blobs can't be kept at {scheme}://: {FLEETING[scheme]}",
                hint="Name a folder, or a store that lasts, such as s3://bucket/drop, with `blobs`.",
            )


def open_blobs(url: str) -> Blobs:
    """Open a folder, or an fsspec URL.

    Raises
    ------
    UsageError
        If nothing lasts there.
    UnavailableError
        If nothing can speak to such an address.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     type(open_blobs(f"file://{folder}")).__name__
    'RemoteBlobs'
    """
    check_lasting(url)
    return RemoteBlobs(url) if "://" in url else FolderBlobs(Path(url))


def _read(file: Any, start: int, stop: int) -> Iterator[bytes]:
    file.seek(start)
    left = stop - start
    while left > 0 and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece


def _gone(digest: str) -> MissingFileError:
    return MissingFileError(f"the content {digest[:12]} is gone from the store", hint="Restore it from the backup.")


def _copy(part: Path, target: Path) -> None:
    """Bring a file to another file system: nothing has its name there before all of it is on the disk."""
    # The name tells whose it is, so that two uploads of the same content don't meet.
    beside = target.with_name(f".{target.name}.{part.stem}.part")
    try:
        shutil.copyfile(part, beside)
        _sync(beside)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
