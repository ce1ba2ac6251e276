"""A round whose labels are published: what stands is opened and checked, and nothing is computed anew.

Labels are believed if they bear the coordinator's own signature, as labels of this charter, and call by name just those
partners whose opinions count by the signed closing: a pseudonym is a hash over all of an opinion.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fluidmol.coordinator.federate import Results, heard
from fluidmol.coordinator.founding import representation_digest
from fluidmol.errors import FluidError
from fluidmol.exchange.closing import read_closed
from fluidmol.exchange.contents import agreements, read_charter
from fluidmol.exchange.layout import LABELS, request_name
from fluidmol.exchange.mailbox import Mailbox
from fluidmol.rounds.coordinator.postal import PostalChannel
from fluidmol.rounds.public import stored_representation, stored_transfer
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import opened
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard


@attrs.frozen
class KnownStudent:
    """A student that isn't here: what is known of it."""

    n_train: int
    """Number of transfer molecules it learnt from, as the place says."""


@attrs.frozen(eq=False)
class Standing:
    """What a round has come to, as it stands in a place."""

    labels: FederatedLabels
    scorecards: tuple[Scorecard, ...]
    declined: tuple[Declined, ...]
    opinions: tuple[Annotations, ...] = attrs.field(repr=False)
    pseudonyms: Mapping[str, str]
    student: KnownStudent

    @property
    def published(self) -> FederatedLabels:
        """The labels as partners got them."""
        return self.labels.renamed(self.pseudonyms)


def published_labels(mailbox: Mailbox, charter: Charter, keys: PrivateKeys) -> FederatedLabels | None:
    """Open the labels that were published under a charter; None if anything in the place isn't as it was left.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    keys : PrivateKeys
        The coordinator's.
    """
    try:
        there = LABELS in mailbox.names(LABELS) and keys.name == charter.coordinator.name
        if not there or read_charter(mailbox).digest != charter.digest:
            return None
        if keys.name not in agreements(mailbox, charter).signed:
            return None
        for stage, question in (("agree", charter.digest), ("annotate", Annotate(charter).digest)):
            if read_closed(mailbox, charter, stage, question) is None:
                return None
        stored_transfer(mailbox, charter)
        if representation_digest(charter):
            stored_representation(mailbox, charter)
        found = opened(keys.unseal(mailbox.read(LABELS)), [keys.public.party("coordinator")])
    except FluidError:
        return None
    if not isinstance(found.value, FederatedLabels) or found.value.charter != charter.digest:
        return None
    request = Learn(charter, found.value)
    asked = request_name(request)
    return found.value if found.about == request.digest and asked in mailbox.names(asked) else None


def standing(labels: FederatedLabels, channel: PostalChannel, charter: Charter, n_train: int) -> Results | None:
    """Ask who has answered, as in any run, with labels that were published; None if they aren't of these opinions.

    Parameters
    ----------
    labels : FederatedLabels
        As :func:`published_labels` gives them.
    channel : PostalChannel
    charter : Charter
    n_train : int
        What is known of the student.

    Raises
    ------
    FluidError
        As :meth:`~fluidmol.rounds.coordinator.postal.PostalChannel.ask`.
    """
    opinions, declined = heard(channel.ask(Annotate(charter)), charter)
    names = {called: name for name, called in channel.pseudonyms.items()}
    if {names.get(called) for called in labels.partners} != {opinion.partner for opinion in opinions}:
        return None
    named = labels.renamed(names)
    answers = channel.ask(Learn(charter, named))
    scorecards = tuple(answer for answer in answers if isinstance(answer, Scorecard))
    refusals = (*declined, *(answer for answer in answers if isinstance(answer, Declined)))
    return Standing(named, scorecards, refusals, opinions, channel.pseudonyms, KnownStudent(n_train))
