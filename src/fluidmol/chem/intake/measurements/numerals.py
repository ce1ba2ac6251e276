"""Numbers as people write them: which mark is the decimal one is decided once a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import attrs

_EXPONENT = r"(?:[eE][+-]?\d{1,3})?"
_WHOLE = re.compile(rf"[+-]?\d+{_EXPONENT}")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
"""Thousands, or three decimals."""


def _decimal(mark: str, other: str) -> re.Pattern[str]:
    m, o = re.escape(mark), re.escape(other)
    plain = rf"(?:\d+{m}\d*|{m}\d+){_EXPONENT}"
    grouped = rf"\d{{1,3}}(?:{o}\d{{3}})+{m}\d*"
    groups = rf"\d{{1,3}}(?:{o}\d{{3}}){{2,}}"
    return re.compile(rf"[+-]?(?:{plain}|{grouped}|{groups})")


_SURE = {".": _decimal(".", ","), ",": _decimal(",", ".")}
_OTHER = {".": ",", ",": "."}


@attrs.frozen
class Marks:
    """Which mark of a column's numbers is the decimal one.

    Examples
    --------
    >>> german = marks_of(["750,5", "12.500"])
    >>> german.read("12.500"), german.read("750,5")
    (Decimal('12500'), Decimal('750.5'))
    >>> marks_of(["12.500", "90"]).read("12.500") is None
    True
    """

    decimal: str
    """``.`` or ``,``; empty where no cell tells."""

    examples: tuple[str, ...] = ()
    """A cell of each kind, where the column mixes both."""

    @property
    def mixed(self) -> bool:
        """Whether some cells have a decimal comma, and others a decimal point."""
        return len(self.examples) > 1

    def read(self, text: str) -> Decimal | None:
        """Read a number; None if it is none, or may be two.

        Parameters
        ----------
        text : str
            Without relation and unit.
        """
        if _WHOLE.fullmatch(text):
            return Decimal(text)
        if not self.decimal:
            return None
        other = _OTHER[self.decimal]
        thousands = re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}{re.escape(other)}\d{{3}}", text)
        if not thousands and not _SURE[self.decimal].fullmatch(text):
            return None
        return Decimal(text.replace(other, "").replace(self.decimal, "."))

    def is_unclear(self, text: str) -> bool:
        """Return whether a text is a number whose mark may be either."""
        return not self.decimal and _EITHER.fullmatch(text) is not None


def marks_of(texts: Iterable[str], *, small: bool = False) -> Marks:
    """Decide which mark is the decimal one, by all numbers of a column together.

    A cell decides if it can be read in one way only: ``0,125`` and ``750,5`` have a decimal comma, ``12.5`` a decimal
    point, ``1,234,567`` has commas between thousands. ``12.500`` decides nothing.

    Parameters
    ----------
    texts : iterable of str
        Numbers, without relations and units; anything else counts for nothing.
    small : bool
        Whether thousands can't be meant, as on a p scale: then any mark is the decimal one.
    """
    found: dict[str, str] = {}
    open_: dict[str, str] = {}
    for text in texts:
        if _WHOLE.fullmatch(text):
            continue
        if _EITHER.fullmatch(text):
            open_.setdefault("," if "," in text else ".", text)
            continue
        for mark, sure in _SURE.items():
            if sure.fullmatch(text):
                found.setdefault(mark, text)
    if small and not found:
        found = open_
    if len(found) > 1:
        return Marks("", tuple(found.values()))
    return Marks(next(iter(found), ""))
