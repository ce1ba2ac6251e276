"""The coordinator's side of a mailbox: puts a question there, reads replies, and comes back later for those missing.

There is no state but the blobs: the same command, run again, goes on, and comes to the same results. Whose replies
count is written down, signed, before anything is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import attrs

from fluidmol.errors import AwaitingError, FluidError, InputError, QuorumError
from fluidmol.exchange.closing import Aside, Closing, read_closed, silently
from fluidmol.exchange.contents import read_request
from fluidmol.exchange.layout import (
    LABELS,
    OPEN_LABELS,
    is_request,
    open_name,
    parsed_request,
    request_name,
    stage_of,
)
from fluidmol.exchange.mailbox import REQUESTS, Mailbox, short
from fluidmol.rounds.coordinator.gathering import Gathered, Gatherer, ValidReply
from fluidmol.rounds.coordinator.publishing import close, put
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Learn, Reply, Request, pseudonym_of


@attrs.frozen
class Decision:
    """Whom the coordinator doesn't wait for any longer.

    Examples
    --------
    >>> Decision(frozenset({"bob"})).leaves_out({"ada", "bob"}, asked_before=False)
    {'bob'}
    >>> sorted(Decision(close=True).leaves_out({"ada", "bob"}, asked_before=True))
    ['ada', 'bob']
    """

    without: frozenset[str] = frozenset()
    """These, by name."""

    close: bool = False
    """Whoever is missing now; what is asked only now is waited for."""

    def leaves_out(self, missing: Collection[str], *, asked_before: bool) -> set[str]:
        """Give those of the missing who aren't waited for."""
        return set(missing) if self.close and asked_before else set(missing) & self.without


