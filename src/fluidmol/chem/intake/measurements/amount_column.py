"""Columns of values for a regression: from cells to amounts in the unit of the endpoint's scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.companions import RELATIONS, UNITS, find
from fluidmol.chem.intake.measurements.measured import (
    DESCRIBES,
    NOBODY,
    MeasuredRow,
    OutcomeColumns,
    Outcomes,
    description_rows,
    listed_columns,
    named_column,
)
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.measurements.signs import joined_sign
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.measurements.units import Unit, plain_letters
from fluidmol.chem.intake.measurements.value_column import (
    ValueRow,
    marks_in,
    refuse_classes,
    refuse_parted,
    set_ranges_aside,
    value_rows,
)
from fluidmol.chem.intake.potency import ValueCell, number_of
from fluidmol.chem.intake.table import Exact, RawTable
from fluidmol.errors import InputError, UsageError
from fluidmol.values.scale import Scale

MARGIN = 0.25
"""How far beyond its scale a value may lie, in lengths of it, and be taken for the scale's end. Farther off, the unit
is suspected, and the row left out."""

MOST_BEYOND = 0.1
"""Share of the values beyond the scale from which the file is refused: the unit, or the scale, is another."""

FEWEST_BEYOND = 3
"""Values beyond the scale up to which no file is refused."""


def read_amounts(table: RawTable, wanted: OutcomeColumns) -> Outcomes:
    """Read a column of values for a regression.

    Concentrations are converted into the scale's unit, or -log10 of them; any other unit must be the scale's own,
    wherever the file states one. Limits such as ``> 30`` are left out and counted: where the value lies isn't known.

    Parameters
    ----------
    table : RawTable
    wanted : OutcomeColumns
        With a scale.

    Raises
    ------
    UsageError, InputError
        If options or file leave open, or contradict, what the values are; or too many lie outside of the scale.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = RawTable(Path("a.csv"), ["CCO", "CCN"], [2, 3], {"IC50 (nM)": ["1000", "> 30000"]}, "")
    >>> wanted = OutcomeColumns(value_column="IC50 (nM)", scale=Scale("p", 3, 10))
    >>> [(row.amount, row.reason) for row in read_amounts(table, wanted).rows]
    [(6.0, ''), (None, 'a limit: > 30000, and limits are left out of a regression')]
    """
    scale = wanted.scale
    if scale is None:
        raise UsageError("no scale is given", hint="A regression has a unit, a lowest and a highest value.")
    if wanted.value_column is None:
        found = numeric_columns(table)
        raise UsageError(
            "no `value_column` is given",
            hint=f"A regression needs the column of the values: {', '.join(found)}."
            if found
            else f"Name the column of the values; {listed_columns(table)}.",
        )
    if wanted.threshold is not None:
        raise UsageError(
            f"`threshold` is {wanted.threshold}, and the endpoint is a regression",
            hint="Leave it away: nothing is active or inactive.",
        )
    name = named_column(table, wanted.value_column)
    unit = Unit.named(scale.unit)
    if unit is not None:
        found_rows = value_rows(table, name, wanted, unit)
        rows, cautions = found_rows.rows, found_rows.cautions
        amounts = [_converted(row, unit) for row in rows]
    else:
        rows, source, cautions = _plain_rows(table, name, wanted, scale)
        amounts = [row.number for row in rows]
    for row in rows:
        if not row.reason and row.sign != "=":
            row.reason = f"a limit: {row.sign} {row.cell.number}, and limits are left out of a regression"
    cautions = (*cautions, *_set_impossible_aside(table, name, scale, rows, amounts))
    if unit is not None:
        reading = found_rows.reading(name, "exclude", cautions, scale=scale.range)
    else:
        used = {scale.unit: sum(not row.reason for row in rows)}
        reading = Reading(
            name, units=used, unit_source=source, policy="exclude", cautions=cautions, scale=scale.range,
            relations="the cells" if any(row.cell.sign for row in rows) else "",
        )  # fmt: skip
    return Outcomes(
        reading,
        [
            MeasuredRow(
                None, row.reason, "" if row.number is None else f"{row.number:f}",
                (row.unit.text if row.unit else "") if unit else scale.unit, row.sign,
                None if row.reason or amount is None else float(amount),
            )
            for row, amount in zip(rows, amounts, strict=True)
        ],
    )  # fmt: skip


def _converted(row: ValueRow, unit: Unit) -> Decimal | None:
    """Bring a potency into another unit of potency."""
    if row.reason or row.number is None or row.unit is None:
        return None
    if row.unit.kind == unit.kind:
        return row.unit.base(row.number).scaleb(-unit.exponent)
    if unit.kind == "p":
        return -row.unit.base(row.number).log10()
    return (Decimal(10) ** -row.number).scaleb(-unit.exponent)


def _plain_rows(
    table: RawTable, name: str, wanted: OutcomeColumns, scale: Scale
) -> tuple[list[ValueRow], str, tuple[str, ...]]:
    """Take a column apart whose unit is no molar one: rows, where the unit is stated, and cautions."""
    refuse_classes(table, name)
    refuse_parted(table, name)
    _refuse_other_title(table, name, scale)
    stated, source = _stated_units(table, name, wanted)
    below = description_rows(table)
    relations = _relations(table, name, wanted)
    marks = marks_in(table, name, wanted, small=False)
    rows = []
    for i, text in enumerate(table.columns[name]):
        cell = ValueCell.of(text)
        row = ValueRow(cell)
        rows.append(row)
        said = stated[i].strip()
        if i in below:
            row.reason = DESCRIBES
        elif is_missing(cell.number):
            row.reason = "no value"
        elif not is_missing(said) and _letters(said) != _letters(scale.unit):
            row.reason = f"another unit: {said[:20]}, where the scale is in {scale.unit}"
        elif cell.unit and _letters(cell.unit) != _letters(scale.unit):
            row.reason = f"another unit: {cell.unit[:20]}, where the scale is in {scale.unit}"
        else:
            its = marks if not isinstance(text, Exact) else type(marks)(".")
            row.number = its.read(cell.number)
            if row.number is None:
                row.reason = f"not a number: {text[:40]}"
                if its.is_unclear(cell.number):
                    row.reason = f"unclear number: {cell.number}; `decimal` says which mark is meant"
            row.sign = joined_sign(relations[i].strip() if not is_missing(relations[i]) else "", cell.sign) or ""
            if not row.sign and not row.reason:
                row.reason = f"unclear relation: {relations[i]} {text}"[:80]
    set_ranges_aside(table, name, rows)
    if source:
        return rows, source, ()
    if _letters(scale.unit) in _letters(name):
        return rows, "its name", ()
    nothing = f"nothing in the file states the unit of {name}: it is read in {scale.unit}, as the scale says"
    return rows, "the scale's unit, for the file states none", (nothing,)


def _refuse_other_title(table: RawTable, name: str, scale: Scale) -> None:
    """Refuse a column whose name says that it holds something else than the scale is of."""
    title = read_title(name)
    other = ""
    if title.scale == "p" or title.units:
        other = "-log10 of a concentration" if title.scale == "p" else f"a concentration in {title.units[0].text}"
    elif title.scale == "statistic":
        other = "a figure about measurements rather than a measurement"
    elif title.scale == "log" and scale.transformation == "log10":
        other = "a logarithm already, and the scale takes logarithms itself"
    if other and _letters(scale.unit) not in _letters(name):
        raise InputError(
            f"the name of column {name!r} of {table.path} says that it is {other}; the scale is in {scale.unit}",
            hint="Name another column with `value_column`, or rename it if its name is wrong.",
        )


def _stated_units(table: RawTable, name: str, wanted: OutcomeColumns) -> tuple[Sequence[str], str]:
    """Find the units that a file states a row, and where."""
    nothing = [""] * len(table.columns[name])
    if wanted.value_unit is not None:
        return [wanted.value_unit] * len(nothing), "`value_unit`"
    if wanted.units_column == NOBODY:
        return nothing, ""
    if wanted.units_column is not None:
        asked = named_column(table, wanted.units_column)
        return table.columns[asked], f"column {asked}"
    found = find(table.columns, name, UNITS)
    if found.name and found.tier in ("own", "general"):
        return table.columns[found.name], f"column {found.name}"
    return nothing, ""


def _relations(table: RawTable, name: str, wanted: OutcomeColumns) -> Sequence[str]:
    """Find the relations that a file states a row."""
    nothing = [""] * len(table.columns[name])
    if wanted.relation_column == NOBODY:
        return nothing
    if wanted.relation_column is not None:
        return table.columns[named_column(table, wanted.relation_column)]
    found = find(table.columns, name, RELATIONS)
    if found.tier == "doubtful":
        raise InputError(
            f"{table.path} doesn't say whose relations column {found.others[0].name!r} states",
            hint=f"If they are those of {name}: `relation_column` '{found.others[0].name}'; otherwise"
            " `relation_column` none.",
        )
    return table.columns[found.name] if found.name else nothing


def _set_impossible_aside(
    table: RawTable, name: str, scale: Scale, rows: Sequence[ValueRow], amounts: Sequence[Decimal | None]
) -> list[str]:
    """Set rows aside whose values can't be on the scale; return a caution of those that are cut at its ends.

    Raises
    ------
    InputError
        If so many lie outside that the unit, or the scale, must be another.
    """
    known = [i for i, row in enumerate(rows) if not row.reason and amounts[i] is not None]
    values = [float(amounts[i] or 0) for i in known]
    fine = scale.defined(values)
    outside = []
    for i, value, defined in zip(known, values, fine, strict=True):
        beyond = float(scale.beyond(value)) if defined else MARGIN + 1
        if not beyond:
            continue
        outside.append(i)
        if not defined:
            what = "isn't finite" if scale.transformation == "none" else f"has no {scale.transformation}"
            rows[i].reason = f"{what}: {rows[i].cell.number[:40]}"
        elif beyond > MARGIN:
            rows[i].reason = f"far outside of {scale.range}: {rows[i].cell.number[:40]}"
    if len(outside) > max(FEWEST_BEYOND, MOST_BEYOND * len(known)):
        first = outside[0]
        raise InputError(
            f"column {name!r} of {table.path}: {len(outside):,} of {len(known):,} values lie outside of {scale.range},"
            f" such as {rows[first].cell.number} in {table.word} {table.row(first)}",
            hint="Is the unit right? Otherwise the scale is too short: its ends are agreed on by all partners.",
        )
    cut = sum(not rows[i].reason for i in outside)
    return [f"values beyond {scale.range} are taken for its ends: {cut:,} of {len(known):,}"] if cut else []


def numeric_columns(table: RawTable) -> list[str]:
    """List the columns that hold numbers for the most part."""
    found = []
    for name, cells in table.columns.items():
        given = [cell for cell in cells if not is_missing(cell)]
        if given and 2 * sum(map(number_of, given)) > len(given):
            found.append(name)
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\s_()\[\]*·]+", "", plain_letters(text).lower())
