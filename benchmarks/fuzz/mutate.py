"""Changes to bytes and texts that readers tend not to expect."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
TOKENS = (
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"null", b"true", b"NaN",
    b"-Infinity", b"1e999", b"-0.0", b"9" * 5000, b"0x" + b"f" * 100, b"1979-05-27T07:32:00Z", b"inf", b"'''", b'"""',
    b"[[party]]", b"[", b"[" * 3000, b"{" * 3000, b'{"a":' * 3000, b"a." * 3000, b"x = {a=" * 1500, b"=", b"\n", b"\r",
    b"#", b"../../", b"PK\x03\x04", b"PK\x05\x06", b"PAR1", b"age-encryption.org/v1\n", b"-> X25519 ", b"---",
    b"ed25519:", b"age1", b"sha256:", b"\x15\x00", b"\xff\xff\xff\xff\x0f",
)  # fmt: skip
ANYTHING: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**30, -(10**400), 0.5, 1e300, 5e-324, "", "\0", "\ud800", "é" * 1000, "../..", [],
    {}, [[]], [None], {"": None}, ["a"] * 1000, [[[[[[[[]]]]]]]], "sha256:" + "0" * 64, "ada", "hub", 2**63, "1",
)  # fmt: skip


def mutated(rng: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Change some bytes: one to eight times, in one of several ways."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(9):
            case 0 | 1 if at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
            case 2 if at < len(changed):
                changed[at] = rng.randrange(256)
            case 3:
                width = rng.choice((1, 2, 4, 8))
                number = rng.choice(NUMBERS) & (256**width - 1)
                changed[at : at + width] = number.to_bytes(width, rng.choice(("little", "big")))
            case 4:
                changed[at:at] = rng.choice(TOKENS)
            case 5:
                del changed[at : at + rng.choice((1, 2, 8, 64, 1024))]
            case 6:
                piece = changed[at : at + rng.choice((1, 8, 64, 512))]
                changed[at:at] = piece * rng.choice((1, 2, 16))
            case 7 if others:
                other = rng.choice(others)
                begin = rng.randrange(len(other) + 1)
                changed[at : at + rng.choice((0, 16, 256))] = other[begin : begin + rng.choice((4, 32, 512))]
            case _ if rng.random() < 0.3:
                del changed[at:]
            case _:
                changed[at : at + 1] = rng.randbytes(rng.choice((1, 2, 16)))
    return bytes(changed)


def mutated_json(rng: random.Random, value: Any) -> Any:
    """Replace, remove or add one thing at any depth."""
    copied = json.loads(json.dumps(value))
    place = copied
    while True:
        keys = list(range(len(place))) if isinstance(place, list) else sorted(place)
        if not keys:
            return copied
        key = rng.choice(keys)
        if isinstance(place[key], dict | list) and rng.random() < 0.7:
            place = place[key]
            continue
        match rng.randrange(5):
            case 0:
                del place[key]
            case 1 if isinstance(place, dict):
                place[rng.choice(("", "x", "\0", "format", "seed"))] = rng.choice(ANYTHING)
            case 2 if isinstance(place, list):
                place += [place[key]] * rng.choice((1, 3, 1000))
            case _:
                place[key] = rng.choice(ANYTHING)
        return copied