class PostalChannel:
    """A :class:`~fluidmol.coordinator.federate.Channel` over a mailbox.

    Parameters
    ----------
    mailbox : Mailbox
        With the charter, see :func:`~fluidmol.rounds.coordinator.beginning.set_up`.
    charter : Charter
    keys : PrivateKeys
        The coordinator's.
    partners : collection of str, optional
        Who is asked; all of the charter's partners by default.
    decision : Decision, optional
        Whom not to wait for; by default, everybody is waited for.
    aside : callable, optional
        Called with name and reason when something is set aside.
    said : callable, optional
        Called with a sentence when labels are published.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        charter: Charter,
        keys: PrivateKeys,
        *,
        partners: Collection[str] | None = None,
        decision: Decision | None = None,
        aside: Aside = silently,
        said: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._said = said
        self._mailbox = mailbox
        self._charter = charter
        self._keys = keys
        self._partners = sorted(party.name for party in charter.partners) if partners is None else sorted(partners)
        self._decision = decision or Decision()
        self._aside = aside
        self._before = frozenset(mailbox.names(REQUESTS))
        self.pseudonyms: Mapping[str, str] = {}
        """By what the published labels call the partners; none where an earlier version published them by name."""

    def ask(self, request: Request) -> Sequence[Reply]:
        """Publish a question, and give the replies that count, in the order of names.

        Labels are published under the pseudonyms of those whose opinions were given here before, and sealed.

        Raises
        ------
        AwaitingError
            If some are missing.
        QuorumError
            If those who answered are too few to go on without the others.
        InputError
            If other labels were published already.
        OutputError
            If the place can't be written.
        """
        request, name = self._published(request)
        others = self._publish(request, name)
        gatherer = Gatherer(self._mailbox, self._charter, self._keys, self._aside)
        gathered = gatherer.gather(request, others)
        stage = stage_of(request)
        closing = read_closed(self._mailbox, self._charter, stage, request.digest, self._aside)
        answers = _settled(gathered, closing, self._partners, gatherer)
        missing = [name for name in (closing.accepted if closing else self._partners) if name not in answers]
        left = set() if closing else self._decision.leaves_out(missing, asked_before=name in self._before)
        if len(left) < len(missing):
            raise _awaiting([name for name in missing if name not in left], stage, gathered)
        if closing is None:
            if not _enough(answers, left, stage, self._charter):
                return [answers[name].reply for name in sorted(answers)]  # federate says that they are too few
            closing = Closing(
                self._charter.digest, stage, request.digest, {n: f.reply.digest for n, f in answers.items()}, left
            )
            close(self._mailbox, closing, self._keys)
        known = {name: pseudonym_of(found.reply) for name, found in answers.items()}
        self.pseudonyms = self.pseudonyms or {name: called for name, called in known.items() if called}
        # Whoever isn't asked any further has already been told by the closing.
        self._partners = list(closing.accepted)
        return [answers[name].reply for name in sorted(answers)]

    def _published(self, request: Request) -> tuple[Request, str]:
        """Give a question as partners get it, and its name."""
        if isinstance(request, Learn):
            if self._asked_openly(request):
                self.pseudonyms = {}
                return request, open_name(request)
            if nameless := set(request.labels.partners) - set(self.pseudonyms):
                raise ValueError(f"{sorted(nameless)} have no pseudonym: expected labels of opinions asked for here")
            request = Learn(request.charter, request.labels.renamed(self.pseudonyms))
        return request, request_name(request)

    def _asked_openly(self, request: Learn) -> bool:
        """Say whether a version before published these labels, by name and unsealed: what is published stands."""
        name = open_name(request)
        try:
            return read_request(self._mailbox, name, self._charter).digest == request.digest
        except FluidError:
            return False

    def _publish(self, request: Request, name: str) -> frozenset[str]:
        """Put a question into the place; give the digests of the other questions that were asked."""
        others = set()
        for other in self._mailbox.names(REQUESTS):
            if other == name or not is_request(other):
                continue
            digest, said = self._asked(other), parsed_request(other)
            if digest is not None and isinstance(request, Learn) and said is not None and said.stage == "learn":
                raise InputError(
                    f"other labels were published already ({other}), and these would be {short(request.digest)}",
                    hint="Published labels stand. Other versions of libraries, another machine or lost replies make"
                    " others: run the command where it ran before.",
                )
            others |= {digest} if digest else set()
        sealed = isinstance(request, Learn) and name == request_name(request)
        to = [party.sealing for party in self._charter.parties] if sealed else []
        put(self._mailbox, name, request, "", self._keys, self._aside, recipients=to)
        if isinstance(request, Learn):
            labels = LABELS if sealed else OPEN_LABELS
            there = labels in self._mailbox.names(labels)
            put(self._mailbox, labels, request.labels, request.digest, self._keys, self._aside, recipients=to)
            if not there:
                self._said(f"labels are published in {labels}")
        return frozenset(others)

    def _asked(self, name: str) -> str | None:
        """Give the digest of a question that we asked under this charter; others are set aside."""
        try:
            return read_request(self._mailbox, name, self._charter, self._keys).digest
        except FluidError as problem:
            self._mailbox.set_aside(name, str(problem))
            self._aside(name, str(problem))
            return None


def _settled(
    gathered: Gathered, closing: Closing | None, partners: Collection[str], gatherer: Gatherer
) -> dict[str, ValidReply]:
    """Choose one reply a partner, and set aside copies, late ones, and all of those that contradict one another."""
    answers = {}
    for name, found in gathered.valid.items():
        good = list(found)
        if closing is not None or name not in partners:
            accepted = closing.accepted.get(name) if closing else None
            good = [f for f in found if f.reply.digest == accepted]
            reason = (
                "it came too late: the question is closed" if accepted is None else "another answer was accepted before"
            )
            if closing is None:
                reason = f"{name} takes no part in this any longer"
            for other in found:
                if other not in good:
                    gatherer.set_aside(other.name, f"{name}: {reason}")
        elif len({f.reply.digest for f in found}) > 1:
            digests = ", ".join(sorted(short(f.reply.digest) for f in found))
            for other in found:
                gatherer.set_aside(
                    other.name,
                    f"{name} gave different answers to one question ({digests}): none of them counts, and {name}"
                    " must answer again",
                )
            good = []
        for copy in good[1:]:
            gatherer.set_aside(copy.name, f"it says the same as {good[0].name}")
        if good:
            answers[name] = good[0]
    return answers


def _enough(answers: Mapping[str, ValidReply], left: Collection[str], stage: str, charter: Charter) -> bool:
    """Say whether the question can be closed: with too few opinions, somebody may still answer another thing.

    Raises
    ------
    QuorumError
        If they are too few because some are left out.
    """
    opinions = sum(isinstance(found.reply, Annotations) and not found.reply.silent for found in answers.values())
    if stage != "annotate" or opinions >= charter.quorum:
        return True
    if left:
        raise QuorumError(
            f"without {', '.join(sorted(left))} the number of opinions is {opinions}",
            hint=f"The charter's quorum is {charter.quorum}: wait for more.",
        )
    return False


def _awaiting(missing: Sequence[str], stage: str, gathered: Gathered) -> AwaitingError:
    what = {"annotate": "opinion", "learn": "scorecard"}[stage]
    unread = f"; {', '.join(gathered.unread)} can't be read yet" if gathered.unread else ""
    return AwaitingError(
        f"awaiting the {what}{'s' * (len(missing) > 1)} of {', '.join(missing)}{unread}",
        hint="Run the same command again once they are there; `without` NAME or `close` goes on with the others.",
    )
