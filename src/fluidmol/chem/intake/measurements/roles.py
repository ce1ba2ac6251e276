"""What columns beside the values may state, units, relations, types or upper limits, and how they are known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import attrs

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.names import (
    RELATION_WORDS,
    SURE_RELATION_WORDS,
    TYPE_WORDS,
    UNIT_WORDS,
    UPPER_WORDS,
    VALUE_WORDS,
    has_word,
    stem,
)
from fluidmol.chem.intake.measurements.signs import sign_of
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.measurements.units import Unit
from fluidmol.chem.intake.potency import number_of

_ONTOLOGY = re.compile(r"\s*(uo[_:]\d+|https?://)", re.I)
_SAMPLE = 400
_MOST_KINDS = 500
_MOST_TYPES = 100
_NUMERIC = 0.8


@attrs.frozen(eq=False)
class Role:
    """What a companion states."""

    title: str
    """For messages: ``units``, say."""

    argument: str
    """That chooses one; empty if none does."""

    named: frozenset[str]
    """Words that name it."""

    is_one: Callable[[str], bool]
    """Whether a cell can be one."""

    tells: Callable[[str], bool]
    """Whether a cell alone makes a column one that is named so."""

    strict: bool
    """Whether a column is one by its content alone, whatever its name."""

    open: bool
    """Whether a column that is named so may hold other words, too: units that aren't molar are units."""

    share: float
    """Of the cells that must be one for a column that isn't named so."""

    meaning: Callable[[str], object]
    """What a cell says, to compare two columns; None where it says nothing."""


def _is_unit(text: str) -> bool:
    unit = Unit.named(text)
    # Words for p values may as well be types.
    return unit is not None and unit.kind == "concentration"


def _is_sign(text: str) -> bool:
    return sign_of(text) is not None


def _unit(text: str) -> object:
    return None if is_missing(text) else Unit.named(text) or text.strip()


def _sign(text: str) -> object:
    return "=" if is_missing(text) else sign_of(text) or text.strip()


def _is_type(text: str) -> bool:
    title = read_title(text)
    return len(text) > 1 and title.scale in ("concentration", "p", "log", "foreign") and Unit.named(text) is None


def _text(text: str) -> object:
    return text.strip() or None


def _is_limit(text: str) -> bool:
    return sign_of(text) not in (None, "=")


UNITS = Role("units", "units_column", UNIT_WORDS, _is_unit, _is_unit, strict=True, open=True, share=0.5, meaning=_unit)
RELATIONS = Role(
    "relations",
    "relation_column",
    RELATION_WORDS,
    _is_sign,
    _is_limit,
    strict=True,
    open=False,
    share=0.8,
    meaning=_sign,
)
TYPES = Role("types", "", TYPE_WORDS, _is_type, _is_type, strict=False, open=True, share=1, meaning=_text)
UPPERS = Role("upper limits", "", UPPER_WORDS, bool, bool, strict=False, open=True, share=1, meaning=_text)


def states(name: str, value: str, cells: Sequence[str], role: Role) -> bool:
    """Return whether a column states what the role is for, by its name and content."""
    return _one_states(name, value, str(cells[0]), role) if len(cells) == 1 else _states(name, value, cells, role)


@lru_cache(maxsize=100_000)
def _one_states(name: str, value: str, cell: str, role: Role) -> bool:
    """Answer for a column of one cell: where rows are read one by one, the same few come again and again."""
    return _states(name, value, [cell], role)


def _states(name: str, value: str, cells: Sequence[str], role: Role) -> bool:
    # What such columns hold comes in few kinds, however many rows there are.
    kinds = Counter({cell: n for cell, n in Counter(cells).items() if not is_missing(cell)})
    given = kinds.total()
    # Identifiers of an ontology stand beside the column that spells units out.
    if all(_ONTOLOGY.match(cell) for cell in kinds):
        return False
    named = has_word(name, role.named)
    few = role is TYPES and len(kinds) <= _MOST_TYPES and not is_numeric(cells)
    if few and sum(n for cell, n in kinds.items() if _is_type(cell)) * 2 > given:
        return True
    if not role.strict:
        return named and (has_word(name, UPPER_WORDS) or not has_word(name, VALUE_WORDS - {"result"}))
    if not named and len(kinds) > _MOST_KINDS:
        return False
    known = sum(n for cell, n in kinds.items() if role.is_one(cell))
    if named:
        # Where name or content is plain, rows that can't be understood are rejected rather than the column ignored.
        plain = set(stem(name)) == set(stem(value)) or (not stem(name) and has_word(name, SURE_RELATION_WORDS))
        enough = known * 2 >= given or any(role.tells(cell) for cell in kinds)
        return plain or enough or (role.open and not is_numeric(cells))
    # A column of nothing but M may as well be of something else.
    return known >= role.share * given and not {cell.strip() for cell in kinds} <= {"m", "M"}


def is_numeric(cells: Sequence[str]) -> bool:
    """Return whether most cells with something in them are numbers, perhaps with a relation before them."""
    if len(cells) == 1:  # rows that are read one by one
        return not is_missing(cells[0]) and number_of(cells[0])
    given = [cell for cell in cells[:_SAMPLE] if not is_missing(cell)] or [c for c in cells if not is_missing(c)]
    return bool(given) and sum(number_of(cell) for cell in given) >= _NUMERIC * len(given)
