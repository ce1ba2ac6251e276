"""Measured potencies: numbers, relations and units, against a threshold.

Comparisons are made in decimal arithmetic, so that 10 000 nM is exactly 10 µM.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import attrs

Kind = Literal["concentration", "p"]
Verdict = tuple[bool | None, str]
"""Active, inactive, or None with the reason."""

_EXPONENTS = {
    "m": 0, "mol/l": 0, "molar": 0,
    "mm": -3, "mmol/l": -3, "millimolar": -3,
    "um": -6, "umol/l": -6, "micromolar": -6,
    "nm": -9, "nmol/l": -9, "nanomolar": -9,
    "pm": -12, "pmol/l": -12, "picomolar": -12,
}  # fmt: skip
_P_UNITS = {"p", "pic50", "pki", "pkd", "pec50", "pac50", "pchembl", "-log10(m)", "-log(m)", "-log10", "-logm"}
_SIGNS = {
    "": "=", "=": "=", "==": "=", "~": "=", "≈": "=", "~=": "=",
    ">": ">", ">>": ">", "<": "<", "<<": "<",
    ">=": ">=", "≥": ">=", "=>": ">=", "<=": "<=", "≤": "<=", "=<": "<=",
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_SIGN_CHARACTERS = "<>=~≈≤≥"

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "none", "null", "missing", "-", "?", "."})
"""How people write that a value is missing, in small letters."""

UNITS_HINT = "Units are M, mM, uM, nM, pM, or p for -log10(M), such as pIC50."


@attrs.frozen
class Unit:
    """What a number is measured in.

    Examples
    --------
    >>> Unit.named("µM")
    Unit(kind='concentration', exponent=-6)
    >>> Unit.named("pIC50").kind
    'p'
    """

    kind: Kind
    """``concentration``: small is potent; ``p``, the negative decimal logarithm of it in M: large is potent."""

    exponent: int = 0
    """Power of ten that makes it M; 0 for ``p``."""

    @classmethod
    def named(cls, name: str) -> Unit | None:
        """Find a unit by its name; None if it isn't known."""
        plain = name.strip().strip("'\"").lower().replace("µ", "u").replace("μ", "u").replace(" ", "")
        if plain in _P_UNITS:
            return cls("p")
        return cls("concentration", _EXPONENTS[plain]) if plain in _EXPONENTS else None

    @property
    def text(self) -> str:
        """How it is written."""
        return "p" if self.kind == "p" else {0: "M", -3: "mM", -6: "uM", -9: "nM", -12: "pM"}[self.exponent]

    def base(self, number: Decimal) -> Decimal:
        """Bring a number into M; one on the p scale stays."""
        return number.scaleb(self.exponent)


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

    def verdict(self, relation: str, text: str, unit: Unit) -> Verdict:
        """Judge one measurement: at or below the threshold (on a p scale: at or above it) is active.

        A measurement that is itself a limit is judged only if all it allows lies on one side.
        """
        number = text.strip().lstrip(_SIGN_CHARACTERS)
        sign = text.strip().removesuffix(number)
        number = _point(number.strip())
        joined = _join(relation.strip().strip("'\""), sign)
        reason = _why_unusable(number, text, unit) or ("" if joined else f"unclear relation: {relation} {text}"[:80])
        if reason or joined is None:
            return None, reason
        active = _side(joined, unit, self._margin(unit.base(Decimal(number)), unit.kind))
        if active is None:
            return None, f"undecidable: {joined} {number} ({unit.text}) may lie on either side of the threshold"
        return active, ""

    def _margin(self, value: Decimal, kind: Kind) -> Decimal:
        """Value minus threshold, on the value's scale."""
        limit = self.unit.base(Decimal(repr(self.value)))
        if kind == self.unit.kind:
            return value - limit
        return value - (-limit.log10() if kind == "p" else Decimal(10) ** -limit)


def _point(number: str) -> str:
    """Read a decimal comma; three digits behind one may as well be thousands, and stay what they are."""
    whole, comma, rest = number.partition(",")
    return f"{whole}.{rest}" if comma and rest.isdigit() and len(rest) != 3 else number


def _why_unusable(number: str, text: str, unit: Unit) -> str:
    if number.lower() in MISSING:
        return "no value"
    if not _NUMBER.fullmatch(number):
        hint = " (a decimal comma or thousands?)" if "," in number else ""
        return f"not a number: {text[:40]}{hint}"
    value = Decimal(number)
    if unit.kind == "concentration" and value <= 0:
        return f"not a positive concentration: {number[:40]}"
    return "" if -400 <= value.adjusted() <= 400 else f"not a plausible number: {number[:40]}"


def _join(relation: str, prefix: str) -> str | None:
    """Make one relation of the column's and the value's own; None if they contradict each other."""
    found = {_SIGNS.get(relation), _SIGNS.get(prefix)} - {"="}
    if None in found or len(found) > 1:
        return None
    return found.pop() if found else "="


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


def looks_like_p(name: str) -> bool:
    """Say whether a column's name is that of a negative logarithm.

    Examples
    --------
    >>> looks_like_p("pIC50"), looks_like_p("pchembl_value"), looks_like_p("IC50_pM"), looks_like_p("price")
    (True, True, False, False)
    """
    return re.match(r"(-log|p(ic50|ki|kd|ec50|ac50|chembl|potency)(?![a-z0-9]))", name.strip().lower()) is not None
