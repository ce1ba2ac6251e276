"""Sections that every card has in the same way."""

from __future__ import annotations

from fluidmol.report.card.facts import Facts, asked, known
from fluidmol.report.card.fields import CardField, CardSection, CardTable

PAPER = "Hanser et al., federated learning using information distillation (FLuID), 2025, doi:10.1038/s42256-025-00991-2"
"""The method's source."""

_DESCRIBERS = ("rdkit", "chembl-structure-pipeline")


def capital(text: str) -> str:
    """Begin a sentence.

    Examples
    --------
    >>> capital("hERG isn't, but this is")
    "HERG isn't, but this is"
    """
    return text[:1].upper() + text[1:]


def people_fields(facts: Facts, written: str) -> tuple[CardField, ...]:
    """Fill who wrote card and model, and when."""
    return (
        CardField(key="written", name="Date of this card", qmrf="2.1", lines=(written,), source="clock"),
        asked(facts, "author", "Author of this card", "2.2"),
        asked(facts, "developer", "Developer of the model", "2.5"),
    )


def use_fields(facts: Facts, availability: tuple[str, ...], source: str) -> tuple[CardField, ...]:
    """Fill what the model is published in, who may have it, and what it is for."""
    return (
        known(facts, "references", "References", "2.7", (PAPER,), "fluidmol"),
        known(facts, "availability", "Availability", "2.8", availability, source),
        asked(facts, "intended_use", "Intended use"),
    )


def descriptor_fields(versions: dict[str, str], source: str) -> tuple[CardField, ...]:
    """Fill by what descriptors are computed."""
    rows = tuple((name, versions[name]) for name in _DESCRIBERS if name in versions)
    made = (
        "Structures are standardised by the ChEMBL structure pipeline; RDKit and fluidmol compute the descriptors from"
        " the molecular graph."
    )
    told = (made, *(() if rows else ("Versions of both aren't among the files.",)))
    return (
        CardField(key="generation", name="Descriptor generation", qmrf="4.5", source="fluidmol", lines=told),
        *(
            (CardField(key="descriptor_software", name="Software for descriptors", qmrf="4.6", source=source,
                       table=CardTable(("library", "version"), rows)),)
            if rows else ()
        ),
    )  # fmt: skip


def mechanism_section(facts: Facts) -> CardSection:
    """Fill OECD principle 5."""
    evidence = (
        "fluid predict names the nearest public molecules, with their labels, and unknown fragments. Neither is a"
        " mechanism."
    )
    return CardSection(
        key="mechanism", title="5. A mechanistic interpretation, if possible", short="Mechanism",
        fields=(
            asked(facts, "mechanism", "Mechanistic basis", "8.1"),
            asked(facts, "mechanism_when", "A priori or a posteriori", "8.2"),
            CardField(key="evidence", name="Explanations of predictions", qmrf="8.3", source="fluidmol",
                      lines=(evidence,)),
        ),
    )  # fmt: skip


def limits_section(facts: Facts) -> CardSection:
    """Fill what the model isn't for."""
    field = asked(facts, "limitations", "Limitations", "9.1")
    return CardSection(key="limitations", title="Limitations", short="Limitations", fields=(field,))
