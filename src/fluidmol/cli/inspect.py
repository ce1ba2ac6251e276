"""``fluid inspect``: what a file is and what it says, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli.passphrase import PassphraseFile, private_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from fluidmol.cli.inspection.shown import Shown
    from fluidmol.trust.keys import PrivateKeys
    from fluidmol.values.charter import Charter


def inspect(
    file: Annotated[
        Path, typer.Argument(help="Any file of a consortium: .fluid, .age, .toml, .json, .jsonl, .pub.", readable=False)
    ],
    charter: Annotated[
        Path | None, typer.Option(help="The charter, by whose keys signatures are checked.", readable=False)
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Your private key file: opens what is sealed to you.", readable=False)
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Explain a file: what it is, who signed it, what it says. Nothing is changed or sent."""
    from fluidmol.cli import checked  # noqa: PLC0415 - heavier than a help page needs, as are those below
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.cli.inspection.shown import print_shown  # noqa: PLC0415

    agreed = None if charter is None else charter_in(charter)
    keys = None if key is None else lambda: private_keys(key, passphrase_file)
    print_shown(explained(checked.existing_file(file), agreed, keys))


def explained(path: Path, charter: Charter | None, keys: Callable[[], PrivateKeys] | None = None) -> Shown:
    """Say what a file is and what it says.

    Parameters
    ----------
    path : Path
    charter : Charter or None
        By which signatures are checked.
    keys : callable, optional
        Gives the keys by which what is sealed is opened; called for nothing else.

    Raises
    ------
    FluidError
        If it can't be read, or is none of ours.
    """
    from fluidmol.cli.inspection.packed import packed  # noqa: PLC0415
    from fluidmol.cli.inspection.sealed import sealed  # noqa: PLC0415
    from fluidmol.cli.inspection.texts import text  # noqa: PLC0415
    from fluidmol.errors import InputError  # noqa: PLC0415
    from fluidmol.trust.sealing import is_sealed  # noqa: PLC0415

    data = _content(path)
    if is_sealed(data) and keys is None:
        return sealed(data)
    if is_sealed(data) and keys is not None:
        opener = keys()
        return packed(opener.unseal(data), charter).but(("sealed", f"yes; opened by the key of {opener.name}"))
    if data.startswith(b"PK"):
        return packed(data, charter)
    try:
        shown = text(path, data.decode("utf-8-sig"), charter) if data.strip() else None
    except UnicodeDecodeError:
        shown = None
    if shown is None:
        raise InputError(
            f"{path} is no file of a consortium" if data else f"{path} is empty",
            hint="Expected a .fluid file, sealed or not, a charter, an agreement, keys, a policy or a ledger.",
        )
    return shown


def _content(path: Path) -> bytes:
    from fluidmol.errors import InputError, MissingFileError  # noqa: PLC0415
    from fluidmol.values.codec import LARGEST  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            # Twice what a member may have: nothing of ours is larger.
            data = file.read(2 * LARGEST + 1) if path.is_file() else b""
    except OSError as problem:
        raise MissingFileError(f"{path} can't be read: {problem.strerror}", hint="Check its rights.") from problem
    if len(data) > 2 * LARGEST:
        raise InputError(f"{path} is larger than {2 * LARGEST} bytes", hint="No file of a consortium is.")
    return data
