"""Columns that state units, relations or types of a column of values: which of them belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.names import (
    GENERAL_WORDS,
    HARMLESS_WORDS,
    UPPER_WORDS,
    VALUE_WORDS,
    has_word,
    stem,
)
from fluidmol.chem.intake.measurements.roles import RELATIONS, TYPES, UNITS, UPPERS, Role, is_numeric, states
from fluidmol.chem.intake.measurements.titles import QUANTITIES, read_title
from fluidmol.errors import InputError

__all__ = ["RELATIONS", "TIERS", "TYPES", "UNITS", "UPPERS", "Companion", "UnusedColumn", "find"]

TIERS = ("own", "shared", "general", "stray")
"""How surely a column belongs to the values, the surest first: by its whole name, by a part of it, because it bears no
name but its role, or only because there is no other."""


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

    others: tuple[UnusedColumn, ...] = ()
    """Columns of this role that aren't used."""


@attrs.frozen
class UnusedColumn:
    """A column that isn't used, and whose it seems to be."""

    name: str
    owner: str
    """Another column of values; empty if it isn't known."""


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
    others = (name for name in columns if name != value and not has_word(name, UPPER_WORDS))
    numeric = [name for name in others if is_numeric(columns[name]) and not _is_flag(columns[name])]
    tiers: dict[str, list[str]] = {tier: [] for tier in TIERS}
    foreign: list[UnusedColumn] = []
    for name in columns:
        if name == value or not states(name, value, columns[name], role):
            continue
        tier, owner = _belongs(name, value, numeric)
        if tier:
            tiers[tier].append(name)
        else:
            foreign.append(UnusedColumn(name, owner))
    if asked is not None:
        listed = [UnusedColumn(name, "") for names in tiers.values() for name in names if name != asked]
        return Companion(asked, "asked", (*listed, *(column for column in foreign if column.name != asked)))
    names = [name for found in tiers.values() for name in found]
    if not names:
        return Companion("", "", (*foreign,))
    tier = next(tier for tier, found in tiers.items() if found)
    _refuse_different(columns, value, names if role.strict else tiers[tier], role)
    order = list(columns)
    rivals = [other for other in numeric if _is_rival(other, value)]
    if _is_doubtful(names[0], tier, value, order, rivals, _neighbours(names[0], order, numeric), role):
        return Companion("", "doubtful", (*(UnusedColumn(name, "") for name in names), *foreign))
    return Companion(names[0], tier, (*(UnusedColumn(name, "") for name in names[1:]), *foreign))


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
    near = [other for other in numeric if whose & set(stem(other)) and _measures(other)]
    return ("", near[0]) if near else ("stray", "")


def _is_doubtful(
    name: str,
    tier: str,
    value: str,
    order: Sequence[str],
    rivals: Sequence[str],
    neighbours: Sequence[str],
    role: Role,
) -> bool:
    """Return whether a column may as well belong to other measurements than the values."""
    if tier == "stray":
        theirs, mine = (_measurement(column) & set(QUANTITIES) for column in (name, value))
        another = bool(theirs and mine and not theirs & mine) or not set(stem(name)) <= {*GENERAL_WORDS, *QUANTITIES}
        return bool(rivals) or not has_word(name, role.named) or another
    if tier != "general":
        return False
    if not rivals:
        place = order.index(name)
        return value not in order[max(0, place - 1) : place + 2] and bool(neighbours)
    beside = {order[i] for i in (order.index(name) - 1, order.index(name) + 1) if 0 <= i < len(order)}
    return value not in beside or bool(beside.intersection(rivals))


def _neighbours(name: str, order: Sequence[str], numeric: Sequence[str]) -> list[str]:
    """List columns of numbers beside a column that it may as well belong to."""
    place = order.index(name)
    beside = [order[i] for i in (place - 1, place + 1) if 0 <= i < len(order)]
    return [other for other in beside if other in numeric and not has_word(other, HARMLESS_WORDS)]


def _is_flag(cells: Sequence[str]) -> bool:
    return {cell.strip() for cell in set(cells) if not is_missing(cell)} <= {"0", "1"}


def _is_rival(other: str, value: str) -> bool:
    """Return whether a column of numbers holds another measurement than the values."""
    if not _measures(other):
        return False
    mine, theirs = _measurement(value), _measurement(other)
    return bool(theirs) and not theirs <= mine and not (mine and mine <= theirs)


def _measures(name: str) -> bool:
    return read_title(name).scale not in ("", "statistic") or has_word(name, VALUE_WORDS)


def _measurement(name: str) -> set[str]:
    """Return what is measured, by its words: a p value is the same measurement as its concentration."""
    found = {word[1:] if word[1:] in QUANTITIES else word for word in stem(name)}
    return found - {"pchembl"}


def _refuse_different(columns: Mapping[str, Sequence[str]], value: str, names: Sequence[str], role: Role) -> None:
    """Refuse columns of one role that say different things of one value."""
    first = names[0]
    for other in names[1:]:
        for i, (cell, a, b) in enumerate(zip(columns[value], columns[first], columns[other], strict=True)):
            meant = role.meaning(a), role.meaning(b)
            if is_missing(cell) or None in meant or meant[0] == meant[1]:
                continue
            choose = f"Choose one with `{role.argument}`." if role.argument else "Remove the one that isn't meant."
            raise InputError(
                f"several columns could state the {role.title} of {value}: {', '.join(names)}; {first} has {a!r} where"
                f" {other} has {b!r} (data row {i + 1})",
                hint=choose,
            )
