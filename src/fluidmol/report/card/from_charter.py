"""Sections of a card that the charter fills: the endpoint, the algorithm, and what is proved about privacy."""

from __future__ import annotations

from fluidmol.coordinator.leaks import given_away
from fluidmol.coordinator.words import in_words
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.report.card.facts import Facts, asked, known
from fluidmol.report.card.fields import CardField, CardSection, CardTable
from fluidmol.values.charter import PARTS, Charter

SOURCE = "charter.toml"
"""Which file states it."""

UNIT = "one compound: all measurements that share the first block of the InChIKey, added or removed"
"""What a proof of privacy protects."""

NOTHING_PROVED = "Nothing is proved: the charter has no [privacy]."
"""Where a charter has none."""

YOU = "In the words of fluid charter show, in which you are a partner:"
"""Above the charter's own words."""

_LIMITS = {"judge": "used where all that they allow lies on one side", "exclude": "left out"}


def endpoint_section(charter: Charter, facts: Facts) -> CardSection:
    """Fill OECD principle 1."""
    return CardSection(
        key="endpoint", title="1. A defined endpoint", short="Endpoint",
        fields=(
            asked(facts, "species", "Species", "3.1"),
            known(facts, "endpoint", "Endpoint", "3.2", _endpoint(charter), SOURCE),
            asked(facts, "endpoint_comment", "Comment on the endpoint", "3.3"),
            CardField(key="units", name="Endpoint units", qmrf="3.4", lines=(_units(charter),), source=SOURCE),
            CardField(key="dependent", name="Dependent variable", qmrf="3.5", lines=_dependent(charter), source=SOURCE),
            asked(facts, "protocol", "Experimental protocol", "3.6"),
            asked(facts, "data_quality", "Quality and variability of the data", "3.7"),
        ),
    )  # fmt: skip


def _endpoint(charter: Charter) -> tuple[str, ...]:
    endpoint = charter.endpoints[0]
    if not endpoint.description and endpoint.measure is None:
        return ()  # a name alone defines nothing, with a scale or without
    described = f"{endpoint.name}: {endpoint.description}" if endpoint.description else endpoint.name
    return (described, *((endpoint.measure.quantity,) if endpoint.measure else ()))


def _units(charter: Charter) -> str:
    endpoint = charter.endpoints[0]
    if endpoint.scale is not None:
        return f"{endpoint.scale.unit}; errors are in {endpoint.scale.words}."
    if endpoint.measure is None:
        return "None: a class."
    unit = "-log10 of M" if endpoint.measure.unit == "p" else endpoint.measure.unit
    return f"None: a class, made from values in {unit}."


def _dependent(charter: Charter) -> tuple[str, ...]:
    endpoint = charter.endpoints[0]
    if endpoint.scale is not None:
        return (f"A value from {endpoint.scale.range}; values beyond count as the nearer end.",)
    first = "The probability of the active class, 0 to 1; above 0.5 a compound is called active."
    if endpoint.measure is None:
        return (first, "The charter doesn't say in numbers when a compound is active: each partner judged by itself.")
    limits = _LIMITS[endpoint.measure.relations]
    return first, f"Active: {endpoint.measure.quantity} {endpoint.measure.cut}; limits (< and >) are {limits}."


def algorithm_fields(charter: Charter) -> tuple[CardField, ...]:
    """Fill what the charter tells under OECD principle 2.

    Raises
    ------
    CharterError
        If the charter has unknown parts.
    """
    rows = tuple((name, in_words(charter, name)) for name in (*PARTS, *(("privacy",) if charter.privacy else ())))
    return (
        CardField(
            key="algorithm", name="Explicit algorithm", qmrf="4.2", source=SOURCE,
            lines=(
                f"Every step and all randomness (seed {charter.seed}) are fixed by the charter{_but(charter)}. {YOU}",
            ),
            table=CardTable(("part", "what it does"), rows),
        ),
        CardField(
            key="descriptors", name="Descriptors in the model", qmrf="4.3", source=SOURCE,
            lines=(f"{_capital(in_words(charter, 'featuriser'))}.",),
        ),
        CardField(
            key="descriptor_selection", name="Descriptor selection", qmrf="4.4", source=SOURCE,
            lines=("None on partners' data: the charter fixes the descriptors before anyone computes.",),
        ),
    )  # fmt: skip


def _but(charter: Charter) -> str:
    return "" if charter.privacy else ", but for models of their own that partners may have answered with"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def privacy_section(charter: Charter, *more: CardField) -> CardSection:
    """Fill what is proved of privacy, or that nothing is, and what is known of what leaks.

    Raises
    ------
    CharterError
        If the charter has unknown parts.
    """
    if charter.privacy is None:
        proof = CardField(key="proof", name="What is proved", lines=(NOTHING_PROVED,), source=SOURCE)
    else:
        settings = PRIVACIES.build(charter.privacy)
        rows = (("epsilon", settings.epsilon), ("delta", settings.delta), ("unit", UNIT))
        proof = CardField(
            key="proof", name="What is proved", source=SOURCE,
            lines=("Differential privacy of all that a partner's answers give away, each partner by itself.",),
            table=CardTable(("quantity", "value"), rows),
        )  # fmt: skip
    leaks = CardField(key="given_away", name="What answers give away", lines=(YOU, *given_away(charter)), source=SOURCE)
    return CardSection(key="privacy", title="Privacy", short="Privacy", fields=(proof, leaks, *more))


def consortium_field(charter: Charter) -> CardField:
    """Tell whose consortium it is, by numbers: names of companies aren't the card's to give."""
    partners = sum(party.role == "partner" for party in charter.parties)
    named = f"its charter names {partners} partners" if partners else "its charter names no parties"
    return CardField(
        key="consortium", name="Consortium", source=SOURCE,
        lines=(f"{charter.name}; {named}; at least {charter.quorum} must have given an opinion.",),
    )  # fmt: skip
