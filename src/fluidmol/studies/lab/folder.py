"""The folder of a lab: which consortium it belongs to, and who may write which study there.

``lab.json`` names the consortium: inputs, charter, setup, version. Each study has a folder of its own in it, whose
``run.json`` names its settings. ``cache/`` is shared.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

import attrs

from fluidmol.errors import OutputError
from fluidmol.values.files import write_whole

LAB, RUN = "lab.json", "run.json"
"""The marks of a lab and of a study."""

RESULTS, LAST = "results.csv", "study.json"
"""The long table, and the provenance, which is written last."""

FINISHED, RUN_REPORT = "provenance.json", "report.html"
"""Written last by a simulation, in this order: a folder that has both holds a finished run."""

ACROSS = (
    FINISHED, RUN_REPORT, "comparisons.csv", "thresholds.csv", "charter.toml", "labels.fluid", "labels.parquet",
    "map.parquet", "metrics.csv", "partners.csv", "predictions.parquet", "rejected.csv", "representation.fluid",
)  # fmt: skip
"""What follows from the studies of a lab, or from the simulation that it is; it goes when the lab becomes another's."""

OURS = (LAST, RESULTS, "charter.toml", "cells/*.json", "cells/*.parquet", "predictions/seed-*[0-9].parquet", RUN)
"""What a study writes; the mark of completion goes first when it is removed, its name last."""

_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class StudyFolder:
    """Where one study's results go.

    Nothing but our own files is ever touched.
    """

    out: Path
    """The lab's folder."""

    name: str
    """Of the study's folder in it."""

    lab: str
    """Digest of what the consortium is made of."""

    study: str
    """Digest of that and of the study's settings."""

    @property
    def path(self) -> Path:
        """The study's folder."""
        return self.out / self.name

    @property
    def cache(self) -> Path:
        """Where the lab's store lies."""
        return self.out / "cache"

    def check(self, inputs: Iterable[Path | None], *, overwrite: bool = False) -> None:
        """Refuse a folder that the study can't have, before any work; nothing is changed.

        Parameters
        ----------
        inputs : iterable of Path
            Files that are read, which must not lie where results go.
        overwrite : bool
            Whether results of another consortium or of other settings may be removed.

        Raises
        ------
        OutputError
            If the folder holds something else, or can't be written.
        """
        try:
            for path in (self.out, self.path):
                if path.exists() and not path.is_dir():
                    raise OutputError(f"{path} is a file", hint="Give a folder that doesn't exist yet with `out`.")
            self.out.mkdir(parents=True, exist_ok=True)
            if not os.access(self.out, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            foreign = sorted(path.name for path in self.out.iterdir() if not path.name.startswith("."))
            within = sorted(path.name for path in self.path.iterdir()) if self.path.exists() else []
        except OSError as problem:
            raise _unwritable(self.out, problem) from problem
        for file in inputs:
            if file is not None and (
                file.resolve().is_relative_to(self.path.resolve())
                or (file.name in ACROSS and file.resolve().parent == self.out.resolve())
            ):
                raise OutputError(f"{file} is an input, and lies where results go", hint="Give another `out`.")
        lab, study = _mark(self.out / LAB), _mark(self.path / RUN)
        if within and not study:
            raise OutputError(f"{self.path} isn't a study's folder", hint="Give another folder with `out`.")
        # Another program's files don't become ours because they have such names.
        if not lab and (theirs := [name for name in foreign if name in ACROSS]):
            raise OutputError(
                f"{self.out} has a {theirs[0]} that no run wrote",
                hint="It isn't overwritten: give another folder with `out`.",
            )
        if overwrite:
            return
        if foreign and not lab:
            raise OutputError(f"{self.out} isn't empty ({_listed(foreign)})", hint=_DO)
        self._refuse_others(lab, study)

    def claim(self, *, overwrite: bool = False) -> None:
        """Take the folder, once in a run.

        Parameters
        ----------
        overwrite : bool
            Whether results of another consortium or of other settings are removed.

        Raises
        ------
        OutputError
            If another run has taken the folder since it was checked, or it can't be written.
        """
        if not overwrite:
            self._refuse_others(_mark(self.out / LAB), _mark(self.path / RUN))
        try:
            if _mark(self.out / LAB) not in ("", self.lab):
                for folder in [path for path in self.out.iterdir() if path.is_dir() and _mark(path / RUN)]:
                    _remove(folder)
                for name in ACROSS:
                    (self.out / name).unlink(missing_ok=True)
            if _mark(self.path / RUN) not in ("", self.study):
                _remove(self.path)
            self.out.mkdir(parents=True, exist_ok=True)
            for folder in (self.out, self.path, self.path / "cells", self.path / "predictions"):
                _sweep(folder)
            write_whole(self.out / LAB, json.dumps({"digest": self.lab}) + "\n")
            self.path.mkdir(exist_ok=True)
            write_whole(self.path / RUN, json.dumps({"digest": self.study}) + "\n")
        except OSError as problem:
            raise _unwritable(self.path, problem) from problem

    def still_ours(self) -> None:
        """Refuse to finish a study whose folder another one has taken meanwhile.

        Raises
        ------
        OutputError
            If a mark names another consortium or study.
        """
        if (_mark(self.out / LAB), _mark(self.path / RUN)) != (self.lab, self.study):
            raise OutputError(
                f"another study has taken {self.path} meanwhile", hint="Run the command again, with another `out`."
            )

    def _refuse_others(self, lab: str, study: str) -> None:
        if lab and lab != self.lab:
            raise OutputError(f"{self.out} holds studies of another charter, of other inputs or options", hint=_DO)
        if study and study != self.study:
            raise OutputError(
                f"{self.path} holds this study with other settings",
                hint="Give its results another `name`, or repeat the command with `overwrite`.",
            )


_DO = "Give another folder with `out`, or repeat the command with `overwrite`."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + ", ..." * (len(names) > 3)


def _mark(path: Path) -> str:
    try:
        digest = str(json.loads(path.read_text(encoding="utf-8"))["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    # Another program's file of this name doesn't make its folder ours.
    return digest if _DIGEST.fullmatch(digest) else ""


def _remove(folder: Path) -> None:
    for pattern in OURS:
        for path in list(folder.glob(pattern)):
            path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed run left unfinished of our files."""
    for path in folder.glob(".*"):
        if found := _UNFINISHED.fullmatch(path.name):
            ours = (*ACROSS, *OURS, LAB)
            if any(fnmatch(found[1], pattern.rpartition("/")[2]) for pattern in ours):
                path.unlink(missing_ok=True)


def _unwritable(folder: Path, problem: OSError) -> OutputError:
    return OutputError(
        f"{folder} can't be written: {problem.strerror or problem}", hint="Give another folder with `out`."
    )
