"""Whether who receives something has the key that it had before: a name can be anybody's."""

from __future__ import annotations

from collections.abc import Iterable

from fluidmol.errors import PolicyError
from fluidmol.partner.ledger import Entry
from fluidmol.partner.policy import Policy
from fluidmol.values.charter import Charter
from fluidmol.values.parties import Party


def check_keys(
    recipients: Iterable[Party], policy: Policy, entries: Iterable[Entry], signed: Iterable[Charter]
) -> None:
    """Refuse who goes by a name that had another key, unless the policy names the new key.

    What left last under a name decides; where nothing has left, the charters that were signed before.

    Parameters
    ----------
    recipients : iterable of Party
    policy : Policy
    entries : iterable of Entry
        What has left.
    signed : iterable of Charter
        Charters that the partner has signed before this one.

    Raises
    ------
    PolicyError
        Naming both keys.
    """
    last = {}
    for entry in entries:
        for recipient in entry.recipients:
            name, _, key = recipient.rpartition(" ")
            last[name] = (key, f"what left for {name} on {entry.time} was for the key")
    agreed: dict[str, list[tuple[str, str]]] = {}
    for charter in signed:
        if charter.parties:
            known = charter.coordinator
            words = f"the charter of {charter.name} that you have signed names {known.name} with the key"
            agreed.setdefault(known.name, []).append((known.signing, words))
    for party in recipients:
        if policy.allows_key(party):
            continue
        before = [last[party.name]] if party.name in last else agreed.get(party.name, [])
        for key, where in before:
            if key != party.signing:
                raise PolicyError(
                    f"{party.name} has another key than before: {where} {key}, and this charter names {party.signing}"
                    f" (fingerprint {party.fingerprint})",
                    hint="Nothing has left. Ask them, by another way than this, whether they made new keys. If they"
                    " did, name this fingerprint in recipients of the policy.",
                )
