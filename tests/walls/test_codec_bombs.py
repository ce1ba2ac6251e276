"""Small files that would fill the memory, and arrays that lie of themselves: refused before they become anything."""

import io
import json
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from safetensors.numpy import save

from fluidmol.errors import CodecError, SignatureError
from fluidmol.trust.signed import claimed
from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import pack, unpack
from fluidmol.values.messages import Declined

D = "sha256:" + "0" * 64
COMPOUNDS = {"format": 2, "type": "CompoundSet", "digest": D, "facts": {}}
OPINION = {"format": 2, "type": "Annotations", "digest": D, "facts": {"charter": D, "partner": "acme"}}
MEGABYTE = 1 << 20


def box(arrays, facts=COMPOUNDS, deflate=False):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("facts.json", json.dumps(facts))
        archive.writestr("arrays.safetensors", arrays, zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED)
    return target.getvalue()


def refused(data, why, largest=MEGABYTE):
    """Check that bytes are refused, with a hint, by a reader that takes little memory for it."""
    tracemalloc.start()
    try:
        with pytest.raises(CodecError, match=why) as caught:
            unpack(data, largest=largest)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.hint
    assert len(caught.value.message) < 400
    assert peak < 4 * (len(data) + largest) + MEGABYTE


def tensors(header, data=b"", length=None):
    """Bytes as safetensors has them, with a header of one's own."""
    told = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(told) if length is None else length) + told + data


