"""What the name of a column of values says of their scale and unit, and whether it can be trusted."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import attrs

from fluidmol.chem.intake.measurements.units import Unit, plain_letters
from fluidmol.values.quantities import KNOWN

Scale = Literal["concentration", "p", "log", "foreign", "unclear", "statistic", ""]
"""A molar concentration, its negative logarithm, its logarithm, something else, something that looks like a unit and
isn't understood, a figure about values, or nothing."""

QUANTITIES = (*sorted(KNOWN), "potency")
"""Quantities that are molar concentrations unless their name says otherwise."""

_QUANTITY = "|".join(QUANTITIES)
_P_NAME = re.compile(
    rf"(?<![a-z])p[\s_.-]?({_QUANTITY}|chembl|activity|a2)(?![a-z0-9])|(?<![a-z0-9])(-|neg[a-z]*|minus|n)[\s_.]*log"
)
_P_JOINED = re.compile(r"p(IC50|Ki|KI|Kd|KD|EC50|AC50|XC50|CC50|GI50|ChEMBL)(?![a-zA-Z0-9])")
_LOGARITHM = re.compile(rf"log\w*|lg(c|{_QUANTITY})?|ln({_QUANTITY})?")

_FACTORS = (
    re.compile(r"10\s*(\^|\*|e|'|’|\()?\s*\(?-\s*\d|10\s*\^|(?<![a-z0-9])1?e-\d"),
    re.compile(r"(?<![a-z0-9])[x×]\s*\d|\*\s*\d|\d\s*[x×*](?![a-z0-9])"),
    # 1/uM, uM-1, 1/IC50: a reciprocal turns the direction round.
    re.compile(rf"(?<![a-z])[munpf]?m\s*\^?\s*-\s*1(?!\d)|(?<!\d)1\s*/\s*([munpf]?m|c|{_QUANTITY})(?![a-z])"),
    # Inhibition at 10 uM.
    re.compile(
        r"(?<![a-z0-9])(?<!\d\.)(?<![iagcextl]c[\W_])(?<!gi[\W_])\d+(\.\d+)?[\s_.]*"
        r"((milli|micro|nano|pico)?molar|[munpf]?m(ol)?)(?![a-z0-9])"
    ),
)
"""Numbers in a name that make something else of its unit."""

_FOREIGN = frozenset(
    {"percent", "pct", "inhibition", "inh", "ppm", "ppb", "kcal", "kj", "min", "hr", "hrs", "kg", "mg", "ug",
     "ng", "pg", "mcg", "gram", "milligram", "microgram", "nanogram", "ml", "ul", "dl", "ugml", "mgml", "ngml",
     "mgkg", "degc"}
)  # fmt: skip
_STATISTICS = frozenset(
    {"rank", "score", "zscore", "ratio", "fold", "error", "err", "se", "sem", "sd", "std", "stdev", "stddev",
     "cv", "r2", "rsq", "hill", "slope", "class", "category", "bin", "index", "idx", "n", "count", "relative",
     "rel", "delta", "diff", "lle", "le", "ref", "pvalue", "ci", "ci95", "flag", "comment", "date", "id"}
)  # fmt: skip
_PREFIXES = frozenset({"milli", "micro", "nano", "pico", "femto"})
_UNIT_LIKE = re.compile(rf"(nano|micro|milli|pico|femto)(m|mol\w*)?|[munpf]mol\w*|({_QUANTITY})([munpf]m[a-z]+|p)|[pm]")
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_IN_BRACKETS = re.compile(r"\d.*m$|mol|/|^.{0,4}[mм]$")
_SPOILT = re.compile(r"[uÂâ�?][^\W\d_]?[mм](?![a-z0-9])|(?<![a-z])[munpf]?м(?!\w)")
_LITRES = re.compile(r"([munpf]?)mol[\W_]*(per[\W_]*)?l(iter|itre)?(?![a-z])([\W_]*-?1(?!\d))?")


@attrs.frozen
class Title:
    """What a column's name says of the scale of its values.

    Examples
    --------
    >>> read_title("IC50 (nM)").units, read_title("pIC50").scale, read_title("Log IC50").scale
    ((Unit(kind='concentration', exponent=-9),), 'p', 'log')
    >>> read_title("ic50_nM").units == read_title("Ki [nmol/L]").units == read_title("IC50..nM.").units
    True
    >>> read_title("Inhibition (%)").scale, read_title("IC50 (10^-9 M)").scale, read_title("IC50 SD (nM)").scale
    ('foreign', 'unclear', 'statistic')
    """

    scale: Scale
    units: tuple[Unit, ...] = ()
    """Molar units that it names, each once."""

    perhaps: tuple[Unit, ...] = ()
    """Where the scale is ``unclear``: units that it may name."""


