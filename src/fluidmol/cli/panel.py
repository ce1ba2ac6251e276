"""``fluid study panel``: a panel of endpoints, each a study of its own, and one report over all of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine
    from fluidmol.learning.statistics.panels import PanelFigures
    from fluidmol.studies.panel.run import Panel

NAME = "panel"
"""The word that asks for a panel."""


def run(panel: Panel, out: Path, *, engine: Engine, cached: bool, overwrite: bool, quiet: bool) -> None:
    """Run a panel with progress on the terminal, then write its page.

    Raises
    ------
    FluidError
        If anything about input, charter or output is wrong.
    """
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.cli.run import run_plan  # noqa: PLC0415
    from fluidmol.report.panel_page import panel_page  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.studies.lab.bench import Bench  # noqa: PLC0415
    from fluidmol.studies.lab.results import write_file  # noqa: PLC0415
    from fluidmol.studies.panel.run import ENDPOINTS, PAIRS, run_panel  # noqa: PLC0415

    run_one = partial(run_plan, engine=engine, cached=cached, overwrite=overwrite, quiet=quiet, bench=Bench())
    found = run_panel(
        panel, out, run_one, (lambda _: None) if quiet else lambda text: typer.echo(in_options(text), err=True)
    )
    write_file(out / "report.html", panel_page(out))
    for line in summary(found):
        typer.echo(line)
    typer.echo(f"Report: {out / 'report.html'}; tables: {PAIRS}, {ENDPOINTS}")


def check_options(columns: OutcomeColumns, others: Mapping[str, object]) -> None:
    """Refuse options that a panel has no use for: its table says what is in each file.

    Raises
    ------
    UsageError
        Naming the first of them.
    """
    import attrs  # noqa: PLC0415

    from fluidmol.chem.intake.outcomes import OutcomeColumns  # noqa: PLC0415 - heavy
    from fluidmol.errors import UsageError  # noqa: PLC0415

    usual = attrs.asdict(OutcomeColumns())
    said = {
        f"--{name.replace('_', '-')}": value for name, value in attrs.asdict(columns).items() if value != usual[name]
    }
    wrong = next((word for word, value in {**said, **others}.items() if value), None)
    if wrong:
        raise UsageError(
            f"{wrong} doesn't go with a panel",
            hint="Its table names the files, columns, units and scales of endpoints.",
        )


def summary(found: PanelFigures) -> Iterator[str]:
    """Yield what a panel has found, a line each."""
    from fluidmol.report.panel_page import findings  # noqa: PLC0415 - heavy

    for finding in findings(found):
        yield f"{finding.where}: {finding.title}"
        yield from (f"  {sentence}" for sentence in finding.sentences)
    for name, why in found.left_out.items():
        yield f"Left out: {name}: {why}"
