"""Which columns of a table look like measured values, for messages that say what to do."""

from __future__ import annotations

import shlex

from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.potency import number_of
from fluidmol.chem.intake.table import RawTable, plain_name

_VALUE_MARKS = ("standard_value", "ic50", "pki", "ki", "ec50", "ac50", "value", "potency", "pchembl_value")


def value_flags(name: str) -> str:
    """Write the options that would read a column of values, with its own unit where its name states one."""
    said = read_title(name)
    if said.scale == "p":
        scale = "`threshold` 5 `unit` p"
    elif len(said.units) == 1 and said.units[0].exponent == -9:
        scale = "`threshold` 10000 `unit` nM"
    else:
        scale = "`threshold` 10 `unit` uM"
    return f"`value_column` {shlex.quote(name)} {scale}"


def _is_likely(table: RawTable, name: str) -> bool:
    """Return whether a column can be read as potencies: it has numbers, and its name speaks of nothing else."""
    return read_title(name).scale in ("", "p", "concentration") and any(map(number_of, table.columns[name]))


def value_columns(table: RawTable) -> list[str]:
    """List the columns of numbers whose names are those of potencies."""
    named = (name for name in table.columns if read_title(name).scale in ("p", "concentration"))
    return [name for name in named if _is_likely(table, name)]


def value_hint(table: RawTable, without: str = "") -> str:
    """Name the columns that look like potencies, with the flags that would use them."""
    usual = [(mark, name) for mark in _VALUE_MARKS for name in table.columns if name != without]
    likely = [
        name
        for mark, name in usual
        if (plain_name(name) == mark or (mark == "ic50" and mark in plain_name(name))) and _is_likely(table, name)
    ]
    likely += [name for name in value_columns(table) if name != without]
    if not likely:
        return ""
    return f"There are measured values in {', '.join(dict.fromkeys(likely))}; for instance: {value_flags(likely[0])}."
