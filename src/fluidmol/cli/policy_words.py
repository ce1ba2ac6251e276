"""A policy in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fluidmol.cli.plain import plain
from fluidmol.partner.policy import STRONGEST

if TYPE_CHECKING:
    from fluidmol.partner.policy import Policy


def policy_lines(policy: Policy) -> Iterator[str]:
    """Say what a policy says, line by line, and its digest.

    Examples
    --------
    >>> from fluidmol.partner.policy import Policy
    >>> print(next(policy_lines(Policy(decimals=2))))
    Numbers leave with at most 2 decimals.
    """
    yield f"Numbers leave with at most {policy.decimals} decimal{'s' if policy.decimals > 1 else ''}."
    yield (
        "Of each molecule, a probability leaves." if policy.labels == "soft" else "Only 0 or 1 leaves of each molecule."
    )
    if policy.surest:
        yield f"No probability is below {policy.surest:g} or above {1 - policy.surest:g}."
    yield _levels(policy.proximity_levels)
    if policy.nearest_only:
        yield f"The teacher abstains where the proximity is below {policy.nearest_only:g}."
    yield (
        f"With fewer than {policy.fewest_compounds} compounds, nothing is said (under [privacy] by a noisy count, which"
        " is never below 50)."
    )
    if policy.withheld:
        yield f"Endpoints that are never answered: {plain(', '.join(policy.withheld))}."
    who = (
        plain(", ".join(policy.recipients)) if policy.recipients else "the coordinator of the charter, whoever that is"
    )
    yield f"Nobody receives anything but: {who}."
    yield "It leaves sealed: only they can open it." if policy.sealed else "It may leave unsealed: anybody can read it."
    yield f"Figures on public sets {'may' if policy.scorecards else 'may not'} leave."
    if policy.largest_auc < 1:
        yield f"No opinion leaves unless an audit shows that no attack reaches an AUC above {policy.largest_auc:g}."
    if policy.largest_found < 1:
        yield f"Nor if an attack finds more than {policy.largest_found:.1%} of our compounds at 1 % false alarms."
    if policy.proved_only:
        yield "Opinions leave only under charters with [privacy]."
    yield from _of_charters(policy)
    yield REPEATED[policy.repeated_releases]
    yield (
        "All private models of the ledger together may cost epsilon"
        f" {policy.budget:g} at delta {policy.budget_delta:g}, no more."
    )
    yield "A person must approve each release." if policy.approval else "Nobody is asked before a release leaves."
    if policy.approval_digest:
        yield "A name that is given beforehand counts only with the digest of what was seen."
    yield f"Digest: {policy.digest}"


REPEATED = {
    "approve": "Opinions that can be compared with earlier ones leave only if a person approves them.",
    "refuse": "Opinions that can be compared with earlier ones don't leave.",
    "allow": "Opinions leave also if they can be compared with earlier ones.",
}


def _of_charters(policy: Policy) -> Iterator[str]:
    few = policy.min_neighbours
    if few > 1:
        yield f"No charter is answered by which proximities are means over fewer than {few} of our compounds."
    if policy.max_strength < STRONGEST:
        yield f"No charter without [privacy] is answered whose teacher has a strength above {policy.max_strength:g}."
    if policy.min_quorum > 1:
        yield f"No charter is answered whose quorum is below {policy.min_quorum}."
    if not policy.experts_allowed:
        yield "No charter is answered that makes experts of the answers."
    if policy.max_known < 1:
        yield f"No opinion leaves if more than {policy.max_known:.1%} of our compounds are in the transfer set."
    if policy.max_near < 1:
        yield f"Nor if more than {policy.max_near:.1%} of our compounds are in it or have an analogue there."


def _levels(levels: int) -> str:
    if not levels:
        return "Proximities leave as they are, but for their decimals."
    if levels == 1:
        return "All proximities leave as 1: they say nothing."
    return f"Proximities leave as one of {levels} values, evenly spaced from 0 to 1."
