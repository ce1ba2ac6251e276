"""What the coordinator has put into a place under its signature: looked at again, and repaired, at every run."""

from __future__ import annotations

from collections.abc import Sequence

from fluidmol.errors import FluidError
from fluidmol.exchange.closing import Aside, Closing, silently
from fluidmol.exchange.layout import closing_name
from fluidmol.exchange.mailbox import Mailbox
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed, seal
from fluidmol.trust.signed import opened, signed
from fluidmol.values.codec import Value


def put(
    mailbox: Mailbox,
    name: str,
    value: Value,
    about: str,
    keys: PrivateKeys,
    aside: Aside = silently,
    *,
    recipients: Sequence[str] = (),
) -> None:
    """Sign and write a value, unless it is there; what is there in its place and is something else is set aside.

    Bytes aren't compared: they may differ between versions of the libraries that write them, and sealing the same again
    gives others.

    Parameters
    ----------
    mailbox : Mailbox
    name : str
        Of the blob.
    value : Value
    about : str
        As for :func:`~fluidmol.trust.signed.signed`.
    keys : PrivateKeys
        Of who says it.
    aside : callable
        Called with name and reason when something is set aside.
    recipients : sequence of str
        Public sealing keys of those who can open it, one's own among them; if none is given, it isn't sealed.

    Raises
    ------
    OutputError
        If the place can't be written.
    """
    if name in mailbox.names(name):
        try:
            data = mailbox.read(name)
            if sealed := is_sealed(data):
                data = keys.unseal(data)
            found = opened(data, [keys.public.party("coordinator")])
            same = (type(found.value), found.value.digest, found.about) == (type(value), value.digest, about)
            if same and sealed == bool(recipients):
                return
            reason = "it isn't sealed" if same and recipients else "it holds something else than its name says"
        except FluidError as problem:
            reason = str(problem)
        mailbox.set_aside(name, reason)
        aside(name, reason)
    data = signed(value, about, keys)
    mailbox.write(name, seal(data, recipients) if recipients else data)


def close(mailbox: Mailbox, closing: Closing, keys: PrivateKeys) -> None:
    """Write down, signed, whose replies count."""
    mailbox.write(closing_name(closing.stage, closing.question), closing.to_text(keys).encode())
