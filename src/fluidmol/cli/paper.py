"""``fluid study paper``: all studies under several charters, and one report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fluidmol.errors import UsageError

if TYPE_CHECKING:
    from fluidmol.engines.engine import Engine
    from fluidmol.studies.paper import Arm, Paper
    from fluidmol.values.charter import Charter

NAME = "paper"
"""The word that asks for all studies."""

PRESETS = "paper-2025,open"
"""The recipe of the paper beside ours."""


def arms(presets: str | None, preset: str | None, file: Path | None, quorum: int | None) -> tuple[Arm, ...]:
    """Read which charters are studied: presets or charter files, separated by commas.

    Raises
    ------
    FluidError
        If there is no such preset or file, it is no charter, or several options say it.
    """
    from fluidmol.cli import checked  # noqa: PLC0415 - heavy
    from fluidmol.studies.paper import Arm  # noqa: PLC0415

    single = preset or (str(file) if file is not None else None)
    if (presets is not None and single is not None) or (preset is not None and file is not None):
        raise UsageError("several of --presets, --preset and --charter are given", hint="Give one of them.")
    found = []
    for word in filter(None, (word.strip() for word in (presets or single or PRESETS).split(","))):
        path = Path(word)
        is_file = path.suffix == ".toml"
        charter: Charter = checked.agreed_charter(None if is_file else word, path if is_file else None, None, quorum)
        found.append(Arm(path.stem if is_file else word, charter))
    if not found:
        raise UsageError("--presets names none", hint=f"Expected say {PRESETS}.")
    return tuple(found)


def run(paper: Paper, out: Path, *, engine: Engine, cached: bool, overwrite: bool, quiet: bool) -> None:
    """Run all studies with progress on the terminal, then write the report.

    Raises
    ------
    FluidError
        If anything about input, charters or output is wrong.
    """
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.cli.run import run_plan  # noqa: PLC0415
    from fluidmol.cli.study_output import read_as  # noqa: PLC0415
    from fluidmol.report import write_report  # noqa: PLC0415 - heavy
    from fluidmol.studies.lab.bench import Bench  # noqa: PLC0415
    from fluidmol.studies.lab.folder import LAST  # noqa: PLC0415
    from fluidmol.studies.paper import run_paper  # noqa: PLC0415

    bench = Bench()
    run_one = partial(run_plan, engine=engine, cached=cached, overwrite=overwrite, quiet=quiet, bench=bench)
    run_paper(paper, out, run_one, (lambda _: None) if quiet else lambda text: typer.echo(in_options(text), err=True))
    for line in next((read_as(file) for file in sorted(out.glob(f"*/*/{LAST}"))), []):
        typer.echo(line)
    typer.echo(f"Report: {write_report(out)}")
