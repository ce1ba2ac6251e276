"""What a folder of studies holds: labs, one a charter, and the tables over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError, MissingFileError
from fluidmol.report.read.frame import Frame, ResultRow
from fluidmol.report.read.run_files import AGAIN, number, read_facts, read_rows, read_text

PAPER, LAB, LAST, RUN = "paper.json", "lab.json", "study.json", "provenance.json"
"""Marks of a folder of labs, of a lab, of a finished study, and of a finished simulation."""

UNNAMED = "charter"
"""What the charter of a single lab is called that is no preset: tables hold it, so it can't be the folder's name."""

EMPTY = Frame(())
"""Of a study that isn't there."""

_COLUMNS = ("study", "seed", "model", "kind", "partner", "dataset", "metric", "value", "low", "high")


@attrs.frozen(eq=False)
class Result:
    """One finished study."""

    name: str
    """Of its folder."""

    facts: Mapping[str, Any] = attrs.field(repr=False)
    frame: Frame = attrs.field(repr=False)
    path: Path

    @property
    def study(self) -> str:
        """What it is; its folder may be called differently."""
        return str(self.facts.get("study", self.name))

    def setting(self, name: str, default: int) -> int:
        """Give one of its settings that is a whole number."""
        settings = self.facts.get("settings")
        value = settings.get(name) if isinstance(settings, dict) else None
        return value if isinstance(value, int) else default


@attrs.frozen(eq=False)
class ArmResults:
    """The lab of one charter."""

    name: str
    path: Path
    results: Mapping[str, Result]
    charter: str = attrs.field(repr=False)

    def frame(self, study: str) -> Frame:
        """Give the long table of a study; an empty one if it isn't there."""
        return self.results[study].frame if study in self.results else EMPTY


@attrs.frozen(eq=False)
class Studies:
    """All that a report shows."""

    arms: tuple[ArmResults, ...]
    """In the order of ``paper.json``; the last one is the one that the report is about."""

    facts: Mapping[str, Any] = attrs.field(repr=False)
    comparisons: tuple[Mapping[str, str], ...] = attrs.field(repr=False)
    thresholds: tuple[Mapping[str, str], ...] = attrs.field(repr=False)

    @property
    def main(self) -> ArmResults:
        """The arm that the report is about: ``open`` where it is there."""
        return next((arm for arm in self.arms if arm.name == "open"), self.arms[-1])

    @property
    def unit(self) -> str:
        """In what errors of a regression are stated; empty where the endpoint has classes."""
        facts = next(iter(self.main.results.values())).facts
        return str(facts.get("unit") or "")

    def having(self, study: str) -> tuple[ArmResults, ...]:
        """Give the arms that have a study."""
        return tuple(arm for arm in self.arms if arm.frame(study))

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds of which there are figures."""
        return tuple(sorted({seed for arm in self.arms for r in arm.results.values() for seed in r.frame.seeds}))


def read_studies(folder: Path) -> Studies:
    """Read a folder of labs, or a single lab.

    Raises
    ------
    MissingFileError
        If it isn't there, or holds no finished study.
    InputError
        If a file can't be used; the message names it.
    """
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}", hint="Name the folder of studies (`out`).")
    facts = read_facts(folder / PAPER) if (folder / PAPER).exists() else {}
    if (folder / LAB).exists():
        arms = [_arm(folder, folder.resolve().name if (folder.parent / PAPER).exists() else "")]
    else:
        told = facts.get("arms", [])
        names = [str(arm.get("name")) for arm in told if isinstance(arm, dict)] if isinstance(told, list) else []
        found = sorted(path.parent.name for path in folder.glob(f"*/{LAB}"))
        arms = [_arm(folder / name, name) for name in dict.fromkeys((*names, *found)) if (folder / name / LAB).exists()]
    arms = [arm for arm in arms if arm.results]
    if not arms:
        raise MissingFileError(f"{folder} holds no finished study", hint="Run fluid study first, or name its `out`.")
    tables = [_optional(folder / name, *columns) for name, columns in _TABLES.items()]
    return Studies(tuple(arms), facts, *tables)


_TABLES = {
    "comparisons.csv": (
        ("study", "dataset", "metric", "seed", "partner", "first_arm", "first", "second_arm", "second"),
        ("n_seeds",),
        ("difference", "low", "high", "p_holm", "p_t"),
    ),
    "thresholds.csv": (("arm", "kind", "model", "dataset"), ("seed",), ("threshold", "mcc")),
}
"""Columns of texts, of whole numbers, and of figures."""


def _optional(
    path: Path, texts: Sequence[str], whole: Sequence[str], figures: Sequence[str]
) -> tuple[Mapping[str, str], ...]:
    rows = read_rows(path, (*texts, *whole, *figures)) if path.exists() else []
    for row in rows:
        for column in whole:
            _whole(row, path, column)
        for column in figures:
            number(row[column], path, column)
    return tuple(rows)


def _arm(lab: Path, name: str) -> ArmResults:
    results = {}
    for path in sorted(lab.glob(f"*/{LAST}")):
        results[path.parent.name] = Result(path.parent.name, read_facts(path), _frame(path.parent), path.parent)
    charters = sorted(lab.glob("*/charter.toml"))
    return ArmResults(name or _preset(results), lab, results, read_text(charters[0]) if charters else "")


def _preset(results: Mapping[str, Result]) -> str:
    names = {str(result.facts.get("preset") or "") for result in results.values()} - {""}
    return names.pop() if len(names) == 1 else UNNAMED


def _frame(study: Path) -> Frame:
    path = study / "results.csv"
    rows = read_rows(path, _COLUMNS)
    if not rows and not read_text(path).strip():
        raise InputError(f"{path} is empty", hint=AGAIN)
    return Frame(_row(row, path) for row in rows)


def _row(row: Mapping[str, str], path: Path) -> ResultRow:
    said = partial(_number, row, path)
    return ResultRow(
        _whole(row, path, "seed"), {name: value for name, value in row.items() if name not in _KNOWN},
        row["model"], row["kind"], row["partner"], row["dataset"], row["metric"],
        said("value"), said("low"), said("high"), said("n_train"), said("n_test"),
    )  # fmt: skip


def _whole(row: Mapping[str, str], path: Path, column: str) -> int:
    if not row[column].isdecimal():
        raise InputError(f"{path}, column {column}: {row[column]!r}", hint="Expected a whole number.")
    return int(row[column])


def _number(row: Mapping[str, str], path: Path, column: str) -> float:
    return number(row.get(column, ""), path, column)


_KNOWN = {"study", "seed", *(field.name for field in attrs.fields(ResultRow))}


def datasets(arms: tuple[ArmResults, ...], study: str = "benchmark") -> list[str]:
    """Return the public sets that any arm has."""
    return list(dict.fromkeys(name for arm in arms for name in arm.frame(study).datasets))
