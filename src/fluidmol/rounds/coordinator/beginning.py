"""How the coordinator begins: charter, transfer set and its own signature are put into a place."""

from __future__ import annotations

from fluidmol.chem.representation.known import remember
from fluidmol.coordinator.founding import check_representation, check_transfer, representation_digest
from fluidmol.errors import CharterError, InputError, MissingFileError
from fluidmol.exchange.contents import agreements, read_charter
from fluidmol.exchange.layout import agreement_name
from fluidmol.exchange.mailbox import AGREEMENTS, CHARTER, REPRESENTATION, TRANSFER, Mailbox
from fluidmol.rounds.public import stored_representation, stored_transfer
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.changes import changes
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.representation import Representation


def set_up(
    mailbox: Mailbox, charter: Charter, transfer: CompoundSet | None, keys: PrivateKeys,
    representation: Representation | None = None,
) -> CompoundSet:  # fmt: skip
    """Put charter, public sets and the coordinator's agreement into a place, if they aren't there.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
        With parties and a transfer set.
    transfer : CompoundSet, optional
        May be left out once it is there.
    keys : PrivateKeys
        The coordinator's.
    representation : Representation, optional
        Where the charter names public directions; may be left out once they are there.

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
        _check_same(mailbox, charter)
    except MissingFileError:
        if transfer is not None:
            check_transfer(charter, transfer)
        if representation is not None:
            check_representation(charter, representation)
        mailbox.write(CHARTER, charter.to_toml().encode())
    except CharterError as problem:
        # Our signature there says which charter the place belongs to: what is called so is damaged.
        if keys.name not in agreements(mailbox, charter).signed:
            raise
        mailbox.set_aside(CHARTER, problem.message)
        mailbox.write(CHARTER, charter.to_toml().encode())
    known = _transfer(mailbox, charter, transfer)
    if representation_digest(charter):
        remember(_representation(mailbox, charter, representation))
    if keys.name not in agreements(mailbox, charter).signed:
        _clear(mailbox, agreement_name(keys.name), agreement)
        mailbox.write(agreement_name(keys.name), agreement.encode())
    return known


def _check_same(mailbox: Mailbox, charter: Charter) -> None:
    if (found := read_charter(mailbox)).digest != charter.digest:
        raise CharterError(
            f"there is another charter in this place already: {found.digest}, and yours is {charter.digest}"
            f" ({'; '.join(changes(found, charter))})",
            hint="A changed charter is another charter: use a new folder for it.",
        )


def _transfer(mailbox: Mailbox, charter: Charter, given: CompoundSet | None) -> CompoundSet:
    if TRANSFER in mailbox.names(TRANSFER):
        try:
            return stored_transfer(mailbox, charter)
        except (InputError, CharterError) as problem:
            mailbox.set_aside(TRANSFER, str(problem))
            if given is None:
                raise InputError(
                    f"{problem.message}; it was set aside",
                    hint="The same command puts it there anew, from transfer.fluid beside the charter or `transfer`.",
                ) from problem
    if given is None:
        raise InputError(
            "the transfer set isn't in this place yet, and isn't given", hint="Give it once, with `transfer`."
        )
    check_transfer(charter, given)
    mailbox.write(TRANSFER, pack(given))
    return given


def _representation(mailbox: Mailbox, charter: Charter, given: Representation | None) -> Representation:
    if REPRESENTATION in mailbox.names(REPRESENTATION):
        try:
            return stored_representation(mailbox, charter)
        except (InputError, CharterError) as problem:
            mailbox.set_aside(REPRESENTATION, str(problem))
            if given is None:
                raise InputError(
                    f"{problem.message}; it was set aside",
                    hint="The same command puts it there anew, from representation.fluid beside the charter.",
                ) from problem
    if given is None:
        raise InputError(
            "the public directions aren't in this place yet, and aren't given",
            hint="Put representation.fluid, which fluid charter new wrote, beside the charter.",
        )
    check_representation(charter, given)
    mailbox.write(REPRESENTATION, pack(given))
    return given


def _clear(mailbox: Mailbox, name: str, agreement: str) -> None:
    """Make room for one's own agreement, if something else has its name."""
    if name in mailbox.names(AGREEMENTS) and mailbox.read(name) != agreement.encode():
        mailbox.set_aside(name, "this isn't the signature that it is called after")
