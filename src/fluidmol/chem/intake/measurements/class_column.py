"""Columns that state a class: which one is meant, and what its words say."""

from __future__ import annotations

import re

from fluidmol.chem.intake.binary import SPELLINGS, binary, classes, is_missing, is_unclear, states_itself, strangers
from fluidmol.chem.intake.measurements.companions import UnusedColumn
from fluidmol.chem.intake.measurements.hints import value_columns, value_flags, value_hint
from fluidmol.chem.intake.measurements.measured import (
    DESCRIBES,
    MeasuredRow,
    Outcomes,
    description_rows,
    listed_columns,
    named_column,
)
from fluidmol.chem.intake.measurements.names import words
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.table import RawTable, plain_name
from fluidmol.errors import InputError

ACTIVE_NAMES = (
    "active", "is_active", "class", "label", "activity", "outcome", "y", "target", "activity_class",
    "bioactivity_class", "activity_outcome", "pubchem_activity_outcome", "binary_activity", "inhibitor", "blocker",
    "toxic", "toxicity", "hit",
)  # fmt: skip
"""Usual names of a column that states the class, the likeliest first."""

_RANK = {name: rank for rank, name in enumerate(ACTIVE_NAMES)}
_MOSTLY = 0.5
_CODES = 5
_NEGATED = frozenset(
    {"not", "no", "non", "nicht", "kein", "without", "lack", "absence", "negative", "negatives", "neg", "negativ",
     "safe", "clean", "decoy", "decoys", "viable", "viability", "resistant", "harmless", "inert", "inactivity"}
)  # fmt: skip
_TURNED = re.compile(r"(is|has)?(in|un|no|non|not|nicht|a)(akt|act|att|tox|hit|block|inhib|bind)|(is|has)?non")


def read_classes(table: RawTable, asked: str | None) -> Outcomes:
    """Read the class of each row.

    Parameters
    ----------
    table : RawTable
    asked : str or None
        The column; by default the one that has a usual name and states classes. Several that differ stop the run.

    Raises
    ------
    InputError
        If there is no such column, several differ, or one has other words than those of two classes.
    """
    name = named_column(table, asked) if asked is not None else _chosen(table)
    _refuse_strangers(table, name)
    _refuse_turned_round(table, name)
    found = classes(table.columns[name])
    described = description_rows(table)
    rows = [
        MeasuredRow(None, DESCRIBES) if i in described else MeasuredRow(*found[i], value=cell)
        for i, cell in enumerate(table.columns[name])
    ]
    unused = tuple(("values", UnusedColumn(other, "")) for other in value_columns(table))
    return Outcomes(Reading(name, unused=unused), rows)


def class_columns(table: RawTable) -> list[str]:
    """List the columns with a usual name that mostly state classes, the likeliest first."""
    plain = {name: plain_name(_bare(name)) for name in table.columns}
    called = sorted((name for name in plain if plain[name] in ACTIVE_NAMES), key=lambda name: _RANK[plain[name]])
    return [name for name in called if _is_classes(table.columns[name])]


def _bare(name: str) -> str:
    """Return a name without a question mark, and without the number of its double."""
    return re.sub(r" \(\d+\)$", "", name).rstrip("? ")


def _is_classes(values: list[str]) -> bool:
    given = [value for value in values if not is_missing(value)]
    return bool(given) and sum(binary(v) is not None or is_unclear(v) for v in given) >= _MOSTLY * len(given)


def _chosen(table: RawTable) -> str:
    candidates = class_columns(table)
    if candidates:
        _refuse_different(table, candidates)
        return candidates[0]
    usual = [name for word in ACTIVE_NAMES for name in table.columns if plain_name(name) == word]
    if not usual:
        raise InputError(
            f"{table.path} has no column that states the class; {listed_columns(table)}",
            hint=value_hint(table) or "Name it with `active_column`, or name one with values by `value_column`.",
        )
    return usual[0]


def _refuse_different(table: RawTable, candidates: list[str]) -> None:
    first = candidates[0]
    for other in candidates[1:]:
        pairs = zip(table.columns[first], table.columns[other], strict=True)
        for i, (a, b) in enumerate(pairs):
            if (None if is_missing(a) else binary(a)) != (None if is_missing(b) else binary(b)):
                raise InputError(
                    f"several columns of {table.path} could state the class: {', '.join(candidates)}; {first} has"
                    f" {a[:30]!r} where {other} has {b[:30]!r} (line {table.lines[i]})",
                    hint="Choose one with `active_column`.",
                )


def _refuse_turned_round(table: RawTable, name: str) -> None:
    """Refuse a column whose name says that its ones aren't the active class, unless its cells say it themselves."""
    joined = "".join(words(name))
    negated = any(word in _NEGATED for word in words(name)) or _TURNED.match(joined) is not None
    numbered = "pubchem" in words(name) and "outcome" in words(name)
    plain = next((cell for cell in table.columns[name] if not is_missing(cell) and not states_itself(cell)), None)
    if plain is None or not (negated or numbered):
        return
    means = "1 is inactive and 2 active in PubChem's numbers" if numbered else "its name says the opposite of active"
    raise InputError(
        f"column {name!r} of {table.path} has {plain!r}, and {means}: which class that is isn't known",
        hint="Write active and inactive into its cells, or give the column another name.",
    )


def _refuse_strangers(table: RawTable, name: str) -> None:
    values = table.columns[name]
    if all(map(is_missing, values)):
        raise InputError(f"column {name!r} of {table.path} is empty", hint=value_hint(table, without=name))
    odd = strangers(values)
    letters = {value.strip().lower() for value in values if not is_missing(value) and not is_unclear(value)}
    if len(letters) == 1 and max(map(len, letters)) == 1 and letters.pop().isalpha():
        odd = sorted({value for value in values if not is_missing(value)})  # one letter alone may stand for anything
    if not odd:
        return
    shown = ", ".join(repr(value[:30]) for value in odd[:5]) + (", ..." if len(odd) > 5 else "")
    line = table.lines[next(i for i, value in enumerate(values) if value in odd)]
    hint = value_hint(table) or f"If these are measured values: {value_flags(name)}."
    if len({value for value in values if not is_missing(value)}) <= _CODES and all(v.isdigit() for v in odd):
        hint = "These look like codes for classes: write active and inactive into the cells."
    if sum(value in odd for value in values) < _MOSTLY * len(values):
        hint = f"The first is in line {line}. Correct it, or leave it empty."
    raise InputError(
        f"column {name!r} of {table.path} doesn't state a class: it has {shown}; expected {SPELLINGS}", hint=hint
    )
