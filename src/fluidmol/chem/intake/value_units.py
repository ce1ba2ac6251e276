"""In which unit the values of a column are: from its name, a row below the header, a column of units, or the user."""

from __future__ import annotations

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.companions import UNITS, Companion, find
from fluidmol.chem.intake.measured import NOBODY, OutcomeColumns, named_column
from fluidmol.chem.intake.potency import Cell, number_of
from fluidmol.chem.intake.smi import starts_with_smiles
from fluidmol.chem.intake.table import Table
from fluidmol.chem.intake.units import UNITS_HINT, Unit, read_name
from fluidmol.errors import InputError, UsageError

_HEAD = 20


@attrs.frozen(eq=False)
class ValueUnits:
    """What is known of the units of a column of values."""

    general: Unit | None
    """Of all values that state no other; None where each row must state its own."""

    source: str
    """Where units are stated, in words."""

    cells: list[str] | None
    """Unit of each row, as it stands in the column of units; None where there is no such column."""

    companion: Companion
    """The column of units, and those that aren't used."""

    confirmed: bool
    """Whether the file or the user says that the values are in this unit; otherwise it is that of the threshold."""

    description_rows: frozenset[int] = frozenset()
    """Rows below the header that describe columns, by position."""

    cautions: tuple[str, ...] = ()


def units_of(table: Table, name: str, wanted: OutcomeColumns, threshold: Unit) -> ValueUnits:
    """Find out the unit of a column's values.

    The column's name, a row of units below the header, and the column of units that belongs to it must agree. Where
    none of them says anything, the user's ``value_unit`` counts, or else the unit of the threshold.

    Raises
    ------
    InputError
        If they contradict one another, the option, or the threshold's scale.
    """
    said = read_name(name)
    stated: dict[str, Unit] = {}
    if len(said.units) > 1:
        raise InputError(
            f"the name of column {name!r} states several units: {', '.join(unit.text for unit in said.units)}",
            hint="Rename it.",
        )
    if said.scale == "p":
        stated["its name"] = Unit("p")
    elif said.units:
        stated["its name"] = said.units[0]
    rows, below = _described(table, name)
    if below is not None:
        stated[f"line {table.lines[below[0]]}"] = below[1]
    asked = _asked(wanted)
    _refuse_other_scale(table, name, asked, threshold)
    companion = _companion(table, name, wanted, confirmed=bool(stated) or asked is not None)
    cells = table.columns[companion.name] if companion.name else None
    cautions: list[str] = []
    if cells is not None:
        cells = _agreeing(table, name, companion, cells, stated, threshold, cautions)
    if cells is not None and all(map(is_missing, cells)):
        cells = None
    if asked is not None:
        for place, unit in stated.items():
            _refuse_contradiction(table, name, (f"--value-unit says {asked.text}", asked), (place, unit))
        stated = stated or {"--value-unit": asked}
    sources = list(stated.items())
    for other in sources[1:]:
        _refuse_contradiction(table, name, (f"{sources[0][0]} says {sources[0][1].text}", sources[0][1]), other)
    general = sources[0][1] if sources else None
    if general is not None and general.kind != threshold.kind:
        raise InputError(
            f"column {name!r} of {table.path} is {_scale(general)}, as {sources[0][0]} says, and the threshold is"
            f" {_scale(threshold)}",
            hint="Give the threshold on the scale of the values: 10 uM is 5 with --unit p.",
        )
    attached = any(Cell.of(cell).unit for cell in table.columns[name])
    places = [
        *stated,
        *([f"column {companion.name}"] if cells is not None else []),
        *(["the cells"] if attached else []),
    ]
    if places:
        return ValueUnits(
            general, " and ".join(places), cells, companion, confirmed=True, description_rows=rows,
            cautions=tuple(cautions),
        )  # fmt: skip
    cautions.append(f"nothing in the file states the unit of {name}: it is read in {threshold.text}, as --unit says")
    return ValueUnits(
        threshold, "--unit, for the file states none", None, companion, confirmed=False, description_rows=rows,
        cautions=tuple(cautions),
    )  # fmt: skip


def _asked(wanted: OutcomeColumns) -> Unit | None:
    if wanted.value_unit is None:
        return None
    found = Unit.named(wanted.value_unit)
    if found is None:
        raise UsageError(f"unknown --value-unit {wanted.value_unit!r}", hint=UNITS_HINT)
    return found


def _scale(unit: Unit) -> str:
    return "on a p scale" if unit.kind == "p" else f"a concentration in {unit.text}"


