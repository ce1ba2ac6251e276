"""The ledger: what left, oldest first. Each entry is chained to the one before it.

Nobody can change, remove or reorder entries unseen, but for the newest: that these were cut off shows only to who has
written down the :attr:`~Ledger.head` elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import attrs

from fluidmol.values.arrays import digest_of, texts
from fluidmol.values.messages import Reply

SEALED, OPEN = "sealed", "open"
"""In what form something left."""


def now() -> str:
    """Give the time in UTC, to the second: ``2026-03-01T09:30:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@attrs.frozen(kw_only=True)
class Entry:
    """One line of the ledger: what left, when, to the question of which charter, and who let it."""

    time: str
    """When it was let out, UTC, by this machine's clock."""

    kind: str
    """Type of the reply."""

    charter: str
    """Digest of the charter that was answered."""

    request: str
    """Digest of the question; empty if it wasn't said."""

    digest: str
    """Digest of what left."""

    recipients: tuple[str, ...] = attrs.field(converter=texts)
    """Who may open it: name and signing key of each."""

    form: str
    """:data:`SEALED` if nobody else can open it, :data:`OPEN` if whoever gets it can; empty if it wasn't said."""

    policy: str
    """Digest of the policy that was applied; empty if it wasn't said."""

    approver: str
    """Who approved it; empty if nobody had to."""

    private: str = ""
    """By which differentially private model it was said, as :class:`~fluidmol.partner.budget.Spend` writes it; empty if
    it comes from none."""

    audit: str = ""
    """What an audit of just this release had found, as :attr:`~fluidmol.partner.audited.Audited.words`; empty if there
    was none."""

    chain: str
    """Digest over this entry and the chain of the one before."""

    @property
    def approval(self) -> str:
        """Digest of what was approved, as it was shown before; see :func:`approval_digest`."""
        return approval_digest(self.digest, self.request, self.recipients, self.form)

    def follows(self, chain: str) -> bool:
        """Say whether this entry's chain follows from that of the one before."""
        return self.chain == _link(chain, self)


def approval_digest(digest: str, request: str, recipients: Iterable[str], form: str) -> str:
    """Return the digest of what a person approves: this content, to this question, for these, in this form.

    It is computed from what an entry of the ledger says, so that each entry tells what was approved.

    Parameters
    ----------
    digest, request, recipients, form
        As those of :class:`Entry`.
    """
    return digest_of("fluidmol approval 1", (digest, request, form, *recipients))


def _link(chain: str, entry: Entry) -> str:
    facts = (
        entry.time, entry.kind, entry.charter, entry.request, entry.digest, entry.form, entry.policy, entry.approver,
    )  # fmt: skip
    if entry.audit:
        return digest_of("fluidmol ledger 5", (chain, *facts, entry.private, entry.audit, *entry.recipients))
    if entry.private:
        return digest_of("fluidmol ledger 4", (chain, *facts, entry.private, *entry.recipients))
    return digest_of("fluidmol ledger 3", (chain, *facts, *entry.recipients))


def broken_at(entries: Iterable[Entry]) -> int | None:
    """Give the place of the first entry whose chain doesn't follow, from 0; None if all do."""
    chain = ""
    for place, entry in enumerate(entries):
        if not entry.follows(chain):
            return place
        chain = entry.chain
    return None


def following(
    entries: tuple[Entry, ...], reply: Reply, time: str, request: str, recipients: Iterable[str], form: str,
    policy: str, approver: str, private: str = "", audit: str = "",
) -> Entry:  # fmt: skip
    """Make the entry that comes after these."""
    entry = Entry(
        time=time, kind=type(reply).__name__, charter=reply.charter, request=request, digest=reply.digest,
        recipients=tuple(recipients), form=form, policy=policy, approver=approver, private=private, audit=audit,
        chain="",
    )  # fmt: skip
    return attrs.evolve(entry, chain=_link(entries[-1].chain if entries else "", entry))


def noted(
    entries: Iterable[Entry], reply: Reply, request: str, recipients: Iterable[str], form: str, approver: str,
    private: str = "",
) -> Entry | None:  # fmt: skip
    """Give the entry that says the same already, under whichever policy; None if there is none.

    What another private model said isn't the same, though it may read the same: its cost must be noted. An audit made
    since then is no other release.
    """
    same = (reply.digest, request, tuple(recipients), form, approver, private)
    facts = ((e, (e.digest, e.request, e.recipients, e.form, e.approver, e.private)) for e in entries)
    return next((entry for entry, fact in facts if fact == same), None)


Check = Callable[[tuple[Entry, ...]], None]
"""Sees all entries that there are, and raises if nothing may be added."""


class Notes(Protocol):
    """Where a gate notes what leaves."""

    @property
    def path(self) -> Path | None:
        """File that holds the entries; None if they are in memory only."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first."""

    def add(
        self, reply: Reply, *, request: str = "", recipients: Iterable[str] = (), form: str = "", policy: str = "",
        approver: str = "", private: str = "", audit: str = "", check: Check | None = None,
    ) -> Entry:  # fmt: skip
        """Write down what is about to leave; give the entry that says so already, if there is one.

        The check sees all entries that there are, and no other process adds one before this is written; it raises if
        this may not be.
        """


class Ledger:
    """What left so far, in memory, for simulations; entries can only be added.

    Parameters
    ----------
    clock : callable, optional
        Gives the time as text.
    entries : iterable of Entry
        What left before.

    Examples
    --------
    >>> from fluidmol.values.messages import Declined
    >>> ledger = Ledger()
    >>> entry = ledger.add(Declined("sha256:" + "0" * 64, "acme", "too few compounds"))
    >>> len(ledger.entries), ledger.intact, ledger.head == entry.chain
    (1, True, True)
    """

    path: Path | None = None
    """There is no file."""

    def __init__(self, clock: Callable[[], str] = now, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = list(entries)
        self._clock = clock

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    @property
    def intact(self) -> bool:
        """Whether each entry's chain follows from the one before."""
        return broken_at(self._entries) is None

    @property
    def head(self) -> str:
        """Chain of the newest entry: it stands for the whole ledger. Empty if there is none."""
        return self._entries[-1].chain if self._entries else ""

    def add(
        self, reply: Reply, *, request: str = "", recipients: Iterable[str] = (), form: str = "", policy: str = "",
        approver: str = "", private: str = "", audit: str = "", check: Check | None = None,
    ) -> Entry:  # fmt: skip
        """Write down what is about to leave; give the entry that says so already, if there is one."""
        recipients = tuple(recipients)
        if (known := noted(self._entries, reply, request, recipients, form, approver, private)) is not None:
            return known
        if check is not None:
            check(self.entries)
        entry = following(
            self.entries, reply, self._clock(), request, recipients, form, policy, approver, private, audit
        )
        self._entries.append(entry)
        return entry
