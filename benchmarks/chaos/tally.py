"""What is counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

import attrs

COLUMNS = ("kind", "trials", "equal", "refused", "lost", "wrong", "seconds")


@attrs.define
class Tally:
    """Counts of one kind of trial."""

    kind: str
    trials: int = 0
    """How many there were."""
    equal: int = 0
    """How many came to the same labels by repeating commands."""
    refused: int = 0
    """How many were refused by name, and came to the same labels once the file was restored."""
    lost: int = 0
    """How many lost an accepted reply, or an entry of a ledger."""
    wrong: int = 0
    """How many came to other labels, to none, or had something half-written under a proper name."""
    notes: Counter[str] = attrs.field(factory=Counter)
    """What else happened."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was lost or wrong."""
        return self.trials > 0 and self.lost == self.wrong == 0 and self.equal + self.refused == self.trials

    def line(self) -> str:
        """Write a line of the table, and notes below it."""
        counts = (self.trials, self.equal, self.refused, self.lost, self.wrong, round(self.seconds))
        head = f"{self.kind:<44}" + "".join(f"{count:>9,}" for count in counts)
        return "\n".join([head, *(f"    {count:>5} x {note}" for note, count in sorted(self.notes.items()))])


def counted(kind: str, trials: Iterable[Callable[[Tally], None]]) -> Tally:
    """Run trials of one kind; each counts itself."""
    tally, begun = Tally(kind), time.monotonic()
    for trial in trials:
        tally.trials += 1
        trial(tally)
    tally.seconds = time.monotonic() - begun
    print(tally.line(), flush=True)
    return tally


def head() -> str:
    """Write the table's head."""
    return f"{COLUMNS[0]:<44}" + "".join(f"{name:>9}" for name in COLUMNS[1:])
