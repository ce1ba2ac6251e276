"""Columns of measured potencies: from cells to classes, in one unit, with relations, against a threshold."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import attrs

from fluidmol.chem.intake.binary import binary, is_missing
from fluidmol.chem.intake.measurements.class_column import class_columns
from fluidmol.chem.intake.measurements.companions import TYPES, UPPERS, find
from fluidmol.chem.intake.measurements.hints import value_flags
from fluidmol.chem.intake.measurements.measured import DESCRIBES, MeasuredRow, OutcomeColumns, Outcomes, named_column
from fluidmol.chem.intake.measurements.numerals import Marks, marks_of
from fluidmol.chem.intake.measurements.plausible import doubt
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.measurements.signs import joined_sign
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.measurements.value_relations import ValueRelations, in_doubt, relations_of
from fluidmol.chem.intake.measurements.value_units import ValueUnits, asked_unit, units_of
from fluidmol.chem.intake.measurements.warnings import warnings_of
from fluidmol.chem.intake.potency import UNITS_HINT, Threshold, Unit, ValueCell, why_unusable
from fluidmol.chem.intake.table import Exact, RawTable
from fluidmol.errors import InputError, UsageError

_LARGEST_P = 50
_PLAUSIBLE_P = 16
_LEAST_COMMON = 10
_FEW = 0.1
_LIKELY = ("nM", "uM")
_AT_MOST = 2
_LEAST_AGREEING = 0.6


@attrs.define
class ValueRow:
    """A row on its way to a class or an amount."""

    cell: ValueCell
    unit: Unit | None = None
    number: Decimal | None = None
    sign: str = ""
    reason: str = ""


@attrs.frozen(eq=False)
class ValueRows:
    """A column of potencies, taken apart."""

    rows: list[ValueRow] = attrs.field(repr=False)
    """A row each, in the table's order."""

    units: ValueUnits
    relations: ValueRelations
    types: dict[str, int]
    """Rows by what the column of types calls the measurement."""

    cautions: tuple[str, ...]
    """What a person should look at."""

    def reading(self, name: str, policy: str, cautions: Sequence[str], threshold: str = "", scale: str = "") -> Reading:
        """Describe how the column was read; rows with a reason don't count."""
        used = Counter(row.unit.text for row in self.rows if row.unit is not None and not row.reason)
        unused = [("units", column) for column in self.units.companion.others]
        unused += [("relations", column) for column in self.relations.companion.others]
        if not used and self.units.general is not None:
            used[self.units.general.text] = 0
        return Reading(
            name, units=dict(used), unit_source=self.units.source, relations=self.relations.source, policy=policy,
            types=self.types, unused=tuple(unused), cautions=tuple(cautions), threshold=threshold, scale=scale,
        )  # fmt: skip


def value_rows(table: RawTable, name: str, wanted: OutcomeColumns, unit: Unit) -> ValueRows:
    """Take a column of potencies apart: number, unit and relation of each row, or why it has none.

    Parameters
    ----------
    table : RawTable
    name : str
        Of the column.
    wanted : OutcomeColumns
    unit : Unit
        Of the threshold or scale; of the values, too, where nothing else states it.

    Raises
    ------
    UsageError, InputError
        If options or file leave open, or contradict, what the values are.
    """
    refuse_classes(table, name)
    refuse_parted(table, name)
    units = units_of(table, name, wanted, unit)
    relations = relations_of(table, name, wanted, on_p=units.on_p)
    marks = marks_in(table, name, wanted, small=units.on_p)
    rows = _rows(table, name, units, relations, marks)
    _refuse_impossible(table, name, rows)
    set_ranges_aside(table, name, rows)
    types = _check_types(table, name, rows)
    cautions = [*units.cautions, *relations.cautions]
    cautions += _set_doubtful_aside(rows, relations, on_p=units.on_p)
    return ValueRows(rows, units, relations, types, tuple(cautions))


