"""``fluid annotate``: a partner's opinions of a large transfer set, piece by piece, on one machine or on many."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli import options, teachers
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine
    from fluidmol.partner.assay import Assay
    from fluidmol.partner.speaker import Speaker
    from fluidmol.progress import Stages
    from fluidmol.rounds.partner.home import Home
    from fluidmol.rounds.partner.share import TransferShare
    from fluidmol.values.charter import Charter
    from fluidmol.values.pieces import Pieces


@teachers.brings_model
@reads_measurements
@uses_engine
def annotate(
    transfer: Annotated[
        Path,
        typer.Argument(
            metavar="TRANSFER",
            help="The transfer set: a folder of fluid transfer build, whose shards are read one by one; transfer.fluid;"
            " or the file of molecules.",
        ),
    ],
    name: Annotated[str, typer.Option("--as", help="Your name in the consortium; seeds derive from it.")],
    data: Annotated[
        Path | None, typer.Option(help="Your labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel.", readable=False)
    ] = None,
    charter: Annotated[
        Path | None, typer.Option(help="The charter file; the one in your home by default.", readable=False)
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Your folder for this consortium, as for fluid answer, where opinions are kept; NAME-<charter> here by"
            " default. Several machines must see the same one."
        ),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Annotate the i-th of n shares only, say 3/40.", metavar="I/N")
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Only fit your teacher, and what speaks for it: the step before all shares.")
    ] = False,
    columns: OutcomeColumns = COLUMNS,
    own: dict[str, Any] = teachers.OWN,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    quiet: options.Quiet = False,
) -> None:
    """Annotate a large transfer set, or a share of it, before fluid answer sends anything. Nothing leaves.

    Opinions are kept in your home piece by piece: the same command goes on after an interruption, several may run at
    once, and fluid answer takes what is there. A shard that can't be read is named and left out; the rest goes on.
    """
    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.speaker import Speaker  # noqa: PLC0415
    from fluidmol.rounds.partner.share import TransferShare  # noqa: PLC0415
    from fluidmol.values.names import is_part  # noqa: PLC0415

    if not is_part(name):
        raise UsageError(f"--as is {name!r}", hint="Expected a name in a consortium: letters, digits, _ . and -.")
    share = _share(shard)
    if fit and shard is not None:
        raise UsageError("--fit is given with --shard", hint="First --fit alone; then all shares, in any order.")
    agreed, own_home = _agreed(charter, home, name)
    memory = StandardCache() if cache else None
    with working(engine, quiet) as stages:
        molecules = _molecules(transfer, agreed, memory, stages)
        n_shards = len(molecules.sizes)
        if n_shards == 1:
            typer.echo(f"The transfer set is one shard of {len(molecules):,} molecules: fluid answer annotates it.")
            return
        recipe = teachers.recipe(
            **own, answers=own_home.path / "answers", kept=own_home.kept_model, cache=memory, note=stages.note,
        )  # fmt: skip
        if data is None and recipe.learns:
            raise UsageError("it isn't said which compounds your teacher learns from", hint="Give --data FILE.")
        assay = None if data is None else _assay(data, columns, agreed, memory, stages)
        speaker = Speaker(name, assay, recipe, own_home.pieces)
        with stages.stage("teacher"):
            _begin(speaker, agreed, molecules)
        if fit:
            typer.echo("The teacher is ready. Now all shares, in any order: fluid annotate ... --shard I/N")
            typer.echo(f"There are {n_shards} shards: of more than {n_shards} shares some have nothing to do.")
            return
        with stages.stage("opinions"):
            ours = TransferShare(speaker, molecules)
            ours.annotate(range(share[0] - 1, n_shards, share[1]), stages.advance, stages.note)
    _tell(ours, own_home)


def _tell(share: TransferShare, home: Home) -> None:
    """Print what is there now.

    Raises
    ------
    CodecError
        If a piece couldn't be read.
    """
    from fluidmol.errors import CodecError  # noqa: PLC0415 - heavy

    n, there, unreadable = len(share.transfer.sizes), share.n_annotated, share.unreadable
    if share.n_done:
        typer.echo(f"{share.n_done:,} molecules in {share.seconds:.1f} s ({share.rate:,.0f} a second).")
    typer.echo(f"{there} of {n} shards are annotated, in {share.speaker.folder}. Nothing has left.")
    if unreadable:
        places = ", ".join(str(place + 1) for place in sorted(unreadable))
        raise CodecError(
            f"{len(unreadable)} of {n} shards can't be used ({places}), such as: {unreadable[min(unreadable)].message}",
            hint="What is finished is kept: get these again, then repeat the command.",
        )
    if there == n:
        typer.echo(f"That is all of it: fluid answer --home {home.path} sends it, through your policy.")


def _share(text: str | None) -> tuple[int, int]:
    from fluidmol.errors import UsageError  # noqa: PLC0415 - heavy

    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", "1/1" if text is None else text.strip())
    share = (0, 0) if found is None else (int(found[1]), int(found[2]))
    if not 1 <= share[0] <= share[1]:
        raise UsageError(f"--shard is {text!r}", hint="Expected I/N with I from 1 to N, say 3/40.")
    return share


def _agreed(charter: Path | None, home: Path | None, name: str) -> tuple[Charter, Home]:
    """Read the charter, its public directions if it names some, and find the home."""
    from fluidmol.cli.files import agreed_in  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.rounds.partner.home import Home  # noqa: PLC0415

    if charter is None and home is None:
        raise UsageError("it isn't said under which charter", hint="Give --charter FILE, or --home FOLDER with one.")
    found = agreed_in(Home(home).charter if charter is None and home is not None else charter or Path())
    own = Home(home) if home is not None else Home.beside(Path(name), name, found)
    if own.charter.exists() and (kept := agreed_in(own.charter)).digest != found.digest:
        raise UsageError(
            f"{own.path} is the home of another charter ({kept.digest}), and {charter} has {found.digest}",
            hint="Give this charter a --home of its own.",
        )
    return found, own


def _molecules(path: Path, charter: Charter, cache: StandardCache | None, stages: Stages) -> Pieces:
    from fluidmol.chem.pool.shards import BuiltSet, is_built  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.consortium import read_transfer  # noqa: PLC0415
    from fluidmol.errors import CharterError  # noqa: PLC0415
    from fluidmol.values.pieces import InMemory  # noqa: PLC0415

    found: Pieces
    if is_built(path):
        found = BuiltSet.open(path)
    else:
        with stages.stage("transfer set"):
            found = InMemory(read_transfer(path, cache, stages))
    if found.digest != charter.transfer_digest:
        raise CharterError(
            f"{path} isn't the charter's transfer set: its digest is {found.digest}, expected"
            f" {charter.transfer_digest or 'one that the charter names, and it names none'}",
            hint="Give the transfer set of this consortium.",
        )
    return found


def _assay(path: Path, columns: OutcomeColumns, charter: Charter, cache: StandardCache | None, stages: Stages) -> Assay:
    from fluidmol.cli import checked  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.readings import print_readings  # noqa: PLC0415
    from fluidmol.partner.assay import Assay  # noqa: PLC0415
    from fluidmol.partner.measurements import read_measurements  # noqa: PLC0415

    with stages.stage("own compounds"):
        read = read_measurements(
            checked.existing_file(path), columns.also(path), charter, cache=cache, progress=stages.advance
        )
    print_readings({path.name: read.reading})
    return Assay.of(read)


def _begin(speaker: Speaker, charter: Charter, molecules: Pieces) -> None:
    from fluidmol.errors import InputError  # noqa: PLC0415 - heavy

    if reason := speaker.begin(charter, molecules):
        raise InputError(f"there is nothing to annotate: {reason}", hint="fluid answer would decline for this reason.")