def _refuse_other_scale(table: Table, name: str, asked: Unit | None, threshold: Unit) -> None:
    """Refuse names that say another scale than the options."""
    scale = read_name(name).scale
    if scale == "p" and threshold.kind != "p":
        # Taken at its word this would call the weakest compounds active.
        raise UsageError(
            f"column {name!r} looks like -log10(M), but --unit is {threshold.text}",
            hint="Say --unit p, with the threshold on that scale: 5 is 10 uM.",
        )
    if asked is not None:
        return
    if scale in ("log", "foreign"):
        what = "a logarithm, whose sign and unit it doesn't say" if scale == "log" else "no molar concentration"
        raise InputError(
            f"column {name!r} of {table.path} is {what}, by its name",
            hint="Choose another column, or turn it into a concentration or -log10(M), called pIC50, say.",
        )
    if scale == "concentration" and threshold.kind == "p":
        raise InputError(
            f"column {name!r} of {table.path} is a concentration, by its name, and --unit is p",
            hint="Give the threshold as a concentration (5 is 10 uM), or --value-unit p if its values are -log10(M).",
        )


def _refuse_contradiction(table: Table, name: str, first: tuple[str, Unit], other: tuple[str, Unit]) -> None:
    if first[1] != other[1]:
        raise InputError(
            f"the unit of column {name!r} of {table.path} is contradictory: {first[0]}, {other[0]} says"
            f" {other[1].text}",
            hint="Correct the file, or the option.",
        )


def _companion(table: Table, name: str, wanted: OutcomeColumns, *, confirmed: bool) -> Companion:
    if wanted.units_column == NOBODY:
        return Companion("")
    asked = None if wanted.units_column is None else named_column(table, wanted.units_column)
    found = find(table.columns, name, UNITS, asked)
    if found.tier == "doubtful" and not confirmed:
        raise InputError(
            f"{table.path} doesn't say whose units column {found.others[0].name!r} states",
            hint=f"If they are those of {name}: --units-column '{found.others[0].name}'; if not: --units-column none.",
        )
    return found


def _agreeing(
    table: Table,
    name: str,
    companion: Companion,
    cells: list[str],
    stated: dict[str, Unit],
    threshold: Unit,
    cautions: list[str],
) -> list[str] | None:
    """Return the column of units if it may be used beside what else is stated; refuse it if it contradicts."""
    for i, cell in enumerate(cells):
        unit = None if is_missing(cell) or not number_of(table.columns[name][i]) else Unit.named(cell)
        if unit is None:
            continue
        where = next((place for place, other in stated.items() if other != unit), "")
        if not where and (unit.kind == threshold.kind or threshold.kind != "p"):
            continue
        says = f"{where} says {stated[where].text}" if where else f"--unit is {threshold.text}"
        loose = companion.tier in ("general", "stray") and where == "its name"
        if loose and (companion.tier == "stray" or stated[where].kind == "p"):
            cautions.append(
                f"column {companion.name} states {unit.text} (line {table.lines[i]}), but {says}: it isn't taken for"
                f" the unit of {name}"
            )
            return None
        raise InputError(
            f"the unit of column {name!r} of {table.path} is contradictory: column {companion.name!r} says {unit.text}"
            f" (line {table.lines[i]}), and {says}",
            hint="Correct the file or the options; --units-column none passes the column over.",
        )
    return cells


def _described(table: Table, name: str) -> tuple[frozenset[int], tuple[int, Unit] | None]:
    """Find rows below the header that describe the columns, as PubChem writes them, and the unit that they state."""
    cells = table.columns[name]
    rows: set[int] = set()
    found: tuple[int, Unit] | None = None
    first = next(iter(table.columns.values()))
    for i, cell in enumerate(cells):
        plain = cell.strip().strip("()[]")
        if first[i].startswith("RESULT_") and not table.smiles[i]:
            rows.add(i)
        elif is_missing(cell) or number_of(cell) or Unit.named(plain) is None or starts_with_smiles(table.smiles[i]):
            continue
        unit = Unit.named(plain)
        if unit is None:
            continue
        if i >= _HEAD or any(number_of(other) for other in cells[:i]):
            raise InputError(
                f"{table.path}, line {table.lines[i]}: a unit ({cell}) in the middle of column {name!r}",
                hint="Two tables may have been joined: read them one by one.",
            )
        rows.add(i)
        found = (i, unit)
    return frozenset(rows), found
