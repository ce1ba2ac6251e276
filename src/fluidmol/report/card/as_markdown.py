"""A card as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from fluidmol.report.card.as_html import INTRODUCTION
from fluidmol.report.card.fields import CardField, CardTable, ModelCard, shown


def markdown_card(card: ModelCard) -> str:
    """Render a card as Markdown; what people state is plain text in it, whatever signs it has."""
    return "\n\n".join(_blocks(card)) + "\n"


def _blocks(card: ModelCard) -> Iterator[str]:
    yield f"# {_plain(card.title)}"
    yield _plain(f"{card.subject}. fluidmol {card.version}.")
    yield from (f"> {_plain(caution)}" for caution in card.cautions)
    yield _plain(card.summary)
    yield _plain(INTRODUCTION)
    for section in card.sections:
        yield f"## {_plain(section.title)}"
        for field in section.fields:
            yield from _field(field)


def _field(field: CardField) -> Iterator[str]:
    yield _plain(f"### {field.name} (QMRF {field.qmrf})" if field.qmrf else f"### {field.name}")
    if field.gap is not None:
        yield f"**{_plain(str(field.gap))}**"
    elif field.withheld:
        yield f"**{_plain(f'withheld: {field.withheld}')}**"
    yield from map(_paragraph, field.lines)
    if field.table is not None:
        yield _table(field.table)
    if field.source:
        yield f"*From: {_plain(field.source)}*"


def _table(table: CardTable) -> str:
    rows = (table.columns, tuple("---" for _ in table.columns), *(tuple(map(shown, row)) for row in table.rows))
    return "\n".join(f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def _paragraph(text: str) -> str:
    """Keep what begins like a heading, a list or a quotation a paragraph."""
    plain = _plain(text)
    return f"\\{plain}" if plain[:1] in "#>-+*=~|" else plain


def _plain(text: str) -> str:
    """Escape what Markdown would read as a tag, a link or emphasis."""
    for sign in "\\`*[]<":
        text = text.replace(sign, f"\\{sign}")
    return text
