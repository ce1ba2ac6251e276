"""Where a consortium meets: a folder, or a server's address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fluidmol.engines.folder import FolderMailbox
from fluidmol.engines.mailbox import Mailbox
from fluidmol.errors import OutputError, UsageError


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
        A folder, or an address that begins with ``https://``.
    identity : Path, optional
        Folder with the client certificate for a server.
    create : bool
        Whether a folder that isn't there is made.
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
        If there is no identity for a server, or it is another party's.
    UnavailableError
        If the identity can't be used, say because it has expired.
    InputError
        If the server's address is none; whether it can be had shows later.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     open_place(folder).names()
    []
    """
    if place.startswith(("http://", "https://")):
        from fluidmol.engines.drop.client import HttpMailbox  # noqa: PLC0415 - only who goes to a server needs it

        if identity is None:
            raise UsageError(
                f"{place} asks for a certificate", hint="Name its folder with --identity; see fluid enrol."
            )
        mailbox = HttpMailbox(place, identity, said=said)
        if who and mailbox.asker != who:
            raise UsageError(
                f"the certificate in {identity} is that of {mailbox.asker or 'nobody'}, and not of {who}",
                hint=f"Name the folder that {who} has enrolled into with --identity.",
            )
        return mailbox
    path = Path(place)
    if create and not path.exists():
        try:
            path.mkdir(parents=True)
        except OSError as problem:
            raise OutputError(f"{path} can't be made: {problem.strerror}", hint="Check its rights.") from problem
    return FolderMailbox(path)
