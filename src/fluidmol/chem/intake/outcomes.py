"""Measurements to classes: which column is meant, and what is active."""

from __future__ import annotations

import math
import shlex

import attrs

from fluidmol.chem.intake.binary import SPELLINGS, classes, is_missing, strangers
from fluidmol.chem.intake.potency import UNITS_HINT, Threshold, Unit, looks_like_p
from fluidmol.chem.intake.table import Table, find_column, plain_name
from fluidmol.errors import InputError, UsageError
from fluidmol.values.parts import nearest

ACTIVE_NAMES = (
    "active", "is_active", "class", "label", "activity", "outcome", "y", "target", "activity_class",
    "bioactivity_class", "activity_outcome", "binary_activity", "inhibitor", "blocker", "toxic", "toxicity", "hit",
)  # fmt: skip
"""Usual names of a column that states the class, the likeliest first."""

_UNIT_NAMES = ("units", "standard_units", "unit", "standard_unit")
_RELATION_NAMES = ("relation", "standard_relation", "qualifier", "operator")
_LARGEST_P = 50
_VALUE_MARKS = ("ic50", "pki", "ki", "ec50", "ac50", "pchembl_value", "standard_value", "value", "potency")


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
    """Of the threshold, and of the values unless a units column says otherwise row by row."""

    relations: str = "judge"
    """``judge``: a limit such as ``> 30`` is judged where all it allows lies on one side; ``exclude``: left out."""


@attrs.frozen(eq=False)
class Outcomes:
    """The class of each row of a table."""

    column: str
    """Which column it was read from."""

    verdicts: list[tuple[bool | None, str]] = attrs.field(repr=False)
    """A row each: active or inactive with an empty reason, or None and why."""


def classify(table: Table, wanted: OutcomeColumns) -> Outcomes:
    """Give each row its class.

    A column that states the class is used as it is. A column of values needs a threshold and its unit: a
    concentration at or below the threshold is active, a value at or above it on a p scale (``p``, ``pIC50``,
    ``-log10(M)``). A units column (``units``, ``standard_units``) says row by row what else the values are
    in, and relations are honoured, from a column (``relation``, ``standard_relation``, ``qualifier``,
    ``operator``) or in front of the value: ``> 10`` at a threshold of 10 is inactive, ``> 1`` is undecidable.

    Raises
    ------
    UsageError
        If the options contradict one another or something is left out.
    InputError
        If a column doesn't exist or doesn't hold classes.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = Table(Path("a.csv"), ["C", "CC"], range(2, 4), {"ic50": ["3", ">20"]}, "")
    >>> classify(table, OutcomeColumns(value_column="ic50", threshold=10, unit="uM")).verdicts
    [(True, ''), (False, '')]
    """
    if wanted.active_column is not None and wanted.value_column is not None:
        raise UsageError(
            "both --active-column and --value-column are given",
            hint="Give the one that states the class, or the one with values and a --threshold.",
        )
    if wanted.value_column is not None:
        return _by_value(table, wanted, _named(table, wanted.value_column))
    if wanted.threshold is not None or wanted.unit is not None:
        raise UsageError(
            "--threshold or --unit is given without --value-column",
            hint=_value_hint(table) or f"It names the column of the values; {_columns(table)}.",
        )
    return _by_class(table, wanted.active_column)


def _by_class(table: Table, asked: str | None) -> Outcomes:
    if asked is not None:
        candidates = [_named(table, asked)]
    else:
        found = (find_column(list(table.columns), name) for name in ACTIVE_NAMES)
        candidates = [name for name in found if name is not None]
    for name in candidates:
        values = table.columns[name]
        if not strangers(values) and not all(map(is_missing, values)):
            return Outcomes(name, classes(values))
    if not candidates:
        raise InputError(
            f"{table.path} has no column that states the class; {_columns(table)}",
            hint=_value_hint(table) or "Name it with --active-column, or name one with values by --value-column.",
        )
    name = candidates[0]
    odd = strangers(table.columns[name])
    if not odd:
        raise InputError(f"column {name!r} of {table.path} is empty", hint=_value_hint(table, without=name))
    shown = ", ".join(repr(value[:30]) for value in odd[:5]) + (", ..." if len(odd) > 5 else "")
    raise InputError(
        f"column {name!r} of {table.path} doesn't state a class: it has {shown}; expected {SPELLINGS}",
        hint=_value_hint(table) or f"If these are measured values: {_flags(name)}.",
    )


