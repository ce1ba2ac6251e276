"""Signed files: a packed value with a member more, which says who signed it and which question it answers.

The signature is over the value's type and digest and not over the file's bytes, which may differ between versions of
the libraries that write them. So the same value, signed again for the same question, has the same signature for ever.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable
from typing import Any

import attrs

from fluidmol.errors import CodecError, SignatureError
from fluidmol.trust.keys import PrivateKeys, verifies
from fluidmol.values.archives import MALFORMED, add_member, read_members
from fluidmol.values.arrays import DIGEST
from fluidmol.values.codec import FACTS, LARGEST_FACTS, Value, pack, unpack
from fluidmol.values.parties import Party, is_name
from fluidmol.values.strict_json import read_json

FORMAT = "fluidmol signed 1"
"""First line of what is signed."""

MEMBER = "signature.json"
"""The member more."""

_LARGEST = {MEMBER: 1 << 12, FACTS: LARGEST_FACTS}
"""Most bytes that are read of a member before the signature is known to be right."""


@attrs.frozen
class Claim:
    """What a signed file says of itself. Nothing of it is true before the signature has been checked."""

    type: str
    """Type of the value, as :mod:`fluidmol.values.codec` lists them."""

    digest: str
    """Digest of the value."""

    about: str
    """Digest of the question that is answered, or empty."""

    signer: str
    """Name of the party."""

    signature: bytes = attrs.field(repr=False)
    """64 bytes."""

    @property
    def message(self) -> bytes:
        """What is signed."""
        return "\n".join((FORMAT, self.type, self.digest, self.about, self.signer, "")).encode()


@attrs.frozen
class Signed:
    """What a signed file holds, once its signature has been checked."""

    value: Value
    """The content."""

    signer: str
    """Name of the party that signed."""

    about: str
    """Digest of the question that is answered, or empty."""


def signed(value: Value, about: str, keys: PrivateKeys) -> bytes:
    """Pack and sign a value.

    Parameters
    ----------
    value : Value
        As for :func:`~fluidmol.values.codec.pack`.
    about : str
        Digest of the question that it answers; empty if it answers none.
    keys : PrivateKeys
        Of the party that says it.

    Returns
    -------
    bytes
        The same ones each time: there is neither a clock nor randomness in them.

    Raises
    ------
    CodecError
        If the value may not cross a company's wall.
    ValueError
        If ``about`` is no digest.
    """
    if about and not re.fullmatch(DIGEST, about):
        raise ValueError(f"about is {about!r}: expected sha256: and 64 hexadecimal digits, or nothing")
    packed = io.BytesIO(pack(value))
    claim = Claim(type(value).__name__, value.digest, about, keys.name, b"")
    note = {
        "format": FORMAT, "signer": claim.signer, "about": about,
        "signature": base64.b64encode(keys.sign(claim.message)).decode(),
    }  # fmt: skip
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_STORED) as archive:
        add_member(archive, MEMBER, json.dumps(note, indent=1, sort_keys=True).encode())
    return packed.getvalue()


def claimed(data: bytes) -> Claim:
    """Read what a signed file says of itself, without checking anything.

    Raises
    ------
    SignatureError
        If it is no signed file.
    """
    try:
        _, members = read_members(data, _LARGEST)
        note, manifest = (_table(name, members) for name in (MEMBER, FACTS))
        if set(note) != {"format", "signer", "about", "signature"} or note["format"] != FORMAT:
            raise ValueError("its signature is of another format")
        signature = base64.b64decode(note["signature"], validate=True)
        if not is_name(note["signer"]) or not re.fullmatch(f"({DIGEST})?", note["about"]):
            raise ValueError("its signature names neither a party nor a question")
        if not re.fullmatch("[A-Za-z]+", manifest["type"]) or not re.fullmatch(DIGEST, manifest["digest"]):
            raise ValueError("it doesn't say what it is")
    except MALFORMED as problem:
        raise SignatureError(
            f"these bytes are no signed file: {problem}", hint="Ask the sender for the file again."
        ) from problem
    return Claim(manifest["type"], manifest["digest"], note["about"], note["signer"], signature)


def opened(data: bytes, parties: Iterable[Party], largest: int | None = None) -> Signed:
    """Check a signed file and read its value.

    Of a file that no party signed, two small JSON texts are read and nothing else.

    Parameters
    ----------
    data : bytes
    parties : iterable of Party
        Whose signatures count: the charter's parties, or those among them that may say such a thing.
    largest : int, optional
        As for :func:`~fluidmol.values.codec.unpack`: a party may be malicious, too.

    Raises
    ------
    SignatureError
        If it is no signed file, the signer is none of the parties, the signature isn't the signer's, or the content
        isn't what was signed.
    """
    claim = claimed(data)
    keys = {party.name: party.signing for party in parties}
    if claim.signer not in keys:
        known = ", ".join(sorted(keys)) or "nobody"
        raise SignatureError(f"the file is signed by {claim.signer}", hint=f"Expected a signature of: {known}.")
    if not verifies(keys[claim.signer], claim.message, claim.signature):
        raise SignatureError(
            f"the signature isn't that of {claim.signer}",
            hint="The file is forged or was altered, or the keys are not those of the charter.",
        )
    try:
        value = unpack(data, beside=(MEMBER,), largest=largest)
    except CodecError as problem:
        raise SignatureError(
            f"the file of {claim.signer} can't be used: {problem.message}", hint=problem.hint
        ) from problem
    if (type(value).__name__, value.digest) != (claim.type, claim.digest):
        raise SignatureError(f"the file of {claim.signer} holds another value than was signed")
    return Signed(value, claim.signer, claim.about)


def _table(name: str, members: dict[str, bytes]) -> dict[str, Any]:
    if name not in members:
        raise ValueError(f"there is no {name} in it")
    content = read_json(members[name])
    if not isinstance(content, dict):
        raise ValueError(f"its {name} is no table")
    return content


def is_signed(data: bytes) -> bool:
    """Check whether bytes are a packed value with a signature, right or not; :func:`opened` tells."""
    try:
        return MEMBER in read_members(data, {})[0]
    except MALFORMED:
        return False  # whoever reads it says what is wrong with it
