"""Read the public sets of a place, and check that they are the charter's: both sides do before they use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fluidmol.chem.intake.claims import check_claims
from fluidmol.coordinator.founding import check_representation, check_transfer
from fluidmol.errors import CodecError, InputError
from fluidmol.exchange.mailbox import REPRESENTATION, TRANSFER, Mailbox
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.representation import Representation

T = TypeVar("T", CompoundSet, Representation)

_DIRECTIONS = 256 << 20
"""Bytes that public directions may have."""

_TRANSFER, _MOLECULE = 1 << 20, 1 << 12
"""Bytes that any transfer set may have, and more for each molecule: SMILES of small molecules take some 50."""

Look = Callable[[CompoundSet], object]
"""Refuses molecules that aren't what they are said to be."""


def read_transfer(mailbox: Mailbox, charter: Charter, look: Look = check_claims) -> CompoundSet:
    """Read the transfer set of a place, and check that it is the charter's, and is what it is said to be.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    look : callable
        Looks at the molecules; by default :func:`~fluidmol.chem.intake.claims.check_claims`, without a memory.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it is damaged.
    CharterError
        If it is another one, or its molecules aren't what they are said to be.
    """
    found = stored_transfer(mailbox, charter)
    look(found)
    return found


def stored_transfer(mailbox: Mailbox, charter: Charter) -> CompoundSet:
    """Read the transfer set of a place as :func:`read_transfer`, but believe what it says of its molecules."""
    largest = _TRANSFER + _MOLECULE * charter.transfer_size
    found = _stored(mailbox, TRANSFER, CompoundSet, largest, "Expected molecules.")
    check_transfer(charter, found)
    return found


def stored_representation(mailbox: Mailbox, charter: Charter) -> Representation:
    """Read the public directions of a place, and check that they are the charter's.

    Raises
    ------
    MissingFileError
        If there are none.
    InputError
        If they are damaged.
    CharterError
        If they are others, or made from another transfer set.
    """
    found = _stored(mailbox, REPRESENTATION, Representation, _DIRECTIONS, "Expected public directions.")
    check_representation(charter, found)
    return found


def _stored(mailbox: Mailbox, name: str, kind: type[T], largest: int, expected: str) -> T:
    """Read a value that nobody has signed: whoever may write into the place may have put it there."""
    if (size := mailbox.entry(name).size) > largest:
        raise InputError(f"{name} has {size:,} bytes", hint=f"That of this charter has no more than {largest:,}.")
    try:
        found = unpack(mailbox.read(name), largest=largest)
    except CodecError as problem:
        raise InputError(f"{name} can't be used: {problem.message}", hint="Ask the coordinator for it.") from problem
    if not isinstance(found, kind):
        raise InputError(f"{name} holds a {type(found).__name__}", hint=expected)
    return found
