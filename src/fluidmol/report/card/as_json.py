"""A card as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from fluidmol.report.card.fields import CardField, Cell, ModelCard

FORMAT = "fluidmol model card 1"
"""Version of the format."""


def json_card(card: ModelCard) -> str:
    """Render a card as JSON: numbers are numbers, and null where they aren't known."""
    sections = [
        {"key": section.key, "title": section.title, "fields": [_field(field) for field in section.fields]}
        for section in card.sections
    ]
    found = {
        "format": FORMAT,
        "title": card.title,
        "subject": card.subject,
        "fluidmol": card.version,
        "cautions": list(card.cautions),
        "n_fields": len(card.fields),
        "gaps": [field.key for field in card.gaps],
        "withheld": [field.key for field in card.withheld],
        "sections": sections,
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _field(field: CardField) -> dict[str, Any]:
    found: dict[str, Any] = {"key": field.key, "name": field.name, "qmrf": field.qmrf, "status": field.status}
    if field.gap is not None:
        return {**found, "gap": {"what": field.gap.what, "who": field.gap.who, "where": field.gap.where}}
    if field.withheld:
        return {**found, "withheld": field.withheld}
    found |= {"source": field.source, "lines": list(field.lines)}
    if field.table is not None:
        rows = [[_known(cell) for cell in row] for row in field.table.rows]
        found["table"] = {"columns": list(field.table.columns), "rows": rows}
    return found


def _known(cell: Cell) -> Cell | None:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
