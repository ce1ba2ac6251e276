"""CSV and TSV files: a header, then one row a molecule."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.table import Table, smiles_name
from fluidmol.errors import InputError

# A cell of any length is read, and rejected as the SMILES it isn't: one bad row must not cost the file.
csv.field_size_limit(2**31 - 1)


def delimiter_of(header: str) -> str:
    """Find the separator of a header line: the commonest of comma, semicolon and tab.

    Examples
    --------
    >>> delimiter_of("smiles;IC50 (nM, mean);active")
    ';'
    """
    outside = "".join(header.split('"')[::2])
    return max(("\t", ";", ","), key=outside.count)


def read(path: Path, content: Content, smiles_column: str | None) -> Table:
    """Read a table with a header; rows with more or fewer fields than it are rejected."""
    text = content.text(path)
    # Blank lines before the header count as lines, nothing else.
    rows, lines = _rows(path, text, delimiter_of(text.lstrip().partition("\n")[0]))
    if not rows:
        raise InputError(f"{path} is empty", hint="Expected a header and a row for each molecule.")
    header = _unique([name.strip() for name in rows[0]])
    chosen = smiles_name(path, header, smiles_column)
    at = header.index(chosen)
    width = len(header)
    good = [i for i in range(1, len(rows)) if len(rows[i]) == width]
    rejected = () if len(good) == len(rows) - 1 else _ragged(path, rows, lines, width, at)
    columns = [[rows[i][k].strip() for i in good] for k in range(width)]
    kept = lines[1:] if not rejected else [lines[i] for i in good]
    smiles = columns[at]
    others = {name: column for name, column in zip(header, columns, strict=True) if name != chosen}
    return Table(path, smiles, kept, others, content.sha256, rejected, chosen)


def _rows(path: Path, text: str, delimiter: str) -> tuple[list[list[str]], Sequence[int]]:
    """Split into rows, with the line on which each starts; blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as problem:
        raise InputError(
            f"{path}, line {start}: {problem}", hint="A quotation mark may be missing or unmatched."
        ) from problem
    return rows, lines


def _ragged(path: Path, rows: list[list[str]], lines: Sequence[int], width: int, at: int) -> tuple[Rejected, ...]:
    return tuple(
        Rejected(
            path.name,
            line,
            row[at].strip() if at < len(row) else "",
            f"wrong number of fields: {len(row)}, expected {width} as in the header",
        )
        for row, line in zip(rows[1:], lines[1:], strict=True)
        if len(row) != width
    )


def _unique(names: list[str]) -> list[str]:
    """Tell columns of the same name apart: the second ``x`` becomes ``x (2)``."""
    seen: dict[str, int] = {}
    out: list[str] = []
    for place, given in enumerate(names, start=1):
        name = given or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
