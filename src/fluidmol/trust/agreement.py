"""Agreements: a party accepts a charter by signing its digest. A changed charter is another charter."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from fluidmol.errors import CharterError, SignatureError
from fluidmol.trust.keys import PrivateKeys, verifies
from fluidmol.values.arrays import DIGEST
from fluidmol.values.charter import Charter
from fluidmol.values.parties import is_name
from fluidmol.values.strict_json import read_json

FORMAT = "fluidmol agreement 1"
"""First line of what is signed."""

_LARGEST = 1 << 12


def agree(charter: Charter, keys: PrivateKeys) -> str:
    """Sign a charter.

    Parameters
    ----------
    charter : Charter
        One that names its parties.
    keys : PrivateKeys
        Of one of them.

    Returns
    -------
    str
        A small JSON text, the same each time.

    Raises
    ------
    CharterError
        If the charter names no such party with these keys.

    Examples
    --------
    >>> import attrs
    >>> hub, acme = PrivateKeys.generate("hub"), PrivateKeys.generate("acme")
    >>> parties = (hub.public.party("coordinator"), acme.public.party("partner"))
    >>> charter = attrs.evolve(Charter.from_preset("open"), quorum=1, parties=parties)
    >>> check(agree(charter, acme), charter)
    'acme'
    """
    public = keys.public
    known = {party.name: party for party in charter.parties}
    if public.name not in known:
        names = ", ".join(known) or "nobody"
        raise CharterError(f"{public.name} is no party of the charter", hint=f"It names: {names}.")
    if known[public.name].fingerprint != public.fingerprint:
        raise CharterError(
            f"the charter names other keys for {public.name}",
            hint=f"It has {known[public.name].fingerprint}, and yours are {public.fingerprint}.",
        )
    signature = base64.b64encode(keys.sign(_message(charter.digest, public.name))).decode()
    note = {"format": FORMAT, "charter": charter.digest, "party": public.name, "signature": signature}
    return json.dumps(note, indent=1) + "\n"


def check(text: str, charter: Charter) -> str:
    """Check an agreement.

    Parameters
    ----------
    text : str
        As :func:`agree` wrote it.
    charter : Charter

    Returns
    -------
    str
        Name of the party that signed this very charter.

    Raises
    ------
    SignatureError
        If it is no agreement, to another charter, of nobody whom the charter names, or the signature isn't theirs.
    """
    note = _read(text)
    name, signature = note["party"], note["signature"]
    if note["charter"] != charter.digest:
        raise SignatureError(
            f"{name} signed the charter {note['charter']}, and this one is {charter.digest}",
            hint="A changed charter is another charter, and needs everybody's signature.",
        )
    signing = {party.name: party.signing for party in charter.parties}
    if name not in signing:
        raise SignatureError(f"{name} is no party of the charter", hint=f"It names: {', '.join(signing) or 'nobody'}.")
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        raw = b""
    if not verifies(signing[name], _message(charter.digest, name), raw):
        raise SignatureError(
            f"the signature under the charter isn't that of {name}", hint="It is forged, or was altered."
        )
    return name


@attrs.frozen
class AgreementStatus:
    """Who has signed a charter."""

    signed: tuple[str, ...]
    """Parties whose signature is there, in the charter's order."""

    missing: tuple[str, ...]
    """Parties whose signature isn't."""

    refused: tuple[tuple[str, str], ...]
    """Names of files that are no signature under this charter, each with the reason."""


def standing(texts: Mapping[str, str], charter: Charter) -> AgreementStatus:
    """Say who has signed a charter.

    Parameters
    ----------
    texts : mapping of str to str
        Name of a file to its content.
    charter : Charter

    Returns
    -------
    AgreementStatus
    """
    found, refused = set(), []
    for where, text in sorted(texts.items()):
        try:
            found.add(check(text, charter))
        except SignatureError as problem:
            refused.append((where, problem.message))
    names = [party.name for party in charter.parties]
    return AgreementStatus(
        tuple(name for name in names if name in found),
        tuple(name for name in names if name not in found),
        tuple(refused),
    )


def _message(digest: str, name: str) -> bytes:
    return f"{FORMAT}\n{digest}\n{name}\n".encode()


def _read(text: str) -> dict[str, str]:
    try:
        # Editors that were used to look at it may have put a mark (BOM) before it.
        note: Any = read_json(text.removeprefix("\ufeff")) if len(text) <= _LARGEST else None
    except (ValueError, RecursionError):
        note = None
    fields = {"format", "charter", "party", "signature"}
    if (
        not isinstance(note, dict)
        or set(note) != fields
        or note["format"] != FORMAT
        or not all(isinstance(value, str) for value in note.values())
        # Both are quoted in messages, and others wrote them.
        or not is_name(note["party"])
        or not re.fullmatch(DIGEST, note["charter"])
    ):
        raise SignatureError("this is no agreement", hint="Expected what fluid charter sign writes.")
    return note
