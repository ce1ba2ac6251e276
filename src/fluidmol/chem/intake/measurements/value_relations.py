"""The relation of each value: from the column that belongs to it, or from in front of the number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.companions import RELATIONS, Column, Companion, find
from fluidmol.chem.intake.measurements.measured import NOBODY, OutcomeColumns, named_column
from fluidmol.chem.intake.measurements.names import stem
from fluidmol.chem.intake.measurements.numerals import Marks, marks_of
from fluidmol.chem.intake.measurements.plausible import doubtful_signs
from fluidmol.chem.intake.measurements.titles import QUANTITIES
from fluidmol.chem.intake.potency import Cell
from fluidmol.chem.intake.table import Table
from fluidmol.errors import InputError

_ALIKE = 0.06
"""Decimal logarithms that differ by no more are of one measurement, rounded."""

_NEARLY_ALL = 0.9
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


def relations_of(table: Table, name: str, wanted: OutcomeColumns, *, on_p: bool) -> ValueRelations:
    """Find the relations of a column's values.

    Raises
    ------
    InputError
        If several columns could state them and differ, or it isn't known whose relations one states.
    """
    attached = any(Cell.of(cell).sign for cell in table.columns[name])
    if wanted.relation_column == NOBODY:
        return ValueRelations(None, "the cells" if attached else "", Companion(""), "unless contradicted")
    asked = None if wanted.relation_column is None else named_column(table, wanted.relation_column)
    found = find(table.columns, name, RELATIONS, asked)
    if found.tier == "doubtful":
        raise InputError(
            f"{table.path} doesn't say whose relations column {found.others[0].name!r} states",
            hint=f"If they are those of {name}: --relation-column '{found.others[0].name}'; otherwise"
            " --relation-column none.",
        )
    trust = _trust(found)
    if not found.name:
        same = _of_same_measurement(table, name, found.others, on_p=on_p)
        if same:
            found = Companion(same, "same", tuple(column for column in found.others if column.name != same))
            trust = "never"
    places = [*([found.name] if found.name else []), *(["the cells"] if attached else [])]
    return ValueRelations(table.columns[found.name] if found.name else None, " and ".join(places), found, trust)


def _trust(found: Companion) -> str:
    if found.tier == "asked":
        return "literal"
    if found.tier in ("own", ""):
        return "unless contradicted"
    return "never" if set(stem(found.name)) & set(QUANTITIES) else "if confirmed"


def in_doubt(relations: ValueRelations, signs: Sequence[str], values: Sequence[Decimal]) -> frozenset[str]:
    """Return the signs that may be those of the concentrations, for values on a p scale.

    Parameters
    ----------
    relations : ValueRelations
    signs, values : sequence
        Of the usable rows.
    """
    if relations.trust == "literal":
        return frozenset()
    if relations.trust == "never":
        return frozenset(signs) - {"="}
    return doubtful_signs(signs, values, trusted=relations.trust == "unless contradicted")


def _of_same_measurement(table: Table, name: str, others: Sequence[Column], *, on_p: bool) -> str:
    """Find a column of relations that belongs to other values, which are the same measurements on another scale."""
    mine = _numbers(table.columns[name])
    for column in others:
        if not column.owner:
            continue
        theirs = _numbers(table.columns[column.owner])
        pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
        differences = [
            float(a) + math.log10(b) if on_p else math.log10(a) - math.log10(b)
            for a, b in pairs
            if b > 0 and (on_p or a > 0)
        ]
        if not differences:
            continue
        middle = median(differences)
        alike = sum(abs(difference - middle) <= _ALIKE for difference in differences)
        if len(differences) < _LEAST or alike >= _NEARLY_ALL * len(differences):
            return column.name
    return ""


def _numbers(cells: Sequence[str]) -> list[Decimal | None]:
    taken = [Cell.of(cell).number for cell in cells]
    marks: Marks = marks_of(taken)
    return [None if is_missing(text) else marks.read(text) for text in taken]
