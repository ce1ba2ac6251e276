"""``fluid charter``: what a consortium agrees on before anyone computes."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli.caution import caution
from fluidmol.cli.charter_new import new
from fluidmol.cli.passphrase import PassphraseFile

if TYPE_CHECKING:
    from fluidmol.values.charter import Charter

app = typer.Typer(no_args_is_help=True, help="What a consortium agrees on.")
app.command()(new)

LONGEST = 4000
"""Characters that are shown of a sentence."""

File = Annotated[Path, typer.Argument(help="The charter, a TOML file.", metavar="FILE", readable=False)]


@app.callback()
def charters() -> None:
    """Make, check, read and sign the charter that a consortium works under."""


@app.command()
def show(
    file: File,
    against: Annotated[
        str | None,
        typer.Option(help="Preset to compare it with: private, open or paper-2025; its own by default."),
    ] = None,
) -> None:
    """Say in plain words what a charter asks of those who sign it, where it isn't its preset, and give its digest."""
    from fluidmol.cli.files import charter_in  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.coordinator.differences import compared_with  # noqa: PLC0415
    from fluidmol.coordinator.terms import Clause, terms  # noqa: PLC0415

    charter = charter_in(file)
    compared = compared_with(charter, against)
    preset = f"; its recipe began as the preset {charter.preset}" if charter.preset else ""
    typer.echo(plain(f"Charter of {charter.name}{preset}"))
    for clause in (*terms(charter), Clause(compared.title, compared.lines)):
        typer.echo(f"\n{clause.title}")
        for line in clause.lines:
            # Others wrote the names and the description.
            said = plain(line, LONGEST)
            typer.echo(textwrap.fill(said, 96, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False))
    typer.echo(f"\nDigest: {charter.digest}")
    typer.echo("Who signs the charter signs this digest: whatever is changed, the digest is another one.")


@app.command()
def check(
    file: File,
    transfer: Annotated[
        Path | None, typer.Option(help="The transfer set, packed or as any file of molecules.", readable=False)
    ] = None,
    agreements: Annotated[
        Path | None, typer.Option(help="Folder with the parties' signatures; exit code 75 while some are missing.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Another charter, say the one that was signed: say what differs.", readable=False),
    ] = None,
    smiles_column: Annotated[str | None, typer.Option(help="Column of the structures in the transfer set.")] = None,
) -> None:
    """Check that a charter is complete and can be carried out, and who has signed it."""
    from fluidmol.charters.feasible import check_parts  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_complete  # noqa: PLC0415
    from fluidmol.values.changes import changes  # noqa: PLC0415

    charter = charter_in(file)
    if against is not None:
        for line in changes(charter_in(against), charter) or ("The charters are the same.",):
            typer.echo(plain(line))
    check_complete(charter)
    check_parts(charter)
    typer.echo(f"{file}: complete, {len(charter.partners)} partners, quorum {charter.quorum}")
    caution(charter)
    if transfer is not None:
        _check_transfer(charter, transfer, smiles_column)
        typer.echo(f"{transfer}: the charter's transfer set, {charter.transfer_size:,} molecules")
    typer.echo(f"Digest: {charter.digest}")
    if agreements is not None:
        _check_agreements(charter, agreements)


@app.command()
def sign(
    file: File,
    key: Annotated[Path, typer.Option(help="Your private key file, NAME.key.", readable=False)],
    out: Annotated[Path, typer.Option(help="Folder for the signature, NAME.json.")] = Path("agreements"),
    passphrase_file: PassphraseFile = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace your signature under another charter.")
    ] = False,
) -> None:
    """Accept a charter: sign its digest. Read it first, with fluid charter show."""
    from fluidmol.charters.feasible import check_parts  # noqa: PLC0415
    from fluidmol.cli.files import charter_in, write_new  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.passphrase import private_keys  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_complete  # noqa: PLC0415
    from fluidmol.trust.agreement import agree  # noqa: PLC0415

    charter = charter_in(file)
    check_complete(charter)
    check_parts(charter)
    keys = private_keys(key, passphrase_file)
    place = out / f"{keys.name}.json"
    if place.exists() and not overwrite:
        _refuse_another(place, charter)
    fresh = write_new(place, agree(charter, keys), overwrite=overwrite)
    caution(charter)
    typer.echo(f"{keys.name} {'has signed' if fresh else 'had signed already'}: {charter.digest}")
    typer.echo(f"{place}  (send it to the coordinator)")


def _refuse_another(place: Path, charter: Charter) -> None:
    from fluidmol.cli.files import text_of  # noqa: PLC0415
    from fluidmol.errors import OutputError, SignatureError  # noqa: PLC0415
    from fluidmol.trust.agreement import check as check_agreement  # noqa: PLC0415

    try:
        check_agreement(text_of(place, "a signature"), charter)
    except SignatureError as problem:
        raise OutputError(
            f"{place} is there already: {problem.message}",
            hint="A changed charter is another charter. Read it again, and sign it with --overwrite if you accept it.",
        ) from problem


def _check_transfer(charter: Charter, path: Path, smiles_column: str | None) -> None:
    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.sound import sound  # noqa: PLC0415
    from fluidmol.cli.transfer_file import read_transfer  # noqa: PLC0415
    from fluidmol.cli.workers import engaged, engine_of  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_transfer  # noqa: PLC0415

    with engaged(engine_of(None)):
        found = read_transfer(path, None, 0, smiles_column, cached=True, quiet=False)
        check_transfer(charter, found)
        sound(found, StandardCache())


def _check_agreements(charter: Charter, folder: Path) -> None:
    from fluidmol.cli.files import text_of  # noqa: PLC0415
    from fluidmol.errors import AwaitingError, MissingFileError, SignatureError  # noqa: PLC0415
    from fluidmol.trust.agreement import standing  # noqa: PLC0415

    if not folder.is_dir():
        raise MissingFileError(f"{folder} is no folder", hint="Give the one that holds the signatures, NAME.json.")
    found = standing({path.name: text_of(path, "a signature") for path in sorted(folder.glob("*.json"))}, charter)
    for name in found.signed:
        typer.echo(f"{name}: signed")
    for where, reason in found.refused:
        typer.echo(f"{folder / where}: refused, {reason}")
    if found.refused:
        raise SignatureError(
            f"{len(found.refused)} files in {folder} are no signatures under this charter",
            hint="See above; --against OLD-CHARTER says what differs.",
        )
    if found.missing:
        raise AwaitingError(
            f"not signed yet by {', '.join(found.missing)}", hint="They sign with: fluid charter sign FILE --key KEY."
        )
