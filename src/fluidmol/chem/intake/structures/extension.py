"""Check the extension of a CXSMILES: ``CCO |...|``, ChemAxon's way to write what SMILES can't.

RDKit ignores features that it doesn't know and indices that don't exist, without a word. Features that change what
the compound is are refused here, as are unknown ones; of the others only those are kept that decide on stereo and
radicals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from fluidmol.chem.intake.structures.smiles_text import UnusableError

Mol = Any
"""An RDKit molecule; RDKit ships no usable type information."""

_LIST = r"\d+(?:,\d+)*"
_PAIRS = r"\d+\.\d+(?:,\d+\.\d+)*"
_FEATURE = re.compile(
    rf"(?P<groups>(?:a|o\d+|&\d+):{_LIST})"
    rf"|(?P<relative>r(?=,|$))"
    rf"|(?P<radicals>\^[1-7]:{_LIST})"
    rf"|(?P<doubles>(?:c|t|ctu):{_LIST})"
    rf"|(?P<wavy>w:{_PAIRS})"
    r"|(?P<labels>\$(?!_AV:)[^$]*\$)"
    # Harmless: atom values, coordinates, wedges to draw, properties, lone pairs, which fragments belong together.
    rf"|(?P<harmless>\$_AV:[^$]*\$|\([^()]*\)|w[UD]:{_PAIRS}|atomProp(?::\d+\.[^.:,]+\.[^:,]*)+"
    rf"|lp:\d+:\d+(?:,\d+:\d+)*|LP:{_LIST}|f:\d+(?:[.,]\d+)*)"
)
_OTHERS = {
    "Sg": "a repeated or grouped unit", "SgD": "data on a part of it", "SgH": "nested groups", "LN": "a link node",
    "m": "a variable attachment", "RG": "R groups", "LOG": "R groups", "H": "hydrogen bonds", "C": "coordinate bonds",
    "COORDINATE": "coordinate bonds", "Z": "bonds of order zero", "rb": "a query", "s": "a query", "u": "a query",
}  # fmt: skip


@attrs.frozen
class Extension:
    """What an extension says about the structure."""

    features: str
    """Those features that RDKit must read with the SMILES: radicals, double bonds, wavy bonds; without bars."""

    groups: Mapping[str, Sequence[int]]
    """Atoms by stereo group: ``a`` is absolute, ``&1`` racemic, ``o1`` one of two; ``r`` has all others where the
    whole molecule's stereo is relative. Atoms are counted from 0 in the order of the text."""


def read_extension(extension: str, plain: Mol) -> Extension:
    """Read and check an extension.

    Parameters
    ----------
    extension : str
        With its bars.
    plain : Mol
        The SMILES without extension, unsanitised: its atoms and bonds have the order of the text.

    Raises
    ------
    UnusableError
        If it is broken, has a feature that isn't known, or one for which this isn't one known molecule.
    """
    if len(extension) < 2 or extension[-1] != "|" or "|" in extension[1:-1]:
        raise _broken("it isn't closed by '|', or has more after it")
    kept: list[str] = []
    groups: dict[str, list[int]] = {}
    found = _features(extension[1:-1])
    for kind, text in found:
        if kind == "labels":
            _check_labels(text[1:-1].split(";"), plain)
        elif kind not in ("relative", "harmless"):
            _check_indices(kind, text, plain)
            if kind == "groups":
                groups.setdefault(text.partition(":")[0], []).extend(_indices(text))
            else:
                kept.append(text)
    grouped = [index for atoms in groups.values() for index in atoms]
    if len(set(grouped)) < len(grouped):
        raise _broken("an atom is in two stereo groups")
    if ("relative", "r") in found:
        marked = [atom.GetIdx() for atom in plain.GetAtoms() if atom.GetChiralTag()]
        groups["r"] = [index for index in marked if index not in grouped]
    return Extension(",".join(kept), groups)


def _features(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each feature."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        match = _FEATURE.match(text, position)
        if match is None or text[match.end() : match.end() + 1] not in ("", ","):
            raise _unknown(text[position:])
        found.append((str(match.lastgroup), match[0]))
        position = match.end() + 1
    return found


def _unknown(rest: str) -> UnusableError:
    name = re.match(r"[A-Za-z]*", rest)
    other = _OTHERS.get(name[0]) if name and rest[name.end() :].startswith(":") else None
    if other:
        return UnusableError(f"not one molecule: its extension has {other} ({rest.partition(':')[0]}:)")
    return _broken(f"{rest[:40]!r} isn't understood")


def _indices(text: str) -> list[int]:
    """Return the atoms or bonds that a feature names; of an atom with its bond, the atom."""
    return [int(number.partition(".")[0]) for number in text.partition(":")[2].split(",")]


def _check_indices(kind: str, text: str, plain: Mol) -> None:
    """Check that what a feature names exists: where it doesn't, the extension is another molecule's."""
    total = plain.GetNumBonds() if kind == "doubles" else plain.GetNumAtoms()
    for index in _indices(text):
        if index >= total:
            raise _broken(f"{text!r} names number {index} of {total}, counted from 0")
        if kind == "groups" and not plain.GetAtomWithIdx(index).GetChiralTag():
            raise _broken(f"{text!r} names atom {index}, counted from 0, which has no stereo in the SMILES")


def _check_labels(labels: list[str], plain: Mol) -> None:
    """Check that labels only name or number atoms: others stand for another group ('Ph'), an R group or a query."""
    if len(labels) > plain.GetNumAtoms():
        raise _broken(f"{len(labels)} labels for {plain.GetNumAtoms()} atoms")
    for atom, label in zip(plain.GetAtoms(), labels, strict=False):
        symbol = re.escape(atom.GetSymbol())
        if not re.fullmatch(rf"\d*|{symbol}\d*'*|{symbol}H\d*|H\d*{symbol}", label):
            raise UnusableError(f"not one molecule: the label {label!r} on an atom may stand for another group")


def _broken(why: str) -> UnusableError:
    return UnusableError(f"unreadable extension after the SMILES: {why}")
