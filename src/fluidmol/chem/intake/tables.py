"""Tables of molecules as people have them: CSV, TSV, SMI, SDF and Parquet, gzipped or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from fluidmol.chem.intake import delimited, parquet, sdf, smi
from fluidmol.chem.intake.content import Content, load
from fluidmol.chem.intake.table import SMILES_NAMES, Table, plain_name
from fluidmol.errors import InputError

__all__ = ["Table", "read_table"]

_SMI_SUFFIXES = {".smi", ".smiles", ".ism", ".can"}
_SDF_SUFFIXES = {".sdf", ".sd", ".mol"}
_DELIMITED_SUFFIXES = {".csv", ".tsv", ".tab"}


def read_table(path: Path, *, smiles_column: str | None = None) -> Table:
    r"""Read a table of molecules, of whichever kind the file is.

    Parameters
    ----------
    path : Path
        CSV or TSV (separated by commas, semicolons or tabs, with a header), SMI (SMILES, then a name; no header
        needed), SDF, or Parquet; each may be gzipped.
    smiles_column : str, optional
        Name of the SMILES column; by default it is known by its usual names (``SMILES_NAMES``).

    Returns
    -------
    Table
        All rows of the right shape, in the file's order.

    Raises
    ------
    MissingFileError
        If the file isn't there or can't be read.
    InputError
        If it is a folder, empty, broken, of an unknown kind, or has no SMILES column.

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
    path = Path(path)
    content = load(path)
    return _reader(path, content, smiles_column)(path, content, smiles_column)


def _reader(path: Path, content: Content, asked: str | None) -> Callable[[Path, Content, str | None], Table]:
    if content.is_parquet:
        return parquet.read
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in (".parquet", ".pq"):
        raise InputError(f"{path} isn't a Parquet file, though its name says so", hint="Write it again.")
    # The end of a mol block or record tells an SDF, whatever the name is.
    if re.search(rb"^(M  END|\$\$\$\$)\s*$", content.data[:200_000], re.MULTILINE):
        return sdf.read
    if suffix in _SDF_SUFFIXES:
        raise InputError(f"{path} isn't an SDF file, though its name says so", hint="Expected mol blocks with M  END.")
    if not content.text(path).strip().strip("\ufeff").strip():
        raise InputError(f"{path} is empty", hint="Expected a table with a SMILES column.")
    if suffix in _DELIMITED_SUFFIXES or asked is not None:
        return delimited.read
    first = content.data[:100_000].decode("utf-8-sig", errors="replace").lstrip().splitlines()[0]
    cells = re.split(r"[,;\t]", first)
    if len(cells) > 1 and any(plain_name(cell.strip('"')) in SMILES_NAMES for cell in cells):
        return delimited.read
    if suffix in _SMI_SUFFIXES or smi.starts_with_smiles(first) or smi.is_header(first):
        return smi.read
    return delimited.read
