"""Tables of molecules as people have them: CSV, TSV, SMI, SDF, Excel and Parquet, gzipped or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fluidmol.chem.intake.content import load
from fluidmol.chem.intake.formats.rows import Rows, repeated
from fluidmol.chem.intake.opening import open_rows
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.table import Exact, RawTable

__all__ = ["RawTable", "read_table"]


def read_table(path: Path, *, smiles_column: str | None = None, sheet: str | None = None) -> RawTable:
    r"""Read a table of molecules, of whichever kind the file is.

    Parameters
    ----------
    path : Path
        CSV or TSV (separated by commas, semicolons or tabs, with a header), SMI (SMILES, then a name; no header
        needed), SDF, Excel (``.xlsx``), or Parquet; each may be gzipped.
    smiles_column : str, optional
        Name of the SMILES column; by default it is known by its usual names (``SMILES_NAMES``).
    sheet : str, optional
        Of an Excel file: its name, or its number from 1; by default the one that has a SMILES column.

    Returns
    -------
    RawTable
        All rows of the right shape, in the file's order.

    Raises
    ------
    MissingFileError
        If the file isn't there or can't be read.
    InputError
        If it is a folder, empty, broken, of an unknown kind, or has no SMILES column; if which column or sheet is
        meant, or how the file is to be read, can't be told.
    UsageError
        If there is no such sheet.
    UnavailableError
        If it is an Excel file, and the extra that reads them isn't installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "assay.csv")
    ...     _ = file.write_text("SMILES;active\nCCO;1\nCCN;0\n")
    ...     table = read_table(file)
    >>> table.smiles, list(table.lines), table.columns
    (['CCO', 'CCN'], [2, 3], {'active': ['1', '0']})
    """
    content = load(Path(path))
    opened = open_rows(content, smiles_column, sheet)
    smiles: list[str] = []
    lines: list[int] = []
    kept: list[Sequence[str]] = []
    records: list[int] = []
    rejected: list[Rejected] = []
    counted = opened.word == "record"
    for number, (line, text, cells, problem) in enumerate(opened.rows, start=1):
        if problem:
            rejected.append(Rejected(content.path.name, line, text.strip(), problem, number if counted else None))
        else:
            smiles.append(text.strip())
            lines.append(line)
            kept.append(cells)
            if counted:
                records.append(number)
    return RawTable(
        content.path, smiles, lines, _columns(opened, kept), content.sha256, tuple(rejected), opened.smiles_column,
        repeated(opened.header), records if counted else None, opened.word, opened.notes, tuple(opened.decided),
    )  # fmt: skip


def _columns(opened: Rows, kept: list[Sequence[str]]) -> dict[str, list[str]]:
    """Put cells together by column; a field that an SDF's first records lack is empty there."""
    columns = {
        name: [_stripped(cells[k]) if k < len(cells) else "" for cells in kept]
        for k, name in enumerate(opened.names)
        if name not in ("", opened.smiles_column)
    }
    unnamed = {name for k, name in enumerate(opened.names) if k >= len(opened.header) or not opened.header[k]}
    if opened.names == ["name"]:  # a name that no line of an SMI file has is no column
        unnamed.add("name")
    return {name: cells for name, cells in columns.items() if name not in unnamed or any(cells)}


def _stripped(cell: str) -> str:
    return cell if isinstance(cell, Exact) else cell.strip()
