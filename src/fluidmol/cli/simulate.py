"""``fluid simulate``: the virtual consortium on one's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli.run import cores, run_simulation


def simulate(
    source: Annotated[
        Path,
        typer.Option(
            help="Labelled molecules, divided among the partners: CSV, TSV, SMI, SDF or Parquet, gzipped or not.",
            readable=False,  # we say ourselves what can't be read, with our exit code
        ),
    ],
    transfer: Annotated[
        Path, typer.Option(help="Public molecules for teachers to annotate; no labels needed.", readable=False)
    ],
    out: Annotated[Path, typer.Option(help="Run folder to write.", readable=False)],
    external: Annotated[
        Path | None, typer.Option(help="Labelled molecules of another origin, to judge models by.", readable=False)
    ] = None,
    transfer_size: Annotated[
        int | None, typer.Option(help="Transfer molecules to draw at random; all by default.")
    ] = None,
    partners: Annotated[int, typer.Option(help="Number of partners, 2 or more.")] = 8,
    split: Annotated[str, typer.Option(help="How to divide: kmeans (by chemistry), scaffold, or random.")] = "kmeans",
    mixing: Annotated[float, typer.Option(help="Share of compounds moved to a random partner after the split.")] = 0.05,
    validation_fraction: Annotated[float, typer.Option(help="Share of the source held out to judge models by.")] = 0.2,
    preset: Annotated[
        str | None, typer.Option(help="Recipe: default, or paper-2025 for the paper's.", show_default="default")
    ] = None,
    charter: Annotated[
        Path | None, typer.Option(help="Charter file (TOML) instead of a preset.", readable=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness; 42, or the charter's, by default.")] = None,
    quorum: Annotated[
        int | None, typer.Option(help="Fewest partners with an opinion; 2, or the charter's, by default.")
    ] = None,
    smiles_column: Annotated[
        str | None, typer.Option(help="Column of the structures; found by its usual names by default.")
    ] = None,
    active_column: Annotated[
        str | None, typer.Option(help="Column of the classes; found by its usual names by default.")
    ] = None,
    value_column: Annotated[
        str | None, typer.Option(help="Column of potencies, with --threshold and --unit, instead of classes.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Potency at which a compound counts as active.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of threshold and values: M, mM, uM, nM, pM, or pIC50.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Cores to use; all by default. Results don't depend on it.")
    ] = None,
    cache: Annotated[
        bool, typer.Option(help="Keep standardised structures for next time (FLUID_CACHE names the folder).")
    ] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Run FLuID in a virtual consortium made of public data, and judge every model.

    Writes metrics.csv, labels.parquet, charter.toml, provenance.json, rejected.csv and report.html into the run folder.
    The same command with the same seed gives the same bytes of metrics and labels on one machine.
    """
    from fluidmol.chem.intake.outcomes import OutcomeColumns  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.outcome import print_outcome  # noqa: PLC0415
    from fluidmol.studies.prepare import Sources  # noqa: PLC0415
    from fluidmol.studies.simulate import Setup  # noqa: PLC0415
    from fluidmol.studies.splits import check_split  # noqa: PLC0415

    check_split(split)
    setup = checked.build(
        Setup, n_partners=partners, split=split, mixing=mixing, validation_fraction=validation_fraction
    )
    rules = checked.reachable_quorum(checked.agreed_charter(preset, charter, seed, quorum), partners)
    sources = Sources(
        source=checked.existing_file(source),
        transfer=checked.existing_file(transfer),
        external=None if external is None else checked.existing_file(external),
        transfer_size=None if transfer_size is None else checked.at_least(1, "--transfer-size", transfer_size),
        columns=OutcomeColumns(active_column, value_column, threshold, unit),
        smiles_column=smiles_column,
    )
    run_simulation(
        sources, rules, setup, out,
        workers=checked.at_least(1, "--workers", cores() if workers is None else workers),
        cached=cache, overwrite=overwrite, title=f"Virtual consortium of {partners} partners", quiet=quiet,
    )  # fmt: skip
    print_outcome(out)
