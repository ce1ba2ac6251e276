"""What commands that work over a place share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol.exchange.mailbox import Mailbox
    from fluidmol.values.charter import Charter
    from fluidmol.values.compounds import CompoundSet
    from fluidmol.values.representation import Representation

Place = Annotated[
    str,
    typer.Argument(
        help="Where the consortium meets: a folder, a server's https:// address, or a store's, say s3:// or sftp://.",
        metavar="PLACE",
    ),
]
Identity = Annotated[
    Path | None,
    typer.Option(help="Folder with your client certificate, as fluid enrol makes it; for servers.", readable=False),
]


def keep_out(place: str, private: Mapping[str, Path | None]) -> None:
    """Refuse files and folders of one's own that lie within the place, where others read.

    Parameters
    ----------
    place : str
        A folder; in a server's address nothing can lie.
    private : mapping of str to Path or None
        What the options name, by option.

    Raises
    ------
    UsageError
        Naming the first that does.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.exchange.places import folder_of  # noqa: PLC0415

    if (folder := folder_of(place)) is None:
        return
    for option, path in private.items():
        if path is not None and _within(path, folder):
            raise UsageError(
                f"--{option} is {path}, which lies in {place}: everybody who can read the place could read it, and what"
                " is kept beside it",
                hint="Nothing was written. Move it to a folder of your own, outside of the place.",
            )


def _within(path: Path, folder: Path) -> bool:
    # As it is called, and as it is: a link may lead into the folder or out of it.
    for found in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100 - Path.absolute leaves the dots
        for above in (Path(found), *Path(found).parents):
            with suppress(OSError):
                if above == Path(os.path.realpath(folder)) or above.samefile(folder):
                    return True
    return False


def said(text: str) -> None:
    """Say what was done, on standard error; names in it were given by others."""
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    line = plain(in_options(text))
    typer.echo(f"{line[:1].upper()}{line[1:]}", err=True)


def transfer_of(mailbox: Mailbox, given: Path | None, beside: Path, *, quiet: bool) -> CompoundSet | None:
    """Read a transfer set, if the place has none yet.

    Parameters
    ----------
    mailbox : Mailbox
    given : Path or None
        What the user named.
    beside : Path
        Where it is otherwise, perhaps.
    quiet : bool
        Show no progress.

    Raises
    ------
    FluidError
        If it can't be used.
    """
    from fluidmol.cli.transfer_file import read_transfer  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.exchange.mailbox import TRANSFER  # noqa: PLC0415

    path = given if given is not None else beside if beside.is_file() else None
    if path is None or TRANSFER in mailbox.names(TRANSFER):
        return None
    return read_transfer(path, None, 0, None, cached=True, quiet=quiet)


def representation_of(mailbox: Mailbox, charter: Charter, beside: Path) -> Representation | None:
    """Read the public directions beside a charter, if it names some and the place has none yet.

    Raises
    ------
    FluidError
        If they can't be used.
    """
    from fluidmol.cli.files import directions_in  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.coordinator.founding import representation_digest  # noqa: PLC0415
    from fluidmol.exchange.mailbox import REPRESENTATION  # noqa: PLC0415

    if not representation_digest(charter) or not beside.is_file() or REPRESENTATION in mailbox.names(REPRESENTATION):
        return None
    return directions_in(beside)
