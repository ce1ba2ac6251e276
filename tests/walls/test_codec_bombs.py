"""Small files that would fill the memory: refused before they are read, whoever signed them."""

import io
import json
import struct
import time
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.errors import CodecError, SignatureError
from fluidmol.trust.signed import claimed
from fluidmol.values.codec import unpack

D = "sha256:" + "0" * 64
COMPOUNDS = {"format": 1, "type": "CompoundSet", "digest": D, "facts": {}}


def box(sheet, facts=None):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("facts.json", json.dumps(COMPOUNDS) if facts is None else facts)
        archive.writestr("columns.parquet", sheet)
    return target.getvalue()


def sheet(columns, **options):
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **{"compression": "zstd", "write_statistics": False} | options)
    return target.getvalue()


def varint(number):
    """As Thrift's compact protocol writes a positive integer."""
    number, out = 2 * number, b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def lying(data, stated, instead):
    """State another number in the footer, in as many bytes."""
    at = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    plain, padded = varint(stated), bytearray(varint(instead))
    assert len(plain) > 2
    assert plain in data[at:]
    padded[-1] |= 128
    padded += b"\x80" * (len(plain) - len(padded) - 1) + b"\0"
    return data[:at] + data[at:].replace(plain, bytes(padded))


def one_long_text():
    data = sheet({"smiles": ["C" * 200_000_000], "inchikey": ["C"]}, use_dictionary=False)
    facts = pq.read_metadata(io.BytesIO(data)).row_group(0)
    return lying(lying(data, facts.column(0).total_uncompressed_size, 1), facts.total_byte_size, 1)


def texts_told_by_their_beginnings():
    texts = pa.array([f"{'C' * 100_000}{index:06d}" for index in range(200)])
    return sheet({"smiles": texts}, use_dictionary=False, column_encoding={"smiles": "DELTA_BYTE_ARRAY"})


def more_rows_in_a_group():
    data = sheet({"value.0": np.ones(300_000, np.float32)})
    facts = bytearray(data)
    # The file's own count is the first time that the number occurs in the footer.
    at = data.index(varint(300_000), len(data) - 8 - int.from_bytes(data[-8:-4], "little"))
    facts[at : at + 3] = b"\x82\x80\0"
    return bytes(facts)


def a_million_columns():
    """38 bytes of a footer: one group of rows, with a list that claims a million members."""
    schema = b"\x19\x2c\x48\1s\x15\4\0\x15\x10\x38\1a\0"
    foot = b"\x15\4" + schema + b"\x16\4" + b"\x19\x1c\x19\xfc" + bytes([0xBF, 0x84, 0x3D])
    return b"PAR1" + foot + struct.pack("<I", len(foot)) + b"PAR1"


def a_long_footer():
    return sheet({f"{index}": np.ones(1, np.float32) for index in range(40_000)}, use_dictionary=False)


def a_column_elsewhere():
    data = sheet({"value.0": np.random.default_rng(1).random(60_000).astype(np.float32)})
    facts = pq.read_metadata(io.BytesIO(data)).row_group(0).column(0)
    return lying(data, facts.total_compressed_size, 100)


SHEETS = {
    one_long_text: "columns of 1 rows and 200000",
    texts_told_by_their_beginnings: "encoding",
    more_rows_in_a_group: "don't agree on the number of rows",
    a_million_columns: "claims 999999 members",
    a_long_footer: "footer of",
    a_column_elsewhere: "outside",
}


@pytest.mark.parametrize("make", SHEETS)
def test_refused_unread(make, monkeypatch):
    data = box(make())
    monkeypatch.setattr(pq.ParquetFile, "read", lambda _: pytest.fail("it was read"))
    begun = time.process_time()
    with pytest.raises(CodecError, match=SHEETS[make]):
        unpack(data, largest=100_000_000)
    assert time.process_time() - begun < 2


def many_members():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for index in range(2000):
            archive.writestr(f"{index}", "")
    return target.getvalue()


def for_huge_content():
    data = box(b"")
    locator = b"PK\6\7" + b"\0" * 16
    return data[:-22] + locator + data[-22:]


@pytest.mark.parametrize(
    ("make", "why"), [(many_members, "list members"), (for_huge_content, "for huge content"), (bytes, "don't end")]
)
def test_archives_refused_unread(make, why):
    for read, error in ((unpack, CodecError), (claimed, SignatureError)):
        with pytest.raises(error, match=why) as caught:
            read(make())
        assert len(str(caught.value)) < 300


def test_facts_have_a_bound_of_their_own(monkeypatch):
    monkeypatch.setattr("fluidmol.values.codec.LARGEST_FACTS", 1000)
    with pytest.raises(CodecError, match="too large"):
        unpack(box(b"", json.dumps(COMPOUNDS) + " " * 1000))
