"""What a user says about the columns of a file, and what each row turns out to be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import attrs

from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.table import RawTable, find_column
from fluidmol.errors import InputError
from fluidmol.values.parts import nearest
from fluidmol.values.scale import Scale

NOBODY = "none"
"""Said in place of a column's name: there is none."""


@attrs.frozen
class OutcomeColumns:
    """What the user says about the outcome; None where nothing is said."""

    active_column: str | None = None
    """Column that states the class."""

    value_column: str | None = None
    """Column of measured potencies."""

    threshold: float | None = None
    """Values at or below it are active; at or above it on a p scale."""

    unit: str | None = None
    """Of the threshold, and of the values where neither the file nor ``value_unit`` states it."""

    value_unit: str | None = None
    """Of the values, where the file doesn't state it."""

    units_column: str | None = None
    """Column that states the unit of each value; ``none`` for no column."""

    relation_column: str | None = None
    """Column that states the relation of each value (``<``, ``>``); ``none`` for no column."""

    decimal: str | None = None
    """The decimal mark of the values, ``.`` or ``,``; decided by the column's numbers by default."""

    scale: Scale | None = None
    """Of a regression: then the column's values themselves are wanted, and no threshold."""

    relations: Literal["judge", "exclude"] = "judge"
    """Whether limits are judged where all that they allow lies on one side, or left out."""

    agreed: bool = False
    """Whether the unit is a charter's, not the user's: then it says nothing of what the values are in."""

    alone: bool = False
    """Whether a file is refused in which a row means something else beside the others than alone."""

    smiles_column: str | None = None
    """Column of the structures; found by its usual names by default."""

    sheet: str | None = None
    """Sheet of an Excel file, by name or number from 1; the one that has structures by default."""

    def also(self, path: Path) -> OutcomeColumns:
        """Return the same for a further file, which has no such sheet if it is no Excel file."""
        return self if path.suffix.lower() == ".xlsx" else attrs.evolve(self, sheet=None)


@attrs.frozen
class MeasuredRow:
    """What one row says."""

    active: bool | None
    """Its class; None where it has none."""

    reason: str = ""
    """Why it has none; empty where it has one."""

    value: str = ""
    """The number with a decimal point, or the word of a class."""

    unit: str = ""
    """In which the number is read; empty for classes."""

    relation: str = ""
    """``=``, ``<``, ``>``, ``<=`` or ``>=``; empty for classes."""

    amount: float | None = None
    """The value in the unit of a regression's scale; None where it has none, and for classes."""


@attrs.frozen(eq=False)
class Outcomes:
    """The class of each row of a table, and how it was read."""

    reading: Reading
    """What was taken for what."""

    rows: list[MeasuredRow] = attrs.field(repr=False)
    """A row each, in the table's order."""

    @property
    def column(self) -> str:
        """Which column it was read from."""
        return self.reading.column

    @property
    def verdicts(self) -> list[tuple[bool | None, str]]:
        """A row each: active or inactive with an empty reason, or None and why."""
        return [(row.active, row.reason) for row in self.rows]


def named_column(table: RawTable, asked: str) -> str:
    """Find the column that a user names.

    Raises
    ------
    InputError
        If there is none, it holds the structures, or there are several of that name with different content.
    """
    found = find_column(list(table.columns), asked)
    if found is None and table.smiles_column and find_column([table.smiles_column], asked):
        raise InputError(
            f"column {table.smiles_column!r} of {table.path} is the SMILES column: it states no class and no value",
            hint=f"Name another; {listed_columns(table)}.",
        )
    if found is None:
        raise InputError(f"{table.path} has no column {asked!r}", hint=nearest(asked, table.columns))
    for other in namesakes(table, found):
        if table.columns[other] != table.columns[found]:
            raise InputError(
                f"{table.path} has several columns called {found!r}, and they differ",
                hint="Rename or remove all but the one that is meant.",
            )
    return found


def namesakes(table: RawTable, name: str) -> list[str]:
    """List the other columns that the file calls by the same name."""
    if name not in table.repeated:
        return []
    return [other for other in table.columns if re.fullmatch(re.escape(name) + r" \(\d+\)", other)]


DESCRIBES = "a description of the columns"
"""Why a row below the header is no measurement."""


def description_rows(table: RawTable) -> set[int]:
    """Find the rows by which PubChem describes its columns, by position: RESULT_TYPE, RESULT_UNIT and their like."""
    first = next(iter(table.columns.values()), [])
    return {i for i, cell in enumerate(first) if cell.startswith("RESULT_") and not table.smiles[i]}


def listed_columns(table: RawTable) -> str:
    """Name the columns of a table, for messages."""
    return f"its columns are: {', '.join(table.columns) or 'none but SMILES'}"