def read_values(table: RawTable, wanted: OutcomeColumns) -> Outcomes:
    """Read a column of values against a threshold.

    Raises
    ------
    UsageError, InputError
        If options or file leave open, or contradict, what the values are.
    """
    if wanted.value_column is None:
        raise UsageError("no `value_column` is given", hint="Name the column of the values.")
    name = named_column(table, wanted.value_column)
    threshold = _threshold(wanted, name)
    found = value_rows(table, name, wanted, threshold.unit)
    rows, types, cautions = found.rows, found.types, [*found.cautions]
    if wanted.relations == "exclude":
        for row in rows:
            if not row.reason and row.sign != "=":
                row.reason = f"a limit: {row.sign} {row.cell.number}, and limits are left out"
    if not found.units.confirmed:
        _refuse_unusual(table, name, rows, threshold.unit)
    if len(types) > 1:
        listed = ", ".join(f"{kind} ({n:,})" for kind, n in types.items())
        cautions.append(f"different measurements are read alike: {listed}")
    measured = [_judged(row, threshold) for row in rows]
    cautions += _class_columns_against(table, measured)
    cautions += warnings_of(measured)
    return Outcomes(found.reading(name, wanted.relations, cautions, threshold=threshold.text), measured)


def _threshold(wanted: OutcomeColumns, name: str) -> Threshold:
    if wanted.threshold is None:
        raise UsageError(
            f"`value_column` {name} is given without `threshold`", hint=f"For instance: {value_flags(name)}."
        )
    if wanted.unit is None:
        raise UsageError(f"`value_column` {name} is given without `unit`", hint=UNITS_HINT)
    unit = asked_unit("unit", wanted.unit)
    if not math.isfinite(wanted.threshold) or (unit.kind == "concentration" and wanted.threshold <= 0):
        raise UsageError(f"`threshold` is {wanted.threshold}", hint="Expected a number larger than 0.")
    if unit.kind == "p" and abs(wanted.threshold) > _LARGEST_P:
        raise UsageError(f"`threshold` is {wanted.threshold}", hint="On the p scale it is a number such as 5.")
    return Threshold(wanted.threshold, unit)


def refuse_classes(table: RawTable, name: str) -> None:
    """Refuse a column of nothing but 0 and 1.

    Raises
    ------
    InputError
        Saying so.
    """
    given = {cell.strip() for cell in table.columns[name] if not is_missing(cell)}
    if len(given) > 1 and given <= {"0", "1", "0.0", "1.0"}:
        raise InputError(
            f"column {name!r} of {table.path} holds nothing but 0 and 1: classes rather than measured values",
            hint="Name a column of measured values, or read this one with `active_column`.",
        )


def refuse_parted(table: RawTable, name: str) -> None:
    """Refuse whole numbers beside a column without a name that holds digits: decimal commas may have parted them."""
    names = list(table.columns)
    beside = names[names.index(name) + 1] if name != names[-1] else ""
    if not re.fullmatch(r"column \d+", beside) or any(isinstance(cell, Exact) for cell in table.columns[name]):
        return
    parts = [cell for column in (name, beside) for cell in table.columns[column] if not is_missing(cell)]
    if any(not is_missing(cell) for cell in table.columns[beside]) and all(cell.isdigit() for cell in parts):
        raise InputError(
            f"column {name!r} of {table.path} holds whole numbers, and a column without a name follows that holds"
            " digits, too: decimal commas may have parted the values",
            hint="Quote the values, write them with a decimal point, or name each column.",
        )


