"""Columns that state a class in words or digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fluidmol.chem.intake.potency import MISSING

_ACTIVE = frozenset(
    {"1", "true", "t", "yes", "y", "active", "a", "pos", "positive", "blocker", "toxic", "inhibitor", "hit"}
)  # fmt: skip
_INACTIVE = frozenset(
    {"0", "false", "f", "no", "n", "inactive", "i", "neg", "negative", "nonblocker", "nontoxic", "noninhibitor"}
    | {"nonactive", "notactive", "nottoxic", "nonhit"}
)

_UNCLEAR = frozenset(
    {"inconclusive", "equivocal", "intermediate", "unspecified", "ambiguous", "undetermined", "indeterminate",
     "unclear", "borderline", "uncertain", "unknown", "conflicting", "marginal", "probe", "untested", "nottested",
     "notdetermined", "nd", "n.d.", "nt", "n.t.", "nodata", "weak", "undefined", "notavailable", "unassigned",
     "undecided", "mixed", "doubtful", "questionable"}
)  # fmt: skip
"""Words of assays that came to no class, in small letters without blanks."""

_LETTERS = ({"a", "i"}, {"t", "f"}, {"y", "n"})
"""Letters that stand for two classes together; a column that mixes them means something else by them."""

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
        return {0.0: False, 1.0: True}.get(float(word.replace(",", ".")))
    except ValueError:
        return None


def is_unclear(text: str) -> bool:
    """Return whether a cell says in a word that there is no clear class.

    Examples
    --------
    >>> is_unclear("Inconclusive"), is_unclear("not tested"), is_unclear("active")
    (True, True, False)
    """
    return _JOINT.sub("", text.strip().lower()) in _UNCLEAR


def states_itself(text: str) -> bool:
    """Return whether a cell says a class whatever its column is called, or that there is none.

    Examples
    --------
    >>> states_itself("Inactive"), states_itself("1"), states_itself("yes")
    (True, False, False)
    """
    word = _JOINT.sub("", text.strip().lower())
    return is_unclear(text) or any(said in word for said in ("active", "blocker", "toxic", "inhibitor"))


def is_missing(text: str) -> bool:
    """Return whether a cell is empty, or says that there is no value."""
    return text.strip().lower() in MISSING


def strangers(values: Iterable[str]) -> list[str]:
    """List the distinct values, sorted, that are neither a class, nor unclear, nor missing.

    Examples
    --------
    >>> strangers(["Positive", "Negative", "Equivocal", "5.3"]), strangers(["A", "N", "I"])
    (['5.3'], ['A', 'I', 'N'])
    """
    distinct = set(values)
    letters = {value for value in distinct if len(value.strip()) == 1 and value.strip().isalpha()}
    said = {letter.strip().lower() for letter in letters}
    odd = letters if said and not any(said <= pair for pair in _LETTERS) else set()
    return sorted(v for v in distinct if v in odd or not (is_missing(v) or is_unclear(v) or binary(v) is not None))


def classes(values: Sequence[str]) -> list[tuple[bool | None, str]]:
    """Read a column of classes; a missing or unclear one has a reason.

    Examples
    --------
    >>> classes(["yes", "", "no", "equivocal"])
    [(True, ''), (None, 'no class'), (False, ''), (None, 'unclear class: equivocal')]
    """
    known = {value: _class(value) for value in set(values)}
    return [known[value] for value in values]


def _class(value: str) -> tuple[bool | None, str]:
    if is_missing(value):
        return None, "no class"
    found = binary(value)
    return found, "" if found is not None else f"unclear class: {value.strip()[:40]}"
