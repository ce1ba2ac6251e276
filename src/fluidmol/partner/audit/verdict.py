"""The verdict in plain words, and what it proves."""

from __future__ import annotations

from collections.abc import Sequence

from fluidmol.partner.audit.figures import AttackFigure

GIVEN_AWAY, NOTICEABLE = 0.75, 0.6
"""AUC from which a release gives compounds away, and from which it says something of them."""

MANY, SOME = 0.1, 0.03
"""The same of the share of members that is found at 1 % false ones; guessing finds 0.01."""

HEADS = {
    "given-away": "This release gives away which compounds are yours.",
    "noticeable": "This release says something about which compounds are yours.",
    "guessing": "No attack that we know did much better than guessing which compounds are yours.",
}
"""First sentences, by grade."""

PROVES = (
    "An audit is a lower bound: it may prove that a release gives compounds away, never that it doesn't. A stronger"
    " attack than those we know may do better.",
    "It attacks teachers of half of your compounds, for the other half are the strangers that members must be told"
    " from. The attacker has a list with all of them, and shadows of the very same chemistry: few real attackers have"
    " as much.",
    "Its verdict is of one release. What a second one with some compounds more adds is measured apart, where a second"
    " round was played; more of them, say one a month, were not.",
)
"""What every audit should say of itself."""


PARTLY = (
    "Experts were fitted to what you say of {:,} of the {:,} transfer molecules. From all of them they say more:"
    " the full audit finds more than this quick one."
)
"""What a quick audit should say, too, where not all transfer molecules were asked about."""

FEW_DRAWS = (
    "Members were drawn {} times only: attackers have fewer shadows than in the full audit, which finds more than this"
    " quick one."
)
"""What a quick audit should say otherwise."""


def worst_first(figures: Sequence[AttackFigure]) -> tuple[AttackFigure, ...]:
    """Sort by AUC; attacks on what doesn't leave come last."""
    return tuple(sorted(figures, key=lambda figure: (not figure.leaves, -figure.auc.value)))


def grade(figures: Sequence[AttackFigure]) -> str:
    """Say how bad it is: ``given-away``, ``noticeable`` or ``guessing``.

    The lower end of an interval decides, for the best of a score of attacks looks better than it is.
    """
    counted = [figure for figure in figures if figure.leaves]
    auc = max((figure.auc.low for figure in counted), default=0.5)
    found = max((figure.found.low for figure in counted if figure.found is not None), default=0.0)
    if auc >= GIVEN_AWAY or found >= MANY:
        return "given-away"
    return "noticeable" if auc >= NOTICEABLE or found >= SOME else "guessing"


def verdict(figures: Sequence[AttackFigure]) -> str:
    """Say in one or two sentences what came out."""
    counted = worst_first([figure for figure in figures if figure.leaves])
    if not counted:
        return "No attack could be made: nothing is said of a single compound."
    worst = counted[0]
    told = f"a member is told from a stranger {worst.auc.value:.0%} of the time (guessing: 50%)"
    return f"{HEADS[grade(figures)]} The best attack that we know ({_how(worst)}): {told}.{_surely(counted)}"


def _surely(counted: Sequence[AttackFigure]) -> str:
    rated = [(figure.found.value, figure) for figure in counted if figure.found is not None]
    if not rated:
        return ""
    found, figure = max(rated, key=lambda pair: pair[0])
    return f" At the price of 1% false alarms, {found:.0%} of the members are found ({_how(figure)}; guessing: 1%)."


def _how(figure: AttackFigure) -> str:
    return f"{figure.attack}, by who holds {figure.vantage}"
