"""In which unit the values of a column are: from its name, a row below the header, a column of units, or the user."""

from __future__ import annotations

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.companions import UNITS, Companion, find
from fluidmol.chem.intake.measurements.descriptions import described
from fluidmol.chem.intake.measurements.measured import NOBODY, OutcomeColumns, named_column
from fluidmol.chem.intake.measurements.mentions import refuse_mentions
from fluidmol.chem.intake.measurements.names import stem
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.measurements.units import UNITS_HINT, Unit
from fluidmol.chem.intake.potency import ValueCell, number_of
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import InputError, UsageError

_HEAD = 20
_ASKED = "`value_unit`"
_UNFIT = {
    "log": "a logarithm, whose sign and unit it doesn't say",
    "foreign": "no molar concentration",
    "unclear": "in a unit that isn't understood",
    "statistic": "a figure about measurements rather than a measurement",
}


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
    """What a person should look at."""

    @property
    def on_p(self) -> bool:
        """Whether all values are on a p scale."""
        if self.general is not None:
            return self.general.kind == "p"
        units = [Unit.named(cell) for cell in set(self.cells or ()) if not is_missing(cell)]
        return bool(units) and all(unit is not None and unit.kind == "p" for unit in units)


def units_of(table: RawTable, name: str, wanted: OutcomeColumns, threshold: Unit) -> ValueUnits:
    """Find out the unit of a column's values.

    The column's name, a row of units below the header, and the column of units that belongs to it must agree. Where
    none of them says anything, the user's ``value_unit`` counts, or else the unit of the threshold if the user has
    given it.

    Raises
    ------
    InputError
        If they contradict one another, the option, or the threshold's scale, or nothing says what the unit is.
    UsageError
        If the name says another scale than the threshold, or the option names no unit.
    """
    asked = _asked(wanted)
    # A scale is converted into: it says nothing of what the values are in, unless nothing else does.
    expected = None if wanted.agreed or wanted.scale else threshold
    _refuse_other_scale(table, name, asked, expected)
    below = described(table, name)
    stated = {**_named_units(name), **below.units}
    if asked is not None:
        _refuse_other_letters(table, name, asked)
        stated[_ASKED] = asked
    companion = _companion(table, name, wanted, stated)
    cautions = [*below.cautions]
    cells = _agreeing(table, name, companion, stated, expected, cautions) if companion.name else None
    for place, unit in stated.items():
        first = next(iter(stated))
        _refuse_contradiction(table, name, (f"{first} says {stated[first].text}", stated[first]), (place, unit))
    general = next(iter(stated.values()), None)
    if general is not None and expected is not None and general.kind != expected.kind:
        raise InputError(
            f"column {name!r} of {table.path} is {_scale(general)}, as {next(iter(stated))} says, and the threshold is"
            f" {_scale(expected)}",
            hint="Give the threshold on the scale of the values: 10 uM is 5 with `unit` p.",
        )
    places = [*stated]
    if cells is not None:
        places.append(f"column {companion.name}")
    if any(ValueCell.of(cell).unit for cell in table.columns[name]):
        places.append("the cells")
    if not places:
        general = _unstated(table, name, threshold if wanted.scale else expected)
        refuse_mentions(table, name, general)
        nothing = "no column" if wanted.units_column == NOBODY else "nothing in the file"
        cautions.append(f"{nothing} states the unit of {name}: it is read in {general.text}, as `unit` says")
    return ValueUnits(
        general, " and ".join(places) or "`unit`, for the file states none", cells, companion,
        confirmed=bool(places), description_rows=below.rows, cautions=tuple(cautions),
    )  # fmt: skip


def _named_units(name: str) -> dict[str, Unit]:
    """Return the unit that a column's name states, by where it was found."""
    said = read_title(name)
    if len(said.units) > 1:
        raise InputError(
            f"the name of column {name!r} states several units: {', '.join(unit.text for unit in said.units)}",
            hint="Rename it.",
        )
    if said.scale == "p":
        return {"its name": Unit("p")}
    return {"its name": said.units[0]} if said.units else {}


def _unstated(table: RawTable, name: str, expected: Unit | None) -> Unit:
    if expected is None:
        raise InputError(
            f"nothing in {table.path} states the unit of column {name!r}; the charter's is that of its threshold only",
            hint="Say what the values are in with `value_unit`, such as nM.",
        )
    return expected


def _asked(wanted: OutcomeColumns) -> Unit | None:
    return None if wanted.value_unit is None else asked_unit("value_unit", wanted.value_unit)


def asked_unit(argument: str, text: str) -> Unit:
    """Read a unit that a user gives.

    Raises
    ------
    UsageError
        If it is none, or its letters would be another unit in their usual case.
    """
    found = Unit.named(text)
    if found is None or (text.strip().lower() in ("m", "mm", "pm") and text.strip() not in ("M", "mM", "pM")):
        raise UsageError(f"unknown `{argument}` {text!r}", hint=UNITS_HINT)
    return found


