"""Units of measured potencies."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import attrs

Kind = Literal["concentration", "p"]

_PREFIXES = {"": 0, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
_WORDS = {"milli": "m", "micro": "u", "nano": "n", "pico": "p", "femto": "f", "": ""}
_EXPONENTS = {
    **{f"{prefix}m": exponent for prefix, exponent in _PREFIXES.items()},
    **{f"{word}molar": _PREFIXES[prefix] for word, prefix in _WORDS.items()},
    **{f"{word}mol/l": _PREFIXES[prefix] for word, prefix in _WORDS.items()},
    **{f"{prefix}mol/l": exponent for prefix, exponent in _PREFIXES.items()},
}  # fmt: skip
_P_UNITS = {
    "p", "pic50", "pki", "pkd", "pec50", "pac50", "pxc50", "pchembl", "-log10(m)", "-log(m)", "-log10", "-log",
    "-logm", "-log10m", "-log10[m]", "-log[m]", "-log(mol/l)", "-log10(mol/l)",
}  # fmt: skip
_PER_LITRE = re.compile(r"mol[\s.*·/]*l(iter|itre)?(\^?-1)?$|mol/dm\^?3$")
_TEXTS = {0: "M", -3: "mM", -6: "uM", -9: "nM", -12: "pM", -15: "fM"}

UNITS_HINT = "Units are M, mM, uM, nM, pM, or p for -log10(M), such as pIC50."


@attrs.frozen
class Unit:
    """What a number is measured in.

    Examples
    --------
    >>> Unit.named("µM")
    Unit(kind='concentration', exponent=-6)
    >>> Unit.named("nmol L-1"), Unit.named("MICROMOLAR").text, Unit.named("ug/mL")
    (Unit(kind='concentration', exponent=-9), 'uM', None)
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
        plain = _plain(name)
        if plain in _P_UNITS:
            return cls("p")
        return cls("concentration", _EXPONENTS[plain]) if plain in _EXPONENTS else None

    @property
    def text(self) -> str:
        """How it is written."""
        return "p" if self.kind == "p" else _TEXTS[self.exponent]

    def base(self, number: Decimal) -> Decimal:
        """Bring a number into M; one on the p scale stays."""
        return number.scaleb(self.exponent)


def plain_letters(text: str) -> str:
    """Write a text with plain letters: full-width and superscript ones, signs for micro and minus.

    Examples
    --------
    >>> plain_letters("10⁻⁶ M"), plain_letters("µM"), plain_letters("nＭ")
    ('10-6 M', 'uM', 'nM')
    """
    return unicodedata.normalize("NFKC", text).replace("μ", "u").replace("−", "-")


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    plain = plain_letters(name.strip().strip("'\"").lower())
    plain = re.sub(r"^[(\[](.*)[)\]]$", r"\1", plain).strip()
    return _PER_LITRE.sub("mol/l", plain).replace(" ", "").removesuffix(".")
