"""Where a consortium meets: a folder, or a server's address."""

from __future__ import annotations

from pathlib import Path

from fluidmol.engines.folder import FolderMailbox
from fluidmol.engines.mailbox import Mailbox
from fluidmol.errors import OutputError, UnavailableError


def open_place(place: str, *, identity: Path | None = None, create: bool = False) -> Mailbox:
    """Open a place by what people call it.

    Parameters
    ----------
    place : str
        A folder, or an address that begins with ``https://``.
    identity : Path, optional
        Folder with the client certificate for a server.
    create : bool
        Whether a folder that isn't there is made.

    Raises
    ------
    MissingFileError
        If there is no such folder.
    OutputError
        If the folder can't be made.
    UnavailableError
        If the server can't be had.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     open_place(folder).names()
    []
    """
    if place.startswith(("http://", "https://")):
        known = "" if identity is None else f" as {identity}"
        raise UnavailableError(f"{place} can't be reached{known} by this version", hint="Give a folder.")
    path = Path(place)
    if create and not path.exists():
        try:
            path.mkdir(parents=True)
        except OSError as problem:
            raise OutputError(f"{path} can't be made: {problem.strerror}", hint="Check its rights.") from problem
    return FolderMailbox(path)
