"""``facts.toml``: what only people know of a model, for its card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from fluidmol.errors import InputError
from fluidmol.report.card.fields import CardField, Gap, ModelCard
from fluidmol.values.files import read_text_file
from fluidmol.values.parts import nearest
from fluidmol.values.toml import read_toml

LARGEST = 1 << 16
"""Most bytes of a facts file."""

SOURCE = "facts file"
"""How a card calls it."""


@attrs.frozen
class Fact:
    """One thing that people can state."""

    asks: str
    """What to write."""

    who: str
    """Who would know it."""


FACTS = {
    "author": Fact("who wrote this card, with an address", "whoever writes the card"),
    "developer": Fact("who is responsible for the model, with an address", "the company whose model it is"),
    "developed": Fact("when the model was made (a date)", "whoever fitted the model"),
    "intended_use": Fact("which decision the model is for, and which it isn't for", "the head of safety"),
    "availability": Fact("who may have the model, and how", "the company whose model it is"),
    "references": Fact("papers and reports about the model", "whoever made the model"),
    "species": Fact("species of the test system", "the laboratory that measured"),
    "endpoint": Fact("what is measured, and when it counts as active", "the consortium"),
    "endpoint_comment": Fact("what the endpoint stands for, and what it doesn't", "the toxicologist"),
    "protocol": Fact("assay, guideline and conditions, for all data that were used", "the laboratory that measured"),
    "data_quality": Fact("variability between runs and between laboratories", "the laboratory that measured"),
    "data_origin": Fact("where the measurements come from, and of which years", "whoever keeps the measurements"),
    "curation": Fact("what was done to the data before fluidmol read them", "whoever prepared the file"),
    "training_set": Fact("whether the training set can be had, and by whom", "the company whose compounds they are"),
    "goodness_of_fit": Fact("figures on the compounds that the model learnt from", "whoever fitted the model"),
    "external_validation": Fact(
        "figures on compounds that no party has learnt from, and how these were chosen", "whoever has newer compounds"
    ),
    "mechanism": Fact("which mechanism links structure and endpoint, or that none is claimed", "the toxicologist"),
    "mechanism_when": Fact("whether the mechanism was thought of before the model, or after", "the toxicologist"),
    "limitations": Fact("chemistry and uses that the model isn't for", "the head of safety"),
}  # fmt: skip
"""What people can state, by key."""

_ELSEWHERE = {"endpoint": ", or description in [[endpoint]] of the next charter"}

Facts = Mapping[str, tuple[str, ...]]
"""Paragraphs by key of :data:`FACTS`."""


def read_facts(path: Path) -> Facts:
    """Read a facts file.

    Raises
    ------
    MissingFileError
        If there is none, or it can't be read.
    InputError
        If it isn't TOML, a key is unknown, or a value is no text and no list of texts.
    """
    text = read_text_file(path, LARGEST, what="a facts file", make="Write one: docs/card.md has its keys.")
    return facts_of(text, str(path))


def facts_of(text: str, where: str) -> Facts:
    """Read facts from TOML.

    Raises
    ------
    InputError
        If it isn't TOML, a key is unknown, or a value is no text and no list of texts.

    Examples
    --------
    >>> facts_of('species = "human"', "facts.toml")
    {'species': ('human',)}
    >>> facts_of('specis = "human"', "facts.toml")
    Traceback (most recent call last):
    fluidmol.errors.InputError: facts.toml has an unknown key 'specis'. Did you mean species? There are: author, ...
    """
    try:
        table = read_toml(text)
    except (ValueError, RecursionError) as problem:
        raise InputError(
            f"{where} isn't TOML: {problem}", hint='Expected lines such as: species = "human".'
        ) from problem
    found = {}
    for key, value in table.items():
        if key not in FACTS:
            raise InputError(f"{where} has an unknown key {key[:80]!r}", hint=nearest(key[:80], FACTS))
        lines = value if isinstance(value, list) else [value]
        if not lines or not all(isinstance(line, str) and line.strip() for line in lines):
            raise InputError(
                f"{where}: {key} is {value!r:.80}", hint=f"Expected a text, or a list of texts: {FACTS[key].asks}."
            )
        found[key] = tuple(" ".join(line.split()) for line in lines)
    return found


def facts_form(card: ModelCard) -> str:
    """Write a facts file to be filled in: a comment for each gap that people can close.

    Examples
    --------
    >>> from fluidmol.report.card.fields import CardSection
    >>> gap = asked({}, "species", "Species")
    >>> section = CardSection(key="s", title="S", short="S", fields=(gap,))
    >>> print(facts_form(ModelCard(title="T", subject="s", version="1", sections=(section,))))
    # Species: species of the test system.
    # Who would know: the laboratory that measured.
    # species = ""
    <BLANKLINE>
    """
    blocks = [
        f'# {field.name}: {FACTS[field.key].asks}.\n# Who would know: {FACTS[field.key].who}.\n# {field.key} = ""\n'
        for field in card.gaps
        if field.key in FACTS
    ]
    return "\n".join(blocks)


def asked(facts: Facts, key: str, name: str, qmrf: str = "") -> CardField:
    """Make a field that people alone can fill: what they state, or a gap.

    Examples
    --------
    >>> asked({}, "species", "Species", "3.1").gap.who
    'the laboratory that measured'
    """
    if key in facts:
        return CardField(key=key, name=name, qmrf=qmrf, lines=facts[key], source=SOURCE)
    where = f"{key} in the facts file{_ELSEWHERE.get(key, '')}"
    return CardField(key=key, name=name, qmrf=qmrf, gap=Gap(FACTS[key].asks, FACTS[key].who, where))


def known(facts: Facts, key: str, name: str, qmrf: str, lines: tuple[str, ...], source: str) -> CardField:
    """Make a field that files fill, and to which people can add; a gap where neither says anything."""
    added = facts.get(key, ())
    if not lines:
        return asked(facts, key, name, qmrf)
    told = f"{source}, {SOURCE}" if added else source
    return CardField(key=key, name=name, qmrf=qmrf, lines=(*lines, *added), source=told)
