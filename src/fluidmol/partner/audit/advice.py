"""Advice: what stricter policies would leave to the attackers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from fluidmol.partner.audit.audit import judged
from fluidmol.partner.audit.outcome import Advice, Audit
from fluidmol.partner.audit.shadows import Played
from fluidmol.partner.policy import Policy
from fluidmol.values.compounds import CompoundSet

TRIED: tuple[dict[str, Any], ...] = (
    {"decimals": 2},
    {"decimals": 1},
    {"decimals": 1, "surest": 0.1, "proximity_levels": 3},
    {"decimals": 1, "labels": "hard", "surest": 0.0, "proximity_levels": 2},
    {"decimals": 1, "labels": "hard", "surest": 0.0, "proximity_levels": 1},
)
"""Rules that are tried on top of the partner's own, the mildest first."""


def advised(
    found: Audit, played: Played, transfer: CompoundSet, policy: Policy, progress: Callable[[int, int], None]
) -> Audit:
    """Try stricter policies on the draws that were played, and add what each leaves.

    No teacher is fitted again, and of two rounds only the first is attacked.
    """
    tried = []
    first = attrs.evolve(played, added=None, again=())
    for done, rules in enumerate(TRIED, start=1):
        stricter = _stricter(policy, rules)
        if stricter is not None:
            other = judged(first, transfer, stricter)
            tried.append(Advice(rules, other.largest_auc, other.largest_found))
        progress(done, len(TRIED))
    return attrs.evolve(found, advice=tuple(tried))


def _stricter(policy: Policy, rules: dict[str, Any]) -> Policy | None:
    """Add rules to a policy; None where they would change nothing, say less, or contradict its own."""
    if rules["decimals"] > policy.decimals or (policy.labels == "hard" and rules.get("labels") != "hard"):
        return None
    if policy.proximity_levels and not 0 < rules.get("proximity_levels", 0) <= policy.proximity_levels:
        return None
    try:
        stricter = attrs.evolve(policy, **rules)
    except ValueError:
        return None
    return None if stricter == policy else stricter
