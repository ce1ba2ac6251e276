"""Read what any party finds in a place: the charter, who agreed, what the coordinator asks, what was set aside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import attrs

from fluidmol.errors import CharterError, FluidError, InputError, MissingFileError, SignatureError
from fluidmol.exchange.layout import is_request, request_name
from fluidmol.exchange.mailbox import (
    AGREEMENTS,
    CHARTER,
    QUARANTINE,
    REQUESTS,
    Mailbox,
    read_note,
)
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import opened
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Learn, Request

_REQUEST = 64 << 20
"""Bytes that any question may have: the labels' experts are the largest part that doesn't grow with the molecules."""


@attrs.frozen
class Agreements:
    """Whose signatures under the charter are there."""

    signed: Mapping[str, str]
    """Digests of the signatures' texts, by party."""

    refused: Mapping[str, str]
    """Why others don't count, by name of the blob."""


def read_charter(mailbox: Mailbox) -> Charter:
    """Read the charter of a place.

    Raises
    ------
    MissingFileError
        If there is none.
    CharterError
        If it is none, or names no parties.
    """
    if CHARTER not in mailbox.names(CHARTER):
        raise MissingFileError(
            f"there is no {CHARTER} in this place", hint="The coordinator puts it there with: fluid federate."
        )
    try:
        charter = Charter.from_toml(read_note(mailbox, CHARTER), CHARTER)
    except InputError as problem:
        raise CharterError(problem.message, hint=problem.hint) from problem
    if not charter.parties:
        raise CharterError(f"{CHARTER} names no parties", hint="Make one that does with: fluid charter new.")
    return charter


def read_request(mailbox: Mailbox, name: str, charter: Charter, keys: PrivateKeys | None = None) -> Request:
    """Read a question, and check that the charter's coordinator asks it under this charter.

    Parameters
    ----------
    mailbox : Mailbox
    name : str
        Of the blob.
    charter : Charter
    keys : PrivateKeys, optional
        Of a party: without them, what is sealed can't be read.

    Raises
    ------
    MissingFileError
        If there is none.
    SignatureError
        If it is something else, or sealed and the keys don't open it.
    """
    size, largest = mailbox.entry(name).size, _REQUEST + 16 * charter.transfer_size * (len(charter.parties) + 1)
    if size > largest:
        raise SignatureError(
            f"it has {size:,} bytes", hint=f"No question under this charter has more than {largest:,}."
        )
    data = mailbox.read(name)
    if is_sealed(data):
        if keys is None:
            raise SignatureError("it is sealed to the charter's parties", hint="Only their keys open it.")
        data = keys.unseal(data)
    value = opened(data, [charter.coordinator], largest).value
    if not isinstance(value, Annotate | Learn):
        raise SignatureError(f"it holds a {type(value).__name__}", hint="Expected a question.")
    if value.charter.digest != charter.digest:
        raise SignatureError(f"it is a question under another charter ({value.charter.digest})")
    return value


def requests(mailbox: Mailbox, charter: Charter, keys: PrivateKeys | None = None) -> list[Request]:
    """Give the coordinator's questions under this charter in their order; what isn't theirs is passed over.

    So is what is sealed, without the keys of a party.
    """
    found: dict[str, Request] = {}
    for name in mailbox.names(REQUESTS):
        if is_request(name):
            try:
                value = read_request(mailbox, name, charter, keys)
            except FluidError:
                continue
            found[value.digest] = value
    return sorted(found.values(), key=request_name)


def agreements(mailbox: Mailbox, charter: Charter) -> Agreements:
    """See who signed the charter. Of several signatures of one party each counts once."""
    signed: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name in mailbox.names(AGREEMENTS):
        try:
            text = read_note(mailbox, name)
            signed[check(text, charter)] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        except FluidError as problem:
            refused[name] = str(problem)
    return Agreements(dict(sorted(signed.items())), refused)


def reasons(mailbox: Mailbox) -> list[tuple[str, str]]:
    """Give for each blob that was set aside the name that it had, and why."""
    found = []
    for name in mailbox.names(QUARANTINE):
        if name.endswith(".txt"):
            try:
                before, _, reason = read_note(mailbox, name).partition("\n")
            except FluidError:
                continue
            found.append((before.strip(), reason.strip()))
    return found
