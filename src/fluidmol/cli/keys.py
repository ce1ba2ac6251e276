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


@app.command()
def passphrase(
    file: Annotated[Path, typer.Argument(help="NAME.key.", metavar="NAME.key", readable=False)],
    passphrase_file: PassphraseFile = None,
    new_passphrase_file: Annotated[
        Path | None,
        typer.Option(help="File whose first line is the new passphrase; otherwise you are asked.", readable=False),
    ] = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the secret key unprotected: whoever has the file, has it.")
    ] = False,
) -> None:
    """Change the passphrase of NAME.key; the keys stay the same.

    The file is replaced whole or not at all. Copies made before, such as backups, still open with the old passphrase.
    """
    from fluidmol.cli.passphrase import asked, first_line, long_enough, passphrase_of  # noqa: PLC0415 - heavy
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.trust.keyfile import change_passphrase  # noqa: PLC0415
    from fluidmol.trust.keys import PrivateKeys  # noqa: PLC0415

    if no_passphrase and new_passphrase_file is not None:
        raise UsageError("a new passphrase and none were asked for", hint="Give one of the two options.")
    old = passphrase_of(file, passphrase_file)
    PrivateKeys.load(file, old)  # before somebody thinks of a new one
    new = None
    if not no_passphrase:
        new = long_enough(
            first_line(new_passphrase_file) if new_passphrase_file else asked("New passphrase", confirm=True)
        )
    change_passphrase(file, old, new)
    typer.echo(
        f"{file} has {'another passphrase' if new else 'NO passphrase'} now. Copies made before have the old one."
    )


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="NAME.key.", metavar="NAME.key", readable=False)],
    out: Annotated[Path, typer.Option(help="File to write, readable by its owner only.", readable=False)],
    age: Annotated[
        bool, typer.Option("--age", help="Write the sealing key as programs of age's read it, unprotected.")
    ] = False,
    pem: Annotated[
        bool, typer.Option("--pem", help="Write both keys as PKCS#8 in PEM, encrypted by the passphrase of NAME.key.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave PEM unprotected: whoever has the file, has the keys.")
    ] = False,
) -> None:
    """Write the secret keys in a form that other programs read: for a vault, or to open sealed files with age.

    Whoever has such a file can read what was sealed to you and, from PEM, sign in your name.
    """
    from fluidmol.cli.passphrase import passphrase_of  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415
    from fluidmol.trust.keyfile import write_private  # noqa: PLC0415
    from fluidmol.trust.keys import PrivateKeys  # noqa: PLC0415
    from fluidmol.trust.portable import to_age, to_pem  # noqa: PLC0415

    if age == pem:
        raise UsageError("in which form?", hint="Give --age or --pem, and one of them only.")
    if out.exists():
        raise OutputError(f"{out} is there already", hint="Choose another place with --out.")
    word = passphrase_of(file, passphrase_file)
    if pem and word is None and not no_passphrase:
        raise UsageError(
            f"{file} has no passphrase by which PEM could be encrypted",
            hint="Give it one with fluid keys passphrase, or leave PEM unprotected with --no-passphrase.",
        )
    keys = PrivateKeys.load(file, word)
    guarded = pem and not no_passphrase
    _make_folder(out.parent)
    write_private(out, (to_age(keys) if age else to_pem(keys, word if guarded else None)).encode())
    typer.echo(f"{out}  (secret: {'encrypted by the passphrase' if guarded else 'NOT protected by a passphrase'})")
    reads = "read all that was and will be sealed to"
    can = reads if age else f"sign in the name of {keys.name} and {reads}"
    typer.echo(f"Caution: whoever {'opens' if guarded else 'has'} it can {can} {keys.name}.", err=True)


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="The party's name in the consortium.", metavar="NAME")],
    files: Annotated[
        list[Path], typer.Argument(help="PEM with an Ed25519 and an X25519 key, in one file or two.", metavar="FILE...")
    ],
    out: Annotated[Path, typer.Option(help="Folder for NAME.key and NAME.pub.", readable=False)] = Path(),
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the secret key unprotected: whoever has the file, has it.")
    ] = False,
) -> None:
    """Make NAME.key and NAME.pub of keys in PEM (PKCS#8), such as a company's vault holds.

    The passphrase opens PEM, if that is encrypted, and protects NAME.key.
    """
    from fluidmol.cli.files import text_of  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.passphrase import asked, given, long_enough, new_passphrase  # noqa: PLC0415
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415
    from fluidmol.trust.portable import from_pem, pem_is_encrypted  # noqa: PLC0415

    text = "\n".join(text_of(file, "keys") for file in files)
    secret, public = out / f"{name}.key", out / f"{name}.pub"
    for path in (secret, public):
        if path.exists():
            raise OutputError(f"{path} is there already", hint="Choose another name, or another folder with --out.")
    word = None
    if pem_is_encrypted(text):
        word = given(passphrase_file)
        word = asked("Passphrase of PEM", confirm=False) if word is None else word
    try:
        keys = from_pem(name, text, word)
    except ValueError as problem:
        raise UsageError(str(problem)) from problem
    if not no_passphrase:
        word = new_passphrase(passphrase_file) if word is None else long_enough(word)
    _make_folder(out)
    keys.save(secret, None if no_passphrase else word)
    _publish(secret, public)


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
