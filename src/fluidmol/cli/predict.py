"""``fluid predict``: molecules to predictions, with what tells how far to believe them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import consortium, options
from fluidmol.cli.named import LabelsOfStudent, Model, read_model
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from fluidmol.engines.engine import Engine
    from fluidmol.partner.kept.saved_hybrid import KeptHybrid


@uses_engine
def predict(
    molecules: Annotated[
        Path,
        typer.Argument(
            help="Molecules: CSV, TSV, SMI, SDF, Excel or Parquet, gzipped or not; any number.", readable=False
        ),
    ],
    model: Model,
    out: Annotated[Path, typer.Option(help="File to write: .csv, .sdf or .parquet.", readable=False)] = Path(
        "predictions.csv"
    ),
    labels: LabelsOfStudent = None,
    charter: consortium.CharterFile = None,
    transfer: consortium.Transfer = None,
    confidence: Annotated[
        float, typer.Option(help="Promised coverage of the conformal sets, or intervals, 0 to 1.")
    ] = 0.8,
    evidence: Annotated[int, typer.Option(help="Public molecules shown with each prediction, 0 to 20.")] = 3,
    smiles_column: options.SmilesColumn = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column, or field of an SDF, that names molecules; usual names by default.")
    ] = None,
    sheet: options.Sheet = None,
    engine: Engine = ENGINE,
    cache: Annotated[
        bool, typer.Option(help="Keep structures and features for next time (FLUID_CACHE names the folder).")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output file.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Predict molecules: probability and class, or value, how far to believe it, and the nearest public evidence.

    One row, or record of an SDF, a molecule, in the file's order; unusable ones have a reason. Run again after an
    interruption, it goes on.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.partner.prediction.job import Job  # noqa: PLC0415
    from fluidmol.partner.prediction.predictor import Predictor  # noqa: PLC0415

    _check(confidence, evidence, out, overwrite=overwrite)
    checked.existing_file(molecules)
    known = caches(wanted=cache)
    with working(engine, quiet) as stages:
        found = read_model(model, labels, charter, transfer, known, stages)
        predictor = Predictor(kept=found, level=confidence, n_evidence=evidence)
        job = Job(
            source=molecules, out=out, smiles_column=smiles_column, id_column=id_column, sheet=sheet,
            model=identity(found), cache=known,
        )  # fmt: skip
        begun = time.perf_counter()
        with stages.stage("predictions"):
            done = job.run(predictor, stages.advance)
        seconds = time.perf_counter() - begun
    said = f"{done.n - done.n_problems:,} of {done.n:,} molecules predicted: {out}"
    if done.n_problems:
        said += f" ({done.n_problems:,} couldn't be used; the column problem says why)"
    typer.echo(f"{said}\n{(done.n - done.n_resumed) / seconds:,.0f} molecules/s.")
    if done.n_resumed:
        typer.echo(f"{done.n_resumed:,} had been done before an interruption.")


def identity(kept: KeptHybrid) -> str:
    """Tell a model from others: a digest of what it was made from.

    Two hybrids of the same labels differ in their own compounds, hence in what they were calibrated on or know.
    """
    import hashlib  # noqa: PLC0415
    import json  # noqa: PLC0415

    state = hashlib.sha256(json.dumps(dict(kept.facts), sort_keys=True).encode())
    for array in (
        *(() if kept.near_own is None else (kept.near_own.known,)),
        *(() if kept.conformal is None else (kept.conformal.active, kept.conformal.probability)),
        *(() if kept.intervals is None else (kept.intervals.truth, kept.intervals.said)),
    ):
        state.update(array.tobytes())
    return state.hexdigest()


def _check(confidence: float, evidence: int, out: Path, *, overwrite: bool) -> None:
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415
    from fluidmol.partner.prediction.forms import form_of  # noqa: PLC0415

    if not 0 < confidence < 1:
        raise UsageError(f"--confidence is {confidence:g}", hint="Expected a number between 0 and 1, say 0.8.")
    if not 0 <= evidence <= 20:
        raise UsageError(f"--evidence is {evidence}", hint="Expected 0 to 20.")
    if out.is_dir():
        raise OutputError(f"{out} is a folder", hint="Give a file with --out.")
    form_of(out)
    if out.exists() and not overwrite:
        raise OutputError(f"{out} is there already", hint="Give another file with --out, or add --overwrite.")
