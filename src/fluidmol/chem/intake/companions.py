"""Columns that state units, relations or types of a column of values: which of them belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.names import (
    RELATION_WORDS,
    TYPE_WORDS,
    UNIT_WORDS,
    UPPER_WORDS,
    VALUE_WORDS,
    has_word,
    stem,
)
from fluidmol.chem.intake.potency import SIGNS, number_of
from fluidmol.chem.intake.units import QUANTITIES, Unit, read_name
from fluidmol.errors import InputError

TIERS = ("own", "shared", "general", "stray")
"""How surely a column belongs to the values, the surest first: by its whole name, by a part of it, because it bears no
name but its role, or only because there is no other."""

_SAMPLE = 400
_NUMERIC = 0.8


@attrs.frozen(eq=False)
class Companion:
    """One column that says something of each value.

    Examples
    --------
    >>> columns = {"standard_value": ["750"], "value": ["0.75"], "units": ["uM"], "standard_units": ["nM"]}
    >>> found = find(columns, "standard_value", UNITS)
    >>> found.name, found.tier, [other.name for other in found.others]
    ('standard_units', 'own', ['units'])
    """

    name: str
    """Its name; empty if there is none."""

    tier: str = ""
    """One of :data:`TIERS`, ``asked`` where the user names it, or empty."""

    others: tuple[Column, ...] = ()
    """Columns of this role that aren't used."""


@attrs.frozen
class Column:
    """A column that isn't used, and whose it seems to be."""

    name: str
    owner: str
    """Another column of values; empty if it isn't known."""


@attrs.frozen(eq=False)
class Role:
    """What a companion states."""

    title: str
    """For messages: ``units``, say."""

    option: str
    """That chooses one."""

    named: frozenset[str]
    """Words that name it."""

    is_one: Callable[[str], bool]
    """Whether a cell can be one."""

    strict: bool
    """Whether a column is one by its content alone, whatever its name."""


def _is_unit(text: str) -> bool:
    return Unit.named(text) is not None


def _is_sign(text: str) -> bool:
    return text.strip().strip("'\"").strip() in SIGNS


UNITS = Role("units", "--units-column", UNIT_WORDS, _is_unit, strict=True)
RELATIONS = Role("relations", "--relation-column", RELATION_WORDS, _is_sign, strict=True)
TYPES = Role("types", "", TYPE_WORDS, bool, strict=False)
UPPERS = Role("upper limits", "", UPPER_WORDS, bool, strict=False)


def find(columns: Mapping[str, Sequence[str]], value: str, role: Role, asked: str | None = None) -> Companion:
    """Find the column of a role that belongs to a column of values.

    ``standard_units`` goes with ``standard_value``, ``units`` with ``value``, and with ``IC50`` if nothing else is
    called so. A column that belongs to other values by its name is never taken. Columns are found by their content,
    too: one that holds relation signs only, or names of units only, states them, whatever it is called.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Cells by name of the column.
    value : str
        Name of the column of values.
    role : Role
    asked : str, optional
        Name of the column that the user names.

    Raises
    ------
    InputError
        If several columns could be meant and they differ, or only one that may as well belong to something else.
    """
    numeric = [
        name for name in columns if name != value and not has_word(name, UPPER_WORDS) and _is_numeric(columns[name])
    ]
    tiers: dict[str, list[str]] = {tier: [] for tier in TIERS}
    foreign: list[Column] = []
    for name in columns:
        if name == value or not _states(name, columns[name], role):
            continue
        tier, owner = _belongs(name, value, numeric)
        if tier:
            tiers[tier].append(name)
        else:
            foreign.append(Column(name, owner))
    if asked is not None:
        listed = [Column(name, "") for names in tiers.values() for name in names if name != asked]
        return Companion(asked, "asked", (*listed, *(column for column in foreign if column.name != asked)))
    tier, names = next(((tier, names) for tier, names in tiers.items() if names), ("", []))
    rest = [Column(name, "") for other, found in tiers.items() if other != tier for name in found]
    if not names:
        return Companion("", "", (*foreign,))
    _refuse_different(columns, names, role)
    if _is_doubtful(names[0], tier, value, [other for other in numeric if _measures(other)], role):
        return Companion("", "doubtful", (*(Column(name, "") for name in names), *foreign))
    return Companion(names[0], tier, (*(Column(name, "") for name in names[1:]), *rest, *foreign))


def _states(name: str, cells: Sequence[str], role: Role) -> bool:
    given = {cell for cell in cells if not is_missing(cell)}
    if not given:
        return False
    if role.strict and all(role.is_one(cell) for cell in given):
        # A column of nothing but M may as well be of something else.
        return has_word(name, role.named) or not given <= {"m", "M", "p", "P"}
    of_values = has_word(name, VALUE_WORDS - {"result"}) and not has_word(name, UPPER_WORDS)
    if of_values or not has_word(name, role.named):
        return False
    return not role.strict or sum(role.is_one(cell) for cell in given) * 2 >= len(given) or not _is_numeric(cells)


def _belongs(name: str, value: str, numeric: Sequence[str]) -> tuple[str, str]:
    """Return the tier, or else the column to which it belongs."""
    mine, whose = set(stem(value)), set(stem(name))
    if mine == whose:
        return "own", ""
    owners = [other for other in numeric if set(stem(other)) == whose and (whose or has_word(other, VALUE_WORDS))]
    if owners:
        return "", owners[0]
    if not whose:
        return "general", ""
    if mine and (whose < mine or mine < whose):
        return "shared", ""
    near = [other for other in numeric if whose & set(stem(other))]
    return ("", near[0]) if near else ("stray", "")


def _is_doubtful(name: str, tier: str, value: str, measured: Sequence[str], role: Role) -> bool:
    """Return whether a column may as well belong to other measurements than the values."""
    if tier == "stray":
        return bool(measured) or not has_word(name, role.named)
    mine = _measurement(value)
    return tier == "general" and any(
        theirs and not theirs <= mine and not mine <= theirs for theirs in map(_measurement, measured)
    )


def _measurement(name: str) -> set[str]:
    """Return what is measured, by its words: a p value is the same measurement as its concentration."""
    found = {word[1:] if word[1:] in QUANTITIES else word for word in stem(name)}
    return found - {"pchembl"}


def _measures(name: str) -> bool:
    return bool(read_name(name).scale) or has_word(name, VALUE_WORDS)


def _is_numeric(cells: Sequence[str]) -> bool:
    given = [cell for cell in cells[:_SAMPLE] if not is_missing(cell)] or [c for c in cells if not is_missing(c)]
    return bool(given) and sum(number_of(cell) for cell in given) >= _NUMERIC * len(given)


def _refuse_different(columns: Mapping[str, Sequence[str]], names: Sequence[str], role: Role) -> None:
    first = names[0]
    for other in names[1:]:
        for i, (a, b) in enumerate(zip(columns[first], columns[other], strict=True)):
            if _same(a, b):
                continue
            choose = f"Choose one with {role.option}." if role.option else "Remove the one that isn't meant."
            raise InputError(
                f"several columns could state the {role.title}: {', '.join(names)}; {first} has {a!r} where {other} has"
                f" {b!r} (data row {i + 1})",
                hint=choose,
            )


def _same(a: str, b: str) -> bool:
    if is_missing(a) and is_missing(b):
        return True
    units = Unit.named(a), Unit.named(b)
    return a.strip().strip("'\"") == b.strip().strip("'\"") or (units[0] is not None and units[0] == units[1])
