"""A finished run of a regression, as its folder tells it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError
from fluidmol.report.read.run import RunFiles
from fluidmol.report.read.run_files import number, read_rows, read_table
from fluidmol.values.results import KINDS, PUBLIC, VALUE_METRICS

Floats = NDArray[np.float64]

FIGURES = (VALUE_METRICS[0], f"{VALUE_METRICS[0]}_low", f"{VALUE_METRICS[0]}_high", *VALUE_METRICS[1:])
"""Columns of ``metrics.csv`` that hold a figure."""


@attrs.frozen
class ValueScore:
    """One model, judged on one data set."""

    model: str
    kind: str
    """One of :data:`~fluidmol.values.results.KINDS`."""
    partner: str
    """Empty where the model belongs to nobody."""
    dataset: str
    n_train: float
    n_test: float
    figures: Mapping[str, float] = attrs.field(repr=False)
    """By :data:`FIGURES`; NaN where undefined."""


@attrs.frozen(eq=False)
class MeasuredAndSaid:
    """What was measured and what each model said, on one data set, in the units of the scale's transformation."""

    measured: Floats
    """(n_molecules,)."""
    said: Mapping[str, Floats]
    """By model, (n_molecules,)."""


@attrs.frozen(eq=False, kw_only=True)
class ValueRun(RunFiles):
    """All that a report shows of a regression."""

    scores: tuple[ValueScore, ...]
    judged: Mapping[str, MeasuredAndSaid]

    @property
    def unit(self) -> str:
        """In what errors are stated."""
        return str(self.facts["scale"].get("words", ""))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that some model was judged on."""
        return tuple(name for name in PUBLIC if self.of(name))

    def of(self, dataset: str, *kinds: str) -> list[ValueScore]:
        """Return the scores on one data set, of some kinds (all by default), in the file's order."""
        return [s for s in self.scores if s.dataset == dataset and (not kinds or s.kind in kinds)]


def read_value_run(folder: Path, files: RunFiles) -> ValueRun:
    """Read the figures and predictions of a finished run of a regression.

    Raises
    ------
    MissingFileError, InputError
        If a file isn't there, or can't be used; the message names it.
    """
    return ValueRun(
        partners=files.partners, rejected=files.rejected, charter=files.charter, facts=files.facts,
        scores=_scores(folder / "metrics.csv"), judged=_judged(folder / "predictions.parquet"),
    )  # fmt: skip


def _scores(path: Path) -> tuple[ValueScore, ...]:
    names = ("model", "kind", "partner", "dataset")
    scores = []
    for row in read_rows(path, (*names, "n_train", "n_test", *FIGURES)):
        for column, known in (("kind", KINDS), ("dataset", PUBLIC)):
            if row[column] not in known:
                raise InputError(f"{path}, column {column}: {row[column]!r}", hint=f"Expected: {', '.join(known)}.")
        n_train, n_test = (number(row[name], path, name) for name in ("n_train", "n_test"))
        figures = {name: number(row[name], path, name) for name in FIGURES}
        model, kind, partner, dataset = (row[name] for name in names)
        scores.append(ValueScore(model, kind, partner, dataset, n_train, n_test, figures))
    if not scores:
        raise InputError(f"{path} holds no row", hint="Expected one row a model and data set.")
    return tuple(scores)


def _judged(path: Path) -> dict[str, MeasuredAndSaid]:
    table = read_table(path, ("dataset", "value"), without=("smiles", "inchikey"))
    try:
        columns = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names if name != "dataset"}
    except (TypeError, ValueError) as problem:
        raise InputError(f"{path} holds what are no numbers: {problem}") from problem
    dataset = np.array(table["dataset"].to_pylist(), dtype=str)
    measured = columns.pop("value")
    return {
        name: MeasuredAndSaid(measured[mine], {model: column[mine] for model, column in columns.items()})
        for name in PUBLIC
        if (mine := dataset == name).any()
    }
