"""A finished run, as its folder tells it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError, MissingFileError
from fluidmol.report.read.run_files import number, read_facts, read_rows, read_table, read_text
from fluidmol.values.results import KINDS, METRICS, PUBLIC

FIGURES = ("mcc", "mcc_low", "mcc_high", *(name for name in METRICS[1:] if name != "mcc_matched"))
"""Columns of ``metrics.csv`` that hold a figure."""

LATER = ("mcc_matched",)
"""Columns that runs of fluidmol 0.1.0 lack; theirs are undefined."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@attrs.frozen
class RunScore:
    """One model, judged on one data set."""

    model: str
    kind: str
    """One of :data:`KINDS`."""
    partner: str
    """Empty where the model belongs to nobody."""
    dataset: str
    """One of :data:`PUBLIC`."""
    n_train: float
    n_test: float
    figures: Mapping[str, float] = attrs.field(repr=False)
    """By :data:`FIGURES` and :data:`LATER`; NaN where undefined."""

    @property
    def mcc(self) -> float:
        """Matthews correlation coefficient, in [-1, 1], or NaN."""
        return self.figures["mcc"]


@attrs.frozen(eq=False)
class Judged:
    """What was true and what each model said, on one data set."""

    active: Flags
    """True class, (n_molecules,)."""
    said: Mapping[str, Floats]
    """By model: probability of the active class, (n_molecules,)."""


@attrs.frozen(eq=False)
class Labels:
    """The federated labels, and who shaped them."""

    value: Floats
    hard: Flags
    selected: Flags
    shares: Mapping[str, Floats]
    """By partner: share in each label, (n_compounds,)."""

    @property
    def all_selected(self) -> bool:
        """Whether the student learned from every label that anyone had an opinion on."""
        return bool(self.selected[~np.isnan(self.value)].all())


@attrs.frozen(eq=False)
class Points:
    """The map of the chemical space."""

    x: Floats
    y: Floats
    group: NDArray[np.str_]
    active: tuple[bool | None, ...]


@attrs.frozen(eq=False)
class RunFiles:
    """What became of a run's files and partners, and how it was made, whatever its endpoint is."""

    partners: tuple[Mapping[str, str], ...]
    rejected: tuple[Mapping[str, str], ...]
    charter: str
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> RunFiles:
        """Read them.

        Raises
        ------
        MissingFileError, InputError
            If the folder or a file isn't there, or can't be used; the message names it.
        """
        if not folder.is_dir():
            raise MissingFileError(f"there is no folder {folder}", hint="Name the folder of a finished run.")
        charter = read_text(folder / "charter.toml")
        try:
            tomllib.loads(charter)
        except tomllib.TOMLDecodeError as problem:
            raise InputError(f"{folder / 'charter.toml'} isn't TOML: {problem}") from problem
        names = ("partner", "n_compounds", "n_active", "status", "reason")
        return RunFiles(
            partners=tuple(read_rows(folder / "partners.csv", names)),
            rejected=tuple(read_rows(folder / "rejected.csv", ("file", "line", "smiles", "reason"))),
            charter=charter,
            facts=_facts(folder / "provenance.json"),
        )