def marks_in(table: RawTable, name: str, wanted: OutcomeColumns, *, small: bool) -> Marks:
    """Decide which mark of a column's numbers is the decimal one; ``small``: whether thousands are out of question.

    Raises
    ------
    InputError
        If both occur.
    UsageError
        If the user names neither.
    """
    if wanted.decimal is not None and wanted.decimal not in (".", ","):
        raise UsageError(f"`decimal` is {wanted.decimal!r}", hint="Expected . or ,")
    # Of cells that are numbers in the file itself the mark is known; they say nothing of the others'.
    texts = [cell for cell in table.columns[name] if cell and not isinstance(cell, Exact)]
    if not texts:
        return Marks(".")
    if wanted.decimal is not None:
        return Marks(wanted.decimal)
    marks = marks_of((ValueCell.of(text).number for text in texts), small=small)
    if marks.mixed:
        raise InputError(
            f"column {name!r} of {table.path} has decimal points and decimal commas: {' and '.join(marks.examples)}",
            hint="Correct it, or say which is meant with `decimal`.",
        )
    return marks


def _rows(table: RawTable, name: str, units: ValueUnits, relations: ValueRelations, marks: Marks) -> list[ValueRow]:
    """Take all cells apart, and give each row its unit, number and relation, or the reason why it has none."""
    cells = [ValueCell.of(text) for text in table.columns[name]]
    each = units.cells is not None or any(cell.unit for cell in cells)
    # KNIME writes ? for whatever is missing; elsewhere it may mean that the relation is in doubt.
    knime = any("?" in column for column in table.columns.values() if column is not relations.cells)
    rows = []
    for i, cell in enumerate(cells):
        relation = "" if relations.cells is None else relations.cells[i].strip()
        if is_missing(relation) and (relation != "?" or knime):
            relation = ""
        row = ValueRow(cell)
        rows.append(row)
        if i in units.description_rows:
            row.reason = DESCRIBES
        elif is_missing(cell.number):
            row.reason = "no value"
        else:
            stated = "" if units.cells is None or is_missing(units.cells[i]) else units.cells[i]
            row.unit, row.reason = _unit(cell.unit, stated, units.general, each=each)
        if row.unit is None:
            continue
        text = table.columns[name][i]
        its = Marks(".") if isinstance(text, Exact) else marks
        row.number = its.read(cell.number)
        row.reason = why_unusable(cell.number, text, row.number, its, row.unit)
        if not row.reason and row.unit.kind == "p" and (not row.number or abs(row.number) > _PLAUSIBLE_P):
            row.reason = f"not plausible on a p scale: {cell.number[:40]}"
        row.sign = joined_sign(relation, cell.sign) or ""
        if not row.sign and not row.reason:
            row.reason = f"unclear relation: {relation} {text}"[:80]
    return rows


def _unit(attached: str, stated: str, general: Unit | None, *, each: bool) -> tuple[Unit | None, str]:
    """Return the unit of a row, or why it isn't known; ``each``: whether rows state their own."""
    found = [text for text in (attached, stated) if text]
    units = [Unit.named(text) for text in found]
    for text, unit in zip(found, units, strict=True):
        if unit is None:
            return None, f"unit isn't a molar concentration: {text[:20]}"
    known = [unit for unit in (*units, general if attached or not each else None) if unit is not None]
    if len(set(known)) > 1:
        return None, f"contradictory units: {', '.join(unit.text for unit in known)}"
    if known:
        return known[0], ""
    return (general, "") if general is not None else (None, "no unit")


def _refuse_impossible(table: RawTable, name: str, rows: Sequence[ValueRow]) -> None:
    """Refuse a unit in which many values can't be."""
    odd = [i for i, row in enumerate(rows) if row.reason.startswith("an impossible concentration")]
    if len(odd) > max(_AT_MOST, _FEW * sum(row.number is not None for row in rows)):
        raise InputError(
            f"column {name!r} of {table.path} has {len(odd):,} values that no concentration can have, such as"
            f" {table.columns[name][odd[0]]} in line {table.lines[odd[0]]}: {rows[odd[0]].reason}",
            hint="Is the unit right? See that of the column's name, of the units column, and of `value_unit`.",
        )


def set_ranges_aside(table: RawTable, name: str, rows: Sequence[ValueRow]) -> None:
    """Set rows aside, in place, that have an upper limit beside the value."""
    found = find(table.columns, name, UPPERS)
    if found.tier not in ("own", "general"):
        return
    for row, upper in zip(rows, table.columns[found.name], strict=True):
        if not row.reason and not is_missing(upper) and upper.strip() != row.cell.number:
            row.reason = f"a range: {row.cell.number} to {upper.strip()[:20]}"


