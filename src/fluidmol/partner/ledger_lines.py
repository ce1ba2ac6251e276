"""The ledger as text: one entry a line, each written in exactly one way, so that no byte can change unseen."""

from __future__ import annotations

import json
from typing import Any

import attrs

from fluidmol.partner.ledger import Entry
from fluidmol.values.strict_json import read_json

FORMAT = 2
"""Version of the lines."""

WITH_PRIVATE = 3
"""Version of those that say by which differentially private model; all others stay what they were, to the byte."""

WITH_AUDIT = 4
"""Version of those that say what an audit had found."""


NO_LEDGER = "it doesn't begin as a ledger does"
"""What is wrong with a file of another kind."""


@attrs.frozen
class LedgerReading:
    """What a ledger file says, and where it says it no more."""

    entries: tuple[Entry, ...]
    """The entries before the first fault."""

    fault: str
    """What is wrong, with the line; empty if nothing is."""

    torn: bytes
    """What follows the last end of a line: the beginning of an entry that was never finished."""

    @property
    def head(self) -> str:
        """Chain of the newest entry; empty if there is none."""
        return self.entries[-1].chain if self.entries else ""


def line_of(entry: Entry) -> bytes:
    """Write an entry as a line of JSON, with its end.

    Examples
    --------
    >>> from fluidmol.partner.ledger import Ledger
    >>> from fluidmol.values.messages import Declined
    >>> entry = Ledger().add(Declined("sha256:" + "0" * 64, "acme", "too few compounds"))
    >>> read_lines(line_of(entry)).entries == (entry,)
    True
    """
    version = WITH_AUDIT if entry.audit else WITH_PRIVATE if entry.private else FORMAT
    facts = {"format": version, **attrs.asdict(entry)}
    if not entry.audit:
        del facts["audit"]
    if version == FORMAT:
        del facts["private"]
    return json.dumps(facts, ensure_ascii=True).encode() + b"\n"


def read_lines(data: bytes) -> LedgerReading:
    """Read a ledger, as far as it is intact.

    Parameters
    ----------
    data : bytes
        Content of a ledger file.
    """
    if data and not data.startswith(b"{"):
        return LedgerReading((), NO_LEDGER, b"")
    *lines, torn = data.split(b"\n")
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = _entry(line)
            # Against the one before only: those before it are known to be intact.
            follows = entry.follows(entries[-1].chain if entries else "")
        except (ValueError, TypeError, KeyError, RecursionError) as problem:
            return LedgerReading(tuple(entries), f"line {number} is no entry: {problem}", torn)
        if not follows:
            what = "it was changed, or the one before it was changed, removed or moved"
            return LedgerReading(tuple(entries), f"line {number} doesn't follow from the line before: {what}", torn)
        entries.append(entry)
    return LedgerReading(tuple(entries), "", torn)


def _entry(line: bytes) -> Entry:
    table: Any = read_json(line)
    if not isinstance(table, dict) or table.pop("format", None) not in (FORMAT, WITH_PRIVATE, WITH_AUDIT):
        raise ValueError(f"expected JSON with format {FORMAT}, {WITH_PRIVATE} or {WITH_AUDIT}")
    for name, value in table.items():
        if not isinstance(value, list if name == "recipients" else str):
            raise ValueError(f"{name} is {value!r}")
    entry = Entry(**table)
    if line_of(entry) != line + b"\n":
        raise ValueError("it is written in another way than fluid writes")
    return entry
