"""Footers of Parquet: those that would abort Parquet's own reader, or that contradict themselves, never get there."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.errors import CodecError
from fluidmol.values.footers import read_footer
from fluidmol.values.pages import check_pages
from fluidmol.values.thrift import INT, LIST, LONG, STRUCT, TEXT, field_of, read_struct


def written(rows=3, **options):
    target = io.BytesIO()
    table = pa.table(
        {"a": pa.array(np.arange(rows), pa.float32()), "b": pa.array([f"C{i}" for i in range(rows)], pa.string())}
    )
    pq.write_table(table, target, **{"compression": "zstd"} | options)
    return target.getvalue()


GOOD = written()


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def encoded(kind, content):
    """As Thrift's compact protocol has it."""
    if kind in (INT, LONG, 4):
        return varint((content << 1) ^ (content >> 63))
    if kind == TEXT:
        return varint(len(content)) + content
    if kind == LIST:
        of, members = content
        return bytes([0xF0 | of]) + varint(len(members)) + b"".join(encoded(of, one) for one in members)
    assert kind == STRUCT
    fields = sorted(content.items())
    return b"".join(bytes([of]) + varint(number << 1) + encoded(of, one) for number, (of, one) in fields) + b"\0"


def with_footer(change):
    """A file whose footer was changed as a tree."""
    length = int.from_bytes(GOOD[-8:-4], "little")
    facts = typed(read_struct(GOOD[-8 - length : -8], 0)[0])
    change(facts)
    footer = encoded(STRUCT, facts)
    return GOOD[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def typed(struct):
    """Say what lists are of, and leave out what isn't needed here."""
    found = {}
    for number, (kind, content) in struct.items():
        if kind == STRUCT:
            found[number] = kind, typed(content)
        elif kind == LIST and content:
            of = {dict: STRUCT, bytes: TEXT, int: INT}[type(content[0])]
            found[number] = kind, (of, [typed(one) if of == STRUCT else one for one in content])
        elif kind in (INT, LONG, TEXT, 4):
            found[number] = kind, content
    return found


def column(facts):
    """The first column of the first group."""
    return facts[4][1][1][0][1][1][1][0][3][1]


def schema(facts):
    return facts[2][1][1][1]


def sizes(facts, number, histogram):
    column(facts)[16] = STRUCT, {number: (LIST, (LONG, histogram))}


CHANGES = {
    "a required column": (lambda f: schema(f).update({3: (INT, 0)}), "aren't flat"),
    "a repeated column": (lambda f: schema(f).update({3: (INT, 2)}), "aren't flat"),
    "levels of repetition": (lambda f: sizes(f, 2, [1, 2, 3, 4]), "counts of levels"),
    "levels of definition": (lambda f: sizes(f, 3, [1]), "counts of levels"),
    "another type in the schema": (lambda f: schema(f).update({1: (INT, 5)}), "type double"),
    "another type in the column": (lambda f: column(f).update({1: (INT, 6)}), "those of its schema"),
    "another name": (lambda f: column(f).update({3: (LIST, (TEXT, [b"z"]))}), "those of its schema"),
    "rows of a column": (lambda f: column(f).update({5: (LONG, 4)}), "number of rows"),
    "rows of the file": (lambda f: f.update({3: (LONG, 4)}), "number of rows"),
    "a column before the file": (lambda f: column(f).update({9: (LONG, -9), 11: (LONG, -9)}), "outside"),
    "a column behind the file": (lambda f: column(f).update({7: (LONG, 1 << 40)}), "outside"),
    "a column in another file": (lambda f: f[4][1][1][0][1][1][1][0].update({1: (TEXT, b"x")}), "another file"),
    "places on the earth": (lambda f: column(f).update({17: (STRUCT, {})}), "places on the earth"),
    "another writer": (lambda f: f.update({6: (TEXT, b"parquet-mr 1.2")}), "another program"),
    "encryption": (lambda f: f.update({8: (STRUCT, {})}), "another program"),
    "a column less": (lambda f: f[4][1][1][0][1][1][1].pop(), "agree with its columns"),
    "two columns of one name": (lambda f: f[2][1][1][2].update({4: (TEXT, b"a")}), "of one name"),
}  # fmt: skip


def test_what_is_right_is_read_in_any_way_that_we_write():
    assert read_footer(with_footer(lambda _: None)) == read_footer(GOOD)
    for options in (
        {"data_page_version": "2.0"},
        {"use_dictionary": False},
        {"row_group_size": 2},
        {"compression": "none"},
    ):
        data = written(**options)
        assert (read_footer(data).rows, read_footer(data).columns) == (3, 2)
        check_pages(data, 1000)
    check_pages(written(0), 1000)


@pytest.mark.parametrize("name", CHANGES)
def test_refused(name):
    change, why = CHANGES[name]
    with pytest.raises(CodecError, match=why):
        read_footer(with_footer(change))


def test_a_type_that_some_readers_pass_over():
    with pytest.raises(ValueError, match="type"):
        read_footer(with_footer(lambda f: column(f).update({11: (INT, 4)})))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x15\x02\x05\x02\x02\x00", "twice"),
        (b"\x15\xff\xff\xff\xff\xff\x01\x00", "too large"),
        (b"\x15" + b"\xff" * 12, "doesn't end"),
        (b"\x18\x7f\x00", "doesn't end"),
        (b"\x19\xfc\xff\xff\x03\x00", "claims 65535 members"),
        (b"\x1b\x00\x00", "type 11"),
        (b"\x1c" * 20, "too deeply"),
        (b"\x19" * 20, "too deeply"),
    ],
)
def test_malformed(data, why):
    with pytest.raises(ValueError, match=why):
        read_struct(data, 0)


def test_fields_far_apart():
    struct, end = read_struct(b"\x05\x50\x02\x11\x00", 0)
    assert (field_of(struct, 40, INT), struct[41], end) == (1, (1, True), 5)
    assert field_of(struct, 1, INT) is None
