"""One visit of a partner to the consortium's place: sees what is asked, and says where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np
import typer

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.representation.shelf import remember
from fluidmol.cli.plain import plain
from fluidmol.cli.sound import sound
from fluidmol.coordinator.founding import representation_digest
from fluidmol.errors import CharterError, PolicyError, UsageError
from fluidmol.exchange.contents import read_charter
from fluidmol.exchange.mailbox import Mailbox
from fluidmol.partner.ledger import Notes
from fluidmol.rounds.partner.answering import Desk
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.questions import CLOSED, COUNTED, OPEN, SENT, Question
from fluidmol.rounds.public import read_transfer, stored_representation
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn

if TYPE_CHECKING:
    from fluidmol.studies.stages import Stages

_STANDS = {
    SENT: "answered already ({reply})",
    COUNTED: "answered, and the answer counts",
    CLOSED: "closed, without an answer of yours",
}


@attrs.frozen
class Visit:
    """A partner in front of a place."""

    mailbox: Mailbox = attrs.field(repr=False)
    charter: Charter = attrs.field(repr=False)
    desk: Desk = attrs.field(repr=False)
    home: Home
    cache: StandardCache | None = attrs.field(default=None, repr=False)
    """Remembers that the transfer set was looked at."""
    quiet: bool = True

    @classmethod
    def at(
        cls, mailbox: Mailbox, keys: PrivateKeys, key: Path, home: Path | None, *, cached: bool, quiet: bool
    ) -> Visit:
        """Read the place's charter, and sit down as the party of these keys.

        Raises
        ------
        MissingFileError, CharterError
            If there is no charter, or it names no such partner.
        """
        charter = read_charter(mailbox)
        own = Home(home) if home is not None else Home.beside(key, keys.name, charter)
        desk = Desk(mailbox, charter, keys, own)
        return cls(mailbox, charter, desk, own, StandardCache() if cached else None, quiet)

    def transfer(self, stages: Stages | None = None) -> CompoundSet:
        """Read the transfer set; its molecules are looked at the first time. Public directions are taken home, too.

        Parameters
        ----------
        stages : Stages, optional
            That are shown already.

        Raises
        ------
        FluidError
            If it isn't there, damaged, another one than the charter's, or its molecules aren't what they are said to
            be.
        """
        look = partial(sound, cache=self.cache, stages=stages, quiet=self.quiet)
        found = read_transfer(self.mailbox, self.charter, look)
        if representation_digest(self.charter):
            directions = stored_representation(self.mailbox, self.charter)
            remember(directions)
            self.home.keep_representation(pack(directions))
        return found

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
                f"--expect is {digest!r}",
                hint="Expected the charter's digest, sha256: and 64 digits, or at least the first 12 of them.",
            )
        if not self.charter.digest.removeprefix("sha256:").startswith(told):
            raise CharterError(
                f"the charter at the place is another one: its digest is {self.charter.digest}, expected {digest}",
                hint="Nothing was signed or sent. Ask the coordinator, by another way than this, which one counts.",
            )

    def agree(self, *, accept: bool, dry_run: bool) -> None:
        """Sign the charter if that is wanted, and refuse one that isn't signed.

        Raises
        ------
        CharterError
            If it isn't accepted.
        """
        if not accept:
            self.desk.check_accepted()
        if dry_run:
            if accept and not self.desk.accepted:
                typer.echo(f"You would accept the charter {self.charter.digest}.")
        elif self.desk.accept():
            typer.echo(f"Signed the charter {self.charter.digest}.")

    def asked(
        self, *, dry_run: bool, own: bool, ledger: Notes, remark: Callable[[Question], str]
    ) -> Iterator[Question]:
        """Give open questions, and say where the partner stands with the others.

        Parameters
        ----------
        dry_run : bool
            Whether nothing is to be changed.
        own : bool
            Whether the partner has compounds of its own, and so may have a hybrid.
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
                typer.echo(plain(f"Set aside by the coordinator: {name}: {reason}", 600))
        self._say_what_is_closed_to_us(questions)
        if not questions:
            typer.echo("Nothing is asked yet: run the same command again later.")
        for question in questions:
            learn = question.request if isinstance(question.request, Learn) and not dry_run else None
            if learn is not None:
                # Before the answer leaves: to other labels there is none.
                transfer = self.transfer()
                self.home.learn(learn.labels)
                self.home.keep_transfer(pack(transfer))
            if question.state == OPEN:
                yield question
            else:
                typer.echo(f"{question.name}: {_STANDS[question.state].format(reply=question.reply)}")
                if question.state in (SENT, COUNTED) and (more := remark(question)):
                    typer.echo(more)
            if not dry_run:
                self._put_back(question, ledger)
            if learn is not None:
                self._say_whose_labels_are(question, learn.labels)
                self._say_what_labels_are_for(own=own)

    def _say_what_is_closed_to_us(self, questions: list[Question]) -> None:
        if not any(isinstance(question.request, Learn) for question in questions):
            for name in self.desk.unopened():
                typer.echo(
                    f"{plain(name)} can't be read with your key: it is damaged, or not what it is called. If it stays"
                    " so, ask the coordinator to remove it, and to run fluid federate again, which seals labels anew."
                )

    def _put_back(self, question: Question, ledger: Notes) -> None:
        try:
            if again := self.desk.put_back(question, ledger):
                typer.echo(f"Put back what had left before, and was lost: {again}")
            elif question.state == COUNTED and not question.reply:
                typer.echo("So says the coordinator; but it is neither in the place, nor was it sent from this home.")
        except PolicyError as problem:  # what else is asked can be answered all the same
            typer.echo(f"{problem}")

    def _say_whose_labels_are(self, question: Question, labels: FederatedLabels) -> None:
        own = self.home.own_in(labels, self.desk.name)
        if own:
            share = labels.contribution[labels.partners.index(own)][~np.isnan(labels.value)]
            called = "go by your name" if own == self.desk.name else f"are {own}"
            typer.echo(
                f"In the labels you {called}; your mean share in them is {share.mean() if share.size else 0:.1%}."
            )
        if self.desk.in_the_open(question):
            typer.echo(
                "Caution: an earlier version put these labels there. They name each partner, and whoever can read the"
                " place can read them: remove the place once the round is finished."
            )

    def _say_what_labels_are_for(self, *, own: bool) -> None:
        home = self.home
        public = f"--labels {home.labels} --charter {home.charter} --transfer {home.transfer}"
        use = (
            f"Your hybrid: fluid hybrid fit {public} --data YOUR.csv --as {self.desk.name} --out hybrid"
            if own
            else f"Without compounds of your own, use the student: fluid predict YOUR.smi --model student {public}"
            " --out predictions.csv (with some, fit a hybrid: fluid hybrid fit)"
        )
        typer.echo(f"The labels are in {home.labels}. {use}")
