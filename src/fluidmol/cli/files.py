"""Small files that commands read and write: keys, charters, agreements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.trust.keys import PublicKeys
    from fluidmol.values.charter import Charter
    from fluidmol.values.representation import Representation

LARGEST = 1 << 20
"""Bytes that none of these files exceeds."""


def text_of(path: Path, what: str, *, pipe: bool = False) -> str:
    """Read a small text file, with or without the mark (BOM) that some editors put before it.

    Parameters
    ----------
    path : Path
    what : str
        What it should hold, for messages.
    pipe : bool
        Whether it may be a pipe, as a shell's ``<(command)`` is one.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it is no regular file, too large, or not UTF-8.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.errors import InputError, MissingFileError  # noqa: PLC0415

    try:
        with checked.existing_file(path, pipe=pipe).open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError(f"{path} is too large to be {what}", hint="Give another file.")
        return data.decode("utf-8-sig")
    except OSError as problem:
        raise MissingFileError(f"{path} can't be read: {problem.strerror}", hint="Check its rights.") from problem
    except UnicodeDecodeError as problem:
        raise InputError(f"{path} isn't UTF-8 text", hint=f"Expected {what} in it.") from problem


def charter_in(path: Path) -> Charter:
    """Read a charter file.

    Raises
    ------
    FluidError
        If it isn't there, or is no charter.
    """
    from fluidmol.values.charter import Charter  # noqa: PLC0415

    return Charter.from_toml(text_of(path, "a charter"), str(path))


def directions_in(path: Path) -> Representation:
    """Read packed public directions, and remember them in this process.

    Raises
    ------
    FluidError
        If they aren't there, or it is something else.
    """
    from fluidmol.chem.representation.known import LARGEST, remember  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.values.codec import read_value  # noqa: PLC0415
    from fluidmol.values.representation import Representation  # noqa: PLC0415

    found = read_value(checked.existing_file(path), Representation, LARGEST)
    remember(found)
    return found


def agreed_in(path: Path) -> Charter:
    """Read a charter file; its public directions, if it names some and they lie beside it, are remembered.

    Raises
    ------
    FluidError
        If it isn't there, or is no charter; if the directions can't be used.
    """
    from fluidmol.coordinator.founding import representation_digest  # noqa: PLC0415 - heavy

    charter, beside = charter_in(path), path.with_name("representation.fluid")
    if representation_digest(charter) and beside.exists():
        directions_in(beside)
    return charter


def public_keys(path: Path) -> PublicKeys:
    """Read a public key file.

    Raises
    ------
    FluidError
        If it isn't there, or is none.
    """
    from fluidmol.trust.keys import PublicKeys  # noqa: PLC0415

    text = text_of(path, "public keys")
    if '"fluidmol private keys' in text:
        from fluidmol.errors import InputError  # noqa: PLC0415

        raise InputError(f"{path} is a private key file", hint="Keep it to yourself, and give NAME.pub.")
    return PublicKeys.from_toml(text, str(path))


def write_new(path: Path, content: str | bytes, *, overwrite: bool = False) -> bool:
    """Write a file whole, but leave one of the same content as it is.

    Returns
    -------
    bool
        Whether it was written.

    Raises
    ------
    OutputError
        If another one is there, or it can't be written.
    """
    from fluidmol.errors import OutputError  # noqa: PLC0415
    from fluidmol.values.files import write_whole  # noqa: PLC0415

    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_dir() and path.read_bytes() == data:
            return False
        if path.exists() and (path.is_dir() or not overwrite):
            raise OutputError(f"{path} is there already", hint="Choose another place, or replace it with --overwrite.")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as problem:
        raise OutputError(f"{path} can't be written: {problem.strerror}", hint="Choose another place.") from problem
    return True
