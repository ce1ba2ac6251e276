"""Columns that state a class in words or digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fluidmol.chem.intake.potency import MISSING

_ACTIVE = frozenset({"1", "true", "t", "yes", "y", "active", "a", "pos", "positive", "blocker", "toxic", "inhibitor"})
_INACTIVE = frozenset(
    {"0", "false", "f", "no", "n", "inactive", "i", "neg", "negative", "nonblocker", "nontoxic", "noninhibitor"}
    | {"nonactive", "notactive", "nottoxic"}
)

_JOINT = re.compile(r"(?<=[a-z])[ _-]+(?=[a-z])")

SPELLINGS = "0/1, true/false, yes/no, active/inactive, positive/negative, blocker/non-blocker or toxic/nontoxic"
"""For messages."""


def binary(text: str) -> bool | None:
    """Read one class; None if it isn't one.

    Examples
    --------
    >>> [binary(word) for word in ("Active", "non-blocker", "1.0", "5.3", "-1")]
    [True, False, True, None, None]
    """
    # Hyphens join words; in front of a digit they are a sign.
    word = _JOINT.sub("", text.strip().lower())
    if word in _ACTIVE:
        return True
    if word in _INACTIVE:
        return False
    try:
        return {0.0: False, 1.0: True}.get(float(word))
    except ValueError:
        return None


def is_missing(text: str) -> bool:
    """Say whether a cell is empty, or says that there is no value."""
    return text.strip().lower() in MISSING


def strangers(values: Iterable[str]) -> list[str]:
    """Give the distinct values, sorted, that are neither a class nor missing."""
    return sorted(value for value in set(values) if not is_missing(value) and binary(value) is None)


def classes(values: Sequence[str]) -> list[tuple[bool | None, str]]:
    """Read a column of classes; a missing one has a reason.

    Examples
    --------
    >>> classes(["yes", "", "no"])
    [(True, ''), (None, 'no class'), (False, '')]
    """
    known = {value: (None if is_missing(value) else binary(value)) for value in set(values)}
    return [(known[value], "" if known[value] is not None else "no class") for value in values]
