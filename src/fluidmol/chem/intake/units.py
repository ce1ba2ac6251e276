"""Units of measured potencies, and what a column's name says of its scale."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import attrs

from fluidmol.values.quantities import KNOWN

Kind = Literal["concentration", "p"]
Scale = Literal["concentration", "p", "log", "foreign", ""]
"""What a name says: a molar concentration, its negative logarithm, its logarithm, something else, or nothing."""

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
_PER_LITRE = re.compile(r"(mol)[\s.*·/]*(?:l(?:iter|itre)?)(?:\^?[-−]1|⁻¹)?$|(mol)/dm(?:3|\^3|³)$")
_TEXTS = {0: "M", -3: "mM", -6: "uM", -9: "nM", -12: "pM", -15: "fM"}

UNITS_HINT = "Units are M, mM, uM, nM, pM, or p for -log10(M), such as pIC50."

QUANTITIES = (*sorted(KNOWN), "potency")
"""Quantities that are molar concentrations unless their name says otherwise."""

_QUANTITY = "|".join(QUANTITIES)
_P_NAME = re.compile(
    rf"(?<![a-z])p[\s_-]?({_QUANTITY}|chembl|activity|a2)(?![a-z0-9])|(?<![a-z0-9])(-|neg[a-z]*|minus|n)[\s_]*log", re.I
)
_P_JOINED = re.compile(r"p(IC50|Ki|KI|Kd|KD|EC50|AC50|XC50|CC50|GI50|ChEMBL)(?![a-zA-Z0-9])")
_LOG_NAME = re.compile(
    rf"(?<![a-z])(log|log10|lg|ln)(?![a-z0-9])|(?<![a-z])(log|log10|lg|ln)[\s_(]*({_QUANTITY})", re.I
)
_FACTOR = re.compile(r"10\s*(\^|\*\*|e|'|’)?\s*\(?[-−]\s*\d|(?<![a-z0-9])1?e[-−]\d", re.I)
_DOSE = re.compile(r"(?<![a-z0-9.])(?<![iagc]c[\s_-])(?<!gi[\s_-])\d+(\.\d+)?[\s_]*[munpf]?m(ol)?(?![a-z0-9])", re.I)
"""A concentration at which something else was measured, such as inhibition at 10 uM."""

_OVER = re.compile(r"(?<![a-z])[munpf]?m\s*\^?\s*[-−]\s*1(?!\d)|(?<!\d)1\s*/\s*[munpf]?m(?![a-z])", re.I)
"""A constant per concentration, such as 1/uM."""

_TIMES = re.compile(r"(?<![a-z0-9])[x×*]\s*\d|\d\s*[x×*](?![a-z0-9])", re.I)

_UNKNOWN = re.compile(r"\d.*m$|mol|/|%|^.{0,4}[mм]$", re.I)
"""Text in brackets that looks like a unit."""

_GARBLED = re.compile(r"[µμÂ�?][^\W\d]?[mм](?![a-z0-9])|(?<![a-z])[munpf]?М(?!\w)", re.I)
"""A unit in letters that another program has spoiled, or in Cyrillic ones."""

_FOREIGN = re.compile(
    r"%|(?<![a-z])(percent|pct|inhibition|(u|m|n|µ|μ)?g[/_\s]?(per[\s_])?(ml|l|kg|dl)|ppm|kcal|kj|min|hrs?|deg[cf]|"
    r"s-1|min-1)(?![a-z0-9])",
    re.I,
)
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_PIECES = re.compile(r"[\s_,;:()\[\]{}]+")
_GLUED = re.compile(rf"({_QUANTITY})[/.-]?([munpf]m)$")


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


@attrs.frozen
class Name:
    """What a column's name says of the scale of its values.

    Examples
    --------
    >>> read_name("IC50 (nM)").units, read_name("pIC50").scale, read_name("Log IC50").scale
    ((Unit(kind='concentration', exponent=-9),), 'p', 'log')
    >>> read_name("ic50_nM").units == read_name("Ki [nmol/L]").units, read_name("Inhibition (%)").scale
    (True, 'foreign')
    """

    scale: Scale
    units: tuple[Unit, ...]
    """Molar units that it names, each once."""


def read_name(name: str) -> Name:
    """Read what a column's name says: its scale, and the units that it names."""
    units = tuple(dict.fromkeys(_units_in(name)))
    if _P_NAME.search(name) or _P_JOINED.search(name):
        # The M of -log10(M) is what the logarithm is of.
        plain = all(unit.exponent == 0 for unit in units)
        return Name("p" if plain else "log", ())
    if _LOG_NAME.search(name):
        return Name("log", units)
    words = {piece.lower() for piece in _PIECES.split(name)}
    quantity = any(word in QUANTITIES for word in words)
    text = _micro(name)
    strange = [part for part in _BRACKETS.findall(text) if Unit.named(part) is None and _UNKNOWN.search(part.strip())]
    if any(pattern.search(text) for pattern in (_FACTOR, _TIMES, _OVER, _DOSE)) or (
        _FOREIGN.search(text) and not (quantity and units)
    ):
        return Name("foreign", ())
    if units:
        return Name("concentration", units)
    return Name("foreign" if strange or _GARBLED.search(name) else "concentration" if quantity else "", ())


def looks_like_p(name: str) -> bool:
    """Return whether a column's name is that of a negative logarithm.

    Examples
    --------
    >>> looks_like_p("pIC50"), looks_like_p("pchembl_value"), looks_like_p("IC50_pM"), looks_like_p("price")
    (True, True, False, False)
    """
    return read_name(name).scale == "p"


def _micro(text: str) -> str:
    return text.replace("µ", "u").replace("μ", "u")


def _plain(name: str) -> str:
    plain = _micro(name.strip().strip("'\"").lower()).replace("−", "-")
    plain = re.sub(r"^[(\[](.*)[)\]]$", r"\1", plain).strip()
    return _PER_LITRE.sub("mol/l", plain).replace(" ", "").removesuffix(".")


def _units_in(name: str) -> list[Unit]:
    found = [Unit.named(inside) for inside in _BRACKETS.findall(name)]
    litres = re.findall(r"[munpf]?mol\s*[./·*]?\s*L(?:\^?[-−]1|⁻¹)?(?![a-z])", _micro(name), re.I)
    found += [Unit.named(text) for text in litres]
    for piece in _PIECES.split(_micro(name)):
        word = piece.strip(".-/")
        for part in {word, word.rpartition("/")[2]}:
            # A lone small m may be anything; so may a lone p.
            if part != "m" and not re.fullmatch("p", part, re.I):
                found.append(Unit.named(part))
        if glued := _GLUED.search(word.lower()):
            found.append(Unit.named(glued[2]))
    return [unit for unit in found if unit is not None and unit.kind == "concentration"]
