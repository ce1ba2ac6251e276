"""Options that say how a file of measurements is read, added to every command that reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli import options
from fluidmol.cli.option_groups import in_place_of

if TYPE_CHECKING:
    from fluidmol.chem.intake.outcomes import OutcomeColumns

_PANEL = "How measurements are read"


def _option(text: str, kind: Any = str) -> Any:
    return Annotated[kind | None, typer.Option(help=text, rich_help_panel=_PANEL)]


OPTIONS: dict[str, Any] = {
    "smiles_column": options.SmilesColumn,
    "active_column": _option("Column of the classes; found by its usual names by default."),
    "value_column": _option("Column of potencies, with --threshold and --unit, instead of classes."),
    "threshold": _option("Potency at which a compound counts as active.", float),
    "unit": _option(
        "Unit of the threshold, M, mM, uM, nM, pM, or p for pIC50; of the values, too, where nothing else states it."
    ),
    "value_unit": _option("Unit of the values, where the file states none."),
    "units_column": _option("Column of the values' units; found by name and content by default; none for no column."),
    "relation_column": _option("Column of the relations (<, >), likewise; none for no column."),
    "decimal": _option("Decimal mark of the values, . or a comma; decided by the column's numbers by default."),
    "sheet": options.Sheet,
}
"""By parameter: its type and help. They stand in each command where it has a parameter ``columns``."""


COLUMNS: Any = None
"""Default of a command's parameter ``columns``, which :func:`reads_measurements` gives."""


def _columns(said: dict[str, Any]) -> OutcomeColumns:
    from fluidmol.chem.intake.outcomes import OutcomeColumns  # noqa: PLC0415 - heavy

    return OutcomeColumns(**said)


reads_measurements = in_place_of("columns", {name: (kind, None) for name, kind in OPTIONS.items()}, _columns)
"""Adds to a command the options that say how measurements are read, in place of its parameter ``columns``.

The parameter is the :class:`~fluidmol.chem.intake.outcomes.OutcomeColumns` made of them.
"""