def _scale(unit: Unit) -> str:
    return "on a p scale" if unit.kind == "p" else f"a concentration in {unit.text}"


def _refuse_other_scale(table: RawTable, name: str, asked: Unit | None, threshold: Unit | None) -> None:
    """Refuse names that say another scale than the options."""
    scale = read_title(name).scale
    if scale == "p" and threshold is not None and threshold.kind != "p":
        # Taken at its word this would call the weakest compounds active.
        raise UsageError(
            f"column {name!r} looks like -log10(M), but `unit` is {threshold.text}",
            hint="Say `unit` p, with the threshold on that scale: 5 is 10 uM.",
        )
    if asked is not None and scale != "foreign":
        return
    if scale in _UNFIT:
        what = _UNFIT[scale]
        raise InputError(
            f"column {name!r} of {table.path} is {what}, by its name",
            hint="Choose another column, or say what its values are in with `value_unit` if they are concentrations, or"
            " -log10(M), all the same.",
        )
    if scale == "concentration" and threshold is not None and threshold.kind == "p":
        raise InputError(
            f"column {name!r} of {table.path} is a concentration, by its name, and `unit` is p",
            hint="Give the threshold as a concentration (5 is 10 uM), or `value_unit` p if its values are -log10(M).",
        )


def _refuse_other_letters(table: RawTable, name: str, asked: Unit) -> None:
    """Refuse a unit that isn't the one which a name may state, in letters that can't be trusted alone."""
    perhaps = read_title(name).perhaps
    if perhaps and asked not in perhaps:
        raise InputError(
            f"`value_unit` says {asked.text}, but the name of column {name!r} of {table.path} may say"
            f" {perhaps[0].text}",
            hint="Correct the option, or rename the column.",
        )


def _refuse_contradiction(table: RawTable, name: str, first: tuple[str, Unit], other: tuple[str, Unit]) -> None:
    if first[1] != other[1]:
        raise InputError(
            f"the unit of column {name!r} of {table.path} is contradictory: {first[0]}, {other[0]} says"
            f" {other[1].text}",
            hint="Correct the file, or the option.",
        )


def _companion(table: RawTable, name: str, wanted: OutcomeColumns, stated: dict[str, Unit]) -> Companion:
    if wanted.units_column == NOBODY:
        return Companion("")
    asked = None if wanted.units_column is None else named_column(table, wanted.units_column)
    found = find(table.columns, name, UNITS, asked)
    if found.tier == "doubtful" and not stated:
        raise InputError(
            f"{table.path} doesn't say whose units column {found.others[0].name!r} states",
            hint=f"If they are those of {name}: `units_column` '{found.others[0].name}'; if not: `units_column` none.",
        )
    if found.tier == "doubtful":
        _refuse_doubtful(table, name, found.others[0].name, stated)
    return found


def _refuse_doubtful(table: RawTable, name: str, other: str, stated: dict[str, Unit]) -> None:
    """Refuse a column of units that may be meant, if it contradicts the user, or has no words of its own."""
    for place, expected in stated.items():
        for i, cell in enumerate(table.columns[other] if place == _ASKED or not stem(other) else ()):
            unit = None if is_missing(cell) else Unit.named(cell)
            if unit is not None and unit != expected:
                raise InputError(
                    f"{place} says {expected.text}, and column {other!r} of {table.path} has {unit.text} (line"
                    f" {table.lines[i]})",
                    hint=f"If these aren't the units of {name}: `units_column` none. Otherwise correct the other.",
                )


def _agreeing(
    table: RawTable,
    name: str,
    companion: Companion,
    stated: dict[str, Unit],
    expected: Unit | None,
    cautions: list[str],
) -> list[str] | None:
    """Return the column of units if it may be used beside what else is stated; refuse it if it contradicts."""
    cells = table.columns[companion.name]
    for i, cell in enumerate(cells):
        unit = None if is_missing(cell) or not number_of(table.columns[name][i]) else Unit.named(cell)
        if unit is None:
            continue
        where = next((place for place, other in stated.items() if other != unit), "")
        off_scale = expected is not None and expected.kind == "p" != unit.kind
        if not where and not off_scale:
            continue
        says = f"{where} says {stated[where].text}" if where or expected is None else f"`unit` is {expected.text}"
        # A column that bears no name but its role may be that of the concentration behind a p value.
        of_other = companion.tier == "general" and where and stated[where].kind == "p"
        if where != _ASKED and (companion.tier == "stray" or of_other):
            cautions.append(
                f"column {companion.name} states {unit.text} (line {table.lines[i]}), but {says}: it isn't taken for"
                f" the unit of {name}"
            )
            return None
        raise InputError(
            f"the unit of column {name!r} of {table.path} is contradictory: column {companion.name!r} says {unit.text}"
            f" (line {table.lines[i]}), and {says}",
            hint="Correct the file or the options; `units_column` none passes the column over.",
        )
    return None if all(map(is_missing, cells)) else cells
