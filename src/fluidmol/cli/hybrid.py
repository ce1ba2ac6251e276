"""``fluid hybrid``: what taking part gives to one partner, on its own machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from fluidmol.cli import consortium, options, teachers
from fluidmol.cli.hybrid_fit import fit
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.chem.intake.measurements.reading import Reading
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine
    from fluidmol.partner.own_model import OwnModel
    from fluidmol.partner.tuning.tune import Plan, Tuned
    from fluidmol.progress import Stages
    from fluidmol.values.publication import Publication

app = typer.Typer(no_args_is_help=True, help="What a hybrid gives to one partner.")
app.command()(fit)


@app.callback()
def hybrids() -> None:
    """Look at hybrids on a partner's own machine; nothing is sent anywhere."""


@app.command()
@teachers.brings_baseline
@reads_measurements
@uses_engine
def tune(
    assay: Annotated[
        Path,
        typer.Option(
            "--assay",
            "--data",
            readable=False,
            help="Your own labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel, gzipped too.",
        ),
    ],
    labels: consortium.AnyLabels = None,
    charter: consortium.CharterFile = None,
    transfer: consortium.Transfer = None,
    run: Annotated[
        Path | None,
        typer.Option(
            help="Instead of --labels: folder of a simulation, with charter.toml, labels.fluid and labels.parquet.",
            readable=False,
        ),
    ] = None,
    partner: Annotated[str | None, typer.Option("--partner", "--as", help="Your name in the consortium.")] = None,
    newcomer: Annotated[
        bool, typer.Option("--newcomer", help="You took no part: nothing in the labels is yours.")
    ] = False,
    split: Annotated[
        str, typer.Option(help="What to hold out together: cluster, scaffold, random, or time (the newest).")
    ] = "cluster",
    date_column: Annotated[str | None, typer.Option(help="Column of the dates, for --split time.")] = None,
    folds: Annotated[int, typer.Option(help="Folds, or windows of time, 2 or more.")] = 5,
    repeats: Annotated[int, typer.Option(help="How many times folds are dealt anew.")] = 1,
    alternatives: Annotated[
        bool, typer.Option(help="Try hybrids that learn from labels near your own chemistry, too.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for tune.csv and tune.json.", readable=False)] = None,
    columns: OutcomeColumns = COLUMNS,
    own: dict[str, Any] = teachers.OWN,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace tune.csv and tune.json.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """See what a hybrid gains on your own compounds before you adopt it.

    Own compounds are held out, and teacher and hybrid, fitted without them, are compared on them. Nothing is sent.
    """
    from fluidmol.cli import checked, tuned  # noqa: PLC0415
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.readings import print_readings  # noqa: PLC0415
    from fluidmol.partner.tuning.tune import Plan  # noqa: PLC0415

    _check_names(partner, newcomer, split, date_column)
    plan = checked.build(Plan, split=split, folds=folds, repeats=repeats, alternatives=alternatives)
    table = _Table(checked.existing_file(assay), columns, date_column)
    consortium.check_given(labels, charter, transfer, run)
    tuned.check_folder(out, overwrite=overwrite)
    kept = caches(wanted=cache)
    with working(engine, quiet) as stages:
        given = labels or Path()  # one of both, as was checked
        public = consortium.read_run(run) if run else consortium.read_public(given, charter, transfer, kept, stages)
        called = consortium.own_among(labels, public.labels.partners, partner or "")
        mine = attrs.evolve(public, labels=public.labels.renamed({called: partner})) if partner else public
        model = teachers.own_model(own, cache=kept, note=stages.note, progress=stages.advance)
        found, reading = _tuned(table, mine, partner, plan, model, kept, stages)
    if out is not None:
        tuned.write(found, public, partner, out, reading)
    print_readings({assay.name: reading})
    tuned.print_tuned(found, out)


@attrs.frozen
class _Table:
    """Which file holds the compounds, and which of its columns says what."""

    path: Path
    columns: OutcomeColumns
    date: str | None


def _check_names(partner: str | None, newcomer: bool, split: str, date_column: str | None) -> None:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if (partner is None) != newcomer:
        raise UsageError(
            "both --partner and --newcomer are given" if newcomer else "it isn't said who you are",
            hint="Give --as NAME, or --newcomer if your company took no part in the round.",
        )
    if split == "time" and date_column is None:
        raise UsageError("--split time needs dates", hint="Name their column with --date-column.")
    if split != "time" and date_column is not None:
        raise UsageError(f"--date-column is given with --split {split}", hint="Dates are for --split time.")


def _tuned(
    table: _Table, public: Publication, partner: str | None, plan: Plan, own: OwnModel, cache: StandardCache | None,
    stages: Stages,
) -> tuple[Tuned, Reading]:  # fmt: skip
    from fluidmol.chem.intake.dates import read_dates  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.partner.assay import Assay  # noqa: PLC0415
    from fluidmol.partner.measurements import read_measurements  # noqa: PLC0415
    from fluidmol.partner.tuning.tune import tune as tuning  # noqa: PLC0415

    with stages.stage("own compounds"):
        read = read_measurements(table.path, table.columns, public.charter, cache=cache, progress=stages.advance)
        dates = None
        notes: list[str] = []
        if table.date is not None:
            wanted = table.columns
            dates = read_dates(
                table.path, table.date, read.compounds, smiles_column=wanted.smiles_column, sheet=wanted.sheet,
                cache=cache, note=notes.append,
            )  # fmt: skip
    with stages.stage("held-out compounds"):
        found = tuning(
            Assay.of(read), public, partner, plan, own=own,
            dates=dates, progress=stages.advance,
        )  # fmt: skip
    # A date that can't be read is part of how the file was understood.
    return found, attrs.evolve(read.reading, cautions=(*read.reading.cautions, *notes))
