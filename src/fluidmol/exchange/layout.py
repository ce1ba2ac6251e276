"""How blobs in a mailbox are called, and what their names say. Nothing is believed because of its name."""

from __future__ import annotations

import re

import attrs

from fluidmol.exchange.mailbox import AGREEMENTS, OUTCOME, REPLIES, REQUESTS, short
from fluidmol.values.messages import Annotate, Learn, Request

STAGES = ("agree", "annotate", "learn")
"""What a consortium waits for, in this order: signatures under the charter, opinions, scorecards."""

LABELS = f"{OUTCOME}/labels.fluid.age"
"""The federated labels, signed by the coordinator, and sealed to the charter's parties."""

OPEN_LABELS = f"{OUTCOME}/labels.fluid"
"""The same as versions before put them there: not sealed."""

SUMMARY = f"{OUTCOME}/outcome.json"
"""Who shaped the labels, who didn't and why."""

_QUESTION = re.compile(REQUESTS + r"/([0-9])-([a-z]+)-([0-9a-f]{12})\.fluid(\.age)?")
_REPLY = re.compile(REPLIES + r"/([0-9a-f]{12})/(.+)-([0-9a-f]{12})\.fluid(\.age)?")


@attrs.frozen
class QuestionName:
    """What the name of a question says."""

    stage: str
    """One of :data:`STAGES`."""

    digest: str
    """First twelve digits of its digest."""

    sealed: bool
    """Whether only the charter's parties can open it."""


@attrs.frozen
class ReplyName:
    """What the name of a reply says."""

    question: str
    """First twelve digits of the question's digest."""

    partner: str
    """Whose reply it is said to be."""

    value: str
    """First twelve digits of the reply's digest."""

    sealed: bool
    """Whether only the coordinator can open it."""

    def __str__(self) -> str:
        return f"{REPLIES}/{self.question}/{self.partner}-{self.value}.fluid{'.age' * self.sealed}"


def agreement_name(party: str) -> str:
    """Give the name of a party's signature under the charter.

    Examples
    --------
    >>> agreement_name("acme")
    'agreements/acme.json'
    """
    return f"{AGREEMENTS}/{party}.json"


def stage_of(request: Request) -> str:
    """Say which of :data:`STAGES` a request belongs to."""
    return {Annotate: "annotate", Learn: "learn"}[type(request)]


def request_name(request: Request) -> str:
    """Give the name of a question; labels are sealed."""
    return open_name(request) + ".age" * isinstance(request, Learn)


def open_name(request: Request) -> str:
    """Give the name that a question has which isn't sealed, as no question was in versions before."""
    return f"{_stem(stage_of(request), request.digest)}.fluid"


def is_request(name: str) -> bool:
    """Say whether something of that name may be a question.

    Examples
    --------
    >>> is_request("requests/2-learn-0c8f1b2d3e4f.fluid.age"), is_request("requests/2-learn-0c8f1b2d3e4f.closed.json")
    (True, False)
    """
    return name.startswith(f"{REQUESTS}/") and name.endswith((".fluid", ".fluid.age"))


def parsed_request(name: str) -> QuestionName | None:
    """Take the name of a question apart; None if it isn't one.

    Examples
    --------
    >>> parsed_request("requests/2-learn-0c8f1b2d3e4f.fluid.age")
    QuestionName(stage='learn', digest='0c8f1b2d3e4f', sealed=True)
    """
    match = _QUESTION.fullmatch(name)
    if match is None or STAGES[int(match[1]) : int(match[1]) + 1] != (match[2],):
        return None
    return QuestionName(match[2], match[3], match[4] is not None)


def closing_name(stage: str, question: str) -> str:
    """Give the name of the note that says whose replies count.

    Parameters
    ----------
    stage : str
        One of :data:`STAGES`.
    question : str
        Digest of the question; of the charter at the first stage.

    Examples
    --------
    >>> closing_name("agree", "sha256:0c8f1b2d3e4f5a6b")
    'requests/0-agree-0c8f1b2d3e4f.closed.json'
    """
    return f"{_stem(stage, question)}.closed.json"


def reply_name(question: str, partner: str, value: str, *, sealed: bool) -> str:
    """Give the name of a reply, from the digests of question and reply.

    Examples
    --------
    >>> reply_name("sha256:" + "a" * 64, "acme", "sha256:" + "b" * 64, sealed=True)
    'replies/aaaaaaaaaaaa/acme-bbbbbbbbbbbb.fluid.age'
    """
    return str(ReplyName(short(question), partner, short(value), sealed))


def parsed_reply(name: str) -> ReplyName | None:
    """Take the name of a reply apart; None if it isn't one.

    Examples
    --------
    >>> parsed_reply("replies/aaaaaaaaaaaa/acme-bbbbbbbbbbbb.fluid").partner
    'acme'
    """
    match = _REPLY.fullmatch(name)
    return match and ReplyName(match[1], match[2], match[3], match[4] is not None)


def _stem(stage: str, question: str) -> str:
    return f"{REQUESTS}/{STAGES.index(stage)}-{stage}-{short(question)}"
