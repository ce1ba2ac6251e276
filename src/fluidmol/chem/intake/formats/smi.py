"""SMI files: one molecule a line, SMILES first, then perhaps a name."""

from __future__ import annotations

from collections.abc import Iterator

from rdkit import Chem, rdBase

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.rows import Row, Rows
from fluidmol.chem.intake.table import SMILES_NAMES, plain_name


def starts_with_smiles(line: str) -> bool:
    """Tell whether the first word of a line can be read as SMILES.

    Examples
    --------
    >>> starts_with_smiles("CCO ethanol"), starts_with_smiles("smiles name")
    (True, False)
    """
    words = line.split(maxsplit=1)
    with rdBase.BlockLogs():
        return bool(words) and Chem.MolFromSmiles(words[0], sanitize=False) is not None


def is_header(line: str) -> bool:
    """Tell whether a line is a header rather than a molecule.

    Examples
    --------
    >>> is_header("SMILES Name"), is_header("CCO ethanol"), is_header("C1CC broken")
    (True, False, False)
    """
    words = line.split(maxsplit=1)
    looks = bool(words) and (plain_name(words[0]) in SMILES_NAMES or "smiles" in words[0].lower())
    return looks and not starts_with_smiles(line)


def open_rows(content: Content) -> Rows:
    """Open an SMI file; blank lines and lines that start with ``#`` followed by a blank are passed over."""
    return Rows(["name"], _rows(content), header=["name"], n_rows=content.n_lines)


def _rows(content: Content) -> Iterator[Row]:
    first = True
    with content.lines() as lines:
        for number, line in enumerate(lines, start=1):
            words = line.split(None, 1)
            if not words or words[0] == "#":
                continue
            if first:
                first = False
                if is_header(line):
                    continue
            smiles, name = words[0], words[1].rstrip() if len(words) > 1 else ""
            if name.startswith("|"):
                smiles, name = _with_extension(smiles, name)
            yield number, smiles, (name,), ""


def _with_extension(smiles: str, rest: str) -> tuple[str, str]:
    """Part a CXSMILES extension, which belongs to the molecule, from the name."""
    inner, bar, name = rest[1:].partition("|")
    return (f"{smiles} |{inner}|", name.strip()) if bar else (smiles, rest)
