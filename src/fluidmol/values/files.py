"""Files: written whole or not at all, and read only where there is something to read."""

from __future__ import annotations

import secrets
from pathlib import Path

from fluidmol.errors import InputError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside ``path``, then rename: a reader, or an interrupted run, never meets half a file.

    Parameters
    ----------
    path : Path
        Its folder must be there; a file of this name is replaced.
    content : str or bytes
        Text is written as UTF-8, line ends as they are.

    Raises
    ------
    OSError
        If the folder can't be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), "whole")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    # Made by open and not by tempfile, whose files nobody but their owner may read.
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with part.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def refuse_pipe(path: Path) -> None:
    """Refuse a pipe or a device, on which a command would wait; what isn't there is left to who opens it.

    Raises
    ------
    InputError
        If it is one.
    OSError
        If its folder can't be looked into.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"{path} is no regular file", hint="Expected a file on a disk, not a pipe or a device.")
