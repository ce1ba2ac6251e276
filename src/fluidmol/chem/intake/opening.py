"""Which kind of file it is, by its content and, where that leaves it open, its name."""

from __future__ import annotations

import re

from fluidmol.chem.intake.content import KINDS, Content
from fluidmol.chem.intake.formats import delimited, excel, parquet, sdf, smi
from fluidmol.chem.intake.formats.rows import Rows
from fluidmol.chem.intake.structures.readable import starts_with_smiles
from fluidmol.chem.intake.table import is_smiles_name
from fluidmol.errors import InputError, UsageError

_SMI_SUFFIXES = {".smi", ".smiles", ".ism", ".can"}
_SDF_SUFFIXES = {".sdf", ".sd", ".mol"}
_DELIMITED_SUFFIXES = {".csv", ".tsv", ".tab"}
# The end of a mol block or record tells an SDF, whatever the name is.
_SDF_MARK = re.compile(r"(?:^|[\r\n])(?:M  END|\$\$\$\$)\s*(?:[\r\n]|$)")

_OTHER_TEXT = {
    re.compile(r"\ufeff?\s*(?:\{\s*\"|\[\s*\{)"): "JSON",
    re.compile(r"\ufeff?\s*<(?:!doctype html|html|head|body|table|meta)\b", re.IGNORECASE): "HTML (a web page)",
}


def open_rows(content: Content, smiles_column: str | None, sheet: str | None) -> Rows:
    """Open a file of any kind.

    Raises
    ------
    InputError
        If it is broken, of an unknown kind, or has no SMILES column.
    UsageError
        If a sheet is asked for that isn't there.
    """
    if content.is_zip:
        return excel.open_rows(content, smiles_column, sheet)
    if sheet is not None:
        raise UsageError(f"`sheet` is given, and {content.path} has no sheets", hint="It is for Excel files.")
    if content.is_parquet:
        return parquet.open_rows(content, smiles_column)
    path, suffix = content.path, _suffix(content)
    if suffix in (".parquet", ".pq"):
        raise InputError(f"{path} isn't a Parquet file, though its name says so", hint="Write it again.")
    with content.lines():  # is it text at all?
        text = content.first_text()
    if _SDF_MARK.search(text):
        return sdf.open_rows(content, smiles_column)
    if suffix in _SDF_SUFFIXES:
        raise InputError(f"{path} isn't an SDF file, though its name says so", hint="Expected mol blocks with M  END.")
    if not text.strip().strip("\ufeff").strip():
        raise InputError(f"{path} is empty", hint="Expected a table with a SMILES column.")
    for mark, what in _OTHER_TEXT.items():
        if mark.match(text):
            raise InputError(f"{path} holds {what}, not a table", hint=f"Save the table as {KINDS}.")
    if smiles_column is None and _is_smi(text, suffix):
        return smi.open_rows(content)
    return delimited.open_rows(content, smiles_column)


def _suffix(content: Content) -> str:
    suffixes = [suffix.lower() for suffix in content.path.suffixes if suffix.lower() != ".gz"]
    return suffixes[-1] if suffixes else ""


def _is_smi(text: str, suffix: str) -> bool:
    if suffix in _DELIMITED_SUFFIXES:
        return False
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip() and line.split()[0] != "#"]
    first = lines[0] if lines else ""
    cells = first.split(delimited.delimiter_of(first))
    if len(cells) > 1 and any(is_smiles_name(cell.strip().strip('"')) for cell in cells):
        return False
    return suffix in _SMI_SUFFIXES or starts_with_smiles(first) or smi.is_header(first)
