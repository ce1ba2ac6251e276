"""A whole round over a mailbox, as far as it goes today."""

from __future__ import annotations

import json
from collections.abc import Callable

import attrs

from fluidmol.chem.intake.claims import check_claims
from fluidmol.coordinator.federate import Results, federate
from fluidmol.errors import AwaitingError, QuorumError, UsageError
from fluidmol.exchange.carried import sort_in
from fluidmol.exchange.closing import Aside, Closing, read_closed
from fluidmol.exchange.contents import agreements
from fluidmol.exchange.layout import SUMMARY
from fluidmol.exchange.mailbox import CHARTER, Mailbox
from fluidmol.progress import Stages
from fluidmol.rounds.coordinator.beginning import set_up
from fluidmol.rounds.coordinator.postal import Decision, PostalChannel
from fluidmol.rounds.coordinator.publishing import close
from fluidmol.rounds.coordinator.standing import published_labels, standing
from fluidmol.rounds.public import Look
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn
from fluidmol.values.representation import Representation

Said = Callable[[str], None]
"""Called with a sentence about what was done."""


@attrs.frozen
class Round:
    """What the coordinator brings to a place."""

    mailbox: Mailbox = attrs.field(repr=False)
    """The place."""

    charter: Charter = attrs.field(repr=False)
    """The rules."""

    keys: PrivateKeys
    """The coordinator's."""

    transfer: CompoundSet | None = attrs.field(default=None, repr=False)
    """Needed the first time; later the place has it."""

    decision: Decision = attrs.field(factory=Decision)
    """Whom not to wait for."""

    look: Look = attrs.field(default=check_claims, repr=False)
    """Looks at the transfer set's molecules."""

    representation: Representation | None = attrs.field(default=None, repr=False)
    """Public directions, where the charter names some; needed the first time."""

    again: bool = False
    """Whether labels that were published already are computed anew, and compared with these."""

    stages: Stages = attrs.field(factory=Stages, repr=False)
    """Told what is being computed."""


def conduct(round_: Round, said: Said = lambda _: None) -> Results:
    """Go as far as it can be gone: found, wait for signatures, ask, federate, publish, collect scorecards.

    Labels that were published, and are intact, aren't computed anew, unless that is wanted.

    Parameters
    ----------
    round_ : Round
    said : callable
        Called with a sentence about each thing that was done.

    Returns
    -------
    Outcome or Standing
        The latter, without the student itself, where nothing was computed.

    Raises
    ------
    AwaitingError
        If signatures or replies are missing: the same call, later, goes on.
    QuorumError
        If too few partners agree or have an opinion.
    UsageError
        If the decision names somebody who is no partner.
    FluidError
        If charter, transfer set or place can't be used.
    """
    mailbox, charter = round_.mailbox, round_.charter
    if unknown := round_.decision.without - {party.name for party in charter.partners}:
        raise UsageError(
            f"{', '.join(sorted(unknown))} is no partner",
            hint=f"The charter names: {', '.join(party.name for party in charter.partners)}.",
        )
    labels = None if round_.again else published_labels(mailbox, charter, round_.keys)
    if labels is not None and (found := _standing(round_, labels, said)) is not None:
        said(
            "nothing has changed since the labels were published: signatures and digests are right, and nothing was"
            " computed anew, as `again` does"
        )
        return found
    founded = CHARTER in mailbox.names(CHARTER)
    if round_.transfer is not None:
        round_.look(round_.transfer)  # before anybody else gets it
    transfer = set_up(mailbox, charter, round_.transfer, round_.keys, round_.representation)
    if round_.transfer is None:
        round_.look(transfer)
    if not founded:
        said("put charter and transfer set into the place")
    for name in sort_in(mailbox, charter, round_.keys):
        said(f"filed {name}")

    def aside(name: str, reason: str) -> None:
        said(f"set {name} aside: {reason}")

    partners = _agreed(round_, founded, aside)
    channel = PostalChannel(
        mailbox, charter, round_.keys, partners=partners, decision=round_.decision, aside=aside, said=said
    )  # fmt: skip
    outcome = attrs.evolve(federate(charter, transfer, channel, round_.stages), pseudonyms=channel.pseudonyms)
    _write_summary(round_, outcome)
    return outcome