def _check_types(table: RawTable, name: str, rows: Sequence[ValueRow]) -> dict[str, int]:
    """Count rows by the type of their measurement; set those aside whose type is another scale than their unit."""
    found = find(table.columns, name, TYPES)
    if found.tier not in ("own", "shared", "general", "stray"):
        return {}
    counts: Counter[str] = Counter()
    for row, kind in zip(rows, table.columns[found.name], strict=True):
        if row.reason or is_missing(kind):
            continue
        scale = read_title(kind).scale
        concentrations = row.unit is not None and row.unit.kind == "concentration"
        if scale in ("log", "foreign", "statistic") or (scale == "p" and concentrations):
            row.reason = f"another kind of measurement: its type is {kind[:30]}"
        else:
            counts[kind] += 1
    return dict(counts.most_common())


def _set_doubtful_aside(rows: Sequence[ValueRow], relations: ValueRelations, *, on_p: bool) -> list[str]:
    """Set rows aside whose relation may point the other way; return a caution if there are any."""
    usable = [row for row in rows if not row.reason and row.number is not None]
    numbers = [row.number or Decimal(0) for row in usable]
    doubtful = in_doubt(relations, [row.sign for row in usable], numbers, on_p=on_p)
    hit = [row for row in usable if row.sign in doubtful]
    for row in hit:
        row.reason = f"doubtful relation: {row.sign} of the p value, or of the concentration"
    if not hit:
        return []
    signs = " and ".join(sorted(doubtful))
    return [
        f"rows with {signs} (from {relations.source}) are left out: {len(hit):,}. On a p scale > marks strong"
        " compounds, and these relations may be those of the concentrations, where it marks weak ones."
        " `relation_column` takes a column as it stands"
    ]


def _refuse_unusual(table: RawTable, name: str, rows: Sequence[ValueRow], unit: Unit) -> None:
    negative = [row for row in rows if row.number is not None and row.number < 0 and unit.kind == "concentration"]
    if negative:
        raise InputError(
            f"nothing in {table.path} states the unit of column {name!r}, and it has negative numbers, such as"
            f" {negative[0].cell.number}: they may be logarithms",
            hint="If the others are concentrations all the same, say in what: `value_unit` nM, say.",
        )
    why = doubt([row.number for row in rows if not row.reason and row.number is not None], unit)
    if why:
        raise InputError(
            f"nothing in {table.path} states the unit of column {name!r}, and `unit` is {unit.text}: {why}",
            hint=f"Say in what they are with `value_unit`, say {' or '.join(_LIKELY)}; `unit` is the threshold's then.",
        )


def _judged(row: ValueRow, threshold: Threshold) -> MeasuredRow:
    said = "" if row.number is None else f"{row.number:f}"
    about = (said or row.cell.number, row.unit.text if row.unit else "", row.sign)
    if row.reason or row.number is None or row.unit is None:
        return MeasuredRow(None, row.reason or "no value", *about)
    active, reason = threshold.judged(row.sign, row.number, row.unit)
    return MeasuredRow(active, reason, *about)


def _class_columns_against(table: RawTable, measured: Sequence[MeasuredRow]) -> list[str]:
    """Compare the classes with a column that states them, too."""
    cautions = []
    for name in class_columns(table):
        said = [None if is_missing(cell) else binary(cell) for cell in table.columns[name]]
        both = [
            (a, row.active) for a, row in zip(said, measured, strict=True) if a is not None and row.active is not None
        ]
        agreeing = sum(a == b for a, b in both)
        if len(both) >= _LEAST_COMMON and agreeing < _LEAST_AGREEING * len(both):
            cautions.append(
                f"column {name} states another class in {len(both) - agreeing:,} of {len(both):,} rows: are unit and"
                " threshold right?"
            )
    return cautions
