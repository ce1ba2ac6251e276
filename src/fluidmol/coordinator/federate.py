"""All of FLuID on one screen.

Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs
import numpy as np

from fluidmol.chem.table import LazyFeatures
from fluidmol.coordinator.student import Student, check_student
from fluidmol.errors import CharterError, InputError, QuorumError
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.federation import aggregate
from fluidmol.learning.selection import SELECTIONS
from fluidmol.progress import Stages
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Reply, Request, Scorecard


class Channel(Protocol):
    """The only port: a question goes to all partners, their replies come back."""

    def ask(self, request: Request) -> Sequence[Reply]:
        """Ask every partner once; replies name the charter and their partner."""


class Learnt(Protocol):
    """What is said of a student."""

    @property
    def n_train(self) -> int:
        """Number of transfer molecules it learnt from."""


class Results(Protocol):
    """What is told of a round: its :class:`Outcome`, or what stands of it in a place."""

    @property
    def labels(self) -> FederatedLabels:
        """The consortium's opinion of the transfer set, by partners' names."""

    @property
    def published(self) -> FederatedLabels:
        """The same as partners got them."""

    @property
    def student(self) -> Learnt:
        """Its model, or what is known of it."""

    @property
    def scorecards(self) -> tuple[Scorecard, ...]:
        """How the partners fared."""

    @property
    def declined(self) -> tuple[Declined, ...]:
        """Who didn't answer which question, and why."""

    @property
    def opinions(self) -> tuple[Annotations, ...]:
        """What partners said."""

    @property
    def pseudonyms(self) -> Mapping[str, str]:
        """By what the labels that partners got call them."""


@attrs.frozen(eq=False)
class Outcome:
    """What a round of FLuID leaves behind."""

    labels: FederatedLabels
    """The consortium's opinion of the transfer set."""

    student: Student
    """Its model."""

    scorecards: tuple[Scorecard, ...]
    """How the partners fared."""

    declined: tuple[Declined, ...]
    """Who didn't answer which question, and why."""

    opinions: tuple[Annotations, ...] = attrs.field(default=(), repr=False)
    """What partners said, for the coordinator to compare."""

    pseudonyms: Mapping[str, str] = attrs.field(factory=dict)
    """By what the labels that partners got call them; none where they got them by name, as in a simulation."""

    @property
    def published(self) -> FederatedLabels:
        """The labels as partners got them."""
        return self.labels.renamed(self.pseudonyms) if self.pseudonyms else self.labels


def federate(charter: Charter, transfer: CompoundSet, channel: Channel, stages: Stages | None = None) -> Outcome:
    """Ask for opinions, combine them, distil a student, and hand the labels back.

    Parameters
    ----------
    charter : Charter
        The rules; its transfer digest and size must be those of ``transfer``.
    transfer : CompoundSet
        The public transfer set.
    channel : Channel
        How partners are reached.
    stages : Stages, optional
        Told what is being computed.

    Returns
    -------
    Outcome

    Raises
    ------
    CharterError
        If the charter names another transfer set.
    InputError
        If all selected labels are of one class, or too few.
    QuorumError
        If fewer partners give an opinion than the charter asks for; who abstains everywhere gives none.
    UnavailableError
        If the charter's student needs what isn't installed; nobody is asked.
    """
    if (charter.transfer_digest, charter.transfer_size) != (transfer.digest, len(transfer)):
        raise CharterError(
            "the charter names another transfer set", hint=f"This one has {len(transfer)} molecules, {transfer.digest}."
        )
    check_student(charter)

    stages = stages or Stages()
    opinions, declined = heard(channel.ask(Annotate(charter)), charter)
    check_quorum(opinions, declined, charter)
    with stages.stage("labels"):
        labels = federated(opinions, transfer, charter)
    with stages.stage("student"):
        student = distil(labels, transfer, charter)

    answers = channel.ask(Learn(charter, labels))
    scorecards = tuple(reply for reply in answers if isinstance(reply, Scorecard))
    refusals = (*declined, *(a for a in answers if isinstance(a, Declined)))
    return Outcome(labels, student, scorecards, refusals, opinions)


