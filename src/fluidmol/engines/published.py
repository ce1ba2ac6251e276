"""What the coordinator has put into a place under its signature: looked at again, and repaired, at every run."""

from __future__ import annotations

from collections.abc import Callable

from fluidmol.engines.closing import Closing, read_closing
from fluidmol.engines.layout import closing_name
from fluidmol.engines.mailbox import REQUESTS, Mailbox, read_note
from fluidmol.errors import FluidError, SignatureError
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import opened, signed
from fluidmol.values.charter import Charter
from fluidmol.values.codec import Value

Aside = Callable[[str, str], None]
"""Called with name and reason when something is set aside."""


def silently(_name: str, _reason: str) -> None:
    """Say nothing of what is set aside."""


def put(mailbox: Mailbox, name: str, value: Value, about: str, keys: PrivateKeys, aside: Aside = silently) -> None:
    """Sign and write a value, unless it is there; what is there in its place and is something else is set aside.

    Bytes aren't compared: those of Parquet may differ between versions of its writer.

    Raises
    ------
    OutputError
        If the place can't be written.
    """
    if name in mailbox.names(name):
        try:
            found = opened(mailbox.read(name), [keys.public.party("coordinator")])
            if (type(found.value), found.value.digest, found.about) == (type(value), value.digest, about):
                return
            reason = "it holds something else than its name says"
        except FluidError as problem:
            reason = str(problem)
        mailbox.set_aside(name, reason)
        aside(name, reason)
    mailbox.write(name, signed(value, about, keys))


def read_closed(
    mailbox: Mailbox, charter: Charter, stage: str, question: str, aside: Aside | None = None
) -> Closing | None:
    """Read whose replies count; None if that isn't settled yet.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    stage, question : str
        As for :func:`~fluidmol.engines.layout.closing_name`.
    aside : callable, optional
        If given, what isn't the coordinator's word is set aside.
    """
    name = closing_name(stage, question)
    if name not in mailbox.names(REQUESTS):
        return None
    try:
        closing = read_closing(read_note(mailbox, name), charter)
        if (closing.stage, closing.question) != (stage, question):
            raise SignatureError("it is about another question")
    except FluidError as problem:
        if aside is not None:
            mailbox.set_aside(name, str(problem))
            aside(name, str(problem))
        return None
    return closing


def close(mailbox: Mailbox, closing: Closing, keys: PrivateKeys) -> None:
    """Write down, signed, whose replies count."""
    mailbox.write(closing_name(closing.stage, closing.question), closing.to_text(keys).encode())