@lru_cache(maxsize=4096)
def read_title(name: str) -> Title:
    """Read what a column's name says of its values.

    What looks like a unit and isn't understood makes the scale ``unclear``: it is asked about, not passed over.
    """
    given = re.sub(r"(?i)\bn\s*=\s*\d+", "", plain_letters(name))  # how often it was measured
    text = _LITRES.sub(lambda match: f" {match[1]}m " if match[1] else " molar ", given.lower())
    words = [word for word in re.split(r"[\W_]+", text) if word]
    units = tuple(dict.fromkeys(_units(given, words)))
    is_p = _P_NAME.search(text) is not None or _P_JOINED.search(given) is not None
    quantity = any(word in QUANTITIES for word in words)
    scale: Scale = "concentration" if units or quantity else ""
    if is_p or any(_LOGARITHM.fullmatch(word) for word in words):
        # The M of -log10(M) is what the logarithm is of.
        scale = "p" if is_p and all(unit.exponent == 0 for unit in units) else "log"
    elif ("%" in text or _FOREIGN.intersection(words)) and not (quantity and units):
        scale = "foreign"
    elif _has_factor(given) or _is_strange(given, words, units):
        scale = "unclear"
    if scale in ("", "p", "concentration") and _STATISTICS.intersection(words):
        scale = "statistic"
    perhaps = tuple(dict.fromkeys(_known(words))) if scale == "unclear" else ()
    return Title(scale, units if scale in ("concentration", "log") else (), perhaps)


def _has_factor(given: str) -> bool:
    """Return whether numbers or relations in a name make something else of its unit."""
    limit = re.search(r"[<>≤≥]", re.sub(r"<\w+>", "", given))
    return limit is not None or any(factor.search(given.lower()) for factor in _FACTORS)


def _units(given: str, words: list[str]) -> list[Unit]:
    """List the molar units in a name: those in brackets, or else those among its words."""
    inside = [unit for part in _BRACKETS.findall(given) for unit in _known(re.split(r"[\s,;]+", part.strip()))]
    inside += [unit for part in _BRACKETS.findall(given) for unit in _known([part])]
    if inside:
        return inside
    glued = [match[2] for word in words if (match := re.fullmatch(rf"({_QUANTITY})([munpf]m)", word))]
    # MM and PM are words, too, and a loose M may be a mouse; names in capitals have NM and UM.
    shouted = "[MPF]M" if given == given.upper() else "[MUNPF]M"
    others = {"m", *(word.lower() for word in re.split(r"[\W_]+", given) if re.fullmatch(shouted, word))}
    return _known([*(word for word in words if word not in others), *glued])


def _known(words: list[str]) -> list[Unit]:
    found = [Unit.named(word) for word in words if word.lower() != "p"]
    return [unit for unit in found if unit is not None and unit.kind == "concentration"]


def _is_strange(given: str, words: list[str], units: tuple[Unit, ...]) -> bool:
    """Return whether something in a name looks like a unit and isn't understood."""
    bracketed = [part.strip().lower() for part in _BRACKETS.findall(given)]
    alike = [word for word in words if _UNIT_LIKE.fullmatch(word) or re.fullmatch("[munpf]m", word)]
    # Where brackets hold the unit, other words are what they are: M. tuberculosis.
    loose = not any(map(_names_unit, bracketed)) or bool(_PREFIXES.intersection(words))
    if loose and any(word in ("p", "m") or Unit.named(word) not in units for word in alike):
        return True
    if any(len(a) == 1 and a in "munpf" and b == "m" for a, b in pairwise(words)) or (units and "l" in words):
        return True
    if any(_IN_BRACKETS.search(part) and not _names_unit(part) for part in bracketed):
        return True
    return not units and _SPOILT.search(given.lower()) is not None


def _names_unit(part: str) -> bool:
    """Return whether a part in brackets is a unit, or has one among its words, such as (IC50, nM)."""
    return any(Unit.named(word) is not None for word in (part, *re.split(r"[\s,;]+", part)))
