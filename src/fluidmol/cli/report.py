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
    from fluidmol.report.study import write_study_report  # noqa: PLC0415
    from fluidmol.report.study.folder import is_studies  # noqa: PLC0415

    typer.echo(f"Report: {write_study_report(run) if is_studies(run) else write_report(run)}")
