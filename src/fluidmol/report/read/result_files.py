"""What a folder holds: a finished run, studies, or both."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.errors import MissingFileError
from fluidmol.report.read.run import Run, RunFiles, read_run
from fluidmol.report.read.studies import LAB, PAPER, RUN, Studies, read_studies
from fluidmol.report.read.value_run import ValueRun, read_value_run


@attrs.frozen(eq=False)
class Results:
    """All that a report shows."""

    run: Run | ValueRun | None
    """One run in detail."""

    studies: Studies | None
    """Results over seeds; None where there is nothing but the run's own study."""

    @property
    def version(self) -> str:
        """Version of fluidmol that made them."""
        if self.run is not None:
            return str(self.run.facts.get("fluidmol", ""))
        known = self.studies.main.results.values() if self.studies is not None else ()
        return next((str(result.facts.get("fluidmol", "")) for result in known), "")


def read_results(folder: Path) -> Results:
    """Read the folder of a finished run, of a lab, or of several labs.

    Raises
    ------
    MissingFileError
        If the folder or one of its files isn't there, or nothing in it is finished; the message names it.
    InputError
        If a file can't be used; the message names it.
    """
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}", hint="Name the folder of a finished run, or of studies.")
    if not (folder / RUN).exists() and _is_studies(folder):
        return Results(None, read_studies(folder))
    files = RunFiles.read(folder)
    run = read_value_run(folder, files) if files.facts["scale"] else read_run(folder)
    if not _is_studies(folder):
        return Results(run, None)
    studies = read_studies(folder)
    own = all(result.study == "benchmark" and len(result.frame.seeds) == 1 for result in studies.main.results.values())
    return Results(run, None if own and len(studies.arms) == 1 else studies)


def _is_studies(folder: Path) -> bool:
    return (folder / PAPER).exists() or (folder / LAB).exists() or any(folder.glob(f"*/{LAB}"))
