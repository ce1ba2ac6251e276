"""What a policy says of charters: which aren't answered, however well their answers would be guarded."""

from __future__ import annotations

from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.errors import PolicyError
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.partner.policy import Policy
from fluidmol.values.charter import Charter


def check_charter(charter: Charter, policy: Policy) -> None:
    """Refuse to answer a charter that gives more away than the policy allows.

    Raises
    ------
    PolicyError
        Saying what the charter has, what the policy wants, and what to do.
    CharterError
        If the charter names an unknown proximity or teacher.
    """
    over = PROXIMITIES.build(charter.proximity).averages_over
    if over is not None and over < policy.min_neighbours:
        few = "a single one" if over == 1 else f"the {over} nearest"
        raise PolicyError(
            f"under this charter ([proximity] neighbours = {over}) our weights say how near each molecule is to"
            f" {few} of our compounds, which tells which are ours; the policy wants means over"
            f" {policy.min_neighbours} at least (min_neighbours)",
            hint="Ask the coordinator for a charter of more neighbours; the presets have 8. fluid charter show says in"
            " what else it isn't its preset.",
        )
    _check_teacher(charter, policy)
    _check_values(charter, policy)
    if charter.quorum < policy.min_quorum:
        raise PolicyError(
            f"the charter's quorum is {charter.quorum}, and the policy wants {policy.min_quorum} or more (min_quorum):"
            " labels of few partners give their opinions away",
            hint="Ask the coordinator for a charter of a larger quorum.",
        )
    if charter.distillation.name == "experts" and not policy.experts_allowed:
        raise PolicyError(
            "under this charter experts are made of our answers, and published to all partners; the policy doesn't"
            " allow that (experts_allowed)",
            hint='Ask the coordinator for a charter with [distillation] name = "labels".',
        )


def _check_values(charter: Charter, policy: Policy) -> None:
    """Refuse to say of values what can be said of classes alone."""
    if charter.scale is None:
        return
    if policy.labels == "hard":
        raise PolicyError(
            'the policy lets classes out alone (labels = "hard"), and the endpoint is a regression',
            hint='Set labels = "soft" if values may leave; decimals says how exactly.',
        )
    if policy.largest_auc < 1 or policy.largest_found < 1:
        raise PolicyError(
            "the policy limits what attacks may reach (largest_auc, largest_found), and the endpoint is a regression,"
            " which no audit attacks so far",
            hint="Ask the coordinator for a charter of the preset private, whose promise needs no audit, and set both"
            " to 1.0.",
        )


def _check_teacher(charter: Charter, policy: Policy) -> None:
    """Refuse a linear teacher that is hardly held back; under ``[privacy]`` the private teacher is another one."""
    strength = ESTIMATORS.build(charter.teacher).closeness
    if charter.privacy is None and strength is not None and strength > policy.max_strength:
        raise PolicyError(
            f"under this charter ([teacher] strength = {strength:g}) our teacher is hardly held back, and keeps"
            " more of each of our compounds in what it says of all molecules; the policy wants a strength of"
            f" {policy.max_strength:g} at most (max_strength)",
            hint="Ask the coordinator for a charter of a smaller strength; the presets have 0.05. fluid charter show"
            " says in what else it isn't its preset.",
        )
