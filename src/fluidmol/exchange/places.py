"""Where a consortium meets: a folder, or an address that a package can open."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from fluidmol.errors import OutputError, UnavailableError, UsageError
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.mailbox import Mailbox

GROUP = "fluidmol.mailboxes"
"""Entry points that open addresses, each called after a scheme such as ``https``; see :class:`Opener`."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


class Opener(Protocol):
    """Opens addresses of one scheme."""

    def __call__(self, place: str, *, identity: Path | None, who: str, said: Callable[[str], None]) -> Mailbox:
        """Open an address; parameters and errors are those of :func:`open_place`."""


def open_place(
    place: str,
    *,
    identity: Path | None = None,
    create: bool = False,
    who: str = "",
    said: Callable[[str], None] = lambda _: None,
) -> Mailbox:
    """Open a place by what people call it.

    Parameters
    ----------
    place : str
        A folder, or an address such as ``https://host:port``, ``s3://bucket/folder`` or ``sftp://host/folder``.
    identity : Path, optional
        Folder with the client certificate for a server.
    create : bool
        Whether a folder that isn't there is made; of stores, those that have folders.
    who : str
        Whose identity it must be; anybody's by default.
    said : callable
        Called with a sentence when a server doesn't answer at first.

    Raises
    ------
    MissingFileError
        If there is no such folder, or no identity in its folder.
    OutputError
        If the folder can't be made.
    UsageError
        If there is no identity for a server, or it is another party's; or the address is none, or has a password in it.
    UnavailableError
        If nothing is installed that opens such an address, or the identity can't be used, say because it has expired.
    InputError
        If the address is none; whether it can be had shows later.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     open_place(folder).names()
    []
    """
    path = folder_of(place)
    if path is None:
        scheme = scheme_of(place)
        for entry in entry_points(group=GROUP, name=scheme):
            opener: Opener = entry.load()
            return opener(place, identity=identity, who=who, said=said)
        if scheme in ("http", "https"):
            raise UnavailableError(
                f"nothing that is installed opens {scheme}:// addresses",
                hint="Install fluidmol again: its package fluidmol_drop, the client of a server, isn't found.",
            )
        from fluidmol.exchange.stores.opening import open_store  # noqa: PLC0415 - only who goes to a store needs it

        return open_store(scheme, place, create=create, said=said)
    if create and not path.exists():
        try:
            path.mkdir(parents=True)
        except OSError as problem:
            raise OutputError(f"{path} can't be made: {problem.strerror}", hint="Check its rights.") from problem
    return FolderMailbox(path)


def scheme_of(place: str) -> str:
    """Return the scheme of an address; empty if the place is a folder's path.

    Examples
    --------
    >>> scheme_of("HTTPS://drop.example:8443"), scheme_of("D:/share"), scheme_of("share")
    ('https', '', '')
    """
    found = _SCHEME.match(place)
    return found[1].lower() if found else ""


def folder_of(place: str) -> Path | None:
    """Return the folder that a place is, be it a path or ``file:///path``; None if it is elsewhere.

    Raises
    ------
    UsageError
        If it is a file's address on another machine, or looks like an address and is none.

    Examples
    --------
    >>> folder_of("share"), folder_of("https://drop.example:8443")
    (...Path('share'), None)
    """
    scheme = scheme_of(place)
    if scheme not in ("", "file"):
        return None
    if not scheme and "://" in place:
        raise UsageError(f"{place} is neither a folder nor an address", hint="Expected a path, or SCHEME://...")
    if not scheme:
        return Path(place)
    address = urlsplit(place)
    if address.netloc not in ("", "localhost") or not address.path:
        raise UsageError(f"{place} is no folder of this machine", hint="Expected a path, or file:///PATH.")
    return Path(unquote(address.path))
