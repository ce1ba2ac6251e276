"""The relation of each value: from the column that belongs to it, or from in front of the number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.companions import RELATIONS, Companion, UnusedColumn, find
from fluidmol.chem.intake.measurements.measured import NOBODY, OutcomeColumns, named_column
from fluidmol.chem.intake.measurements.names import stem
from fluidmol.chem.intake.measurements.numerals import Marks, marks_of
from fluidmol.chem.intake.measurements.plausible import doubtful_signs
from fluidmol.chem.intake.measurements.signs import sign_of
from fluidmol.chem.intake.measurements.titles import QUANTITIES, read_title
from fluidmol.chem.intake.potency import ValueCell, number_of
from fluidmol.chem.intake.table import Exact, RawTable
from fluidmol.errors import InputError

_ALIKE = 0.06
"""Decimal logarithms that differ by no more are of one measurement, rounded."""

_NEARLY_ALL = 0.9
_TURN = str.maketrans("<>", "><")
_LEAST = 3


@attrs.frozen(eq=False)
class ValueRelations:
    """What is known of the relations of a column of values."""

    cells: list[str] | None
    """Relation of each row, as it stands in its column; None where there is no such column."""

    source: str
    """Where relations are stated, in words; empty for nowhere."""

    companion: Companion
    """The column of relations, and those that aren't used."""

    trust: str
    """On a p scale: ``literal``, ``unless contradicted``, ``if confirmed`` or ``never``."""

    cautions: tuple[str, ...] = ()
    """What a person should look at."""


def relations_of(table: RawTable, name: str, wanted: OutcomeColumns, *, on_p: bool) -> ValueRelations:
    """Find the relations of a column's values.

    Raises
    ------
    InputError
        If several columns could state them and differ, or it isn't known whose relations one states.
    """
    attached = any(ValueCell.of(cell).sign for cell in table.columns[name])
    if wanted.relation_column == NOBODY:
        aside = _left_aside(table, name)
        return ValueRelations(None, "the cells" if attached else "", Companion(""), "unless contradicted", aside)
    asked = None if wanted.relation_column is None else named_column(table, wanted.relation_column)
    found = find(table.columns, name, RELATIONS, asked)
    if found.tier == "doubtful":
        raise InputError(
            f"{table.path} doesn't say whose relations column {found.others[0].name!r} states",
            hint=f"If they are those of {name}: `relation_column` '{found.others[0].name}'; otherwise"
            " `relation_column` none.",
        )
    trust = _trust(found) if on_p else _trust_of_concentration(table, name, found)
    if not found.name:
        same = _of_same_measurement(table, name, found.others, on_p=on_p)
        if not same and asked is None and not attached:
            _refuse_signs_elsewhere(table, name, on_p=on_p)
        if same:
            found = Companion(same, "same", tuple(column for column in found.others if column.name != same))
            trust = "never"
    places = [*([found.name] if found.name else []), *(["the cells"] if attached else [])]
    return ValueRelations(table.columns[found.name] if found.name else None, " and ".join(places), found, trust)


def _left_aside(table: RawTable, name: str) -> tuple[str, ...]:
    """List the limits that the user leaves aside by taking no column of relations."""
    found = []
    for other, cells in table.columns.items():
        n = sum(sign_of(cell) not in (None, "=") for cell in cells)
        if other != name and n:
            found.append(
                f"column {other}, which has < or > in rows: {n:,}, is left aside, as `relation_column` none says"
            )
    return tuple(found)


def _trust(found: Companion) -> str:
    if found.tier == "asked":
        return "literal"
    if found.tier in ("own", ""):
        return "unless contradicted"
    return "never" if set(stem(found.name)) & set(QUANTITIES) else "if confirmed"


def _trust_of_concentration(table: RawTable, name: str, found: Companion) -> str:
    if any(word[1:] in QUANTITIES or word == "pchembl" for word in stem(found.name)):
        return "never"
    beside = [other for other in table.columns if read_title(other).scale == "p"]
    if found.tier not in ("general", "shared", "stray") or not any(
        _is_same(table.columns[other], table.columns[name], on_p=True, few=True) for other in beside
    ):
        return "literal"
    return "if confirmed"


def in_doubt(
    relations: ValueRelations, signs: Sequence[str], values: Sequence[Decimal], *, on_p: bool
) -> frozenset[str]:
    """Return the signs that may be those of the same measurements on the other scale.

    Parameters
    ----------
    relations : ValueRelations
    signs, values : sequence
        Of the usable rows.
    on_p : bool
        Whether the values are on a p scale, where large is strong.
    """
    if relations.trust == "literal":
        return frozenset()
    if relations.trust == "never":
        return frozenset(signs) - {"="}
    trusted = relations.trust == "unless contradicted"
    if on_p:
        return doubtful_signs(signs, values, trusted=trusted)
    turned = [sign.translate(_TURN) for sign in signs]
    found = doubtful_signs(turned, [-value for value in values], trusted=trusted)
    return frozenset(sign.translate(_TURN) for sign in found)


def _of_same_measurement(table: RawTable, name: str, others: Sequence[UnusedColumn], *, on_p: bool) -> str:
    """Find a column of relations that belongs to other values, which are the same measurements on another scale."""
    for column in others:
        if not column.owner:
            continue
        mine, theirs = table.columns[name], table.columns[column.owner]
        on_other = read_title(column.owner).scale == "p"
        if on_other and not on_p:
            mine, theirs = theirs, mine
        if _is_same(mine, theirs, on_p=on_p != on_other, few=True):
            return column.name
    return ""


def _is_same(mine: Sequence[str], theirs: Sequence[str], *, on_p: bool, few: bool) -> bool:
    """Return whether two columns hold the same measurements in two units, or one as -log10 of the other.

    ``few``: what to return where there are too few rows to tell.
    """
    pairs = zip(_numbers(mine), _numbers(theirs), strict=True)
    differences = [
        float(a) + math.log10(b) if on_p else math.log10(a) - math.log10(b)
        for a, b in pairs
        if a is not None and b is not None and b > 0 and (on_p or a > 0)
    ]
    if len(differences) < _LEAST:
        return bool(differences) and (few or max(differences) - min(differences) <= _ALIKE)
    middle = median(differences)
    return sum(abs(difference - middle) <= _ALIKE for difference in differences) >= _NEARLY_ALL * len(differences)


def _refuse_signs_elsewhere(table: RawTable, name: str, *, on_p: bool) -> None:
    """Refuse values whose relations stand in front of the same numbers in another column."""
    for other, cells in table.columns.items():
        limits = [cell for cell in cells if ValueCell.of(cell).sign and number_of(cell)]
        if other == name or not any(sign_of(ValueCell.of(cell).sign) != "=" for cell in limits):
            continue
        if _is_same(table.columns[name], cells, on_p=on_p and read_title(other).scale != "p", few=False):
            raise InputError(
                f"column {other!r} of {table.path} has the values of {name!r} with relations, such as {limits[0]!r}",
                hint=f"Name it as the column of values, or say `relation_column` none to take {name} as it stands.",
            )


def _numbers(cells: Sequence[str]) -> list[Decimal | None]:
    taken = [ValueCell.of(cell).number for cell in cells]
    marks = marks_of(number for number, cell in zip(taken, cells, strict=True) if not isinstance(cell, Exact))
    return [
        None if is_missing(number) else (Marks(".") if isinstance(cell, Exact) else marks).read(number)
        for number, cell in zip(taken, cells, strict=True)
    ]