def one(dtype="F32", shape=(1, 1), offsets=(0, 4), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


GOOD = {"value": one(), "weight": one(offsets=(4, 8))}
FOUR = b"\0" * 4
TWICE = b'{"value":%s,"value":%s,"weight":%s}'
LIES = {
    "nothing": (b"", "can't be read"),
    "no header": (struct.pack("<Q", 0), "can't be read"),
    "a header beyond the end": (tensors(b"{}", length=1000), "can't be read"),
    "a header beyond all bounds": (tensors(b"{}", length=(1 << 64) - 1), "a list of arrays of 18446744073709551615"),
    "a header larger than ours": (tensors(b" " * 70_000), "a list of arrays of 70000 bytes"),
    "a million arrays": (tensors({f"{i}": one(shape=(0,), offsets=(0, 0)) for i in range(2000)}), "a list of arrays"),
    "a header that is no JSON": (tensors(b"{"), "can't be read"),
    "a header that is a list": (tensors(b"[]"), "can't be read"),
    "a header that isn't UTF-8": (tensors(b'{"\xff":1}'), "can't be read"),
    "a header that is deep": (tensors(b'{"a":' * 10_000), "can't be read"),
    "a shape larger than its bytes": (tensors(GOOD | {"value": one(shape=(1 << 40, 1))}, FOUR * 2), "can't be read"),
    "a shape that overflows": (tensors(GOOD | {"value": one(shape=(1 << 62, 1 << 62))}, FOUR * 2), "can't be read"),
    "a shape of nothing but huge": (
        tensors(GOOD | {"value": one(shape=(0, 1 << 62), offsets=(0, 0)), "weight": one()}, FOUR), "no packed value",
    ),
    "a negative shape": (tensors(GOOD | {"value": one(shape=(-1, -1))}, FOUR * 2), "can't be read"),
    "a thousand axes": (tensors(GOOD | {"value": one(shape=(1,) * 1000)}, FOUR * 2), "no packed value"),
    "a shape of fractions": (tensors(GOOD | {"value": one(shape=(1.0, 1.0))}, FOUR * 2), "can't be read"),
    "bytes that are lacking": (tensors(GOOD, FOUR), "can't be read"),
    "bytes that nobody names": (tensors(GOOD, FOUR * 3), "can't be read"),
    "a gap": (tensors(GOOD | {"weight": one(offsets=(8, 12))}, FOUR * 3), "can't be read"),
    "an overlap": (tensors(GOOD | {"weight": one(offsets=(0, 4))}, FOUR), "can't be read"),
    "an end before its beginning": (tensors(GOOD | {"value": one(offsets=(4, 0))}, FOUR * 2), "can't be read"),
    "negative offsets": (tensors(GOOD | {"value": one(offsets=(-4, 0))}, FOUR * 2), "can't be read"),
    "offsets beyond the end": (tensors(GOOD | {"weight": one(offsets=(400, 404))}, FOUR * 2), "can't be read"),
    "an array twice": (
        tensors(TWICE % tuple(json.dumps(part).encode() for part in (one(), GOOD["weight"], one(offsets=(8, 12)))),
                FOUR * 3),
        "can't be read",
    ),
    "objects": (tensors(GOOD | {"value": one("O")}, FOUR * 2), "can't be read"),
    "a type that numpy lacks": (tensors(GOOD | {"value": one("BF16", (1, 2))}, FOUR * 2), "can't be read"),
    "complex numbers": (
        tensors({"value": one("C64", offsets=(0, 8)), "weight": one(offsets=(8, 12))}, FOUR * 3), "complex64|be read"
    ),
    "bytes for numbers": (tensors(GOOD | {"value": one("U8", (4,))}, FOUR * 2), "no packed value"),
    "metadata that are no texts": (tensors(GOOD | {"__metadata__": {"a": 1}}, FOUR * 2), "can't be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_arrays_that_lie_are_refused(name):
    data, why = LIES[name]
    refused(box(data, OPINION), why)


def test_the_lies_are_told_of_something_that_is_read():
    digest = Annotations(D, "acme", [[0.0]], [[0.0]]).digest
    assert unpack(box(tensors(GOOD, FOUR * 2), OPINION | {"digest": digest})).digest == digest


def texts(smiles, lengths, keys=b"", key_lengths=()):
    """Arrays of a set of compounds whose texts are as stated."""

    def numbers(values):
        return values if isinstance(values, np.ndarray) else np.array(values, np.uint32)

    return save({
        "smiles": np.frombuffer(smiles, np.uint8), "smiles.lengths": numbers(lengths),
        "inchikeys": np.frombuffer(keys, np.uint8), "inchikeys.lengths": numbers(key_lengths),
    })  # fmt: skip


TEXTS = {
    "longer than their bytes": (texts(b"CC", [1, 2]), "their lengths say otherwise"),
    "shorter than their bytes": (texts(b"CCCC", [1, 2]), "their lengths say otherwise"),
    "none of some bytes": (texts(b"CC", []), "their lengths say otherwise"),
    "so long that the sum overflows": (texts(b"C", [(1 << 32) - 1, 2]), "their lengths say otherwise"),
    "of negative lengths": (texts(b"CC", np.array([3, -1], np.int32)), "int32"),
    "of long lengths": (texts(b"CC", np.array([2], np.uint64)), "uint64"),
    "of lengths in a table": (texts(b"CC", np.array([[2]], np.uint32)), "no packed value"),
    "of fractional lengths": (texts(b"CC", np.array([2.0], np.float32)), "float32"),
    "cut within a letter": (texts("é".encode(), [1, 1]), "no packed value"),
    "not UTF-8": (texts(b"\xff\xfe", [2]), "no packed value"),
    "of surrogates": (texts(b"\xed\xa0\x80", [3]), "no packed value"),
    "more than there are keys": (texts(b"CC", [1, 1]), "2 SMILES and 0 InChIKeys"),
    "without lengths": (save({"smiles": np.frombuffer(b"CC", np.uint8)}), "lengths"),
    "lengths without texts": (save({"smiles.lengths": np.array([1], np.uint32)}), "uint32"),
    "one long": (texts(b"C" * 2 * MEGABYTE, [2 * MEGABYTE]), "too large"),
    "many empty": (texts(b"", np.zeros(100_000, np.uint32)), "100000 texts of 0 bytes are too long"),
    "many short": (texts(b"CN" * 20_000, np.full(20_000, 2, np.uint32)), "20000 texts of 40000 bytes are too long"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_that_lie_or_take_much_are_refused(name):
    data, why = TEXTS[name]
    refused(box(data), why)


def test_deflated_zeros_are_refused_by_what_they_announce():
    data = box(save({"value": np.zeros((10 * MEGABYTE, 1), np.float32)}), OPINION, deflate=True)
    assert len(data) < MEGABYTE / 20
    refused(data, "too large: 41943")


def announcing(data, size, crc=None):
    """Let both headers of the last member state another size, and checksum, of what it becomes."""
    changed = bytearray(data)
    for at, crc_at, size_at in ((data.rindex(b"PK\3\4"), 14, 22), (data.rindex(b"PK\1\2"), 16, 24)):
        struct.pack_into("<I", changed, at + size_at, size)
        if crc is not None:
            struct.pack_into("<I", changed, at + crc_at, crc)
    return bytes(changed)


def test_no_more_is_inflated_than_was_announced():
    small = tensors(GOOD, FOUR * 2)
    bomb = box(small + b"\0" * 50 * MEGABYTE, OPINION, deflate=True)
    # The wrong checksum is noticed; the right one is over what was announced, and so nothing else is read.
    refused(announcing(bomb, len(small)), "Bad CRC-32", largest=1000)
    refused(announcing(bomb, len(small), zlib.crc32(small)), "digest", largest=1000)
    refused(announcing(bomb, 5000, zlib.crc32(small + b"\0" * (5000 - len(small)))), "can't be read", largest=5000)


def test_less_than_was_announced_is_refused():
    small = tensors(GOOD, FOUR * 2)
    refused(announcing(box(small, OPINION, deflate=True), 100_000), "no packed value")
    refused(announcing(box(small, OPINION), 100_000), "no packed value")


def many_members():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for index in range(2000):
            archive.writestr(f"{index}", "")
    return target.getvalue()


GOOD_BOX = pack(Declined(D, "acme", "too few compounds"))


def for_huge_content():
    return GOOD_BOX[:-22] + b"PK\6\7" + b"\0" * 16 + GOOD_BOX[-22:]


def twice():
    target = io.BytesIO(GOOD_BOX)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("facts.json", archive.read("facts.json"))
    return target.getvalue()


def commented(field):
    target = io.BytesIO(GOOD_BOX)
    with zipfile.ZipFile(target, "a") as archive:
        member = zipfile.ZipInfo("arrays.safetensors")
        setattr(member, field, b"\xfe\xca\4\0more" if field == "extra" else b"more")
        archive.writestr(member, save({}))
    return target.getvalue()


def overlapping():
    """Two members of which one lies within the other."""
    outer = box(tensors(GOOD, FOUR * 2), OPINION)
    changed = bytearray(outer)
    struct.pack_into("<I", changed, outer.rindex(b"PK\1\2") + 42, 0)
    return bytes(changed)


ARCHIVES = {
    "many members": (many_members(), "list members"),
    "for huge content": (for_huge_content(), "for huge content"),
    "nothing": (b"", "don't end"),
    "something behind": (GOOD_BOX + b"\0", "don't end"),
    "another archive behind": (GOOD_BOX + b"PK\5\6" + b"\0" * 18, "before, between or within|facts"),
    "something before": (b"#!/bin/sh\n" + GOOD_BOX, "before, between or within"),
    "another archive before": (GOOD_BOX + GOOD_BOX, "before, between or within"),
    "something between": (GOOD_BOX[: GOOD_BOX.index(b"PK\1\2")] + b"\0" + GOOD_BOX[GOOD_BOX.index(b"PK\1\2") :],
                          "before, between or within"),
    "a member twice": (twice(), "twice"),
    "a member with more facts": (commented("extra"), "before, between or within"),
    "a member with a comment": (commented("comment"), "before, between or within"),
    "members that overlap": (overlapping(), "no packed value|no signed file"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_that_could_be_read_in_two_ways_are_refused(name):
    data, why = ARCHIVES[name]
    for read, error in ((unpack, CodecError), (claimed, SignatureError)):
        with pytest.raises(error, match=why) as caught:
            read(data)
        assert len(str(caught.value)) < 300


def test_facts_have_a_bound_of_their_own(monkeypatch):
    monkeypatch.setattr("fluidmol.values.codec.LARGEST_FACTS", 1000)
    with pytest.raises(CodecError, match="too large"):
        unpack(box(b"", COMPOUNDS | {"facts": {"a": " " * 1000}}))