def _by_value(table: Table, wanted: OutcomeColumns, name: str) -> Outcomes:
    units = _first(table, _UNIT_NAMES)
    threshold = _threshold(wanted, name, has_units=units is not None)
    relations = _first(table, _RELATION_NAMES)
    values = table.columns[name]
    verdicts: list[tuple[bool | None, str]] = []
    for i, value in enumerate(values):
        unit = threshold.unit
        if units is not None and not is_missing(units[i]):
            stated = Unit.named(units[i])
            if stated is None:
                verdicts.append((None, f"unit isn't a molar concentration: {units[i][:20]}"))
                continue
            unit = stated
        relation = relations[i] if relations is not None and not is_missing(relations[i]) else ""
        verdicts.append(threshold.verdict(relation, value, unit))
    return Outcomes(name, verdicts)


def _threshold(wanted: OutcomeColumns, name: str, *, has_units: bool) -> Threshold:
    if wanted.threshold is None:
        raise UsageError(f"--value-column {name} is given without --threshold", hint=f"For instance: {_flags(name)}.")
    if wanted.unit is None:
        raise UsageError(f"--value-column {name} is given without --unit", hint=UNITS_HINT)
    unit = Unit.named(wanted.unit)
    if unit is None:
        raise UsageError(f"unknown --unit {wanted.unit!r}", hint=UNITS_HINT)
    if not math.isfinite(wanted.threshold) or (unit.kind == "concentration" and wanted.threshold <= 0):
        raise UsageError(f"--threshold is {wanted.threshold}", hint="Expected a number larger than 0.")
    if unit.kind == "p" and abs(wanted.threshold) > _LARGEST_P:
        raise UsageError(f"--threshold is {wanted.threshold}", hint="On the p scale it is a number such as 5.")
    if looks_like_p(name) and unit.kind != "p" and not has_units:
        # Taken at its word this would call the weakest compounds active.
        raise UsageError(
            f"column {name!r} looks like -log10(M), but --unit is {wanted.unit}",
            hint="Say --unit p, with the threshold on that scale: 5 is 10 uM.",
        )
    return Threshold(wanted.threshold, unit)


def _named(table: Table, asked: str) -> str:
    found = find_column(list(table.columns), asked)
    if found is None and table.smiles_column and find_column([table.smiles_column], asked):
        raise InputError(
            f"column {table.smiles_column!r} of {table.path} is the SMILES column: it states no class and no value",
            hint=f"Name another; {_columns(table)}.",
        )
    if found is None:
        raise InputError(f"{table.path} has no column {asked!r}", hint=nearest(asked, table.columns))
    return found


def _first(table: Table, names: tuple[str, ...]) -> list[str] | None:
    found = [column for column in (find_column(list(table.columns), name) for name in names) if column]
    return table.columns[found[0]] if found else None


def _columns(table: Table) -> str:
    return f"its columns are: {', '.join(table.columns) or 'none but SMILES'}"


def _flags(name: str) -> str:
    scale = "--threshold 5 --unit p" if looks_like_p(name) else "--threshold 10 --unit uM"
    return f"--value-column {shlex.quote(name)} {scale}"


def _value_hint(table: Table, without: str = "") -> str:
    """Name the columns that look like potencies, with the flags that would use them."""
    likely = [
        name
        for mark in _VALUE_MARKS
        for name in table.columns
        if name != without and (plain_name(name) == mark or (mark == "ic50" and mark in plain_name(name)))
    ]
    if not likely:
        return ""
    return f"There are measured values in {', '.join(dict.fromkeys(likely))}; for instance: {_flags(likely[0])}."
