"""Small files that would become large ones: each read in a process of its own, whose memory is measured."""

from __future__ import annotations

import io
import random
import resource
import sys
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from corpus import corpus, members

from fluidmol.errors import FluidError
from fluidmol.exchange.mailbox import LONGEST_NOTE
from fluidmol.partner.policy_file import from_toml
from fluidmol.trust.signed import claimed
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.pages import check_pages

MOST = 250
"""Megabytes that reading any of them may take."""

BOUND = 1 << 24


def _sheet(columns: dict[str, object], **options: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **{"compression": "zstd", "write_statistics": False, **options})
    return _box(target.getvalue())


def _box(sheet: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("facts.json", members(corpus().packed[2])["facts.json"])
        archive.writestr("columns.parquet", sheet)
    return target.getvalue()


def _zip(method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("facts.json", b" " * 300_000_000)
    return target.getvalue()


def _members(count: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for index in range(count):
            archive.writestr(f"{index}", "")
    return target.getvalue()


def _json(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("facts.json", text)
    return target.getvalue()


def _texts(n: int, length: int) -> bytes:
    texts = pa.DictionaryArray.from_arrays(np.zeros(n, np.int32), ["C" * length]).cast(pa.string())
    return _sheet({"smiles": texts, "inchikey": texts})


BOMBS = {
    "zip, deflated": lambda: _zip(zipfile.ZIP_DEFLATED),
    "zip, bzip2": lambda: _zip(zipfile.ZIP_BZIP2),
    "zip of 200 000 members": lambda: _members(200_000),
    "JSON, deep": lambda: _json('{"a":' * 500_000),
    "JSON, wide": lambda: _json("[" + "[]," * 1_300_000 + "0]"),
    "JSON, long number": lambda: _json('{"format": ' + "9" * 1_000_000 + "}"),
    "Parquet, a number repeated": lambda: _sheet({"value.0": np.ones(20_000_000, np.float32)}),
    "Parquet, one long text": lambda: _sheet({"smiles": ["C" * 300_000_000]}, use_dictionary=False),
    "Parquet, a text repeated": lambda: _texts(1000, 300_000),
    "Parquet, texts by beginnings": lambda: _sheet(
        {"smiles": [f"{'C' * 100_000}{i:06d}" for i in range(1000)]}, use_dictionary=False,
        column_encoding={"smiles": "DELTA_BYTE_ARRAY"},
    ),
    "Parquet, 40 000 columns": lambda: _sheet({f"{i}": np.ones(1, np.float32) for i in range(40_000)}),
    "TOML, dotted key": lambda: b"a." * 300_000 + b"b = 1",
    "TOML, deep": lambda: b"x = " + b"[" * 500_000,
    "TOML, headers": lambda: b"".join(b"[a%d.%sb]\n" % (i, b"c." * 90) for i in range(4000)),
}  # fmt: skip


def case(data: bytes, _rng: random.Random) -> None:
    """Read a bomb with everything that reads such files."""
    before = _peak()
    for read in (
        lambda: unpack(data, largest=BOUND), lambda: claimed(data), lambda: check_pages(data, BOUND),
        lambda: Charter.from_toml(data[:LONGEST_NOTE].decode("latin-1")),
        lambda: from_toml(data[: 1 << 16].decode("latin-1"), "policy"),
    ):  # fmt: skip
        try:
            read()
        except (FluidError, ValueError, IndexError, OSError, pa.ArrowException):
            continue
        raise AssertionError("it was read")
    assert _peak() - before < MOST, f"it took {_peak() - before} MB"
    raise FluidError("refused by all")


def _peak() -> int:
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found // (1_000_000 if sys.platform == "darwin" else 1000)
