"""Bech32 (BIP 173), as age writes its keys: 32 bytes as text with a checksum."""

from __future__ import annotations

from collections.abc import Iterable

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_FACTORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def to_bech32(prefix: str, raw: bytes) -> str:
    """Write 32 bytes, in small letters.

    Examples
    --------
    >>> to_bech32("age", bytes(32))
    'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z'
    """
    if len(raw) != 32:
        raise ValueError(f"a key of {len(raw)} bytes: expected 32")
    number = int.from_bytes(raw, "big") << 4
    values = [number >> 5 * i & 31 for i in reversed(range(52))]
    check = _checked(prefix, [*values, *[0] * 6]) ^ 1
    values += [check >> 5 * i & 31 for i in reversed(range(6))]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"


def from_bech32(prefix: str, text: str) -> bytes:
    """Read 32 bytes, written in small letters.

    Raises
    ------
    ValueError
        If it is something else. The text isn't quoted, for it may be a secret.

    Examples
    --------
    >>> from_bech32("age", to_bech32("age", bytes(range(32)))) == bytes(range(32))
    True
    """
    values = [_LETTERS.find(letter) for letter in text.removeprefix(f"{prefix}1")]
    if not text.startswith(f"{prefix}1") or len(values) != 58 or min(values) < 0 or _checked(prefix, values) != 1:
        raise ValueError(f"expected {prefix}1 and 58 letters and digits, of which the last six are a checksum")
    number = 0
    for value in values[:-6]:
        number = number << 5 | value
    if number & 15:
        raise ValueError("its last bits aren't zero")
    return (number >> 4).to_bytes(32, "big")


def _checked(prefix: str, values: Iterable[int]) -> int:
    check = 1
    for value in (*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix), *values):
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, factor in enumerate(_FACTORS):
            check ^= factor if top >> i & 1 else 0
    return check
