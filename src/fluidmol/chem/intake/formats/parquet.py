"""Parquet files: one row a molecule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow
import pyarrow.parquet

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.rows import Row, Rows, agreeing, unique
from fluidmol.chem.intake.formats.smiles_column import SAMPLE, choose_smiles
from fluidmol.chem.intake.table import Exact
from fluidmol.errors import InputError

_BATCH = 10_000


def open_rows(content: Content, smiles_column: str | None) -> Rows:
    """Open a Parquet file; a row's line is its number plus 1, as if there were a header.

    Raises
    ------
    InputError
        If it is broken, has two columns of one name, or no SMILES column.
    """
    path = content.path
    with _broken(path), content.binary() as raw:
        file = pyarrow.parquet.ParquetFile(raw)
        header, n_rows = [str(name) for name in file.schema_arrow.names], file.metadata.num_rows
    if len(set(header)) != len(header):
        raise InputError(f"{path} has two columns of one name", hint=f"Its columns are: {', '.join(header)}.")
    names = unique(header)
    chosen = choose_smiles(path, names, header, smiles_column, lambda: _first(content))
    rows = _rows(content, chosen.place)
    if chosen.twins:
        rows = agreeing(path, rows, chosen.place, chosen.twins, "row")
    return Rows(names, rows, names[chosen.place], header, "row", chosen.notes, list(chosen.decided), n_rows)


def _rows(content: Content, place: int) -> Iterator[Row]:
    number = 2
    with content.binary() as raw:
        for columns in _batches(content.path, raw):
            for cells in zip(*columns, strict=True):
                yield number, cells[place], cells, ""
                number += 1


def _first(content: Content) -> Iterator[Sequence[str]]:
    with content.binary() as raw:
        for columns in islice(_batches(content.path, raw, SAMPLE), 1):
            yield from zip(*columns, strict=True)


def _batches(path: Path, raw: IO[bytes], size: int = _BATCH) -> Iterator[list[list[str]]]:
    with _broken(path):
        batches = pyarrow.parquet.ParquetFile(raw).iter_batches(batch_size=size)
    while True:
        with _broken(path):
            batch = next(batches, None)
        if batch is None:
            return
        yield [_texts(column) for column in batch.columns]


def _value_type(kind: Any) -> Any:
    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _is_number(kind: Any) -> bool:
    types, plain = pyarrow.types, _value_type(kind)
    return bool(types.is_integer(plain) or types.is_floating(plain) or types.is_decimal(plain))


def _texts(column: Any) -> list[str]:
    narrow = pyarrow.types.is_float16(_value_type(column.type)) or pyarrow.types.is_float32(_value_type(column.type))
    number = np.float16 if pyarrow.types.is_float16(_value_type(column.type)) else np.float32
    is_number = _is_number(column.type)
    texts = [_text(value, number if narrow else None) for value in _values(column)]
    return [Exact(text) if is_number and text else text for text in texts]


def _values(column: Any) -> list[Any]:
    try:
        found: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, ImportError):
        # One by one, for what one row holds must not empty the others.
        return [_value(scalar) for scalar in column]
    return found


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, ImportError):
        # A date that Python has no type for; whatever it is, it is no structure and no class.
        return None


def _text(value: Any, narrow: Any) -> str:
    """Write a value so that it reads back exactly: of a narrow float the shortest such text, 0.1 and no more."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace").strip()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value if narrow is None else narrow(value)).strip()


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    try:
        yield
    except (pyarrow.ArrowException, OSError) as problem:
        reason = str(problem).strip().splitlines()[0]
        raise InputError(f"{path} is a broken Parquet file: {reason}", hint="Write or copy it again.") from problem
