"""Which ledger a home's releases are noted in, and how far it went: so that another one, or a shortened one, is seen.

A ledger is known by its entries, which are chained: whoever holds the newest one knows all before it. Where it lies
says nothing, for files are moved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from fluidmol.errors import InputError, LedgerError, OutputError
from fluidmol.partner.ledger import Notes
from fluidmol.values.arrays import texts
from fluidmol.values.files import write_whole

FORMAT = 1
"""Version of the file."""


@attrs.frozen
class LedgerNote:
    """What a home knows of its ledger."""

    path: str
    """Where it was."""

    head: str
    """Chain of its newest entry then; empty if there was none."""

    unnoted: tuple[str, ...] = attrs.field(default=(), converter=texts)
    """Names of replies that are known not to be in it: a person said that it is really a new one."""


@attrs.frozen
class KnownLedger:
    """A home's note of its ledger."""

    folder: Path
    """The home; the note is only written where there is something to say."""

    @property
    def file(self) -> Path:
        """The note."""
        return self.folder / "ledger.json"

    def read(self) -> LedgerNote | None:
        """Read the note; None if there is none.

        Raises
        ------
        InputError
            If it can't be understood.
        """
        try:
            table = json.loads(self.file.read_text(encoding="utf-8"))
            if table.pop("format") != FORMAT:
                raise ValueError("another format")
            return LedgerNote(**table)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise InputError(
                f"{self.file} can't be read: {problem}",
                hint="It says in which ledger it is noted what left. Restore it; without it, nothing is compared.",
            ) from problem

    def note(self, ledger: Notes, unnoted: Iterable[str] = ()) -> None:
        """Note how far a ledger is, if it is a file, and holds something or lacks something.

        Parameters
        ----------
        ledger : Notes
        unnoted : iterable of str
            Names of replies that are known not to be in it, beside those that are known already.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        if ledger.path is None:
            return
        entries, before = ledger.entries, self.read()
        missing = sorted({*unnoted, *(before.unnoted if before is not None else ())})
        found = LedgerNote(str(ledger.path.resolve()), entries[-1].chain if entries else "", missing)
        if found == before or not (entries or missing):
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self.file, json.dumps({"format": FORMAT, **attrs.asdict(found)}, indent=1) + "\n")
        except OSError as problem:
            raise OutputError(
                f"{self.file} can't be written: {problem.strerror or problem}", hint="Give another folder with `home`."
            ) from problem


def check_continued(home: Path, name: str, ledger: Notes, folders: Iterable[Path] = (), *, new: bool = False) -> None:
    """Refuse a ledger that isn't the one in which a party's releases are noted, as far as that is known here.

    Parameters
    ----------
    home : Path
        The home for this charter.
    name : str
        The party's.
    ledger : Notes
        Nothing is checked if it is in memory only.
    folders : iterable of Path
        Where ledgers and homes of this party may lie.
    new : bool
        Whether a person says that it is really a new one; that counts only while it is empty.

    Raises
    ------
    LedgerError
        If an entry is missing that was in it, or if it is empty and the party has another one.
    InputError
        If ledger or note can't be read.
    """
    if ledger.path is None:
        return
    path, chains = ledger.path.resolve(), {entry.chain for entry in ledger.entries}
    if new and not chains:
        return
    own = KnownLedger(home).read()
    if own is not None and own.head and own.head not in chains:
        raise _another(ledger.path, home, own)
    homes = [known for known in _homes(name, folders) if known.resolve() != home.resolve()]
    for known, note in ((known, _readable(known)) for known in homes):
        if note is not None and note.head and Path(note.path) == path and note.head not in chains:
            raise _another(ledger.path, known, note)
    if not chains and (before := next(_earlier(name, path, folders, homes), "")):
        raise LedgerError(
            f"the ledger {ledger.path} would be a new one, and {name} has let something out before: {before}",
            hint="Nothing has left. Name the earlier ledger with `ledger`, or move it here under its name. If it is"
            " lost, or somebody else's, say with `new_ledger` that this one is really new.",
        )


def _another(path: Path, home: Path, note: LedgerNote) -> LedgerError:
    moved = "" if Path(note.path) == path.resolve() else f" (it was {note.path} then)"
    return LedgerError(
        f"the ledger {path} doesn't hold the entry {note.head} any more, which was its newest when something left from"
        f" {home}{moved}",
        hint="Nothing has left. Entries were cut off, it was written anew, or it is another one: name the right one"
        " with `ledger`, or restore it. If it is lost, keep what is there under another name, and say with `new_ledger`"
        " that a new one begins.",
    )


def _earlier(name: str, path: Path, folders: Iterable[Path], homes: Iterable[Path]) -> Iterator[str]:
    """Describe what is known of earlier ledgers."""
    for folder in dict.fromkeys(folders):
        other = folder / f"{name}-ledger.jsonl"
        if other.is_file() and other.stat().st_size and other.resolve() != path:
            yield f"its ledger {other} is there"
    for home in homes:
        note = _readable(home)
        if note is not None and note.head:
            yield f"{home} says that it is noted in {note.path}"
        elif note is None and any((home / "releases").glob("*/*")):
            yield f"{home} holds what has left, and doesn't say in which ledger that is noted"


def _homes(name: str, folders: Iterable[Path]) -> list[Path]:
    """List what is called as a home of this party is by default."""
    called = re.compile(re.escape(name) + "-[0-9a-f]{12}")
    found: dict[Path, Path] = {}
    for folder in dict.fromkeys(folders):
        try:
            there = sorted(path for path in folder.iterdir() if called.fullmatch(path.name) and path.is_dir())
        except OSError:
            continue
        for path in there:
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _readable(home: Path) -> LedgerNote | None:
    try:
        return KnownLedger(home).read()
    except InputError:
        return None
