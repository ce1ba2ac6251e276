"""A card as a page."""

from __future__ import annotations

from collections.abc import Iterator

from fluidmol.report.card.fields import CardField, CardSection, CardTable, Cell, ModelCard, shown
from fluidmol.report.parts import Finding, ReportTable, Section, SectionPart, TableCell, TableColumn, Tile, text
from fluidmol.report.render import Page, rendered


def html_card(card: ModelCard) -> str:
    """Render a card as one HTML page that needs nothing but itself."""
    gaps, withheld = len(card.gaps), len(card.withheld)
    tiles = (
        Tile("", "stated", str(len(card.fields) - gaps - withheld), "fields that the files fill"),
        Tile("", "gaps", str(gaps), "fields that somebody must state"),
        *((Tile("", "withheld", str(withheld), "fields left out on purpose"),) if withheld else ()),
    )
    page = Page(
        kicker="Model card",
        title=card.title,
        facts=(("Of", card.subject), ("fluidmol", card.version)),
        ran=(INTRODUCTION,),
        findings=(
            Finding("Completeness", "partly" if gaps or withheld else "better", _title(gaps), (card.summary,), tiles),
        ),
        sections=tuple(map(_section, card.sections)),
        notes=(),
        banners=tuple(("", caution) for caution in card.cautions),
    )
    return rendered("page.html.j2", {}, page=page, version=card.version)


INTRODUCTION = (
    "Ordered by the five OECD principles for the validation of (Q)SARs, in the spirit of the OECD (Q)SAR Assessment"
    " Framework; numbers such as QMRF 3.2 are those of the (Q)SAR Model Reporting Format, version 1.3. Each entry says"
    " which file states it. What no file states is named as a gap; nothing is made up."
)
"""What a reader should know of each card."""


MOST_COLUMNS = 6
"""Of a table that text's width is enough for."""


def _title(gaps: int) -> str:
    return "Nothing is missing" if not gaps else "1 gap" if gaps == 1 else f"{gaps} gaps"


def _section(section: CardSection) -> Section:
    parts = tuple(part for field in section.fields for part in _parts(field))
    wide = any(field.table is not None and len(field.table.columns) > MOST_COLUMNS for field in section.fields)
    return Section(section.key, section.title, section.short, (), parts, wide=wide)


def _parts(field: CardField) -> Iterator[SectionPart]:
    number = f"QMRF {field.qmrf}" if field.qmrf else ""
    yield SectionPart("heading", text=f"{field.name} ({number})" if number else field.name)
    if field.gap is not None:
        yield SectionPart("gap", text=str(field.gap))
    elif field.withheld:
        yield SectionPart("gap", text=f"withheld: {field.withheld}")
    for line in field.lines:
        yield SectionPart("paragraph", text=line)
    if field.table is not None:
        yield SectionPart("table", table=_table(field.name, field.table))
    if field.source:
        yield SectionPart("note", text=f"From: {field.source}")


def _table(title: str, table: CardTable) -> ReportTable:
    numbers = [all(not isinstance(row[i], str) for row in table.rows[:1]) for i in range(len(table.columns))]
    columns = tuple(TableColumn(name, number=number) for name, number in zip(table.columns, numbers, strict=True))
    return ReportTable(title, columns, tuple(tuple(map(_cell, row)) for row in table.rows), captioned=False)


def _cell(cell: Cell) -> TableCell:
    return text(cell) if isinstance(cell, str) else TableCell(shown(cell), repr(cell), number=True)
