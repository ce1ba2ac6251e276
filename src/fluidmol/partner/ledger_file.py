"""The ledger as a file: entries are appended, on disk before anything leaves, by one process at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.partner.ledger import Check, Entry, following, noted, now
from fluidmol.partner.ledger_lines import NO_LEDGER, LedgerReading, line_of, read_lines
from fluidmol.partner.locks import held
from fluidmol.values.files import refuse_pipe
from fluidmol.values.messages import Reply

LARGEST = 1 << 28
"""Most bytes of a ledger that are read: some 300 000 entries."""


class LedgerFile:
    """A ledger in a file of JSON lines.

    It is read anew each time, for another process may have written. Nothing is added to a ledger that isn't intact.

    Parameters
    ----------
    path : Path
        Made with the first entry, readable by its owner only; its folder must be there.
    clock : callable, optional
        Gives the time as text.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from fluidmol.values.messages import Declined
    >>> with TemporaryDirectory() as folder:
    ...     ledger = LedgerFile(Path(folder, "ledger.jsonl"))
    ...     entry = ledger.add(Declined("sha256:" + "0" * 64, "acme", "too few compounds"))
    ...     LedgerFile(ledger.path).head == entry.chain
    True
    """

    def __init__(self, path: Path, clock: Callable[[], str] = now) -> None:
        self.path = path
        self._clock = clock

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first; none if there is no file yet.

        Raises
        ------
        InputError
            If the ledger isn't intact.
        """
        return intact(self.path).entries if self.path.exists() else ()

    @property
    def intact(self) -> bool:
        """Whether each entry is whole and follows from the one before."""
        reading = self._reading()
        return not reading.fault and not reading.torn

    @property
    def head(self) -> str:
        """Chain of the newest entry: it stands for the whole ledger. Empty if there is none."""
        return intact(self.path).head if self.path.exists() else ""

    def add(
        self, reply: Reply, *, request: str = "", recipients: Iterable[str] = (), form: str = "", policy: str = "",
        approver: str = "", private: str = "", audit: str = "", check: Check | None = None,
    ) -> Entry:  # fmt: skip
        """Write down what is about to leave; on return it is on disk.

        If an entry says the same already, it is given, and nothing is added: two processes may release the same.

        Raises
        ------
        InputError
            If the ledger isn't intact: then nothing is added.
        OutputError
            If it can't be written, or another process holds it for long.
        """
        recipients = tuple(recipients)
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "r+b", buffering=0) as file, held(file, self.path):
                known = read_lines(_read(file.fileno()))
                if known.fault or known.torn:
                    raise unusable(self.path, known)
                same = noted(known.entries, reply, request, recipients, form, approver, private)
                if same is not None:
                    return same
                if check is not None:
                    check(known.entries)
                at = self._clock()
                entry = following(known.entries, reply, at, request, recipients, form, policy, approver, private, audit)
                _append(file.fileno(), line_of(entry))
                if not known.entries:
                    _sync_folder(self.path.parent)
                return entry
        except OSError as problem:
            raise OutputError(
                f"the ledger {self.path} can't be written: {problem.strerror or problem}",
                hint="Nothing has left. Check that its folder is there, its rights, and the space on the disk.",
            ) from problem

    def mend(self) -> Path | None:
        """Move a torn last line into a file of its own; what it was about had not left yet.

        Returns
        -------
        Path or None
            Where it is now; None if nothing was torn.

        Raises
        ------
        InputError
            If anything else is wrong: that isn't for us to mend.
        OutputError
            If nothing can be written.
        """
        try:
            with self.path.open("r+b", buffering=0) as file, held(file, self.path):
                data = _read(file.fileno())
                reading = read_lines(data)
                if reading.fault:
                    raise unusable(self.path, reading)
                if not reading.torn:
                    return None
                aside = _free(self.path)
                with aside.open("xb") as torn:
                    torn.write(reading.torn)
                    os.fsync(torn.fileno())
                os.ftruncate(file.fileno(), len(data) - len(reading.torn))
                os.fsync(file.fileno())
                return aside
        except FileNotFoundError as problem:
            raise MissingFileError(f"{self.path} isn't there", hint="Check the path.") from problem
        except OSError as problem:
            raise OutputError(f"the ledger {self.path} can't be mended: {problem.strerror or problem}") from problem

    def _reading(self) -> LedgerReading:
        return read_ledger(self.path) if self.path.exists() else read_lines(b"")


def read_ledger(path: Path) -> LedgerReading:
    """Read a ledger file as far as it is intact.

    Raises
    ------
    MissingFileError
        If there is none, or it can't be read.
    InputError
        If it is far too large, or no regular file.
    """
    try:
        refuse_pipe(path)
        for pause in (0.05, 0.2, 0.0):
            with path.open("rb") as file:
                reading = read_lines(_read(file.fileno()))
            # Torn it may only seem, while another process writes it.
            if not reading.torn or not pause:
                break
            time.sleep(pause)
        return reading
    except OSError as problem:
        raise MissingFileError(
            f"the ledger {path} can't be read: {problem.strerror}", hint="Check the path and its rights."
        ) from problem


def intact(path: Path) -> LedgerReading:
    """Read a ledger file; see :func:`read_ledger`.

    Raises
    ------
    MissingFileError
        As there.
    InputError
        If it isn't intact.
    """
    reading = read_ledger(path)
    if reading.fault or reading.torn:
        raise unusable(path, reading)
    return reading


def unusable(path: Path, reading: LedgerReading) -> InputError:
    """Say why nothing may be added to a ledger that isn't intact."""
    if reading.fault == NO_LEDGER:
        return InputError(
            f"{path} is no ledger: {NO_LEDGER}",
            hint="Give NAME-ledger.jsonl, as fluid answer keeps it. If it was a ledger, then it was overwritten.",
        )
    if reading.fault:
        return InputError(
            f"the ledger {path} isn't intact: {reading.fault}",
            hint="Nothing leaves while it isn't. Look at it with fluid ledger verify; to begin a new one, keep this"
            " one under another name.",
        )
    return InputError(
        f"the last line of the ledger {path} is torn: it ends after {len(reading.torn)} bytes, within an entry",
        hint="A crash while it was written does that; what it was about had not left. Go on after: fluid ledger mend.",
    )


def _read(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    if size > LARGEST:
        raise InputError(f"the ledger has {size} bytes", hint=f"At most {LARGEST} are read: is it a ledger?")
    os.lseek(descriptor, 0, os.SEEK_SET)
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _append(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    try:
        written = 0
        while written < len(line):
            written += os.write(descriptor, line[written:])
        os.fsync(descriptor)
    except OSError:
        # A full disk may take half a line: better none of it. Should this fail too, the line is torn, and said so.
        os.ftruncate(descriptor, size)
        raise


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere folders can't be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _free(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.torn-{number}")).exists():
        number += 1
    return aside
