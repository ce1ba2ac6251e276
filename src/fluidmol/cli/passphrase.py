"""Passphrases and keys on the command line. A passphrase is never an option's value: others may see those."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol.trust.keys import PrivateKeys

SHORTEST = 8
"""Characters that a new passphrase has at least."""

WAYS = "Set FLUID_PASSPHRASE or FLUID_PASSPHRASE_FILE, or give --passphrase-file FILE."

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="File whose first line is the key's passphrase; FLUID_PASSPHRASE can hold it too, or name"
                 " its file: FLUID_PASSPHRASE_FILE.", readable=False),
]  # fmt: skip


def private_keys(path: Path, passphrase_file: Path | None) -> PrivateKeys:
    """Load private keys, with a passphrase from where it was put, or asked for on a terminal.

    Raises
    ------
    UsageError
        If a passphrase is needed and there is none.
    MissingFileError, InputError
        If a file can't be read, is no key file, or the passphrase is wrong.
    """
    from fluidmol.trust.keys import PrivateKeys  # noqa: PLC0415 - heavy

    return PrivateKeys.load(path, passphrase_of(path, passphrase_file))


def passphrase_of(path: Path, passphrase_file: Path | None) -> str | None:
    """Return the passphrase of a private key file, as :func:`private_keys` does; None if it needs none.

    Raises
    ------
    UsageError, MissingFileError, InputError
        As there; whether it is right is seen when the file is opened.
    """
    from fluidmol.trust.keyfile import readable_by_others  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.trust.keys import needs_passphrase  # noqa: PLC0415

    if not needs_passphrase(path):
        return None
    if readable_by_others(path):
        typer.echo(f"Caution: other users of this machine may read {path}; make it private: chmod 600 {path}", err=True)
    found = given(passphrase_file)
    if found is None:
        found = asked(f"Passphrase of {path}", confirm=False)
    return found


def new_passphrase(passphrase_file: Path | None) -> str:
    """Give the passphrase for a new key.

    Raises
    ------
    UsageError
        If there is none, or it is too short.
    MissingFileError, InputError
        If its file can't be read.
    """
    found = given(passphrase_file)
    return long_enough(asked("Passphrase for the new key", confirm=True) if found is None else found)


def long_enough(found: str) -> str:
    """Return a new passphrase if it is long enough.

    Raises
    ------
    UsageError
        If it isn't.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if len(found) < SHORTEST:
        raise UsageError(
            "the passphrase is too short", hint=f"Expected {SHORTEST} characters or more; take some words."
        )
    return found


def given(passphrase_file: Path | None) -> str | None:
    """Give the passphrase from its file, or the environment; None if it is in neither.

    The option comes before ``FLUID_PASSPHRASE_FILE``, and that before ``FLUID_PASSPHRASE``.

    Raises
    ------
    MissingFileError, InputError
        If a file is named and can't be read, or holds no text.
    """
    named = os.environ.get("FLUID_PASSPHRASE_FILE", "")
    path = passphrase_file or (Path(named) if named else None)
    if path is None:
        return os.environ.get("FLUID_PASSPHRASE") or None
    return first_line(path)


def first_line(path: Path) -> str:
    """Return the passphrase that a file begins with.

    Raises
    ------
    MissingFileError, InputError
        If the file can't be read, or its first line is empty.
    """
    from fluidmol.cli.files import text_of  # noqa: PLC0415
    from fluidmol.errors import InputError  # noqa: PLC0415

    first = text_of(path, "the passphrase", pipe=True).partition("\n")[0].removesuffix("\r")
    if not first:
        raise InputError(f"the first line of {path} is empty", hint="Expected a passphrase there.")
    return first


def asked(question: str, *, confirm: bool) -> str:
    """Ask for a passphrase on the terminal, twice if it is a new one.

    Raises
    ------
    UsageError
        If nobody is there to ask.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if not sys.stdin.isatty():
        raise UsageError("a passphrase is needed, and nobody is there to ask", hint=WAYS)
    # On standard error: what a command says on standard output may be going to a file.
    answer: str = typer.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer
