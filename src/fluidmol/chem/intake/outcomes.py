"""Measurements to classes or amounts: which column is meant, and what is active."""

from __future__ import annotations

from fluidmol.chem.intake.measurements.amount_column import read_amounts
from fluidmol.chem.intake.measurements.class_column import ACTIVE_NAMES, read_classes
from fluidmol.chem.intake.measurements.hints import value_hint
from fluidmol.chem.intake.measurements.measured import OutcomeColumns, Outcomes, listed_columns
from fluidmol.chem.intake.measurements.value_column import read_values
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import UsageError

__all__ = ["ACTIVE_NAMES", "OutcomeColumns", "Outcomes", "classify"]


def classify(table: RawTable, wanted: OutcomeColumns) -> Outcomes:
    """Find each row's class, or its amount where a scale is wanted.

    A column that states the class is used as it is. A column of values needs a threshold and its unit: a
    concentration at or below the threshold is active, a value at or above it on a p scale (``p``, ``pIC50``,
    ``-log10(M)``). Units come from the column's name, a row below the header, or the column of units that belongs to
    it; relations from the column that belongs to it or from in front of the value: ``> 10`` at a threshold of 10 is
    inactive, ``> 1`` is undecidable. What is contradictory or open stops the run.

    Raises
    ------
    UsageError
        If the options contradict one another or something is left out.
    InputError
        If a column doesn't exist, doesn't hold classes, or it isn't known what its values are.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = RawTable(Path("a.csv"), ["CCO", "CCN"], [2, 3], {"IC50": ["9", "> 30"]}, "")
    >>> classify(table, OutcomeColumns(value_column="IC50", threshold=10, unit="uM")).verdicts
    [(True, ''), (False, '')]
    """
    if wanted.active_column is not None and wanted.value_column is not None:
        raise UsageError(
            "both `active_column` and `value_column` are given",
            hint="Give the one that states the class, or the one with values and a `threshold`.",
        )
    if wanted.active_column is not None and wanted.scale is not None:
        raise UsageError(
            f"`active_column` {wanted.active_column} is given, and the endpoint is a regression",
            hint="Name the column of the values with `value_column`.",
        )
    if wanted.scale is not None:
        return read_amounts(table, wanted)
    if wanted.value_column is not None:
        return read_values(table, wanted)
    if wanted.threshold is not None or wanted.unit is not None:
        raise UsageError(
            "`threshold` or `unit` is given without `value_column`",
            hint=value_hint(table) or f"It names the column of the values; {listed_columns(table)}.",
        )
    for argument, given in (
        ("value_unit", wanted.value_unit), ("units_column", wanted.units_column),
        ("relation_column", wanted.relation_column), ("decimal", wanted.decimal),
    ):  # fmt: skip
        if given is not None:
            raise UsageError(f"`{argument}` is given without `value_column`", hint="It says how values are read.")
    return read_classes(table, wanted.active_column)