def heard(replies: Sequence[Reply], charter: Charter) -> tuple[tuple[Annotations, ...], tuple[Declined, ...]]:
    """Tell opinions that can be used from refusals; an opinion of something else is one."""
    declined = tuple(refusal for reply in replies if (refusal := _refusal(reply, charter)) is not None)
    opinions = (reply for reply in replies if isinstance(reply, Annotations) and _refusal(reply, charter) is None)
    return tuple(opinions), declined


def federated(opinions: Sequence[Annotations], transfer: CompoundSet, charter: Charter) -> FederatedLabels:
    """Combine opinions to labels, with all that the charter's distillation needs to know about the single ones.

    Parameters
    ----------
    opinions : sequence of Annotations
        Of the transfer set, at least one.
    transfer : CompoundSet
    charter : Charter

    Raises
    ------
    ValueError
        If there is no opinion, or shapes differ.
    CharterError
        If the charter names unknown parts, or such as don't go together.
    """
    labels = aggregate(opinions, charter)
    table = LazyFeatures(transfer, charter.featuriser)
    return DISTILLATIONS.build(charter.distillation).prepare(labels, opinions, table, charter)


def distil(labels: FederatedLabels, transfer: CompoundSet, charter: Charter) -> Student:
    """Distil the student of federated labels.

    Raises
    ------
    InputError
        If all selected labels are of one class, or too few.
    """
    try:
        return Student.distilled(labels, transfer, charter)
    except ValueError as problem:
        n_labelled = int((~np.isnan(labels.value)).any(axis=1).sum())
        soft = ", or a charter with soft labels (hard = false in [selection])"
        raise InputError(
            f"no student can be distilled from labels of {n_labelled:,} of {len(transfer):,} molecules: {problem}",
            hint="Take more transfer molecules, or some that are closer to the partners' chemistry"
            f"{soft if SELECTIONS.build(charter.selection).hard else ''}.",
        ) from problem


def check_quorum(opinions: Sequence[Annotations], declined: Sequence[Declined], charter: Charter) -> None:
    """Check that enough partners gave an opinion; who abstains everywhere gives none.

    Raises
    ------
    QuorumError
        If they are fewer than the charter asks for; it says who declined, and why.
    """
    # Who says nothing hides nobody: the labels would be the opinions of those who speak.
    n_speaking = sum(not opinion.silent for opinion in opinions)
    if n_speaking < charter.quorum:
        silent = {opinion.partner: "no opinion of any molecule" for opinion in opinions if opinion.silent}
        reasons = {refusal.partner: refusal.reason for refusal in declined} | silent
        raise too_few_speak(n_speaking, len(opinions) + len(declined), reasons, charter)


def too_few_speak(n_speaking: int, n_asked: int, reasons: Mapping[str, str], charter: Charter) -> QuorumError:
    """Make the error of a quorum that isn't reached, with the reasons of those who said nothing, by partner."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    why = "; ".join(f"{', '.join(who)}: {reason}" for reason, who in by_reason.items())
    return QuorumError(
        f"{n_speaking} of {n_asked} partners gave an opinion" + (f" ({why})" if why else ""),
        hint=f"The charter's quorum is {charter.quorum}: more must answer, or the charter must ask for fewer.",
    )


def _refusal(reply: Reply, charter: Charter) -> Declined | None:
    # An opinion of something else can't be used; nobody is left out without a word.
    if not isinstance(reply, Annotations):
        return reply if isinstance(reply, Declined) else None
    asked = (charter.transfer_size, len(charter.endpoints))
    if reply.charter != charter.digest:
        return Declined(charter.digest, reply.partner, f"the opinion answers another charter ({reply.charter})")
    if reply.shape != asked:
        reason = "the opinion is of {} molecules and {} endpoints: expected {} and {}".format(*reply.shape, *asked)
        return Declined(charter.digest, reply.partner, reason)
    return None