@attrs.frozen(eq=False, kw_only=True)
class Run(RunFiles):
    """All that a report shows of a run of classes."""

    scores: tuple[RunScore, ...]
    judged: Mapping[str, Judged]
    labels: Labels
    points: Points

    def of(self, dataset: str, *kinds: str) -> list[RunScore]:
        """Give the scores on one data set, of some kinds (all by default), in the file's order."""
        return [s for s in self.scores if s.dataset == dataset and (not kinds or s.kind in kinds)]

    def one_class(self, dataset: str) -> bool:
        """Tell whether all compounds of a data set are active, or all inactive: nothing can be judged by MCC there."""
        judged = self.judged.get(dataset)
        if judged is not None:
            return bool(judged.active.all()) or not judged.active.any()
        return all(math.isnan(score.figures["roc_auc"]) for score in self.of(dataset))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that some model was judged on."""
        return tuple(name for name in PUBLIC if self.of(name))


def read_run(folder: Path) -> Run:
    """Read the folder of a finished run.

    Raises
    ------
    MissingFileError
        If the folder or one of its files isn't there; the message names it.
    InputError
        If a file can't be used; the message names it.
    """
    files = RunFiles.read(folder)
    return Run(
        scores=_scores(folder / "metrics.csv"),
        judged=_judged(folder / "predictions.parquet"),
        labels=_labels(folder / "labels.parquet"),
        points=_points(folder / "map.parquet"),
        partners=files.partners,
        rejected=files.rejected,
        charter=files.charter,
        facts=files.facts,
    )


def _scores(path: Path) -> tuple[RunScore, ...]:
    names = ("model", "kind", "partner", "dataset")
    scores: list[RunScore] = []
    for row in read_rows(path, (*names, "n_train", "n_test", *FIGURES)):
        for column, known in (("kind", KINDS), ("dataset", PUBLIC)):
            if row[column] not in known:
                raise InputError(f"{path}, column {column}: {row[column]!r}", hint=f"Expected: {', '.join(known)}.")
        n_train, n_test = (number(row[name], path, name) for name in ("n_train", "n_test"))
        figures = {name: number(row.get(name, ""), path, name) for name in (*FIGURES, *LATER)}
        model, kind, partner, dataset = (row[name] for name in names)
        scores.append(RunScore(model, kind, partner, dataset, n_train, n_test, figures))
    if not scores:
        raise InputError(f"{path} holds no row", hint="Expected one row a model and data set.")
    return tuple(scores)


def _judged(path: Path) -> dict[str, Judged]:
    table = read_table(path, ("dataset", "active"), without=("smiles", "inchikey"))
    models = [name for name in table.column_names if name not in {"dataset", "active"}]
    dataset = np.array(table["dataset"].to_pylist(), dtype=str)
    active = _column(table, "active", bool, path)
    said = {name: _column(table, name, float, path) for name in models}
    judged = {}
    for name in PUBLIC:
        mine = dataset == name
        if mine.any():
            judged[name] = Judged(active[mine], {model: column[mine] for model, column in said.items()})
    return judged


def _labels(path: Path) -> Labels:
    table = read_table(path, ("value", "hard", "selected"), without=("smiles", "inchikey"))
    prefix = "contribution_"
    shares = [name for name in table.column_names if name.startswith(prefix)]
    return Labels(
        value=_column(table, "value", float, path),
        hard=_column(table, "hard", bool, path),
        selected=_column(table, "selected", bool, path),
        shares={name.removeprefix(prefix): _column(table, name, float, path) for name in shares},
    )


def _points(path: Path) -> Points:
    table = read_table(path, ("x", "y", "group", "active"))
    return Points(
        x=_column(table, "x", float, path),
        y=_column(table, "y", float, path),
        group=np.array([str(name) for name in table["group"].to_pylist()], dtype=str),
        active=tuple(None if flag is None else bool(flag) for flag in table["active"].to_pylist()),
    )


def _column(table: Any, name: str, kind: type, path: Path) -> NDArray[Any]:
    try:
        column = table[name].to_numpy()
        if kind is bool and column.dtype == object:  # pyarrow's form for booleans with gaps
            column = np.array([bool(flag) for flag in column])
        return np.asarray(column, dtype=kind)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{path}, column {name!r} doesn't hold {kind.__name__} values") from problem


def _facts(path: Path) -> dict[str, Any]:
    facts = read_facts(path)
    seed = facts.get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or seed < 0):
        raise InputError(f"{path}: 'seed' is {seed!r}", hint="Expected a whole number, 0 or larger.")
    tables: dict[str, type] = {
        "libraries": dict,
        "sets": dict,
        "prevalence": dict,
        "mean": dict,
        "scale": dict,
        "inputs": list,
        "stages": list,
        "t0": list,
    }
    for name, kind in tables.items():
        value = facts.setdefault(name, kind())
        entries = value if kind is list and isinstance(value, list) else []
        if not isinstance(value, kind) or not all(isinstance(entry, dict) for entry in entries):
            expected = "a list of objects" if kind is list else "an object"
            raise InputError(f"{path}: {name!r} isn't what it should be", hint=f"Expected {expected}.")
    return facts
