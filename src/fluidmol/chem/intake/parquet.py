"""Parquet files: one row a molecule."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.table import Table, smiles_name
from fluidmol.errors import InputError


def read(path: Path, content: Content, smiles_column: str | None) -> Table:
    """Read a Parquet file; a row's line is its number plus 1, as if there were a header."""
    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(content.data))
    except (pyarrow.ArrowException, OSError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise InputError(f"{path} is a broken Parquet file: {reason}", hint="Write or copy it again.") from problem
    names = [str(name) for name in table.column_names]
    if len(set(names)) != len(names):
        raise InputError(f"{path} has two columns of one name", hint=f"Its columns are: {', '.join(names)}.")
    chosen = smiles_name(path, names, smiles_column)
    columns = {name: _texts(table.column(name)) for name in names}
    smiles = columns.pop(chosen)
    return Table(path, smiles, range(2, len(smiles) + 2), columns, content.sha256, smiles_column=chosen)


def _texts(column: Any) -> list[str]:
    try:
        return [_text(value) for value in column.to_pylist()]
    except (ValueError, OverflowError, ImportError):
        # Dates that Python has no type for; whatever they are, they aren't structures or classes.
        return [""] * len(column)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()
