"""Read one file of a run folder, or say what is wrong with it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fluidmol.errors import InputError, MissingFileError

AGAIN = (
    "Restore the file from a copy; or make it again: a study by the same command, which uses what is there, "
    "a simulation in a new folder."
)
"""What helps where a file is damaged."""


def read_text(path: Path) -> str:
    """Read a UTF-8 file.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it isn't UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{path} isn't UTF-8 text (byte {problem.start})", hint=AGAIN) from problem
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV file that has at least some columns; an empty file has no rows.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it isn't CSV, a column is missing, or a row has another number of fields than the header.
    """
    text = read_text(path)
    if not text.strip():
        return []
    rows: list[dict[str, str]] = []
    try:
        lines = csv.reader(text.splitlines(keepends=True), strict=True)
        header = next(lines)
        for name in columns:
            if name not in header:
                raise InputError(f"{path} has no column {name!r}", hint=f"Expected: {', '.join(columns)}.")
        for fields in lines:
            if fields and len(fields) != len(header):
                raise InputError(
                    f"{path}, line {lines.line_num}: {len(fields)} fields", hint=f"The header has {len(header)}."
                )
            if fields:
                rows.append(dict(zip(header, fields, strict=True)))
    except csv.Error as problem:
        raise InputError(f"{path} isn't CSV: {problem}", hint=AGAIN) from problem
    return rows


def number(text: str, path: Path, column: str) -> float:
    """Read one field as a number, NaN where it is empty.

    Raises
    ------
    InputError
        If it is neither empty nor a finite number.

    Examples
    --------
    >>> number("0.5", Path("metrics.csv"), "mcc"), number("", Path("metrics.csv"), "mcc")
    (0.5, nan)
    """
    if text.strip().lower() in {"", "nan"}:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if math.isinf(value):
        raise InputError(f"{path}, column {column}: {text!r} is no number", hint="Expected a number, or nothing.")
    return value


def read_facts(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it isn't JSON, or not an object.
    """
    try:
        facts = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as problem:
        raise InputError(f"{path} isn't JSON: {problem}", hint=AGAIN) from problem
    if not isinstance(facts, dict):
        raise InputError(f"{path} holds no JSON object", hint=AGAIN)
    return facts


def read_table(path: Path, columns: Sequence[str], without: Sequence[str] = ()) -> Any:
    """Read a Parquet file as a :class:`pyarrow.Table` that has at least some columns.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        Columns that it must have.
    without : sequence of str, optional
        Columns to leave unread, for they can be large and aren't shown.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it isn't Parquet, or a column is missing.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    try:
        with path.open("rb") as stream:
            file = pq.ParquetFile(stream)
            names = file.schema_arrow.names
            table = file.read(columns=[name for name in names if name not in without])
    except pa.ArrowException as problem:
        raise InputError(f"{path} isn't a Parquet file that can be read: {problem}", hint=AGAIN) from problem
    except OSError as problem:
        # Damaged pages come as OSError without an errno; a file that can't be opened has one.
        if problem.errno is None:
            raise InputError(f"{path} is damaged: {problem}", hint=AGAIN) from problem
        raise _unreadable(path, problem) from problem
    for name in columns:
        if name not in names:
            raise InputError(f"{path} has no column {name!r}", hint=f"Expected: {', '.join(columns)}.")
    return table


def _unreadable(path: Path, problem: OSError) -> MissingFileError:
    return MissingFileError(
        f"{path} can't be read: {problem.strerror or problem}",
        hint="A report needs the folder of a finished run, or of studies, with all of its files.",
    )