def _standing(round_: Round, labels: FederatedLabels, said: Said) -> Results | None:
    """Return what the round has come to, with labels that were published; None if something must be computed for it."""
    mailbox, charter = round_.mailbox, round_.charter
    for name in sort_in(mailbox, charter, round_.keys):
        said(f"filed {name}")

    def aside(name: str, reason: str) -> None:
        said(f"set {name} aside: {reason}")

    channel = PostalChannel(
        mailbox, charter, round_.keys, partners=_agreed(round_, True, aside), decision=round_.decision, aside=aside,
        said=said,
    )  # fmt: skip
    text = mailbox.read(SUMMARY) if SUMMARY in mailbox.names(SUMMARY) else b""
    try:
        n_train = json.loads(text)["student"]["molecules"]
    except (ValueError, TypeError, KeyError, RecursionError):
        n_train = None
    known = type(n_train) is int and 0 < n_train <= charter.transfer_size
    found = standing(labels, channel, charter, n_train if known else 0)
    # Nobody has signed it: what differs is computed, and written anew.
    return found if found is not None and known and _summary_text(charter, found) == text else None


def summary_table(charter: Charter, outcome: Results) -> dict[str, object]:
    """Give what everybody may know of an outcome: nothing of the scorecards, nor who has which share of the labels."""
    labels, published = outcome.labels, outcome.published
    heard = {*labels.partners, *(refusal.partner for refusal in outcome.declined)}
    return {
        "format": 1,
        "charter": charter.digest,
        "labels": published.digest,
        "learn": Learn(charter, published).digest,
        "molecules": len(labels.value),
        "partners": list(labels.partners),
        "declined": [attrs.asdict(d, filter=attrs.filters.include("partner", "reason")) for d in outcome.declined],
        "left_out": [party.name for party in charter.partners if party.name not in heard],
        "student": {"molecules": outcome.student.n_train},
    }


def _agreed(round_: Round, founded: bool, aside: Aside) -> tuple[str, ...]:
    """Give the partners who signed the charter, once nobody else is waited for.

    Raises
    ------
    AwaitingError
        If signatures are missing.
    QuorumError
        If those who signed are too few to go on without the others.
    """
    mailbox, charter = round_.mailbox, round_.charter
    closing = read_closed(mailbox, charter, "agree", charter.digest, aside)
    if closing is not None:
        return tuple(closing.accepted)
    found = agreements(mailbox, charter)
    for name, reason in found.refused.items():
        if not mailbox.entry(name).arriving:
            mailbox.set_aside(name, reason)
            aside(name, reason)
    partners = [party.name for party in charter.partners]
    missing = [name for name in partners if name not in found.signed]
    left = round_.decision.leaves_out(missing, asked_before=founded)
    if len(left) < len(missing):
        names = ", ".join(name for name in missing if name not in left)
        raise AwaitingError(
            f"awaiting the signature{'s' * (len(missing) - len(left) > 1)} of {names} under the charter",
            hint="They sign with: fluid answer `accept`. Then run the same command again.",
        )
    accepted = {name: found.signed[name] for name in partners if name in found.signed}
    if len(accepted) < charter.quorum:
        raise QuorumError(
            f"without {', '.join(sorted(left))} the charter has the signatures of {len(accepted)} partners",
            hint=f"Its quorum is {charter.quorum}: wait for more.",
        )
    close(mailbox, Closing(charter.digest, "agree", charter.digest, accepted, left), round_.keys)
    return tuple(accepted)


def _summary_text(charter: Charter, outcome: Results) -> bytes:
    return (json.dumps(summary_table(charter, outcome), indent=1) + "\n").encode()


def _write_summary(round_: Round, outcome: Results) -> None:
    text = _summary_text(round_.charter, outcome)
    if SUMMARY in round_.mailbox.names(SUMMARY) and round_.mailbox.read(SUMMARY) != text:
        round_.mailbox.set_aside(SUMMARY, "it isn't what came out")
    round_.mailbox.write(SUMMARY, text)
