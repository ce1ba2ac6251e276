"""``fluid report``: make the report of a finished run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(run: Annotated[Path, typer.Argument(help="Run folder of a finished simulation.", readable=False)]) -> None:
    """Write RUN/report.html again from the other files in RUN."""
    from fluidmol.report import write_report  # noqa: PLC0415 - heavy

    typer.echo(f"Report: {write_report(run)}")
