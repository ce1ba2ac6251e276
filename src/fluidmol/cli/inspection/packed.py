"""Packed values, signed or not: whose they are, and whether that is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fluidmol.cli.inspection.shown import Shown
from fluidmol.cli.plain import size

if TYPE_CHECKING:
    from fluidmol.values.charter import Charter
    from fluidmol.values.codec import Value


def packed(data: bytes, charter: Charter | None) -> Shown:
    """Say what a packed value says, and check its signature if the charter is at hand.

    Parameters
    ----------
    data : bytes
    charter : Charter or None
        Its parties' signatures count.

    Raises
    ------
    FluidError
        If it can't be read.
    """
    from fluidmol.trust.signed import is_signed  # noqa: PLC0415 - heavy
    from fluidmol.values.codec import unpack  # noqa: PLC0415

    if not is_signed(data):
        shown = _about(unpack(data), charter)
        return shown.but(("size", size(len(data))), ("signature", "none: anybody may have written this"))
    return _signed(data, charter)


def _signed(data: bytes, charter: Charter | None) -> Shown:
    from fluidmol.errors import SignatureError  # noqa: PLC0415
    from fluidmol.trust.signed import MEMBER, claimed, opened  # noqa: PLC0415
    from fluidmol.values.codec import unpack  # noqa: PLC0415

    claim = claimed(data)
    about = (("answers", f"the question {claim.about}"),) if claim.about else ()
    facts = (("size", size(len(data))), ("signer", claim.signer), *about)
    if charter is None:
        shown = _about(unpack(data, beside=(MEMBER,)), None)
        return shown.but(*facts, ("signature", "not checked: give the charter with --charter"))
    try:
        value = opened(data, charter.parties).value
    except SignatureError as problem:
        # What it says isn't shown: nobody knows who says it.
        shown = Shown(f"A file that claims to be a {claim.type} of {claim.signer}")
        return shown.but(*facts, ("signature", "NOT VALID"), problem=problem)
    party = next(party for party in charter.parties if party.name == claim.signer)
    valid = f"valid: {party.name}, {party.role} of this charter, fingerprint {party.fingerprint}"
    shown = _about(value, charter).but(*facts, ("signature", valid))
    speaker = getattr(value, "partner", claim.signer)
    if speaker != claim.signer:
        return shown.but(problem=SignatureError(f"it speaks in the name of {speaker!r}, but {claim.signer} signed it"))
    return shown


def _about(value: Value, charter: Charter | None) -> Shown:
    """Say what it says, and whether it belongs to the charter."""
    from fluidmol.cli.inspection.values import said  # noqa: PLC0415 - heavy

    shown = said(value, charter)
    if charter is None:
        return shown
    named = getattr(value, "charter", None)
    digest = named if isinstance(named, str | None) else named.digest
    if digest is None:
        # Molecules belong to a charter that names them.
        if charter.transfer_digest == value.digest:
            return shown.but(("belongs", "to this charter: its transfer set"))
        return shown
    if digest == charter.digest:
        return shown.but(("belongs", "to this charter"))
    return shown.but(("belongs", f"to ANOTHER charter; the one that you gave is {charter.digest}"))
