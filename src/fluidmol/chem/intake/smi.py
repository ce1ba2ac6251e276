"""SMI files: one molecule a line, SMILES first, then perhaps a name."""

from __future__ import annotations

from pathlib import Path

from rdkit import Chem, rdBase

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.table import SMILES_NAMES, Table, plain_name


def starts_with_smiles(line: str) -> bool:
    """Say whether the first word of a line can be read as SMILES.

    Examples
    --------
    >>> starts_with_smiles("CCO ethanol"), starts_with_smiles("smiles name")
    (True, False)
    """
    words = line.split(maxsplit=1)
    with rdBase.BlockLogs():
        return bool(words) and Chem.MolFromSmiles(words[0], sanitize=False) is not None


def is_header(line: str) -> bool:
    """Say whether a line is a header rather than a molecule.

    Examples
    --------
    >>> is_header("SMILES Name"), is_header("CCO ethanol"), is_header("C1CC broken")
    (True, False, False)
    """
    words = line.split(maxsplit=1)
    looks = bool(words) and (plain_name(words[0]) in SMILES_NAMES or "smiles" in words[0].lower())
    return looks and not starts_with_smiles(line)


def read(path: Path, content: Content, _smiles_column: str | None) -> Table:
    """Read an SMI file; blank lines and lines that start with ``#`` followed by a blank are passed over."""
    rows = content.text(path).split("\n")
    smiles: list[str] = []
    names: list[str] = []
    lines: list[int] = []
    first = True
    for number, row in enumerate(rows, start=1):
        words = row.split(None, 1)
        if not words or words[0] == "#":
            continue
        if first:
            first = False
            if is_header(row):
                continue
        smiles.append(words[0])
        names.append(words[1].rstrip() if len(words) > 1 else "")
        lines.append(number)
    return Table(path, smiles, lines, {"name": names} if any(names) else {}, content.sha256)
