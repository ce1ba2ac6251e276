"""Small files that would become large ones: each read in a process of its own, whose memory is measured."""

from __future__ import annotations

import io
import random
import resource
import sys
import zipfile

import numpy as np
from corpus import corpus, members
from safetensors.numpy import save

from fluidmol.errors import FluidError
from fluidmol.exchange.mailbox import LONGEST_NOTE
from fluidmol.partner.policy_file import from_toml
from fluidmol.trust.signed import claimed
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack

MOST = 250
"""Megabytes that reading any of them may take."""

BOUND = 1 << 24


def _box(arrays: bytes, kind: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("facts.json", members(corpus().packed[kind])["facts.json"])
        archive.writestr("arrays.safetensors", arrays, method)
    return target.getvalue()


def _headed(header: bytes, length: int | None = None) -> bytes:
    return _box((len(header) if length is None else length).to_bytes(8, "little") + header)


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


def _texts(lengths: np.ndarray, joined: bytes = b"") -> bytes:
    texts, stated = np.frombuffer(joined, np.uint8), lengths.astype(np.uint32)
    named = dict.fromkeys(("smiles", "inchikeys"), texts) | {f"{n}.lengths": stated for n in ("smiles", "inchikeys")}
    return _box(save(named), kind=2)


def _announcing(size: int) -> bytes:
    """Deflate far more than the headers announce."""
    data = bytearray(_box(save({"value": np.zeros((75_000_000, 1), np.float32)})))
    for at in (data.rindex(b"PK\3\4") + 22, data.rindex(b"PK\1\2") + 24):
        data[at : at + 4] = size.to_bytes(4, "little")
    return bytes(data)


BOMBS = {
    "zip, deflated": lambda: _zip(zipfile.ZIP_DEFLATED),
    "zip, bzip2": lambda: _zip(zipfile.ZIP_BZIP2),
    "zip of 200 000 members": lambda: _members(200_000),
    "JSON, deep": lambda: _json('{"a":' * 500_000),
    "JSON, wide": lambda: _json("[" + "[]," * 1_300_000 + "0]"),
    "JSON, long number": lambda: _json('{"format": ' + "9" * 1_000_000 + "}"),
    "arrays, zeros": lambda: _box(save({"value": np.zeros((75_000_000, 1), np.float32)})),
    "arrays, more than announced": lambda: _announcing(1000),
    "arrays, less than announced": lambda: _announcing(BOUND),
    "arrays, 300 000 of them": lambda: _headed(
        b"{%s}" % b",".join(b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}' % i for i in range(300_000))
    ),
    "arrays, a long header": lambda: _headed(b" " * 300_000_000),
    "arrays, a header of any length": lambda: _headed(b"{}", (1 << 64) - 1),
    "arrays, a deep header": lambda: _headed(b'{"a":' * 500_000),
    "texts, empty": lambda: _texts(np.zeros(4_000_000)),
    "texts, short": lambda: _texts(np.full(1_300_000, 2), b"CN" * 1_300_000),
    "texts, one long": lambda: _texts(np.array([300_000_000]), b"C" * 300_000_000),
    "TOML, dotted key": lambda: b"a." * 300_000 + b"b = 1",
    "TOML, deep": lambda: b"x = " + b"[" * 500_000,
    "TOML, headers": lambda: b"".join(b"[a%d.%sb]\n" % (i, b"c." * 90) for i in range(4000)),
}  # fmt: skip


def case(data: bytes, _rng: random.Random) -> None:
    """Read a bomb with everything that reads such files."""
    before = _peak()
    for read in (
        lambda: unpack(data, largest=BOUND), lambda: claimed(data),
        lambda: Charter.from_toml(data[:LONGEST_NOTE].decode("latin-1")),
        lambda: from_toml(data[: 1 << 16].decode("latin-1"), "policy"),
    ):  # fmt: skip
        try:
            read()
        except FluidError:
            continue
        raise AssertionError("it was read")
    assert _peak() - before < MOST, f"it took {_peak() - before} MB"
    raise FluidError("refused by all")


def _peak() -> int:
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found // (1_000_000 if sys.platform == "darwin" else 1000)
