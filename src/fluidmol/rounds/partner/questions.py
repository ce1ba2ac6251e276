"""What a partner is asked, and where it stands with each question."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from fluidmol.errors import InputError, SignatureError
from fluidmol.exchange.closing import read_closed
from fluidmol.exchange.contents import reasons, requests
from fluidmol.exchange.layout import ReplyName, open_name, parsed_reply, parsed_request, request_name, stage_of
from fluidmol.exchange.mailbox import REPLIES, REQUESTS, Mailbox, short
from fluidmol.rounds.partner.home import Home
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import opened
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Learn, Request

OPEN, SENT, COUNTED, CLOSED = "open", "sent", "counted", "closed"
"""Where a partner stands with a question: to be answered, answered, accepted, closed without it."""


@attrs.frozen
class Question:
    """A question of the coordinator, and where a partner stands with it."""

    request: Request = attrs.field(repr=False)
    """What is asked."""

    state: str
    """One of :data:`OPEN`, :data:`SENT`, :data:`COUNTED`, :data:`CLOSED`."""

    reply: str = ""
    """Name of one's reply in the place, if it is there."""

    @property
    def name(self) -> str:
        """Name of the question in the place."""
        return request_name(self.request)


class OpenQuestions:
    """What the coordinator asks a partner under one charter.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    keys : PrivateKeys
        The partner's: labels are sealed to it.
    home : Home
        The partner's folder for this consortium.
    """

    def __init__(self, mailbox: Mailbox, charter: Charter, keys: PrivateKeys, home: Home) -> None:
        self._mailbox = mailbox
        self._charter = charter
        self._keys = keys
        self._name = keys.name
        self._home = home

    def questions(self) -> list[Question]:
        """Give the coordinator's questions under this charter, in their order; what isn't theirs is passed over.

        Raises
        ------
        InputError
            If different labels were published, or others than those at home.
        """
        found = requests(self._mailbox, self._charter, self._keys)
        if sum(isinstance(request, Learn) for request in found) > 1:
            raise InputError(
                f"{self._charter.coordinator.name} published different labels under one charter",
                hint="Ask which of them count.",
            )
        for request in found:
            if isinstance(request, Learn):
                self._home.learnt(request.labels)
        return [self._question(request) for request in found]

    def unopened(self) -> list[str]:
        """Give names of what is called labels, once it is their turn, and can't be read with this partner's keys."""
        if read_closed(self._mailbox, self._charter, "annotate", Annotate(self._charter).digest) is None:
            return []
        named = {name: said for name in self._mailbox.names(REQUESTS) if (said := parsed_request(name)) is not None}
        opened = {short(request.digest) for request in requests(self._mailbox, self._charter, self._keys)}
        return [name for name, said in named.items() if said.stage == "learn" and said.digest not in opened]

    def own_replies(self, known: Callable[[ReplyName], bool]) -> list[str]:
        """Return the names of one's own replies in the place, but for those that are known: these aren't looked into.

        What is sealed nobody but the coordinator can tell: it counts as one's own unless other content left from this
        home under its name.
        """
        named = [(name, said) for name in self._mailbox.names(REPLIES) if (said := parsed_reply(name)) is not None]
        return [name for name, said in named if said.partner == self._name and not known(said) and self._is_own(name)]

    def in_the_open(self, question: Question) -> bool:
        """Say whether labels lie in the place so that whoever can read it can read them, as earlier versions did it."""
        name = open_name(question.request)
        return isinstance(question.request, Learn) and name in self._mailbox.names(name)

    def set_aside(self) -> list[tuple[str, str]]:
        """Give name and reason of files in one's name that were set aside."""
        return [
            (name, reason)
            for name, reason in reasons(self._mailbox)
            if (what := parsed_reply(name)) is not None and what.partner == self._name
        ]

    def _question(self, request: Request) -> Question:
        closing = read_closed(self._mailbox, self._charter, stage_of(request), request.digest)
        reply = self._sent(request)
        if closing is not None:
            state = COUNTED if self._name in closing.accepted else CLOSED
            return Question(request, state, reply)
        return Question(request, SENT if reply else self._expected(), reply)

    def _expected(self) -> str:
        """Say whether the partner is still asked: who was left out once isn't any more."""
        earlier = [read_closed(self._mailbox, self._charter, "agree", self._charter.digest)]
        earlier.append(read_closed(self._mailbox, self._charter, "annotate", Annotate(self._charter).digest))
        return CLOSED if any(c is not None and self._name not in c.accepted for c in earlier) else OPEN

    def _sent(self, request: Request) -> str:
        """Give the name of one's own reply in the place, if it is there and is what was sent."""
        under = f"{REPLIES}/{short(request.digest)}"
        for name in self._mailbox.names(under):
            what = parsed_reply(name)
            if what is not None and what.partner == self._name and self._is_own(name, request.digest):
                return name
        return ""

    def _is_own(self, name: str, about: str = "") -> bool:
        data, known = self._mailbox.read(name), self._home.released(name)
        if known is not None:
            return data == known
        if is_sealed(data):
            return True  # sent from another home, as nobody but the coordinator can tell
        try:
            found = opened(data, [p for p in self._charter.partners if p.name == self._name])
        except SignatureError:
            return False
        return about in ("", found.about)
