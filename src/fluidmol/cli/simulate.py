"""``fluid simulate``: the virtual consortium on one's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import options, public_tables, virtual
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.run import run_simulation
from fluidmol.cli.scale_options import ENDS, Ends, asked_about, scale_of, takes_ends
from fluidmol.cli.workers import ENGINE, uses_engine

if TYPE_CHECKING:
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine


@reads_measurements
@takes_ends
@uses_engine
def simulate(
    source: virtual.Source,
    transfer: options.Transfer,
    out: Annotated[Path, typer.Option(help="Run folder to write.", readable=False)],
    external: virtual.External = None,
    transfer_size: options.TransferSize = None,
    partners: virtual.Partners = 8,
    split: virtual.Split = "kmeans",
    mixing: virtual.Mixing = 0.05,
    validation_fraction: virtual.ValidationFraction = 0.2,
    validation_split: virtual.ValidationSplit = "random",
    date_column: virtual.DateColumn = None,
    preset: options.Preset = None,
    charter: options.CharterFile = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness; 42, or the charter's, by default.")] = None,
    quorum: options.Quorum = None,
    table: public_tables.Files = None,
    tables: public_tables.Folder = None,
    without_table: public_tables.Without = None,
    columns: OutcomeColumns = COLUMNS,
    ends: Ends = ENDS,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    ceiling: Annotated[
        str | None,
        typer.Option(
            help="Kinds of pooled models that compete to be T0, separated by commas: random-forest, lightgbm and "
            "logistic by default; chemprop; none: T0 is of the teachers' make."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Run FLuID in a virtual consortium made of public data, and judge every model.

    Writes metrics.csv, labels.parquet, charter.toml, provenance.json, rejected.csv and report.html into the run folder.
    The same command with the same seed gives the same bytes of metrics and labels on one machine.
    """
    from fluidmol.cli import checked  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.outcome import print_outcome  # noqa: PLC0415
    from fluidmol.studies.lab.ceiling import USUAL  # noqa: PLC0415
    from fluidmol.studies.simulation import plan_of  # noqa: PLC0415

    setup = virtual.setup(partners, split, mixing, validation_fraction, validation_split, date_column)
    rules = checked.reachable_quorum(checked.agreed_charter(preset, charter, seed, quorum), partners)
    rules = asked_about(rules, scale_of(ends, columns.unit))
    sources = virtual.sources(
        source, transfer, external, transfer_size, columns, public_tables.tables_of(table, tables, without_table),
        date_column=date_column,
    )  # fmt: skip
    run_simulation(
        plan_of(sources, rules, setup, USUAL if ceiling is None else ceiling), out,
        engine=engine, cached=cache, overwrite=overwrite, quiet=quiet,
        title=f"Virtual consortium of {partners} partners",
    )  # fmt: skip
    print_outcome(out)
