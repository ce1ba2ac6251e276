"""What a place holds before anything is asked: the charter, the transfer set, and who agreed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import attrs

from fluidmol.coordinator.founding import check_transfer
from fluidmol.engines.layout import agreement_name
from fluidmol.engines.mailbox import AGREEMENTS, CHARTER, TRANSFER, Mailbox
from fluidmol.errors import CharterError, CodecError, FluidError, InputError, MissingFileError
from fluidmol.trust.agreement import agree, check
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.changes import changes
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet


@attrs.frozen
class Agreements:
    """Whose signatures under the charter are there."""

    signed: Mapping[str, str]
    """Digests of the signatures' texts, by party."""

    refused: Mapping[str, str]
    """Why others don't count, by name of the blob."""


def set_up(mailbox: Mailbox, charter: Charter, transfer: CompoundSet | None, keys: PrivateKeys) -> CompoundSet:
    """Put charter, transfer set and the coordinator's agreement into a place, if they aren't there.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
        With parties and a transfer set.
    transfer : CompoundSet, optional
        May be left out once it is there.
    keys : PrivateKeys
        The coordinator's.

    Returns
    -------
    CompoundSet
        The transfer set.

    Raises
    ------
    CharterError
        If the place belongs to another charter, the keys aren't the coordinator's, or the transfer set is another.
    InputError
        If the transfer set isn't given, or damaged.
    OutputError
        If the place can't be written.
    """
    if keys.name != charter.coordinator.name:
        raise CharterError(
            f"the keys are those of {keys.name}, and {charter.coordinator.name} is the charter's coordinator",
            hint=f"Give the key of {charter.coordinator.name}.",
        )
    agreement = agree(charter, keys)
    try:
        if (found := read_charter(mailbox)).digest != charter.digest:
            raise CharterError(
                f"there is another charter in this place already: {found.digest}, and yours is {charter.digest}"
                f" ({'; '.join(changes(found, charter))})",
                hint="A changed charter is another charter: use a new folder for it.",
            )
    except MissingFileError:
        if transfer is not None:
            check_transfer(charter, transfer)
        mailbox.write(CHARTER, charter.to_toml().encode())
    known = _transfer(mailbox, charter, transfer)
    if keys.name not in agreements(mailbox, charter).signed:
        _clear(mailbox, agreement_name(keys.name), agreement)
        mailbox.write(agreement_name(keys.name), agreement.encode())
    return known


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
        charter = Charter.from_toml(mailbox.read(CHARTER).decode("utf-8-sig"), CHARTER)
    except UnicodeDecodeError as problem:
        raise CharterError(f"{CHARTER} isn't UTF-8 text", hint="Has it been altered on its way?") from problem
    if not charter.parties:
        raise CharterError(f"{CHARTER} names no parties", hint="Make one that does with: fluid charter new.")
    return charter


def read_transfer(mailbox: Mailbox, charter: Charter) -> CompoundSet:
    """Read the transfer set of a place, and check that it is the charter's.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it is damaged.
    CharterError
        If it is another one.
    """
    try:
        found = unpack(mailbox.read(TRANSFER))
    except CodecError as problem:
        raise InputError(f"{TRANSFER} is damaged: {problem.message}", hint="Ask the coordinator for it.") from problem
    if not isinstance(found, CompoundSet):
        raise InputError(f"{TRANSFER} holds a {type(found).__name__}", hint="Expected molecules.")
    check_transfer(charter, found)
    return found


def agreements(mailbox: Mailbox, charter: Charter) -> Agreements:
    """See who signed the charter. Of several signatures of one party each counts once."""
    signed: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name in mailbox.names(AGREEMENTS):
        try:
            data = mailbox.read(name)
            party = check(data.decode("utf-8-sig"), charter)
            signed[party] = "sha256:" + hashlib.sha256(data).hexdigest()
        except UnicodeDecodeError:
            refused[name] = "it isn't UTF-8 text"
        except FluidError as problem:
            refused[name] = str(problem)
    return Agreements(dict(sorted(signed.items())), refused)


def _transfer(mailbox: Mailbox, charter: Charter, given: CompoundSet | None) -> CompoundSet:
    if TRANSFER in mailbox.names(TRANSFER):
        return read_transfer(mailbox, charter)
    if given is None:
        raise InputError(
            "the transfer set isn't in this place yet, and isn't given", hint="Give it once, with --transfer."
        )
    check_transfer(charter, given)
    mailbox.write(TRANSFER, pack(given))
    return given


def _clear(mailbox: Mailbox, name: str, agreement: str) -> None:
    """Make room for one's own agreement, if something else has its name."""
    if name in mailbox.names(AGREEMENTS) and mailbox.read(name) != agreement.encode():
        mailbox.set_aside(name, "this isn't the signature that it is called after")
