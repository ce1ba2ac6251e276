"""Earlier opinions that went to the same party: together with new ones they tell which compounds are new.

The ledger knows of each earlier release; what it said is compared where it is at hand. Under ``[privacy]`` what
releases cost together is counted by the budget, see :mod:`~fluidmol.partner.budget`.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import PolicyError
from fluidmol.partner.ledger import Entry
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Compared, EarlierRelease, EarlierValues, Errand
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Reply


@attrs.frozen(eq=False)
class SavedRelease:
    """What left once, as it is at home."""

    said: Annotations = attrs.field(repr=False)
    """The opinions."""

    charter: Charter = attrs.field(repr=False)
    """Under which charter."""

    transfer: CompoundSet = attrs.field(repr=False)
    """Of which molecules."""


class Archive:
    """What a partner has kept of charters and releases before; this one has nothing."""

    def find(self, digest: str) -> SavedRelease | None:  # noqa: ARG002
        """Return the release of this digest; None if it isn't here."""
        return None

    def signed(self) -> tuple[Charter, ...]:
        """Return the charters that were signed before the present one."""
        return ()


def earlier_releases(
    reply: Reply, errand: Errand | None, entries: Iterable[Entry], archive: Archive
) -> tuple[EarlierRelease, ...]:
    """List earlier opinions that went to whoever gets these, of the same molecules as far as is known; oldest first.

    The same opinions for the same question are no new release, nor are those of a transfer set without a common
    molecule. A recipient is the same by name or by key.

    Parameters
    ----------
    reply : Annotations, Scorecard or Declined
        As it may leave.
    errand : Errand, optional
        What it is for; without one, or without recipients, there is nobody who could compare.
    entries : iterable of Entry
        What has left.
    archive : Archive
        Where to look for what it said.
    """
    if not isinstance(reply, Annotations) or errand is None or not errand.recipients:
        return ()
    to_all = {f"{party.name} {party.signing}" for party in errand.recipients}
    this = (errand.request.digest, reply.digest)
    entries = tuple(entries)
    if any((entry.request, entry.digest) == this and set(entry.recipients) == to_all for entry in entries):
        return ()  # it has left already, whatever left since then
    proved = errand.charter.privacy is not None
    who = {word for party in errand.recipients for word in (party.name, party.signing)}
    found: dict[str, EarlierRelease] = {}
    for entry in entries:
        if entry.kind != Annotations.__name__ or (entry.request, entry.digest) == this:
            continue
        to = [recipient for recipient in entry.recipients if who & set(recipient.rpartition(" ")[::2])]
        if not to:
            continue
        saved = archive.find(entry.digest)
        compared = None if saved is None else _compared(reply, errand, saved)
        if compared is None or compared.common:
            names = tuple(recipient.rpartition(" ")[0] for recipient in to)
            consortium = saved.charter.name if saved else ""
            kind = EarlierRelease if errand.charter.scale is None else EarlierValues
            found[entry.digest] = kind(entry.time, names, entry.charter, consortium, compared, proved)
    return tuple(found.values())


def _compared(reply: Annotations, errand: Errand, saved: SavedRelease) -> Compared | None:
    """Compare opinions of the molecules that both are about; None if that can't be done."""
    new, old = errand.transfer, saved.transfer
    if new is None or (len(new), len(old)) != (reply.shape[0], saved.said.shape[0]):
        return None
    rows = {key: row for row, key in enumerate(old.inchikeys)}
    pairs = [(here, rows[key]) for here, key in enumerate(new.inchikeys) if key in rows]
    if not pairs:
        return Compared(0, len(new))
    if reply.shape[1] != saved.said.shape[1]:
        return None
    here, there = np.array(pairs).T
    value = _change(reply.value[here], saved.said.value[there])
    weight = _change(reply.weight[here], saved.said.weight[there])
    return Compared(
        common=len(pairs),
        of=len(new),
        values=int((value > 0).sum()),
        largest_value=float(value.max()),
        weights=int((weight > 0).sum()),
        largest_weight=float(weight.max()),
    )


def _change(new: NDArray[np.float32], old: NDArray[np.float32]) -> NDArray[np.float64]:
    """Largest change of each molecule, (n,), 0 or more; who speaks where it abstained, or the reverse, changes by 1."""
    silent = np.isnan(new), np.isnan(old)
    # To the seventh decimal, which is as fine as anything leaves.
    change = np.round(np.abs(new.astype(np.float64) - old), 7)
    change = np.where(silent[0] & silent[1], 0.0, np.where(silent[0] | silent[1], 1.0, change))
    return np.asarray(change.max(axis=1, initial=0.0))


def telling(earlier: Iterable[EarlierRelease]) -> tuple[EarlierRelease, ...]:
    """Return those that tell something together with what would leave, and that no budget counts."""
    return tuple(one for one in earlier if one.tells)


def check_repeated(earlier: Iterable[EarlierRelease], policy: Policy) -> None:
    """Refuse what can be compared with an earlier release, where the policy says so.

    Raises
    ------
    PolicyError
        Naming the earlier releases, and what comparing tells.
    """
    if policy.repeated_releases == "refuse" and (known := telling(earlier)):
        raise PolicyError(
            "the policy lets nothing out that can be compared with earlier opinions (repeated_releases):"
            f" {earlier_words(known)}",
            hint="Decline; ask the coordinator for a charter with [privacy]; or set repeated_releases in the policy to"
            ' "approve", which asks a person.',
        )


def needs_approval(earlier: Iterable[EarlierRelease], policy: Policy) -> bool:
    """Return whether a person must approve what would leave because it can be compared with an earlier release."""
    return policy.repeated_releases == "approve" and bool(telling(earlier))


def unapproved(earlier: Iterable[EarlierRelease]) -> str:
    """Return the words for where a person must approve what would leave, and there is nobody to ask."""
    if not (known := telling(earlier)):
        return "the policy wants a person to approve each release, and there is nobody to ask"
    return (
        "the policy wants a person to approve opinions that can be compared with earlier ones, and there is nobody to"
        f" ask: {earlier_words(known)}"
    )


def earlier_words(earlier: Iterable[EarlierRelease]) -> str:
    """Describe what was released before, and what comparing tells."""
    return " ".join(one.words for one in earlier)
