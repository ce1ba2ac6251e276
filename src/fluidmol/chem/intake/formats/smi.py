"""SMI files: one molecule a line, SMILES first, then perhaps a name."""

from __future__ import annotations

from collections.abc import Iterator

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.encoding import decided_encoding
from fluidmol.chem.intake.formats.rows import Row, Rows
from fluidmol.chem.intake.structures.readable import starts_with_smiles
from fluidmol.chem.intake.structures.smiles_text import split_line
from fluidmol.chem.intake.table import is_smiles_name

__all__ = ["is_header", "open_rows", "starts_with_smiles"]


def is_header(line: str) -> bool:
    """Tell whether a line is a header rather than a molecule.

    Examples
    --------
    >>> is_header("SMILES Name"), is_header("CCO ethanol"), is_header("C1CC broken")
    (True, False, False)
    """
    words = line.split(maxsplit=1)
    return bool(words) and is_smiles_name(words[0]) and not starts_with_smiles(line)


def open_rows(content: Content) -> Rows:
    """Open an SMI file; blank lines and lines that start with ``#`` followed by a blank are passed over."""
    decided = decided_encoding(content.encoding)
    return Rows(["name"], _rows(content), header=["name"], decided=decided, n_rows=content.n_lines)


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
            smiles, extension, name = split_line(line)
            yield number, f"{smiles} {extension}".strip(), (name,), ""
