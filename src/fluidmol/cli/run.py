"""Virtual consortia on a terminal: what simulations, demo and studies share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fluidmol.cli.workers import working

if TYPE_CHECKING:
    from fluidmol.engines.engine import Engine
    from fluidmol.studies.lab.bench import Bench
    from fluidmol.studies.lab.cells import FinishedCell
    from fluidmol.studies.lab.plan import StudyPlan


def run_plan(
    plan: StudyPlan,
    out: Path,
    *,
    engine: Engine,
    cached: bool,
    overwrite: bool,
    quiet: bool,
    bench: Bench | None = None,
) -> tuple[FinishedCell, ...]:
    """Run a study.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        Folder of the lab.
    engine : Engine
        What carries the work, and how many cores of this machine.
    cached : bool
        Whether standardised structures are kept for next time.
    overwrite : bool
        Whether other results in the folder may be removed.
    quiet : bool
        Show no progress.
    bench : Bench, optional
        Shared by studies that follow one another.

    Raises
    ------
    FluidError
        If anything about input, charter or output is wrong.
    """
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.studies.lab.runner import run_study  # noqa: PLC0415

    with working(engine, quiet) as stages:
        cache = caches(wanted=cached)
        return run_study(
            plan, out, cache=cache, stages=stages, workers=engine.workers, overwrite=overwrite, bench=bench
        )


def run_simulation(
    plan: StudyPlan,
    out: Path,
    *,
    engine: Engine,
    cached: bool,
    overwrite: bool,
    title: str,
    synthetic: bool = False,
    quiet: bool = False,
    bench: Bench | None = None,
) -> None:
    """Simulate, write the run folder, and make the report.

    Parameters
    ----------
    plan : StudyPlan
        See :func:`fluidmol.studies.simulation.plan_of`.
    out : Path
        Run folder.
    engine, cached, overwrite, quiet, bench
        As for :func:`run_plan`.
    title : str
        What the report calls the run.
    synthetic : bool
        Whether the chemistry is made up.

    Raises
    ------
    FluidError
        If anything about input, charter or output is wrong.
    """
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.report import write_report  # noqa: PLC0415
    from fluidmol.studies.lab.bench import Bench  # noqa: PLC0415
    from fluidmol.studies.simulation import simulate  # noqa: PLC0415

    cache = caches(wanted=cached)
    with working(engine, quiet) as stages:
        written = simulate(
            plan, out, cache=cache, stages=stages, bench=bench or Bench(), workers=engine.workers, overwrite=overwrite,
            title=title, synthetic=synthetic,
        )  # fmt: skip
        if written:
            with stages.stage("report"):
                write_report(out)
