"""``fluid keys``: a party's keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli.passphrase import PassphraseFile

app = typer.Typer(no_args_is_help=True, help="A party's keys.")


@app.callback()
def keys() -> None:
    """Make and look at the keys by which a party signs, and by which others seal to it."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The party's name in the consortium.", metavar="NAME")],
    out: Annotated[Path, typer.Option(help="Folder for NAME.key and NAME.pub.", readable=False)] = Path(),
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the secret key unprotected: whoever has the file, has it.")
    ] = False,
) -> None:
    """Make new keys: NAME.key is secret and stays with you, NAME.pub may be sent to anybody.

    Keep a backup of NAME.key and its passphrase. Nobody can restore them.
    """
    from fluidmol.cli.passphrase import new_passphrase  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415
    from fluidmol.trust.keys import PrivateKeys, public_of  # noqa: PLC0415

    try:
        made = PrivateKeys.generate(name)
    except ValueError as problem:
        raise UsageError(str(problem)) from problem
    secret, public = out / f"{name}.key", out / f"{name}.pub"
    if public.exists() or (secret.exists() and public_of(secret).name != name):
        raise OutputError(f"{public} is there already", hint="Choose another name, or another folder with --out.")
    # A key without its public part is what an interrupted command leaves behind.
    if not secret.exists():
        passphrase = None if no_passphrase else new_passphrase(passphrase_file)
        _make_folder(out)
        made.save(secret, passphrase)
    _publish(secret, public)


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="NAME.key or NAME.pub.", metavar="FILE", readable=False)],
) -> None:
    """Show whose keys they are and their fingerprint; never anything secret."""
    from fluidmol.cli.files import public_keys, text_of  # noqa: PLC0415
    from fluidmol.trust.keyfile import FORMAT, readable_by_others  # noqa: PLC0415
    from fluidmol.trust.keys import needs_passphrase, public_of  # noqa: PLC0415

    private = FORMAT in text_of(file, "keys")
    found = public_of(file) if private else public_keys(file)
    typer.echo(f"Name:         {found.name}")
    typer.echo(f"Fingerprint:  {found.fingerprint}")
    typer.echo(f"Signing key:  {found.signing}")
    typer.echo(f"Sealing key:  {found.sealing}")
    if private:
        guard = "encrypted by a passphrase" if needs_passphrase(file) else "NOT protected by a passphrase"
        typer.echo(f"Secret part:  {guard}{'; other users may read the file' if readable_by_others(file) else ''}")


def _make_folder(folder: Path) -> None:
    from fluidmol.errors import OutputError  # noqa: PLC0415

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"{folder} can't be made: {problem.strerror}", hint="Choose another folder.") from problem


def _publish(secret: Path, public: Path) -> None:
    from fluidmol.cli.files import write_new  # noqa: PLC0415
    from fluidmol.trust.keys import public_of  # noqa: PLC0415

    found = public_of(secret)
    write_new(public, found.to_toml())
    typer.echo(f"{secret}  (secret: keep it, with a backup, and never send it)")
    typer.echo(f"{public}  (send it to the coordinator)")
    typer.echo(f"Fingerprint: {found.fingerprint}")
