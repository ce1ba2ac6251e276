"""``fluid representation``: make, read and check the public representation of a private consortium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import files, options, public_tables
from fluidmol.cli.public_tables import tables_of

if TYPE_CHECKING:
    from collections.abc import Callable


app = typer.Typer(no_args_is_help=True, help="Public directions of molecules: make, read and check them.")

Transfer = Annotated[Path, typer.Option(help="Public molecules, as a file or a packed transfer set.", readable=False)]
Seed = Annotated[int, typer.Option(help="Of the draw of transfer molecules.")]
Exclude = Annotated[
    Path | None,
    typer.Option(help="Text file of InChIKeys, one a line, whose skeletons aren't learnt from: for studies only.",
                 readable=False),
]  # fmt: skip


@app.command()
def build(
    transfer: Transfer,
    out: Annotated[Path, typer.Option(help="File to write.", readable=False)],
    maker: Annotated[str, typer.Option(help="principal, or endpoints, which learns from public tables too.")] = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Option of the maker, such as directions=256; may be repeated.")
    ] = None,
    transfer_size: options.TransferSize = None,
    seed: Seed = 0,
    table: public_tables.Files = None,
    tables: public_tables.Folder = None,
    without: public_tables.Without = None,
    exclude: Exclude = None,
    smiles_column: options.SmilesColumn = None,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output file.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a representation from public molecules, and public tables. The same files make the same one."""
    from fluidmol.chem.representation.build import build as built  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.representation.known import keep  # noqa: PLC0415
    from fluidmol.cli.transfer_file import read_transfer  # noqa: PLC0415
    from fluidmol.errors import OutputError  # noqa: PLC0415
    from fluidmol.values.codec import pack  # noqa: PLC0415
    from fluidmol.values.parts import Part  # noqa: PLC0415

    if out.exists() and (out.is_dir() or not overwrite):
        raise OutputError(f"{out} is there already", hint="Give another file with --out, or add --overwrite.")
    paths = tables_of(table, tables, without)
    chosen = Part(maker or ("endpoints" if paths else "principal"), settings_of(setting or []))
    skeletons = _skeletons(exclude)
    compounds = read_transfer(transfer, transfer_size, seed, smiles_column, cached=cache, quiet=quiet)
    made = built(chosen, compounds, paths, exclude=skeletons, note=_notes(quiet))
    files.write_new(out, pack(made), overwrite=overwrite)
    keep(made)
    typer.echo(f"{out}  ({made.n_directions:,} directions, {out.stat().st_size / 1e6:.1f} MB)")
    typer.echo(f"Digest: {made.digest}")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="A representation's file.", readable=False)],
) -> None:
    """Show what a representation is and what it was made from, and keep it for charters that name it."""
    from fluidmol.chem.representation.known import keep  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.inspection.shown import print_shown  # noqa: PLC0415
    from fluidmol.cli.inspection.values import said  # noqa: PLC0415

    found = files.directions_in(file)
    keep(found)
    print_shown(said(found).but(("size", f"{found.size:,} numbers, {file.stat().st_size / 1e6:.1f} MB")))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A representation's file.", readable=False)],
    transfer: Transfer,
    transfer_size: options.TransferSize = None,
    seed: Seed = 0,
    table: public_tables.Files = None,
    tables: public_tables.Folder = None,
    exclude: Exclude = None,
    smiles_column: options.SmilesColumn = None,
    cache: options.Cache = True,
    quiet: options.Quiet = False,
) -> None:
    """Make a representation again from the files it names, and compare. Exits with 65 if it isn't made from them."""
    from fluidmol.chem.representation.compare import compared  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.transfer_file import read_transfer  # noqa: PLC0415
    from fluidmol.errors import InputError  # noqa: PLC0415

    given = files.directions_in(file)
    paths, skeletons = tables_of(table, tables, None), _skeletons(exclude)
    compounds = read_transfer(transfer, transfer_size, seed, smiles_column, cached=cache, quiet=quiet)
    found = compared(given, compounds, paths, exclude=skeletons, note=_notes(quiet))
    if found.same:
        typer.echo(f"{file} is what its sources make, to the last bit: {found.digest}")
        return
    words = (
        f"made again here, rows differ by up to {found.direction:.2g} in one direction, and products of rows by"
        f" {found.product:.2g} on the average, of 1 at most"
    )
    if not found.alike:
        raise InputError(f"{file} isn't what its sources make: {words}", hint="Don't use it: ask who made it.")
    typer.echo(f"{file} is what its sources make, but for rounding: {words}. Its own digest: {given.digest}")


def settings_of(texts: list[str]) -> dict[str, int | float]:
    """Read options of a part, each as NAME=NUMBER.

    Raises
    ------
    UsageError
        If one is no number.

    Examples
    --------
    >>> settings_of(["directions=256", "power=0.4"])
    {'directions': 256, 'power': 0.4}
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    found: dict[str, int | float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found[name] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError as problem:
            raise UsageError(f"--set {text}", hint="Expected a number, such as --set directions=256.") from problem
    return found


def _skeletons(path: Path | None) -> set[str]:
    """Read InChIKeys, or their first 14 letters."""
    import re  # noqa: PLC0415

    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.errors import InputError  # noqa: PLC0415

    if path is None:
        return set()
    lines = checked.existing_file(path).read_text(encoding="utf-8", errors="replace").split()
    for line in lines:
        if not re.fullmatch(r"[A-Z]{14}(-[A-Z]{10}-[A-Z])?", line):
            raise InputError(f"{path} has {line[:40]!r}", hint="Expected an InChIKey a line, or its first 14 letters.")
    if not lines:
        raise InputError(f"{path} is empty", hint="Expected an InChIKey a line.")
    return {line[:14] for line in lines}


def _notes(quiet: bool) -> Callable[[str], None]:
    """Print on standard error what is done and left out."""
    from fluidmol.cli.place_options import said  # noqa: PLC0415

    return (lambda _: None) if quiet else said
