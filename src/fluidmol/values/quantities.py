"""Names of measured quantities, IC50, Ki, and their like: found in texts, and compared."""

from __future__ import annotations

import re

_FIFTY = ("ac", "cc", "dc", "ec", "ed", "gi", "ic", "lc", "ld", "mic", "tc", "xc")
KNOWN = frozenset({f"{kind}{share}" for kind in _FIFTY for share in ("50", "90")} | {"ki", "kd", "km", "kb", "mic"})
"""Quantities as :func:`plain_quantity` writes them."""

_VAGUE = frozenset({"potency", "inhibition"})
"""Quantities of their own, but also words that people put beside another: ``potency_ic50``."""

_GLUED = re.compile(r"(p?[a-z]{2,3}[59]0)(?:[munp]?m)")


def plain_quantity(name: str) -> str:
    """Bring a quantity's name into the form in which quantities are compared: ``pIC50`` is ``IC50`` on another scale.

    Examples
    --------
    >>> plain_quantity("pIC50"), plain_quantity("IC-50"), plain_quantity("Potency")
    ('ic50', 'ic50', 'potency')
    """
    plain = _alphanumeric(name)
    return plain[1:] if plain[:1] == "p" and plain[1:] in KNOWN | _VAGUE else plain


def is_logarithm(name: str) -> bool:
    """Check whether a quantity's name is that of a negative decimal logarithm.

    Examples
    --------
    >>> is_logarithm("pIC50"), is_logarithm("pA2"), is_logarithm("Potency")
    (True, False, False)
    """
    return plain_quantity(name) != _alphanumeric(name)


def quantities_in(column: str, expected: str = "") -> frozenset[str]:
    """Find the quantities that a column's name states, as :func:`plain_quantity` writes them.

    Parameters
    ----------
    column : str
        Name of the column.
    expected : str
        A quantity that is known beside the usual ones.

    Examples
    --------
    >>> quantities_in("hERG IC50 (nM)"), quantities_in("K_i"), quantities_in("standard_value")
    (frozenset({'ic50'}), frozenset({'ki'}), frozenset())
    """
    known = KNOWN | _VAGUE | {plain_quantity(expected)}
    words = re.findall(r"[^\W_]+", column.lower())
    found: set[str] = set()
    start = 0
    while start < len(words):
        # "IC 50" is written in two words, and what a charter names may be in more: the longest run counts.
        runs = (end for end in range(min(len(words), start + 6), start, -1) if _quantity(words[start:end]) in known)
        end = next(runs, 0)
        if end:
            found.add(_quantity(words[start:end]))
        start = end or start + 1
    return frozenset(found - _VAGUE or found)


def _alphanumeric(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _quantity(words: list[str]) -> str:
    glued = _GLUED.fullmatch(joined := "".join(words))
    return plain_quantity(glued[1] if glued else joined)
