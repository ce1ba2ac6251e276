"""One virtual consortium from files to a finished run folder; what ``simulate`` and ``demo`` share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.studies.prepare import Sources
    from fluidmol.studies.simulate import Consortium, Setup
    from fluidmol.values.charter import Charter


FEWEST = 4
"""Workers that may be asked for on any machine, to try how they behave."""


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_simulation(
    sources: Sources,
    charter: Charter,
    setup: Setup,
    folder: Path,
    *,
    workers: int,
    cached: bool,
    overwrite: bool,
    title: str,
    synthetic: bool = False,
    quiet: bool = False,
) -> Consortium:
    """Simulate, write the run folder, and make the report; give what it started from.

    Parameters
    ----------
    sources, charter, setup
        What to run.
    folder : Path
        Run folder.
    workers : int
        Processes or threads, 1 or more.
    cached : bool
        Whether standardised structures are kept for next time.
    overwrite : bool
        Whether another run in the folder may be removed.
    title : str
        What the report calls the run.
    synthetic : bool
        Whether the chemistry is made up.
    quiet : bool
        Show no progress.

    Raises
    ------
    FluidError
        If anything about input, charter or output is wrong.
    """
    from joblib import parallel_config  # noqa: PLC0415 - heavy, as are those below

    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415
    from fluidmol.cli.interrupts import start_trackers  # noqa: PLC0415
    from fluidmol.cli.progress import shown_stages  # noqa: PLC0415
    from fluidmol.exchange.local import LocalChannel  # noqa: PLC0415
    from fluidmol.report import write_report  # noqa: PLC0415
    from fluidmol.studies import folders, runs  # noqa: PLC0415
    from fluidmol.studies.prepare import prepare  # noqa: PLC0415
    from fluidmol.studies.provenance import provenance  # noqa: PLC0415
    from fluidmol.studies.repeats import overlap_facts  # noqa: PLC0415
    from fluidmol.studies.simulate import check_feasible, simulate  # noqa: PLC0415

    check_feasible(charter)
    run = folders.identity(folders.wanted(sources, charter, setup))
    folders.spare_inputs(folder, (sources.source, sources.external, sources.transfer))
    folders.check_folder(folder, run, overwrite=overwrite)
    start_trackers()
    # More than the cores would only wait for one another.
    workers = min(workers, max(cores(), FEWEST))
    with parallel_config(n_jobs=workers), shown_stages(quiet) as stages:
        prepared = prepare(sources, charter, setup, StandardCache() if cached else None, stages)
        if charter.transfer_digest not in ("", prepared.consortium.charter.transfer_digest):
            stages.note("The charter names another transfer set: the new charter.toml names the one that was given.")
        simulation = simulate(prepared.consortium, stages, LocalChannel)
        with stages.stage("tables"):
            # Only now, for a run that fails is no reason to remove an older one.
            folders.open_folder(folder, run, overwrite=overwrite)
            runs.write_rejected(prepared.rejected, folder)
            runs.write_results(simulation, folder)
        with stages.stage("overlap of the sets"):
            overlap = overlap_facts(prepared.consortium)
        facts = provenance(
            prepared, simulation, setup, stages, title=title, synthetic=synthetic, overlap=overlap, workers=workers
        )
        folders.still_ours(folder, run)
        runs.write_provenance(facts, folder)
        with stages.stage("report"):
            write_report(folder)
    return prepared.consortium
