"""Measured potencies: numbers, relations and units, against a threshold.

Comparisons are made in decimal arithmetic, so that 10 000 nM is exactly 10 µM.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal

import attrs

from fluidmol.chem.intake.measurements.numerals import Marks, marks_of
from fluidmol.chem.intake.measurements.signs import joined_sign, shown
from fluidmol.chem.intake.measurements.units import UNITS_HINT, Kind, Unit

__all__ = [
    "MISSING",
    "UNITS_HINT",
    "Kind",
    "Threshold",
    "Unit",
    "ValueCell",
    "Verdict",
    "number_of",
]

Verdict = tuple[bool | None, str]
"""Active, inactive, or None with the reason."""

_SIGN_CHARACTERS = "<>=~≈≤≥"
_ATTACHED = re.compile(r"([+-]?[\d.,]+(?:[eE][+-]?\d{1,3})?)\s*([a-zA-Zµμ%][^\d]*)")
_LOOSE = re.compile(r"[<>=~≈≤≥\s]*[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d{1,3})?")

_TWELVE = Context(prec=12)
_LARGEST_M = 100
"""No substance has so many molecules in a litre, in M."""

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "none", "null", "missing", "-", "?", "."})
"""How people write that a value is missing, in small letters."""


def number_of(text: str) -> bool:
    """Return whether a cell looks like a number, perhaps with a relation before it.

    Examples
    --------
    >>> number_of("> 1,500"), number_of("CHEMBL240")
    (True, False)
    """
    return _LOOSE.fullmatch(text.strip()) is not None


@attrs.frozen
class ValueCell:
    """A cell of a column of values, taken apart.

    Examples
    --------
    >>> ValueCell.of("> 750 nM")
    ValueCell(sign='>', number='750', unit='nM')
    """

    sign: str
    """Relation in front of the number; may be empty."""

    number: str
    """What is left."""

    unit: str = ""
    """Unit behind the number; may be empty."""

    @classmethod
    def of(cls, text: str) -> ValueCell:
        """Take a cell apart."""
        plain = shown(text).strip()
        number = plain.lstrip(_SIGN_CHARACTERS)
        sign, number = plain.removesuffix(number), number.strip()
        attached = _ATTACHED.fullmatch(number)
        if attached and (Unit.named(attached[2]) or attached[2].strip() == "%"):
            return cls(sign, attached[1], attached[2].strip())
        return cls(sign, number)


@attrs.frozen
class Threshold:
    """Where active begins.

    Examples
    --------
    >>> ten = Threshold(10.0, Unit.named("uM"))
    >>> ten.verdict(">", "3000", Unit.named("nM"))
    (None, 'undecidable: > 3000 (nM) may lie on either side of the threshold')
    >>> ten.verdict("=", "10000", Unit.named("nM")), ten.verdict("", "> 20", ten.unit)
    ((True, ''), (False, ''))
    """

    value: float
    """In ``unit``; larger than 0 if that is a concentration."""

    unit: Unit
    """Of the threshold."""

    @property
    def text(self) -> str:
        """Where active begins, in words."""
        number = f"{self.value:.12g}"
        return f"at or above {number} (p)" if self.unit.kind == "p" else f"at or below {number} {self.unit.text}"

    def verdict(self, relation: str, text: str, unit: Unit) -> Verdict:
        """Judge one measurement: at or below the threshold (on a p scale: at or above it) is active.

        A measurement that is itself a limit is judged only if all it allows lies on one side.
        """
        cell = ValueCell.of(text)
        # Alone, a point is what programs write before decimals; a comma stays open.
        marks = Marks(".") if "," not in cell.number else marks_of([cell.number])
        joined = joined_sign(relation, cell.sign)
        value = marks.read(cell.number)
        reason = why_unusable(cell.number, text, value, marks, unit)
        reason = reason or ("" if joined else f"unclear relation: {relation} {text}"[:80])
        if reason or joined is None or value is None:
            return None, reason
        return self.judged(joined, value, unit)

    def judged(self, sign: str, value: Decimal, unit: Unit) -> Verdict:
        """Judge a number with its relation (``=``, ``<``, ``>``, ``<=`` or ``>=``) and unit."""
        active = _side(sign, unit, self._margin(unit.base(value), unit.kind))
        if active is None:
            return None, f"undecidable: {sign} {value:f} ({unit.text}) may lie on either side of the threshold"
        return active, ""

    def _margin(self, value: Decimal, kind: Kind) -> Decimal:
        """Value minus threshold, on the value's scale."""
        limit = _rounded(self.unit.base(Decimal(repr(self.value))))
        value = _rounded(value)
        if kind == self.unit.kind:
            return value - limit
        return value - _rounded(-limit.log10() if kind == "p" else Decimal(10) ** -limit)


def _rounded(number: Decimal) -> Decimal:
    """Round to twelve digits: 0.30000000000000004, as programs write it, is 0.3."""
    return _TWELVE.plus(number)


def why_unusable(number: str, text: str, value: Decimal | None, marks: Marks, unit: Unit) -> str:
    """Return why a number can't be used; empty if it can."""
    if number.lower() in MISSING:
        return "no value"
    if value is None:
        if marks.is_unclear(number):
            point, comma = (number.replace(",", "."), number.replace(",", "").replace(".", ""))
            return f"unclear number: {number} may be {point}, or thousands: {comma}; `decimal` says which mark is meant"
        return f"not a number: {text[:40]}"
    if unit.kind == "concentration" and value <= 0:
        return f"not a positive concentration: {number[:40]}"
    if unit.kind == "concentration" and unit.base(value) > _LARGEST_M:
        return f"an impossible concentration: {number[:40]} {unit.text}"
    return "" if -400 <= value.adjusted() <= 400 else f"not a plausible number: {number[:40]}"


def _side(sign: str, unit: Unit, margin: Decimal) -> bool | None:
    if unit.kind == "p":
        sign = sign.translate(str.maketrans("<>", "><"))
        margin = -margin
    if sign == "=":
        return margin <= 0
    if sign in ("<", "<="):
        return True if margin <= 0 else None
    # At the threshold itself is active: "> threshold" excludes it, ">= threshold" doesn't.
    return False if margin > 0 or (sign == ">" and margin == 0) else None
