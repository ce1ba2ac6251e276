"""A folder as a mailbox: on a disk, a stick, or a share that some program keeps in step.

Whoever may write into the folder may put anything there: links, pipes, huge files, half-copied ones. Nothing is
followed out of it, and nothing is believed because of its name.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.exchange import disk, mailbox
from fluidmol.exchange.mailbox import BlobEntry

PATIENCE = 60.0
"""Seconds after its last change in which a file may still be on its way."""

_ENDINGS = (".fluid", ".age", ".json")
_LAYOUT = (
    mailbox.CHARTER, mailbox.TRANSFER, mailbox.REPRESENTATION, mailbox.AGREEMENTS, mailbox.REQUESTS, mailbox.REPLIES,
    mailbox.OUTCOME, mailbox.QUARANTINE,
)  # fmt: skip
_BROUGHT = (mailbox.AGREEMENTS, mailbox.REQUESTS, mailbox.REPLIES, mailbox.INBOX)


class FolderMailbox:
    """A :class:`~fluidmol.exchange.mailbox.Carried` mailbox that is a folder.

    Upper and lower case are told apart only where the folder holds both.

    Parameters
    ----------
    path : Path
        Must be there.
    patience : float
        Seconds after its last change in which a file may still be on its way, 0 or more.

    Raises
    ------
    MissingFileError
        If it isn't there.
    InputError
        If it is a file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as path:
    ...     box = FolderMailbox(Path(path))
    ...     box.write("requests/1.fluid", b"a question")
    ...     box.names("requests"), box.read("requests/1.fluid")
    (['requests/1.fluid'], b'a question')
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        if not path.is_dir():
            if path.exists():
                raise InputError(f"{path} is a file", hint="Give the consortium's folder.")
            raise MissingFileError(f"there is no folder {path}", hint="Check the path; is the stick or share there?")
        self.path = path
        self._patience = patience

    def names(self, under: str = "") -> list[str]:
        """List full names of the blobs within ``under`` and below, sorted."""
        found = {_canonical(name) for name, _ in self._walk(self.path)}
        return sorted(
            name for name in found if mailbox.is_proper(name) and f"{name}/".startswith(f"{under}/" * bool(under))
        )

    def entry(self, name: str) -> BlobEntry:
        """Say size and time of a blob without reading it.

        Raises
        ------
        MissingFileError
            If there is none.
        """
        try:
            facts = self._found(name).lstat()
        except OSError as problem:
            raise self._unreadable(name, problem) from problem
        arriving = abs(time.time() - facts.st_mtime) < self._patience
        return BlobEntry(name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC), arriving)

    def read(self, name: str) -> bytes:
        """Give a blob's content.

        Raises
        ------
        MissingFileError
            If there is none, or it can't be read.
        InputError
            If it is larger than :data:`~fluidmol.exchange.mailbox.LARGEST`.
        """
        try:
            return disk.content(self._found(name), mailbox.LARGEST)
        except OSError as problem:
            raise self._unreadable(name, problem) from problem

    def write(self, name: str, data: bytes) -> None:
        """Write a blob, whole or not at all; the same content again changes nothing.

        Raises
        ------
        OutputError
            If there is one of that name with other content, or the folder can't be written.
        """
        mailbox.check_name(name)
        if self._same(name, data):
            return
        with self._writing(name):
            target = self._place_for(name)
            disk.sweep(target.parent)
            if not disk.put_new(target, data) and not self._same(name, data):
                raise self._in_the_way(target) if disk.obstacle(target) else FileNotFoundError(name)

    def set_aside(self, name: str, reason: str) -> None:
        """Move a blob to ``quarantine/``, with the reason as a text beside it.

        Raises
        ------
        MissingFileError
            If there is none.
        OutputError
            If the folder can't be written.
        """
        source = self._found(name)
        facts = source.lstat()
        aside = mailbox.aside(name, f"{facts.st_size} {facts.st_mtime_ns}")
        with self._writing(aside):
            target = self._place_for(aside)
            # The reason first: whatever lies in quarantine has one, even after a crash.
            disk.put(target.with_name(f"{target.name}.txt"), mailbox.reason_text(name, reason).encode())
            source.replace(target)

    def loose(self) -> list[str]:
        """List files that might be something and lie outside of the layout: at the top, in ``inbox/``, misnamed."""
        found = []
        for name, _ in self._walk(self.path):
            top, _, rest = name.partition("/")
            at_top = not rest and top.lower() not in _LAYOUT
            misplaced = top.lower() in _BROUGHT and (
                top.lower() == mailbox.INBOX or not mailbox.is_proper(_canonical(name))
            )
            if (at_top or misplaced) and name.lower().endswith(_ENDINGS):
                found.append(name)
        return sorted(found)

    def settle(self, loose: str, name: str) -> None:
        """Move a file to where it belongs; if the same is there already, the loose one goes.

        Raises
        ------
        OutputError
            If something else is there, or the folder can't be written.
        """
        data = self.read(loose)
        self.write(mailbox.check_name(name), data)
        with self._writing(loose):
            self._found(loose).unlink()

    def _walk(self, folder: Path, depth: int = mailbox.DEEPEST) -> Iterator[tuple[str, Path]]:
        """Go through plain files, by relative name; links, hidden ones and what is too deep are passed over."""
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise self._unreadable(str(folder.relative_to(self.path)), problem) from problem
        for entry in listed:
            if entry.name.startswith((".", "~")):
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False) and depth > 1:
                yield from self._walk(path, depth - 1)
            elif entry.is_file(follow_symlinks=False):
                yield path.relative_to(self.path).as_posix(), path

    def _found(self, name: str) -> Path:
        """Give the path of a file that is there, exactly so or in other case.

        Raises
        ------
        MissingFileError
            If there is none.
        """
        exact = self.path.joinpath(*_parts(name))
        if disk.plain(self.path, _parts(name)):
            return exact
        wanted = name.lower()
        for other, path in self._walk(self.path):
            if other.lower() == wanted:
                return path
        raise MissingFileError(f"there is no {name} in {self.path}", hint="Has it been moved since?")

    def _same(self, name: str, data: bytes) -> bool:
        """Say whether this very content is there already.

        Raises
        ------
        OutputError
            If other content is.
        """
        try:
            path = self._found(name)
        except MissingFileError:
            return False
        if path.lstat().st_size == len(data) and self.read(name) == data:
            return True
        raise OutputError(
            f"{self.path / name} is there already, with other content", hint="Nothing in a consortium is overwritten."
        )

    def _place_for(self, name: str) -> Path:
        """Give the path for a new file, with its folder made; folders that are there in other case are used."""
        folder = self.path
        *above, last = _parts(name)
        for part in above:
            exact = folder / part
            if not exact.exists():
                exact = next((p for p in folder.iterdir() if p.name.lower() == part.lower() and p.is_dir()), exact)
            if exact.is_symlink() or (exact.exists() and not exact.is_dir()):
                raise self._in_the_way(exact, expected="a folder")
            exact.mkdir(exist_ok=True)
            folder = exact
        return folder / last

    def _in_the_way(self, path: Path, expected: str = "a file") -> OutputError:
        return OutputError(
            f"{path} is {disk.obstacle(path) or 'a file'}: expected {expected}, or nothing",
            hint="Look at what it is, and move it out of the place; the same command then goes on.",
        )

    @contextlib.contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise OutputError(
                f"{self.path / name} can't be written: {problem.strerror or problem}",
                hint="Is the disk full, read-only, or gone? Once it can be written, the same command goes on.",
            ) from problem

    def _unreadable(self, name: str, problem: OSError) -> MissingFileError:
        return MissingFileError(
            f"{self.path / name} can't be read: {problem.strerror or problem}", hint="Check its rights."
        )


def _parts(name: str) -> list[str]:
    """Split a name that may be loose, but never leads out of the folder."""
    parts = name.split("/")
    if any(
        part in ("", ".", "..") or "\0" in part or "\\" in part or (os.name == "nt" and ":" in part) for part in parts
    ):
        raise InputError(f"{name!r} leads out of the folder", hint="Names are relative, without dots.")
    return parts


def _canonical(name: str) -> str:
    """Write the parts that we name ourselves in lower case, as a stick from another system may not have kept it."""
    top, slash, rest = name.partition("/")
    name = (top.lower() if top.lower() in _LAYOUT else top) + slash + rest
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{ending.lower()}" if dot else name
