"""How a consortium stands, seen without any key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from fluidmol.exchange.carried import loose_files
from fluidmol.exchange.closing import Closing, read_closed
from fluidmol.exchange.contents import Agreements, agreements, read_charter, reasons, requests
from fluidmol.exchange.layout import LABELS, OPEN_LABELS, STAGES, SUMMARY, parsed_reply, parsed_request, stage_of
from fluidmol.exchange.mailbox import OUTCOME, REPLIES, REQUESTS, BlobEntry, Mailbox, short
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate

ANSWERED, MISSING, LEFT_OUT, NOT_ASKED, HIDDEN = "answered", "missing", "left out", "not asked", "not shown to you"
GONE = "gone"
"""Where a partner stands with a question; what was accepted, and isn't there any longer, is gone."""

WORDS = {"annotate": "their opinions", "learn": "scorecards"}
"""What partners send at each stage."""


@attrs.frozen(kw_only=True)
class ReplyStatus:
    """Where one partner stands with one question."""

    state: str
    """One of the states above."""

    digest: str = ""
    """First twelve digits of the reply's digest, as its name says."""

    size: int = 0
    """Bytes."""

    when: str = ""
    """When it arrived, by the place's clock; empty if unknown."""

    sealed: bool = False
    """Whether only the coordinator can open it: then its name is all that is known of it."""


@attrs.frozen(kw_only=True)
class PartyStatus:
    """One party."""

    name: str
    role: str
    fingerprint: str
    agreed: bool
    """Whether it has signed the charter."""

    answers: dict[str, ReplyStatus]
    """By stage, ``annotate`` and ``learn``; empty for the coordinator."""


@attrs.frozen(kw_only=True)
class ConsortiumStatus:
    """How a consortium stands."""

    name: str
    """What it calls itself."""

    charter: str
    """Digest of its charter."""

    members: tuple[PartyStatus, ...]
    """The coordinator, then partners by name."""

    asked: tuple[str, ...]
    """Stages of which the question is there."""

    closed: tuple[str, ...]
    """Stages that nobody is waited for in any longer."""

    aside: tuple[tuple[str, str], ...]
    """What was set aside: the name that it had, and why."""

    loose: tuple[str, ...]
    """Files that were put there by hand, and not looked at yet."""

    labels: bool
    """Whether federated labels are there."""

    finished: bool
    """Whether nothing more is to come."""

    caution: str
    """What the place can't promise; empty if nothing."""

    following: tuple[str, ...]
    """What happens next, in words."""

    def as_table(self) -> dict[str, Any]:
        """Give all of it as plain tables, lists and texts."""
        return attrs.asdict(self)


def standing(mailbox: Mailbox) -> ConsortiumStatus:
    """See how a consortium stands.

    Signatures of agreements, questions and closings are checked. Sealed replies and labels are believed to be what
    their names say, once the coordinator's signed word says that it is their turn: their receivers open them.

    Raises
    ------
    MissingFileError, CharterError
        If there is no charter, or it can't be used.
    """
    charter = read_charter(mailbox)
    agreed = agreements(mailbox, charter)
    asked = _asked(mailbox, charter)
    questions = {"agree": charter.digest} | asked
    closings = {
        stage: closing
        for stage, question in questions.items()
        if (closing := read_closed(mailbox, charter, stage, question)) is not None
    }
    members = tuple(_members(mailbox, charter, agreed, asked, closings))
    finished = SUMMARY in mailbox.names(SUMMARY) and "learn" in closings
    return ConsortiumStatus(
        name=charter.name,
        charter=charter.digest,
        members=members,
        asked=tuple(asked),
        closed=tuple(closings),
        aside=tuple(reasons(mailbox)),
        loose=tuple(loose_files(mailbox)),
        labels=not {LABELS, OPEN_LABELS}.isdisjoint(mailbox.names(OUTCOME)),
        finished=finished,
        caution=getattr(mailbox, "caution", ""),
        following=tuple(_following(members, asked, closings, finished)),
    )


