"""``fluid report``: make the report of a finished run, or of studies, again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished simulation, or of studies.", readable=False)],
) -> None:
    """Write RUN/report.html again from the other files in RUN."""
    from fluidmol.report import write_report  # noqa: PLC0415 - heavy
    from fluidmol.report.read.result_files import read_results  # noqa: PLC0415

    if read_results(run).studies is not None:
        compare(run)
    typer.echo(f"Report: {write_report(run)}")


def compare(folder: Path) -> None:
    """Compare the methods of all labs in a folder again: studies may have come, changed or gone.

    Comparisons are kept by what they follow from, so it takes no time where nothing has changed. Without any
    predictions the tables stay as they are: somebody has kept nothing but them.

    Raises
    ------
    FluidError
        If a file can't be read, or a table not be written.
    """
    from fluidmol.report.read.studies import read_studies  # noqa: PLC0415 - heavy
    from fluidmol.studies.lab.comparisons import write_comparisons  # noqa: PLC0415
    from fluidmol.studies.lab.operating import write_thresholds  # noqa: PLC0415

    labs = {arm.name: arm.path for arm in read_studies(folder).arms}
    if any(next(lab.glob("*/predictions/*.parquet"), None) for lab in labs.values()):
        write_comparisons(folder, labs)
        write_thresholds(folder, labs)
