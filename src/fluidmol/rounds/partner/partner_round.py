"""All that a partner does in a round, from the charter to the labels, over any place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.intake.claims import check_claims
from fluidmol.chem.representation.known import remember
from fluidmol.coordinator.founding import representation_digest
from fluidmol.errors import CharterError, LedgerError, PolicyError, UsageError
from fluidmol.exchange.contents import read_charter
from fluidmol.exchange.mailbox import Mailbox
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger import Notes
from fluidmol.partner.partner import Partner
from fluidmol.partner.teachers import Recipe
from fluidmol.partner.teachers.charters import Charters
from fluidmol.rounds.partner.answering import Desk, PreparedReply
from fluidmol.rounds.partner.archive import HomeArchive
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.known_ledger import check_continued
from fluidmol.rounds.partner.questions import CLOSED, COUNTED, OPEN, SENT, Question
from fluidmol.rounds.public import Look, read_transfer, stored_representation
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn
from fluidmol.values.plain import plain

_STANDS = {
    SENT: "answered already ({reply})",
    COUNTED: "answered, and the answer counts",
    CLOSED: "closed, without an answer of yours",
}


@attrs.define(eq=False)
class PartnerRound:
    """A partner in front of a place.

    Nothing leaves but what the gate lets out and, where the policy asks for it, a person approves.
    """

    mailbox: Mailbox = attrs.field(repr=False)
    """The place."""

    charter: Charter = attrs.field(repr=False)
    """Of the place."""

    desk: Desk = attrs.field(repr=False)
    """Where single questions are answered."""

    home: Home
    """The partner's folder for this consortium: what was signed, prepared, sent and learnt."""

    look: Look = attrs.field(default=check_claims, repr=False)
    """Looks at the transfer set's molecules before they are used."""

    said: Callable[[str], None] = attrs.field(default=lambda _: None, repr=False)
    """Called with a sentence about each thing that was done or noticed."""

    folders: tuple[Path, ...] = ()
    """Where else ledgers and homes of this partner may lie, say beside its key."""

    has_labels: bool = attrs.field(default=False, init=False)
    """Whether the consortium's labels came, and are at home."""

    @classmethod
    def at(
        cls, mailbox: Mailbox, keys: PrivateKeys, home: Path, *, said: Callable[[str], None] = lambda _: None
    ) -> PartnerRound:
        """Read the place's charter, and sit down as the party of these keys.

        Parameters
        ----------
        mailbox : Mailbox
        keys : PrivateKeys
            The partner's.
        home : Path
            The partner's folder for this consortium; it is made when there is something to keep.
        said : callable
            Called with a sentence about each thing that was done or noticed.

        Raises
        ------
        MissingFileError, CharterError
            If there is no charter, or it names no such partner.
        """
        charter, own = read_charter(mailbox), Home(home)
        return cls(mailbox, charter, Desk(mailbox, charter, keys, own), own, said=said)

    @property
    def archive(self) -> HomeArchive:
        """What this home, those beside it and those in other folders keep of earlier rounds: for the gate."""
        return HomeArchive(self.home, self.desk.name, self.charter, self.folders)

    def transfer(self) -> CompoundSet:
        """Read the transfer set; its molecules are looked at the first time. Public directions are taken home, too.

        Raises
        ------
        FluidError
            If it isn't there, damaged, another one than the charter's, or its molecules aren't what they are said to
            be.
        """
        found = read_transfer(self.mailbox, self.charter, self.look)
        if representation_digest(self.charter):
            directions = stored_representation(self.mailbox, self.charter)
            remember(directions)
            self.home.keep_representation(pack(directions))
        return found

    def partner(
        self,
        assay: Assay | None,
        gate: Gate,
        *,
        recipe: Recipe | None = None,
        benchmarks: Mapping[str, Assay] | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Partner:
        """Return the partner that answers: with the charter's own teacher, or by another recipe.

        Parameters
        ----------
        assay : Assay or None
            Private measurements; None if the recipe's teacher learns from none.
        gate : Gate
            The way out, with the company's policy.
        recipe : Recipe, optional
            How it comes to its teacher; the charter's by default. A private model is made once, and kept at home.
        benchmarks : mapping of str to Assay, optional
            Public labelled sets on which teacher and hybrid are judged.
        progress : callable
            Is told how many molecules are annotated, and of how many.

        Raises
        ------
        FluidError
            If the transfer set can't be used.
        """
        own = recipe or Charters(kept=self.home.kept_model)
        return Partner(
            self.desk.name, assay, self.transfer(), benchmarks=benchmarks, gate=gate, recipe=own,
            kept=self.home.pieces, progress=progress,
        )  # fmt: skip

    def check_ledger(self, ledger: Notes, *, new: bool = False, dry_run: bool = False) -> None:
        """Refuse to go on with a ledger that isn't the one in which it is noted what has left, as far as that is known.

        It is known by what this home and those beside it remember of it, and by one's own replies in the place.

        Parameters
        ----------
        ledger : Notes
        new : bool
            Whether a person says that it is really a new one; that counts only while it is empty.
        dry_run : bool
            Whether nothing is to be written.

        Raises
        ------
        LedgerError
            If entries are missing that were in it, if something has left that it doesn't have, or if it is empty and
            there is another one.
        InputError
            If it isn't intact.
        """
        begins = new and not ledger.entries
        check_continued(self.home.path, self.desk.name, ledger, (self.home.path.parent, *self.folders), new=new)
        missing = self.desk.unnoted(ledger) if ledger.path is not None else []
        note = self.home.known_ledger.read()
        if not begins and (unknown := [name for name in missing if note is None or name not in note.unnoted]):
            raise LedgerError(
                f"{plain(unknown[0])} is what {self.desk.name} has sent, and the ledger {ledger.path} doesn't say so",
                hint="Nothing more has left. Entries were cut off, or it is another ledger: name the right one with"
                " `ledger`, or restore it. If it is lost, say with `new_ledger` that a new one begins, which must be"
                " empty. If you never sent this, somebody else has put it there: tell the coordinator.",
            )
        if not dry_run and (begins or self.home.path.exists()):
            self.home.known_ledger.note(ledger, missing if begins else ())

    def answer(
        self,
        partner: Callable[[], Partner],
        gate: Gate,
        *,
        scored: bool = False,
        sealed: bool = True,
        declined: str = "",
        dry_run: bool = False,
        composing: Callable[[Question], AbstractContextManager[object]] = nullcontext,
        review: Callable[[PreparedReply], None] = lambda _: None,
        remark: Callable[[Question], str] = lambda _: "",
    ) -> list[PreparedReply]:
        """Answer all that is asked; what was answered already is left as it is. Labels that came are kept at home.

        Parameters
        ----------
        partner : callable
            Gives the partner, which must use the same gate; called only if private data are needed.
        gate : Gate
        scored : bool
            Whether there are public sets on which models are judged.
        sealed : bool
            Whether only the coordinator can open replies.
        declined : str
            If given, the reason why nothing is answered.
        dry_run : bool
            Whether replies are prepared at home, and nothing leaves.
        composing : callable
            Gives what surrounds the work on each reply, say a display of progress.
        review : callable
            Called with each reply before it leaves.
        remark : callable
            What else is to be said of a question that was answered already.

        Returns
        -------
        list of PreparedReply
            What has left, or would.

        Raises
        ------
        CharterError
            If the charter isn't signed.
        PolicyError
            If the policy forbids an answer, or nobody approves it.
        FluidError
            If data, model or place can't be used.
        """
        self.desk.check_accepted()
        sent = []
        for question in self.asked(dry_run=dry_run, ledger=gate.ledger, remark=remark):
            with composing(question):
                prepared = self.desk.prepare(question, gate, partner, sealed=sealed, scored=scored, declined=declined)
            review(prepared)
            if dry_run:
                self.said(f"Nothing has left. This file would: {prepared.path}")
            else:
                if gate.ledger.path is not None and not gate.ledger.entries:
                    # Before somebody approves it: what was let out elsewhere isn't compared with this.
                    self.said(
                        f"A new ledger would begin: {gate.ledger.path}. If {self.desk.name} has let anything out"
                        " before, under whichever key, don't let this out, and name that ledger with `ledger`."
                    )
                self.desk.send(prepared, gate)
                self.said(f"Sent: {prepared.name}")
            sent.append(prepared)
        return sent

    def expect(self, digest: str) -> None:
        """Refuse a charter that isn't the one that the coordinator told of.

        Parameters
        ----------
        digest : str
            ``sha256:`` and 64 hexadecimal digits, or their first 12 or more; case and blanks don't count.

        Raises
        ------
        UsageError
            If it is no digest.
        CharterError
            If the place has another charter.
        """
        told = re.sub(r"\s", "", digest).lower().removeprefix("sha256:")
        if not re.fullmatch("[0-9a-f]{12,64}", told):
            raise UsageError(
                f"the charter's digest is said to be {digest!r}",
                hint="Expected the charter's digest, sha256: and 64 digits, or at least the first 12 of them.",
            )
        if not self.charter.digest.removeprefix("sha256:").startswith(told):
            raise CharterError(
                f"the charter at the place is another one: its digest is {self.charter.digest}, expected {digest}",
                hint="Nothing was signed or sent. Ask the coordinator, by another way than this, which one counts.",
            )

    def accept(self, *, dry_run: bool = False) -> None:
        """Sign the charter, unless that was done before.

        Raises
        ------
        CharterError
            If another charter was accepted in this home.
        OutputError
            If place or home can't be written.
        """
        if dry_run:
            if not self.desk.accepted:
                self.said(f"You would accept the charter {self.charter.digest}.")
        elif self.desk.accept():
            self.said(f"Signed the charter {self.charter.digest}.")

    def asked(self, *, dry_run: bool, ledger: Notes, remark: Callable[[Question], str]) -> Iterator[Question]:
        """Yield open questions, and report where the partner stands with the others.

        Parameters
        ----------
        dry_run : bool
            Whether nothing is to be changed.
        ledger : Notes
            What has left before.
        remark : callable
            What else is to be said of a question that was answered already; empty for nothing.
        """
        if not dry_run:
            self.desk.sort_in()
        questions = self.desk.questions()
        if any(question.state == OPEN for question in questions):
            for name, reason in self.desk.set_aside():
                self.said(plain(f"Set aside by the coordinator: {name}: {reason}", 600))
        self._say_what_is_closed_to_us(questions)
        if not questions:
            self.said("Nothing is asked yet: run the same command again later.")
        for question in questions:
            learn = question.request if isinstance(question.request, Learn) and not dry_run else None
            if learn is not None:
                # Before the answer leaves: to other labels there is none.
                transfer = self.transfer()
                self.home.learn(learn.labels)
                self.home.keep_transfer(pack(transfer))
                self.has_labels = True
            if question.state == OPEN:
                yield question
            else:
                self.said(f"{question.name}: {_STANDS[question.state].format(reply=question.reply)}")
                if question.state in (SENT, COUNTED) and (more := remark(question)):
                    self.said(more)
            if not dry_run:
                self._put_back(question, ledger)
            if learn is not None:
                self._say_whose_labels_are(question, learn.labels)

    def _say_what_is_closed_to_us(self, questions: list[Question]) -> None:
        if not any(isinstance(question.request, Learn) for question in questions):
            for name in self.desk.unopened():
                self.said(
                    f"{plain(name)} can't be read with your key: it is damaged, or not what it is called. If it stays"
                    " so, ask the coordinator to remove it, and to run fluid federate again, which seals labels anew."
                )

    def _put_back(self, question: Question, ledger: Notes) -> None:
        try:
            if again := self.desk.put_back(question, ledger):
                self.said(f"Put back what had left before, and was lost: {again}")
            elif question.state == COUNTED and not question.reply:
                self.said("So says the coordinator; but it is neither in the place, nor was it sent from this home.")
        except PolicyError as problem:  # what else is asked can be answered all the same
            self.said(f"{problem}")

    def _say_whose_labels_are(self, question: Question, labels: FederatedLabels) -> None:
        own = self.home.own_in(labels, self.desk.name)
        if own:
            share = labels.contribution[labels.partners.index(own)][~np.isnan(labels.value)]
            called = "go by your name" if own == self.desk.name else f"are {own}"
            self.said(
                f"In the labels you {called}; your mean share in them is {share.mean() if share.size else 0:.1%}."
            )
        if self.desk.in_the_open(question):
            self.said(
                "Caution: an earlier version put these labels there. They name each partner, and whoever can read the"
                " place can read them: remove the place once the round is finished."
            )
