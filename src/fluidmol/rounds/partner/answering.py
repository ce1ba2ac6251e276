"""The partner's side of a mailbox: sees what is asked, answers through the gate, and leaves a sealed, signed file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs

from fluidmol.errors import CharterError, PolicyError
from fluidmol.exchange.carried import sort_in
from fluidmol.exchange.closing import read_closed
from fluidmol.exchange.contents import agreements
from fluidmol.exchange.layout import ReplyName, agreement_name, parsed_reply, reply_name, stage_of
from fluidmol.exchange.mailbox import Mailbox, short
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger import OPEN, SEALED, Notes
from fluidmol.partner.partner import Partner
from fluidmol.partner.release import Errand, Release
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.questions import OpenQuestions, Question
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Declined, Learn, Request, Scorecard, pseudonym_of


@attrs.frozen
class PreparedReply:
    """A reply as it would leave."""

    question: Question
    """What it answers."""

    release: Release = attrs.field(repr=False)
    """What the gate made of it."""

    name: str
    """Name that it would have in the place."""

    data: bytes = attrs.field(repr=False)
    """Signed, and sealed unless that isn't wanted."""

    path: Path
    """The same as a file at home."""


class Desk:
    """Where one partner answers.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
        Of the place.
    keys : PrivateKeys
        The partner's.
    home : Home
        The partner's folder for this consortium.

    Raises
    ------
    CharterError
        If the charter names no partner with these keys.
    """

    def __init__(self, mailbox: Mailbox, charter: Charter, keys: PrivateKeys, home: Home) -> None:
        self._agreement = agree(charter, keys)  # refuses strangers
        if keys.name == charter.coordinator.name:
            raise CharterError(
                f"{keys.name} is the charter's coordinator",
                hint="Partners answer; the coordinator asks: fluid federate.",
            )
        self._mailbox = mailbox
        self._charter = charter
        self._keys = keys
        self._home = home
        self._asked = OpenQuestions(mailbox, charter, keys, home)

    @property
    def name(self) -> str:
        """The partner's name."""
        return self._keys.name

    @property
    def accepted(self) -> bool:
        """Whether the partner has signed this charter; nobody else can have done it in its name."""
        if self._keys.name in agreements(self._mailbox, self._charter).signed:
            return True
        try:
            return self._home.agreement.read_text(encoding="utf-8") == self._agreement
        except (OSError, UnicodeDecodeError):
            return False

    def accept(self) -> bool:
        """Sign the charter, and put the signature into the place; say whether it wasn't there yet.

        Raises
        ------
        CharterError
            If another charter was accepted in this home.
        OutputError
            If place or home can't be written.
        """
        self._home.accept(self._charter, self._agreement)
        if self._keys.name in agreements(self._mailbox, self._charter).signed:
            return False
        name = agreement_name(self._keys.name)
        if name in self._mailbox.names(name) and self._mailbox.read(name) != self._agreement.encode():
            self._mailbox.set_aside(name, f"it isn't the signature of {self._keys.name} under this charter")
        self._mailbox.write(name, self._agreement.encode())
        return True

    def check_accepted(self) -> None:
        """Refuse to go on under a charter that the partner hasn't signed.

        Raises
        ------
        CharterError
            Naming what differs from a charter that it has signed, if there is one.
        """
        if self.accepted:
            return
        differs = self._home.changes_since(self._charter)
        since = f"; it differs from the one that you accepted: {'; '.join(differs)}" if differs else ""
        raise CharterError(
            f"{self._keys.name} hasn't accepted this charter ({self._charter.digest}){since}",
            hint="Read it with: fluid charter show. Then sign it by giving `accept`.",
        )

    def sort_in(self) -> list[str]:
        """File what was brought by hand, see :func:`~fluidmol.exchange.carried.sort_in`."""
        return sort_in(self._mailbox, self._charter, self._keys)

    def questions(self) -> list[Question]:
        """Return the coordinator's questions, see :meth:`OpenQuestions.questions`."""
        return self._asked.questions()

    def unopened(self) -> list[str]:
        """Return names of what is called labels and can't be read, see :meth:`OpenQuestions.unopened`."""
        return self._asked.unopened()

    def in_the_open(self, question: Question) -> bool:
        """Return whether labels lie in the place unsealed, see :meth:`OpenQuestions.in_the_open`."""
        return self._asked.in_the_open(question)

    def set_aside(self) -> list[tuple[str, str]]:
        """Give name and reason of files in one's name that were set aside."""
        return self._asked.set_aside()

    def prepare(
        self,
        question: Question,
        gate: Gate,
        partner: Callable[[], Partner],
        *,
        sealed: bool = True,
        scored: bool = False,
        declined: str = "",
    ) -> PreparedReply:
        """Compose a reply and let the gate examine it; nothing leaves. A file of it is kept at home.

        Parameters
        ----------
        question : Question
        gate : Gate
            The partner's; ``partner`` must use the same one.
        partner : callable
            Gives the partner; called only if private data are needed.
        sealed : bool
            Whether only the coordinator can open it.
        scored : bool
            Whether there are public sets on which models are judged.
        declined : str
            If given, the reason why the question isn't answered.

        Raises
        ------
        PolicyError
            If the partner's policy forbids the answer.
        FluidError
            If data or model can't be used.
        """
        release = self._release(question.request, gate, partner, sealed=sealed, scored=scored, declined=declined)
        name = reply_name(question.request.digest, self._keys.name, release.digest, sealed=sealed)
        data = self._home.prepared(name)
        # Sealing the same again would give other bytes: what was shown is what is sent.
        if data is None or not sealed:
            data = signed(release.reply, question.request.digest, self._keys)
            data = seal(data, [self._charter.coordinator.sealing]) if sealed else data
        path = self._home.prepare(name, data)
        return PreparedReply(question, release, name, data, path)

    def put_back(self, question: Question, ledger: Notes) -> str:
        """Put an accepted reply back that the place has lost, or that is damaged there.

        The coordinator's word that it counts is not enough: nothing goes back but what passed the gate, in the form in
        which it did.

        Parameters
        ----------
        question : Question
        ledger : Notes
            The partner's: what has left before.

        Returns
        -------
        str
            Its name; empty if it is there, or never left from this home.

        Raises
        ------
        PolicyError
            If it is at home as something that was sent, and the ledger doesn't say so.
        InputError
            If the ledger isn't intact.
        OutputError
            If the place can't be written.
        """
        digest = question.request.digest
        closing = read_closed(self._mailbox, self._charter, stage_of(question.request), digest)
        if question.reply or closing is None or self._keys.name not in closing.accepted:
            return ""
        accepted, unknown = closing.accepted[self._keys.name], ""
        for form in (SEALED, OPEN):
            name = reply_name(digest, self._keys.name, accepted, sealed=form == SEALED)
            data = self._home.released(name)
            if data is None:
                continue
            if (digest, accepted, form) in {(entry.request, entry.digest, entry.form) for entry in ledger.entries}:
                self._put(name, data)
                return name
            unknown = name
        if unknown:
            raise PolicyError(
                f"{unknown} is lost in the place and isn't put back: the ledger doesn't say that it has left",
                hint="Name the ledger with `ledger` in which that is noted.",
            )
        return ""

    def unnoted(self, ledger: Notes) -> list[str]:
        """Return the names of own replies, in the place or sent from this home, that a ledger doesn't have.

        Parameters
        ----------
        ledger : Notes

        Raises
        ------
        InputError
            If the ledger isn't intact.
        """
        noted = {(short(e.request), short(e.digest), form) for e in ledger.entries for form in _forms(e.form)}

        def known(said: ReplyName) -> bool:
            return (said.question, said.value, SEALED if said.sealed else OPEN) in noted

        sent = [(name, parsed_reply(name)) for name in self._home.releases()]
        ours = [name for name, said in sent if said is not None and said.partner == self.name and not known(said)]
        return sorted({*ours, *self._asked.own_replies(known)})

    def send(self, prepared: PreparedReply, gate: Gate) -> None:
        """Let a prepared reply out, and put it into the place.

        Raises
        ------
        PolicyError
            If somebody must approve, and nobody does.
        OutputError
            If the place can't be written.
        """
        # Before it leaves: it can't be read off the file, which only the coordinator can open.
        reply, errand = gate.let_out(prepared.release), prepared.release.errand
        self._home.known_as(pseudonym_of(reply))
        self._home.known_ledger.note(gate.ledger)
        if isinstance(reply, Annotations) and errand is not None and errand.transfer is not None:
            self._home.save_opinions(reply, self._charter, errand.transfer)
        self._home.release(prepared.name, prepared.data)
        self._put(prepared.name, prepared.data)

    def _put(self, name: str, data: bytes) -> None:
        if name in self._mailbox.names(name) and self._mailbox.read(name) != data:
            self._mailbox.set_aside(name, f"it isn't what {self._keys.name} sent under this name")
        self._mailbox.write(name, data)

    def _release(
        self,
        request: Request,
        gate: Gate,
        partner: Callable[[], Partner],
        *,
        sealed: bool,
        scored: bool,
        declined: str,
    ) -> Release:
        name, charter = self._keys.name, self._charter.digest
        if declined:
            return gate.examine(Declined(charter, name, declined), Errand(request, sealed=sealed))
        if isinstance(request, Learn) and (not scored or self._charter.privacy is not None):
            # No figures are asked for, so that no hybrid needs to be fitted to say so. Under [privacy] there never are
            # any, and whether a hybrid can be fitted, and how long that takes, would be seen by who waits for a reply.
            return gate.examine(Scorecard(charter, name, ()), Errand(request, sealed=sealed))
        answering = partner()
        if isinstance(request, Learn):
            # This fits the teacher, which is judged as well; and what it says is what a new home doesn't know any more.
            again = answering.examine(Annotate(request.charter), sealed=sealed, judged=False)
            self._home.known_as(pseudonym_of(again.reply))
            return self._examined(answering, request, sealed=sealed)
        return answering.examine(request, sealed=sealed)

    def _examined(self, partner: Partner, request: Learn, *, sealed: bool) -> Release:
        """Let a partner learn from labels in which it goes by its own name, and answer those that were published."""
        own = self._home.own_in(request.labels, partner.name)
        mine = Learn(request.charter, request.labels.renamed({own: partner.name}))
        release = partner.examine(mine, sealed=sealed)
        return attrs.evolve(release, errand=partner.errand(request, sealed=sealed))


def _forms(form: str) -> tuple[str, ...]:
    """Return the forms that an entry may mean: versions before didn't say it."""
    return (form,) if form else (SEALED, OPEN)
