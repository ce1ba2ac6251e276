"""The parties of a consortium: who they are is part of the charter, and so are their public keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from fluidmol.errors import CharterError
from fluidmol.values.names import is_part

ROLES = ("coordinator", "partner")
"""What a party may be. A company that coordinates and takes part is two parties, with two pairs of keys."""

LONGEST_NAME = 64
"""Most characters of a party's name, which becomes a part of file names and of addresses."""

_SCHEME = "ed25519:"
# Bech32 as age writes it: always of this length, and never with 1, b, i or o.
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


def is_name(name: object) -> bool:
    """Say whether this can be a party's name, and so a part of the names of files.

    Examples
    --------
    >>> is_name("acme-2"), is_name("con")
    (True, False)
    """
    return isinstance(name, str) and len(name) <= LONGEST_NAME and is_part(name)


def check_name(name: object) -> str:
    """Give a party's name back if it is one.

    Raises
    ------
    ValueError
        If it isn't.

    Examples
    --------
    >>> check_name("acme-2")
    'acme-2'
    """
    if not isinstance(name, str) or not is_name(name):
        raise ValueError(
            f"the name {name!r}: expected 1 to {LONGEST_NAME} letters, digits, and . _ - in between, and none that"
            " Windows keeps for devices, such as con or com1"
        )
    return name


def signing_bytes(key: object) -> bytes:
    """Read a public signing key, ``ed25519:`` and base64.

    Returns
    -------
    bytes
        32 of them.

    Raises
    ------
    ValueError
        If it is something else.
    """
    try:
        raw = base64.b64decode(str(key).removeprefix(_SCHEME), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # Written in one way only, or one key could stand for two parties.
    if len(raw) != 32 or key != signing_text(raw):
        raise ValueError(f"the signing key {key!r}: expected ed25519: and 44 characters of base64")
    return raw


def signing_text(raw: bytes) -> str:
    """Write a public signing key of 32 bytes as text.

    Examples
    --------
    >>> signing_bytes(signing_text(bytes(32))) == bytes(32)
    True
    """
    return _SCHEME + base64.b64encode(raw).decode()


def fingerprint(signing: str, sealing: str) -> str:
    """Give 32 hexadecimal digits of the SHA-256 over both public keys, for people to compare on the telephone.

    Examples
    --------
    >>> fingerprint("ed25519:a", "age1b")
    'e641 7395 bd9c 14a4 09b5 fe1d f2fd 52b6'
    """
    digits = hashlib.sha256(f"fluidmol keys 1\n{signing}\n{sealing}\n".encode()).hexdigest()
    return " ".join(digits[i : i + 4] for i in range(0, 32, 4))


def _name(_party: object, _field: object, value: Any) -> None:
    check_name(value)


def _signing(_party: object, _field: object, value: Any) -> None:
    signing_bytes(value)


def _sealing(_party: object, _field: object, value: Any) -> None:
    if not isinstance(value, str) or not _RECIPIENT.fullmatch(value):
        raise ValueError(f"the sealing key {value!r}: expected an age recipient, age1 and 58 letters and digits")


@attrs.frozen
class Party:
    """Who takes part, as what, and by which public keys the others know it.

    Raises
    ------
    ValueError
        If the name can't be part of a file's name, there is no such role, or a key isn't one.

    Examples
    --------
    >>> acme = Party("acme", "partner", signing_text(bytes(32)), "age1" + "q" * 58)
    >>> acme.fingerprint
    '3d4f 1a05 dd9e 2fbc 93fa 88e8 e60c b45d'
    """

    name: str = attrs.field(validator=_name)
    """Unique in the consortium, capitals or not."""

    role: str = attrs.field(validator=attrs.validators.in_(ROLES))
    """``coordinator`` or ``partner``."""

    signing: str = attrs.field(validator=_signing)
    """Public Ed25519 key, ``ed25519:`` and base64: the party's signatures are checked by it."""

    sealing: str = attrs.field(validator=_sealing)
    """Public X25519 key, an age recipient (``age1...``): what only the party may read is sealed to it."""

    @property
    def fingerprint(self) -> str:
        """What people compare on the telephone: eight groups of four hexadecimal digits."""
        return fingerprint(self.signing, self.sealing)


def in_order(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Give the parties in the one order that charters have: the coordinator, then partners by name."""
    return tuple(sorted(parties, key=lambda party: (party.role, party.name)))


def check_parties(parties: tuple[Party, ...], quorum: int) -> None:
    """Refuse parties that make no consortium.

    Raises
    ------
    CharterError
        If there isn't one coordinator and at least one partner, a name or a key occurs twice, or the partners are
        fewer than the quorum.
    """
    n_partners = sum(party.role == "partner" for party in parties)
    n_coordinators = len(parties) - n_partners
    if n_coordinators != 1 or not n_partners:
        raise CharterError(
            f"the charter has {n_coordinators} coordinators and {n_partners} partners",
            hint="Expected exactly one coordinator and at least one partner.",
        )
    for what, texts in (
        ("name", [party.name.lower() for party in parties]),
        ("signing key", [party.signing for party in parties]),
        ("sealing key", [party.sealing for party in parties]),
    ):
        twice = [party.name for party, text in zip(parties, texts, strict=True) if texts.count(text) > 1]
        if twice:
            raise CharterError(
                f"the parties {' and '.join(twice)} have the same {what}",
                hint="Each party has a name (capitals don't count) and keys of its own.",
            )
    if quorum > n_partners:
        raise CharterError(
            f"the quorum is {quorum}, but there are {n_partners} partners", hint="Ask for fewer, or name more partners."
        )


def party_of(entry: object, where: str) -> Party:
    """Read a party from a table ``{name, role, signing, sealing}``.

    Raises
    ------
    CharterError
        If it is something else.
    """
    fields = tuple(field.name for field in attrs.fields(Party))
    if not isinstance(entry, Mapping) or set(entry) != set(fields):
        found = f"has {', '.join(map(str, entry)) or 'nothing'}" if isinstance(entry, Mapping) else "is no table"
        raise CharterError(f"a [[party]] of {where} {found}", hint=f"Expected each of {', '.join(fields)}.")
    table: Mapping[str, Any] = entry
    try:
        return Party(**table)
    except (TypeError, ValueError) as problem:
        raise CharterError(f"{where} [[party]]: {problem.args[0] if problem.args else problem}") from problem
