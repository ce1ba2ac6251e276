"""A whole round over a mailbox, as far as it goes today."""

from __future__ import annotations

import json
from collections.abc import Callable

import attrs

from fluidmol.chem.intake.claims import check_claims
from fluidmol.coordinator.federate import Outcome, federate
from fluidmol.errors import AwaitingError, QuorumError, UsageError
from fluidmol.exchange.carried import sort_in
from fluidmol.exchange.closing import Aside, Closing, read_closed
from fluidmol.exchange.contents import agreements
from fluidmol.exchange.layout import SUMMARY
from fluidmol.exchange.mailbox import CHARTER, Mailbox
from fluidmol.rounds.coordinator.beginning import set_up
from fluidmol.rounds.coordinator.postal import Decision, PostalChannel
from fluidmol.rounds.coordinator.publishing import close
from fluidmol.rounds.public import Look
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
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


def conduct(round_: Round, said: Said = lambda _: None) -> Outcome:
    """Go as far as it can be gone: found, wait for signatures, ask, federate, publish, collect scorecards.

    Parameters
    ----------
    round_ : Round
    said : callable
        Called with a sentence about each thing that was done.

    Returns
    -------
    Outcome

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
    outcome = attrs.evolve(federate(charter, transfer, channel), pseudonyms=channel.pseudonyms)
    _write_summary(round_, outcome)
    return outcome


def summary_table(charter: Charter, outcome: Outcome) -> dict[str, object]:
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


def _write_summary(round_: Round, outcome: Outcome) -> None:
    text = json.dumps(summary_table(round_.charter, outcome), indent=1) + "\n"
    if SUMMARY in round_.mailbox.names(SUMMARY) and round_.mailbox.read(SUMMARY) != text.encode():
        round_.mailbox.set_aside(SUMMARY, "it isn't what came out")
    round_.mailbox.write(SUMMARY, text.encode())
