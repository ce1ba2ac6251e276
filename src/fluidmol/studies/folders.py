"""Run folders: who may write where, and whether a run is new, finished or to be resumed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import MissingFileError, OutputError
from fluidmol.studies.prepare import Sources
from fluidmol.studies.simulate import Setup
from fluidmol.values.charter import Charter
from fluidmol.values.files import write_whole

MARK = "run.json"
"""Names the run that a folder belongs to; written first, when there are results to write."""

LAST = "provenance.json"
"""Written when all results are there; the report is made from them."""

REPORT = "report.html"
"""Written last: a folder that has both is a finished run."""

OURS = (
    MARK, LAST, "charter.toml", "metrics.csv", "partners.csv", "labels.parquet", "labels.fluid", "predictions.parquet",
    "map.parquet", "rejected.csv", REPORT,
)  # fmt: skip
"""All files of a run folder; nothing else in it is ever touched."""


def wanted(sources: Sources, charter: Charter, setup: Setup) -> dict[str, Any]:
    """Collect what makes a run this run: version, options, and the files' contents.

    Raises
    ------
    MissingFileError
        If a file can't be read.
    """
    files = {}
    for role, path in (("source", sources.source), ("external", sources.external), ("transfer", sources.transfer)):
        try:
            files[role] = "" if path is None else f"{path.suffix} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        except OSError as problem:
            raise MissingFileError(
                f"{path} can't be read: {problem.strerror}", hint="Check path and rights."
            ) from problem
    tables = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources.tables]
    options = attrs.asdict(sources, filter=lambda field, _value: field.name not in {*files, "tables"})
    return {"version": version("fluidmol"), "charter": charter.digest, "setup": attrs.asdict(setup), "tables": tables,
            **options, **files}  # fmt: skip


def identity(facts: Mapping[str, Any]) -> str:
    """Digest what makes a run this run: options, inputs, version.

    Examples
    --------
    >>> identity({"seed": 1}) == identity({"seed": 2})
    False
    """
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def check_folder(folder: Path, run: str, *, overwrite: bool = False) -> bool:
    """Refuse a folder that a run can't have, before any work; nothing that is there is changed.

    Parameters
    ----------
    folder : Path
        It is made where it isn't there.
    run : str
        The run's :func:`identity`.
    overwrite : bool
        Whether files of another or a finished run may be removed; other files never are.

    Returns
    -------
    bool
        Whether an interrupted run goes on.

    Raises
    ------
    OutputError
        If the folder holds something else, or can't be written.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file", hint="Give a folder that doesn't exist yet with --out.")
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(path.name for path in folder.iterdir() if not _is_debris(path.name))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as problem:
        raise _unwritable(folder, problem) from problem
    # The report comes after the mark of completion: a run that was interrupted in between isn't finished.
    resumed = _run_of(folder) == run and not {LAST, REPORT} <= set(found)
    if found and not resumed:
        _refuse(folder, run, found, overwrite)
    return resumed


def open_folder(folder: Path, run: str, *, overwrite: bool = False) -> bool:
    """Claim a folder for a run.

    A folder that isn't there is made; an empty one is taken; an interrupted run is gone on with.

    Parameters
    ----------
    folder, run, overwrite
        As for :func:`check_folder`.

    Returns
    -------
    bool
        Whether an interrupted run goes on.

    Raises
    ------
    OutputError
        If the folder holds something else, or can't be written.
    """
    resumed = check_folder(folder, run, overwrite=overwrite)
    try:
        # The mark of completion goes first: were we interrupted here, the rest would not pass for a finished run.
        for name in () if resumed else (LAST, *OURS):
            (folder / name).unlink(missing_ok=True)
        for path in [path for path in folder.iterdir() if _is_debris(path.name)]:
            path.unlink(missing_ok=True)
        write_whole(folder / MARK, json.dumps({"run": run}) + "\n")
    except OSError as problem:
        raise _unwritable(folder, problem) from problem
    return resumed


def still_ours(folder: Path, run: str) -> None:
    """Refuse to finish a run whose folder another one has taken meanwhile.

    Raises
    ------
    OutputError
        If the folder's mark names another run.
    """
    if _run_of(folder) != run:
        raise OutputError(
            f"another run has taken {folder} meanwhile", hint="Run the command again, with a folder of its own."
        )


def spare_inputs(folder: Path, inputs: Iterable[Path | None]) -> None:
    """Refuse a run that would remove its own input.

    Raises
    ------
    OutputError
        If an input is one of the run's own files in the folder.
    """
    for path in inputs:
        if path is not None and path.name in OURS and path.resolve().parent == folder.resolve():
            raise OutputError(f"{path} is an input, and would be overwritten", hint="Give another folder with --out.")


def _run_of(folder: Path) -> str:
    try:
        run = str(json.loads((folder / MARK).read_text())["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    # Another program's run.json doesn't make its folder ours.
    return run if re.fullmatch(r"[0-9a-f]{64}", run) else ""


def _is_debris(name: str) -> bool:
    """Whether a file is one of ours that a killed run left unfinished."""
    return any(re.fullmatch(rf"\.{re.escape(ours)}\.[0-9a-f]{{12}}", name) for ours in OURS)


def _unwritable(folder: Path, problem: OSError) -> OutputError:
    return OutputError(
        f"{folder} can't be written: {problem.strerror or problem}", hint="Give another folder with --out."
    )


def _refuse(folder: Path, run: str, found: list[str], overwrite: bool) -> None:
    if not overwrite:
        if LAST in found and _run_of(folder) == run:
            what, do = "holds this very run, finished", "Open its report.html"
        elif _run_of(folder):
            what, do = "holds another run", "Give another folder with --out"
        else:
            what, do = f"isn't empty ({', '.join(found[:3])}{', ...' if len(found) > 3 else ''})", "Give another folder"
        raise OutputError(f"{folder} {what}", hint=f"{do}, or repeat the command with --overwrite.")
    foreign = [name for name in found if name in OURS]
    if not _run_of(folder) and foreign:
        raise OutputError(
            f"{folder} has a {foreign[0]} that no run wrote",
            hint="It isn't overwritten: give another folder with --out.",
        )
