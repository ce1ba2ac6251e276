"""Columns as Parquet: float32 or text, all of one length, without gaps."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fluidmol.errors import CodecError
from fluidmol.values.pages import check_pages

Columns = dict[str, NDArray[Any]]
"""Float32 or text, by name."""


def write_columns(columns: Columns) -> bytes:
    """Write columns as a Parquet file.

    Examples
    --------
    >>> read_columns(write_columns({"value.0": np.array([0.5], np.float32)}), 1 << 20)
    {'value.0': array([0.5], dtype=float32)}
    """
    # Named, because no texts at all would make a column of no type.
    kinds = {name: pa.string() if column.dtype == object else pa.float32() for name, column in columns.items()}
    sheet = io.BytesIO()
    pq.write_table(pa.table(columns, pa.schema(kinds)), sheet, compression="zstd")
    return sheet.getvalue()


def read_columns(data: bytes, largest: int) -> Columns:
    """Read a Parquet file that may have been made to fill our memory.

    Parameters
    ----------
    data : bytes
        The file.
    largest : int
        Most bytes that it may have when unpacked.

    Raises
    ------
    CodecError
        If it is larger, has other columns, or gaps.
    ValueError, IndexError, OSError, pyarrow.ArrowException
        If it is no Parquet file.
    """
    check_pages(data, largest)
    texts = [field.name for field in pq.read_schema(io.BytesIO(data)) if field.type == pa.string()]
    # Texts stay as the dictionary that they are stored as until their true size is known: some 800 bytes
    # can say the same long text a million times.
    file = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts)
    if any(field.type != pa.float32() and field.name not in texts for field in file.schema_arrow):
        raise CodecError(f"columns of types {file.schema_arrow.types}", hint="Expected float and string columns.")
    table = file.read()
    if any(column.null_count for column in table.columns):
        raise CodecError("a column has gaps", hint="Expected a number (NaN counts) or a text in each row.")
    if sum(_text_bytes(table[name]) for name in texts) > largest:
        raise CodecError("texts are too long", hint=f"At most {largest} bytes are read.")
    return {name: table[name].to_numpy() for name in table.column_names}


def _text_bytes(column: pa.ChunkedArray) -> int:
    return sum(
        int(np.asarray(pc.binary_length(chunk.dictionary))[chunk.indices.drop_null()].sum(dtype=np.int64))
        for chunk in column.chunks
    )
