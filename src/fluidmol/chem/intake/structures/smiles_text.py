"""Check the text of one structure before a chemistry library reads it.

RDKit passes over what it doesn't understand: a name after a blank, characters at the ends that no SMILES has,
an extension that it can't read. It reads ``[#6]``, a pattern, as a carbon atom without hydrogens. So the text is
checked first, and what isn't one plain SMILES is refused.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"(\S+)(?:\s+(\|[^|]*\|)(?!\S))?\s*(.*)", re.DOTALL)
_PATTERN = re.compile(r"\[\d*#[^\]]*\]?|[,;&!?~{}]")
_REACTION = re.compile(r"(?<!-)>")
_ALIEN = re.compile(r"[^A-Za-z0-9@+\-\[\]().=#$:/\\%*<>]")
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{8}[SN][A-Z]-[A-Z]")
_MAP_NUMBER = re.compile(r":\d+\]")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""Byte-order mark and characters of no width, which spreadsheets and web pages leave at the ends."""


class UnusableError(Exception):
    """Carries the reason why a structure is rejected; ``standardise_one`` turns it into a value."""


def trimmed(text: str) -> str:
    r"""Return a text without blanks and characters of no width at its ends.

    Examples
    --------
    >>> trimmed("\ufeff CCO\u200b ")
    'CCO'
    """
    return text.strip().strip(_INVISIBLE).strip()


def split_line(text: str) -> tuple[str, str, str]:
    """Return a line's SMILES, its CXSMILES extension with both bars, and what follows them (a name).

    An extension that isn't closed is returned as an extension, so that it is refused rather than taken for a name.

    Examples
    --------
    >>> split_line("C[C@H](N)O |&1:1| amine 7")
    ('C[C@H](N)O', '|&1:1|', 'amine 7')
    >>> split_line("CCO ethanol"), split_line("CCO |&1:1")
    (('CCO', '', 'ethanol'), ('CCO', '|&1:1', ''))
    """
    match = _LINE.fullmatch(trimmed(text))
    if match is None:
        return "", "", ""
    smiles, extension, rest = match[1], match[2] or "", match[3]
    return (smiles, rest, "") if not extension and rest.startswith("|") else (smiles, extension, rest)


def check_smiles(smiles: str) -> None:
    """Check that a text without blanks can be a SMILES of one molecule.

    Raises
    ------
    UnusableError
        If it is an InChI or InChIKey, a reaction or a pattern, or has a character that no SMILES has.
    """
    if "|" in smiles:
        raise UnusableError("unreadable SMILES: it has '|', but an extension (|...|) follows after a blank")
    if smiles.lower().startswith("inchi="):
        raise UnusableError("an InChI, not a SMILES")
    if _INCHIKEY.fullmatch(smiles):
        raise UnusableError("an InChIKey, not a SMILES")
    if _REACTION.search(smiles):
        raise UnusableError("a reaction, not one molecule: it has '>'")
    pattern = _PATTERN.search(smiles)
    if pattern:
        raise UnusableError(f"a pattern (SMARTS), not one molecule: it has '{pattern[0]}'")
    alien = _ALIEN.search(smiles)
    if alien:
        raise UnusableError(f"unreadable SMILES: it has {alien[0]!a}, a character that no SMILES has")


def without_map_numbers(smiles: str) -> str:
    """Return a SMILES without atom map numbers, which would make another string of the same molecule.

    Examples
    --------
    >>> without_map_numbers("[CH3:1][OH:12]")
    '[CH3][OH]'
    """
    return _MAP_NUMBER.sub("]", smiles)
