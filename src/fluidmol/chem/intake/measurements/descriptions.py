"""Rows below the header, or in the middle of a file, that describe columns instead of compounds."""

from __future__ import annotations

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.formats.smi import starts_with_smiles
from fluidmol.chem.intake.measurements.measured import description_rows
from fluidmol.chem.intake.measurements.titles import Title, read_title
from fluidmol.chem.intake.measurements.units import Unit
from fluidmol.chem.intake.potency import number_of
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import InputError


@attrs.frozen(eq=False)
class Described:
    """What such rows say of one column."""

    rows: frozenset[int]
    """Their positions."""

    units: dict[str, Unit]
    """Units that they state, by where."""

    cautions: tuple[str, ...] = ()


def described(table: RawTable, name: str) -> Described:
    """Read what rows without a structure say in a column of values: a unit in a second header, PubChem's RESULT_UNIT.

    Raises
    ------
    InputError
        If they say that the values are something else than molar potencies, or say it in the middle of the file.
    """
    cells = table.columns[name]
    rows = description_rows(table)
    first = next(iter(table.columns.values()), [])
    units: dict[str, Unit] = {}
    cautions: list[str] = []
    begun = False
    for i, cell in enumerate(cells):
        begun = begun or number_of(cell)
        if is_missing(cell) or number_of(cell) or (i not in rows and starts_with_smiles(table.smiles[i])):
            continue
        title = _said(cell, first[i])
        where = f"{table.word} {table.row(i)}"
        if title.scale in ("log", "foreign", "unclear", "statistic"):
            raise InputError(
                f"{table.path}, {where}: column {name!r} says {cell[:60]!r}, no molar concentration and no -log10(M)",
                hint="Choose another column, or bring its values into a concentration.",
            )
        if begun and title.scale:
            raise InputError(
                f"{table.path}, {where}: {cell[:60]!r} in the middle of column {name!r}",
                hint="Two tables may have been joined: read them one by one.",
            )
        if title.units or title.scale == "p":
            rows.add(i)
            units[where] = title.units[0] if title.units else Unit("p")
        elif i not in rows and not begun:
            cautions.append(f"{where} says {cell[:60]!r} of column {name}")
    return Described(frozenset(rows), units, tuple(cautions))


def _said(cell: str, tag: str) -> Title:
    """Read a cell that describes a column as if it were its name; of PubChem's rows, only that of units states one."""
    unit = Unit.named(cell.strip().strip("()[]"))
    if unit is not None:
        return Title("p" if unit.kind == "p" else "concentration", (unit,) if unit.kind == "concentration" else ())
    title = read_title(cell)
    if not tag.startswith("RESULT_"):
        return title
    if tag.startswith("RESULT_UNIT"):
        return Title("") if cell.strip().upper() == "NONE" else Title(title.scale or "unclear", title.units)
    return title if title.scale == "log" else Title("")
