"""What people see of a number in Excel: its format may add a unit, a relation or a percent sign."""

from __future__ import annotations

import re
from decimal import Decimal

_TOKEN = re.compile(
    r'"([^"]*)"?|\\(.)|\[([^\]]*)\]|[_*].|(;)|(General|[0#?])|([%<>=~±])|(,)|.', re.IGNORECASE | re.DOTALL
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:E[+-]?\d+)?)", re.IGNORECASE)
_HOLDS = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip


class _Section:
    """One of the parts between semicolons: for positive numbers, for negative ones, for zero, or by a condition."""

    def __init__(self) -> None:
        self.before = self.after = ""
        self.has_digits = False
        self.thousands = 0
        self.condition: tuple[str, float] | None = None

    def add(self, token: re.Match[str]) -> None:
        quoted, escaped, bracket, _, digit, sign, comma = token.groups()
        if digit:
            self.has_digits, self.thousands = True, 0
        elif comma:
            self.thousands += self.has_digits
        elif bracket is not None and (said := _CONDITION.fullmatch(bracket.strip())):
            self.condition = said.group(1), float(said.group(2))
        text = quoted or escaped or sign or ""
        if bracket is not None and bracket.startswith("$"):  # a currency, or whatever stands for one, and a language
            text = bracket[1:].partition("-")[0]
        if self.has_digits:
            self.after += text
        else:
            self.before += text


def shown(value: float, number_format: str) -> str:
    r"""Write a number as people see it in its cell, with what its format puts around it, but for rounding.

    Examples
    --------
    >>> shown(750, '0.0 "nM"'), shown(0.5, "0%"), shown(6.25, "0.0"), shown(10000.0, '">"0')
    ('750 nM', '50 %', '6.25', '> 10000')

    A format that shows thousands without saying so leaves open which of the two is meant:

    >>> shown(1500, "0.0,")
    '1500 shown as 1.5'
    """
    section = _section_for(value, number_format)
    number = _plain(Decimal(repr(value)))
    if section is None:
        return number
    before, after = section.before.strip(" ()-+"), section.after.strip(" ()-+")
    if not section.has_digits:
        return before or number
    scaled = Decimal(repr(value)).scaleb(-3 * section.thousands + 2 * (before + after).count("%"))
    if not before and not after:
        return f"{number} shown as {_plain(scaled)}" if section.thousands else number
    return " ".join(filter(None, (before, _plain(scaled), after)))


def _section_for(value: float, number_format: str) -> _Section | None:
    sections = [_Section()]
    for token in _TOKEN.finditer(number_format):
        if token.group(4):
            sections.append(_Section())
        else:
            sections[-1].add(token)
    if any(section.condition for section in sections):
        holding = (s for s in sections[:3] if s.condition is None or _HOLDS[s.condition[0]](value, s.condition[1]))
        return next(holding, None)
    place = 1 if value < 0 else 2 if value == 0 else 0
    return sections[place if place < len(sections) - (len(sections) > 3) else 0]


def _plain(number: Decimal) -> str:
    """Write a number so that it reads back exactly: an integer without decimals, tiny ones with an exponent."""
    if number == number.to_integral_value() and abs(number) < Decimal(10) ** 16:
        return f"{number:.0f}"
    return repr(float(number))
