"""A mailbox: all that engines between companies differ in.

Coordinator, partners and status see nothing of a place but named blobs that are written once. That a folder, a stick
and a server give the same results follows from that.

===================================================  ==================================================
name                                                 what it is
===================================================  ==================================================
``charter.toml``                                     the charter, as text
``transfer.fluid``                                   the public transfer set
``representation.fluid``                             the public directions, where the charter names some
``agreements/NAME.json``                             a party's signature under the charter
``requests/1-annotate-<12>.fluid``                   a question, signed by the coordinator
``requests/2-learn-<12>.fluid.age``                  the labels, signed by the coordinator, sealed to all parties
``requests/1-annotate-<12>.closed.json``             whose replies count, signed by the coordinator
``replies/<12 of the request>/NAME-<12>.fluid.age``  a reply, signed by its partner, and sealed
``outcome/labels.fluid.age``                         the labels again, signed and sealed likewise
``outcome/outcome.json``                             who took part; nothing that is in the labels
``quarantine/...``                                   what couldn't be used, with the reason beside it
===================================================  ==================================================

``<12>`` stands for the first twelve digits of a digest.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from fluidmol.errors import InputError, PolicyError
from fluidmol.values.names import is_part

CHARTER = "charter.toml"
TRANSFER = "transfer.fluid"
REPRESENTATION = "representation.fluid"
AGREEMENTS = "agreements"
REQUESTS = "requests"
REPLIES = "replies"
OUTCOME = "outcome"
QUARANTINE = "quarantine"
INBOX = "inbox"
"""Where people may put files that they were handed, under any name; only folders have one."""

LARGEST = 1 << 30
"""Most bytes that a blob may have, 1 GiB."""

LONGEST_NOTE = 1 << 18
"""Most bytes that are read of a charter, an agreement, a closing, or a reason, 256 KiB."""

LONGEST = 200
"""Most characters of a name."""

DEEPEST = 4
"""Most parts of a name."""


class RefusedError(PolicyError):
    """A place doesn't let this party do that (exit 77, as the gate's refusals)."""


@attrs.frozen
class BlobEntry:
    """What a place knows of a blob without opening it."""

    name: str
    """Its name."""

    size: int
    """Bytes."""

    when: datetime | None = None
    """When it arrived, by the place's clock, with a time zone; None if unknown."""

    arriving: bool = False
    """Whether somebody may still be writing it: what can't be read now may be whole in a minute."""


class Mailbox(Protocol):
    """Named blobs, written once.

    Names are :func:`proper <check_name>`: parts of safe characters, separated by ``/``.
    """

    def names(self, under: str = "") -> list[str]:
        """List full names of the blobs within ``under`` and below, sorted; none if there is no such part."""

    def entry(self, name: str) -> BlobEntry:
        """Say what is known of a blob without reading it.

        Raises
        ------
        MissingFileError
            If there is none.
        """

    def read(self, name: str) -> bytes:
        """Give a blob's content.

        Raises
        ------
        MissingFileError
            If there is none, or it can't be read.
        InputError
            If it is larger than the place lets anything be.
        """

    def write(self, name: str, data: bytes) -> None:
        """Write a blob, whole or not at all. The same content again changes nothing.

        Raises
        ------
        OutputError
            If there is one of that name with other content, or the place can't be written.
        """

    def set_aside(self, name: str, reason: str) -> None:
        """Move a blob to ``quarantine/``, with the reason as a text beside it.

        :func:`aside` gives its new name, and :func:`reason_text` the text, whose name has ``.txt`` added.

        Raises
        ------
        MissingFileError
            If there is none.
        OutputError
            If the place can't be written.
        """


@runtime_checkable
class Carried(Mailbox, Protocol):
    """A mailbox into which people put files by hand, under any name and in the wrong place."""

    def loose(self) -> list[str]:
        """List files that might be something and lie outside of the layout; :meth:`read` takes these names too."""

    def settle(self, loose: str, name: str) -> None:
        """Move a file to where it belongs; if the same is there already, the loose one goes.

        Raises
        ------
        OutputError
            If something else is there, or the place can't be written.
        """


def read_note(mailbox: Mailbox, name: str) -> str:
    """Read a small text; whoever may write into a place may have put anything under any name.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it is larger than :data:`LONGEST_NOTE`, or not UTF-8.
    """
    if (size := mailbox.entry(name).size) > LONGEST_NOTE:
        raise InputError(f"{name} has {size:,} bytes", hint=f"At most {LONGEST_NOTE:,} are read of a note.")
    try:
        return mailbox.read(name).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{name} isn't UTF-8 text", hint="Has it been altered on its way?") from problem


def check_name(name: str) -> str:
    """Give a name back if it is proper: it then names one file on any system, and nothing outside of the place.

    Parts begin and end with a letter or digit (or end with _ or -), hold letters, digits, ``_ . -``, and are no
    device of Windows; at most :data:`DEEPEST` parts and :data:`LONGEST` characters.

    Raises
    ------
    InputError
        If it isn't.

    Examples
    --------
    >>> check_name("replies/3f2a91c04b11/ada-0c8f1b2d3e4f.fluid")
    'replies/3f2a91c04b11/ada-0c8f1b2d3e4f.fluid'
    >>> check_name("../secret")
    Traceback (most recent call last):
    fluidmol.errors.InputError: '../secret' can't be a name in a mailbox...
    """
    if not is_proper(name):
        raise InputError(
            f"{name[:LONGEST]!r} can't be a name in a mailbox",
            hint="Names have up to four parts of letters, digits and . _ - in between, separated by /.",
        )
    return name


def is_proper(name: str) -> bool:
    """Say whether a name is proper; see :func:`check_name`.

    Examples
    --------
    >>> is_proper("inbox/ada (copy).fluid"), is_proper("aux.json")
    (False, False)
    """
    parts = name.split("/")
    return len(name) <= LONGEST and len(parts) <= DEEPEST and all(map(is_part, parts))


def short(digest: str) -> str:
    """Give the first twelve digits of a digest, as names have them.

    Examples
    --------
    >>> short("sha256:0c8f1b2d3e4f5a6b")
    '0c8f1b2d3e4f'
    """
    return digest.removeprefix("sha256:")[:12]


def aside(name: str, mark: str) -> str:
    """Give the name in the quarantine of a blob that was ``name``.

    Parameters
    ----------
    name : str
        May be anything: what can't be in a name becomes ``_``.
    mark : str
        What tells this blob from others that had the same name, say its digest.

    Examples
    --------
    >>> aside("inbox/ada (copy).fluid", "sha256:12")
    'quarantine/2188e9d8-ada__copy_.fluid'
    """
    state = hashlib.sha256(f"{name}\n{mark}".encode("utf-8", "surrogatepass")).hexdigest()
    base = re.sub(r"[^A-Za-z0-9_.-]", "_", name.rsplit("/", 1)[-1])[-60:].rstrip(".") or "_"
    return f"{QUARANTINE}/{state[:8]}-{base}"


def reason_text(name: str, reason: str) -> str:
    """Write down which blob was set aside and why: its name is the first line.

    Examples
    --------
    >>> print(reason_text("inbox/a.fluid", "damaged"), end="")
    inbox/a.fluid
    damaged
    """
    printable = name.encode("utf-8", "backslashreplace").decode().replace("\n", " ")
    return f"{printable}\n{reason.strip()}\n"
