"""Names of columns: the words that they are made of, and which columns belong together."""

from __future__ import annotations

import re
from functools import lru_cache

from fluidmol.chem.intake.measurements.units import Unit

UNIT_WORDS = frozenset({"unit", "units", "uom", "einheit", "einheiten"})
SURE_RELATION_WORDS = frozenset(
    {"relation", "relations", "qualifier", "qualifiers", "comparator", "inequality", "censor", "censoring", "censored",
     "vorzeichen", "relationszeichen"}
)  # fmt: skip
RELATION_WORDS = SURE_RELATION_WORDS | {
    "relationship", "operator", "modifier", "prefix", "sign", "rel", "qual", "mod", "op",
}  # fmt: skip
"""What columns of relations are called; the others may as well be something else: an operator may be a person."""

VALUE_WORDS = frozenset({"value", "values", "val", "result", "results", "measurement", "wert", "mean", "median"})
TYPE_WORDS = frozenset({"type", "types"})
UPPER_WORDS = frozenset({"upper"})

GENERAL_WORDS = frozenset(
    {"standard", "std", "activity", "assay", "measured", "reported", "original", "raw", "published", "bioactivity",
     "data", "potency", "endpoint", "affinity", "test", "experimental", "exp"}
)  # fmt: skip
"""Words that may stand for any measurement."""

HARMLESS_WORDS = frozenset(
    {"n", "replicate", "replicates", "rep", "reps", "repeats", "runs", "sd", "sem", "se", "mw", "mwt", "weight",
     "logp", "clogp", "alogp", "xlogp", "logd", "tpsa", "psa", "hbd", "hba", "year", "ph", "id", "cid", "sid",
     "index", "count", "temp", "temperature", "date", "smiles", "row", "rank", "violations", "bei", "lei",
     "phase", "rings", "atoms", "price", "purity", "yield", "page", "volume"}
)  # fmt: skip
"""Of columns of numbers that no units or relations are stated for."""

_ROLES = frozenset({"is"}) | UNIT_WORDS | RELATION_WORDS | VALUE_WORDS | TYPE_WORDS | UPPER_WORDS


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Split a name into words in small letters.

    Examples
    --------
    >>> words("standardUnits"), words("IC50 (nM)"), words("pChEMBL Value"), words("x (2)")
    (('standard', 'units'), ('ic50', 'nm'), ('pchembl', 'value'), ('x',))
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z]{2,})", " ", re.sub(r" \(\d+\)$", "", name))
    return tuple(word for word in re.split(r"[^0-9a-zµμ%]+", apart.lower()) if word)


@lru_cache(maxsize=4096)
def stem(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell whose it is, without those for value, unit or relation.

    Examples
    --------
    >>> stem("standard_value") == stem("Standard Units"), stem("IC50 [nM]"), stem("relation")
    (True, ('ic50',), ())
    """
    return tuple(sorted(word for word in words(name) if word not in _ROLES and not _is_unit(word)))


def has_word(name: str, role: frozenset[str]) -> bool:
    """Return whether a name has one of the words of a role."""
    return bool(role.intersection(words(name)))


def _is_unit(word: str) -> bool:
    unit = Unit.named(word)
    return unit is not None and unit.kind == "concentration"