def _asked(mailbox: Mailbox, charter: Charter) -> dict[str, str]:
    """Give the digest of each stage's question; of a sealed one, of which nothing but the name is known, twelve digits.

    Nobody can have been asked to learn from labels before the opinions were closed, whatever somebody calls a file.
    """
    asked = {stage_of(request): request.digest for request in requests(mailbox, charter)}
    opinions = read_closed(mailbox, charter, "annotate", Annotate(charter).digest)
    if "learn" in asked or opinions is None:
        return asked
    names = [said for name in mailbox.names(REQUESTS) if (said := parsed_request(name)) is not None]
    found = [said.digest for said in names if said.sealed and said.stage == "learn"]
    closed = [digest for digest in found if read_closed(mailbox, charter, "learn", digest) is not None]
    told = closed or found
    return asked | {"learn": told[0]} if told else asked


def _members(
    mailbox: Mailbox,
    charter: Charter,
    agreed: Agreements,
    asked: dict[str, str],
    closings: dict[str, Closing],
) -> Iterator[PartyStatus]:
    entries = {stage: _replies(mailbox, question) for stage, question in asked.items()}
    for party in charter.parties:
        out, answers = False, {}
        if party.role == "partner":
            for stage in STAGES:
                closing = closings.get(stage)
                if stage != "agree":
                    found = entries.get(stage, {}).get(party.name)
                    answer = _answer(found, closing, party.name, out=out, asked=stage in asked)
                    if not _sees(mailbox, charter, party.name):
                        seen = {MISSING: HIDDEN, GONE: ANSWERED}.get(answer.state, answer.state)
                        answer = attrs.evolve(answer, state=seen)
                    answers[stage] = answer
                out = out or (closing is not None and party.name not in closing.accepted)
        yield PartyStatus(
            name=party.name,
            role=party.role,
            fingerprint=party.fingerprint,
            agreed=party.name in agreed.signed,
            answers=answers,
        )


def _answer(found: BlobEntry | None, closing: Closing | None, name: str, *, out: bool, asked: bool) -> ReplyStatus:
    accepted = closing is not None and name in closing.accepted
    if out or (closing is not None and not accepted):
        return ReplyStatus(state=LEFT_OUT)
    if found is None:
        digest = short(closing.accepted[name]) if closing is not None else ""
        return ReplyStatus(state=GONE if accepted else MISSING if asked else NOT_ASKED, digest=digest)
    what = parsed_reply(found.name)
    return ReplyStatus(
        state=ANSWERED,
        digest=what.value if what else "",
        size=found.size,
        when=found.when.isoformat(timespec="seconds") if found.when else "",
        sealed=bool(what and what.sealed),
    )


def _sees(mailbox: Mailbox, charter: Charter, name: str) -> bool:
    """Say whether this place shows us a party's replies: a server shows partners their own alone."""
    asker = getattr(mailbox, "asker", "")
    return asker == name or asker not in {party.name for party in charter.partners}


def _replies(mailbox: Mailbox, question: str) -> dict[str, BlobEntry]:
    found = {}
    for name in mailbox.names(f"{REPLIES}/{short(question)}"):
        what = parsed_reply(name)
        if what is not None:
            found[what.partner] = mailbox.entry(name)
    return found


def _following(
    members: tuple[PartyStatus, ...], asked: dict[str, str], closings: dict[str, Closing], finished: bool
) -> Iterator[str]:
    coordinator = members[0].name
    partners = members[1:]
    lost = list(_lost(partners, coordinator))
    if finished:
        yield (
            "The round is finished. Partners make their hybrids with: fluid hybrid fit; those without own compounds use"
            " the student: fluid predict `model` student."
        )
        yield from lost
        return
    if "agree" not in closings and (missing := [m.name for m in partners if not m.agreed]):
        yield f"To sign the charter: {', '.join(missing)}, with: fluid answer `accept`."
        return
    yield from lost
    waiting = bool(lost)
    if any(answer.state == HIDDEN for member in partners for answer in member.answers.values()):
        waiting = True
        yield "This place shows you your own replies only: the coordinator sees who is awaited."
    for stage in asked:
        missing = [m.name for m in partners if stage not in closings and m.answers[stage].state == MISSING]
        if missing:
            waiting = True
            yield f"To send {WORDS[stage]}: {', '.join(missing)}, with: fluid answer."
    if not waiting:
        yield f"To go on: {coordinator}, with: fluid federate."


def _lost(partners: tuple[PartyStatus, ...], coordinator: str) -> Iterator[str]:
    for stage, what in WORDS.items():
        if names := [m.name for m in partners if stage in m.answers and m.answers[stage].state == GONE]:
            yield (
                f"To send {what} again, which were accepted and are gone: {', '.join(names)}, with: fluid answer."
                f" Without them {coordinator} can't run fluid federate again."
            )
