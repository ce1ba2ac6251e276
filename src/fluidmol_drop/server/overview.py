"""How a consortium stands, from names, sizes and times alone: the service opens nothing."""

from __future__ import annotations

import re

import attrs
import sqlalchemy as sa

from fluidmol.exchange.layout import STAGES, agreement_name, parsed_reply
from fluidmol.exchange.mailbox import (
    AGREEMENTS,
    CHARTER,
    OUTCOME,
    QUARANTINE,
    REPLIES,
    REPRESENTATION,
    REQUESTS,
    TRANSFER,
)
from fluidmol_drop.server.access import COORDINATOR, MONITOR, PARTNER, Member
from fluidmol_drop.server.audit_log import head
from fluidmol_drop.server.members import CertificateStanding
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.shelf import BlobItem
from fluidmol_drop.server.tables import log

TITLES = {"annotate": "Opinions", "learn": "Scorecards"}

_QUESTION = re.compile(rf"{REQUESTS}/\d-({'|'.join(STAGES)})-([0-9a-f]{{12}})\.(fluid|fluid\.age|closed\.json)")


@attrs.frozen
class QuestionRow:
    """Something that the coordinator asks of all partners."""

    stage: str
    title: str
    digest: str
    """First twelve digits."""
    at: str
    closed: bool
    """Whether replies are no longer waited for."""


@attrs.frozen
class MemberRow:
    """One member, and what came of it."""

    standing: CertificateStanding
    agreed: BlobItem | None
    answers: tuple[BlobItem | None, ...]
    """One a question."""
    bytes: int
    """Bytes that it keeps here, unfinished uploads included."""


@attrs.frozen
class Aside:
    """A blob that couldn't be used."""

    name: str
    """The name that it had."""
    item: BlobItem
    reason: str


@attrs.frozen(kw_only=True)
class Overview:
    """What one member may know."""

    consortium: str
    charter: str
    member: Member
    questions: tuple[QuestionRow, ...]
    rows: tuple[MemberRow, ...]
    """All parties for the coordinator, else the member alone."""
    shared: tuple[BlobItem, ...]
    """What is there for everybody."""
    aside: tuple[Aside, ...]
    length: int
    """Records of the audit log."""
    last: str
    """Its last hash."""
    quota: int
    """Bytes that one member may keep."""

    @property
    def partners(self) -> int:
        """Number of partners among the rows."""
        return sum(row.standing.role == PARTNER for row in self.rows)

    def answered(self, question: int) -> int:
        """Count partners whose reply to a question is here."""
        return sum(row.answers[question] is not None for row in self.rows if row.standing.role == PARTNER)

    @property
    def todo(self) -> tuple[str, ...]:
        """Questions that wait for the member itself, and the agreement, in words."""
        own = next((row for row in self.rows if row.standing.name == self.member.name), None)
        there = any(item.name == CHARTER for item in self.shared)
        if own is None or not there:
            return ()
        waiting = [] if own.agreed else ["sign the charter"]
        if self.member.role == PARTNER:
            asked = zip(self.questions, own.answers, strict=True)
            waiting += [f"answer: {q.title.lower()}" for q, answer in asked if answer is None and not q.closed]
        return tuple(waiting)


def overview(service: Service, member: Member) -> Overview:
    """See what a member may know."""
    items = _all(service, member)
    by_name = {item.name: item for item in items}
    questions = _questions(items)
    replies = _replies(items)
    rows = []
    for standing in _standings(service, member):
        answers = tuple(replies.get((question.digest, standing.name)) for question in questions)
        with service.database.reading() as connection:
            used, _, _ = service.uploads.used(connection, standing.name)
        rows.append(MemberRow(standing, by_name.get(agreement_name(standing.name)), answers, used))
    length, last = head(service.database)
    private = (f"{REPLIES}/", f"{QUARANTINE}/", f"{AGREEMENTS}/")
    return Overview(
        consortium=service.settings.consortium,
        charter=service.settings.charter,
        member=member,
        questions=questions,
        rows=tuple(rows),
        shared=tuple(item for item in items if not item.name.startswith(private)),
        aside=_aside(service, items),
        length=length,
        last=last,
        quota=service.settings.limits.quota,
    )


def _all(service: Service, member: Member) -> list[BlobItem]:
    found: list[BlobItem] = []
    while page := service.shelf.items(member, after=found[-1].name if found else ""):
        found += page
    return found


def _questions(items: list[BlobItem]) -> tuple[QuestionRow, ...]:
    named = [(match, item) for item in items if (match := _QUESTION.fullmatch(item.name))]
    closed = {match[2] for match, _ in named if match[3] == "closed.json"}
    return tuple(
        QuestionRow(match[1], TITLES.get(match[1], match[1]), match[2], item.at, match[2] in closed)
        for match, item in named
        if match[3] != "closed.json"
    )


def _replies(items: list[BlobItem]) -> dict[tuple[str, str], BlobItem]:
    """Give the newest reply of each partner to each question; its name says who, and only who it is may write it."""
    found: dict[tuple[str, str], BlobItem] = {}
    for item in sorted(items, key=lambda item: item.at):
        if (parsed := parsed_reply(item.name)) is not None:
            found[parsed.question, parsed.partner] = item
    return found


def _standings(service: Service, member: Member) -> list[CertificateStanding]:
    known = service.members.standings()
    if member.role != COORDINATOR:
        return [standing for standing in known if standing.name == member.name]
    names = {standing.name for standing in known}
    expected = [
        CertificateStanding(name, role, "", "", "") for name, role in service.settings.parties if name not in names
    ]
    both = [standing for standing in known if standing.role != MONITOR] + expected
    return sorted(both, key=lambda standing: (standing.role != COORDINATOR, standing.name))


def _aside(service: Service, items: list[BlobItem]) -> tuple[Aside, ...]:
    kept = [i for i in items if i.name.startswith(f"{QUARANTINE}/") and not i.name.endswith(".txt")]
    if not kept:
        return ()
    wanted = sa.select(log.c.digest, log.c.name, log.c.note).where(log.c.what == "set-aside").order_by(log.c.seq)
    with service.database.reading() as connection:
        said = {digest: (name, note) for digest, name, note in connection.execute(wanted)}
    return tuple(
        Aside(said.get(item.digest, (item.name, ""))[0], item, said.get(item.digest, ("", ""))[1]) for item in kept
    )


def order(items: tuple[BlobItem, ...]) -> list[BlobItem]:
    """Put what is shared into the order in which it arises: charter, transfer set, questions, outcome."""
    ranks = {CHARTER: 0, TRANSFER: 1, REPRESENTATION: 1, REQUESTS: 2, OUTCOME: 3}
    return sorted(items, key=lambda item: (ranks.get(item.name.partition("/")[0], 9), item.name))
