"""Means over seeds with their intervals, for the table at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from fluidmol.learning.statistics.intervals import Interval, over_seeds
from fluidmol.studies.lab.cells import FinishedCell
from fluidmol.studies.lab.study import Row
from fluidmol.values.parts import Scalar
from fluidmol.values.results import MEANS, PUBLIC

DOMAINS = "partners' domains"
"""What all data sets together are called that aren't public benchmarks."""


ORDER = ("pooled", "pooled_same_make", "teacher", "control", "student", "hybrid", "pooled_hybrid", "derived")
"""Kinds in the order of tables."""


@attrs.frozen
class SeedMean:
    """One mean over seeds."""

    case: tuple[tuple[str, Scalar], ...]
    """Names and values of the case's columns that aren't averaged over."""

    model: str
    """Name of the model, or of those that are averaged over."""

    dataset: str
    """``validation``, ``external``, or all that are partners' own."""

    metric: str
    """Name of the metric."""

    over_seeds: Interval
    """Mean and t interval over seeds, of the means within each."""

    n_seeds: int
    """Seeds of the study; the mean stands on fewer where a model couldn't be made, or its figure is undefined."""


def summarise(
    done: Sequence[FinishedCell], over: Iterable[str] = (), metrics: Iterable[str] = ("mcc", "roc_auc")
) -> list[SeedMean]:
    """Average over partners, and over the cases' columns in ``over``, within each seed; then over seeds.

    Parameters
    ----------
    done : sequence of FinishedCell
    over : iterable of str
        Columns of the cases that are averaged over.
    metrics : iterable of str

    Returns
    -------
    list of SeedMean
        Cases in the order in which they occur, models of a case by kind. The interval is Student's t over seeds at
        95 %: without bounds for a single seed.
    """
    dropped, wanted = set(over), set(metrics)
    values: dict[_Key, dict[int, list[float]]] = {}
    n_seeds = len({cell.seed for cell in done})
    for cell in done:
        case = tuple((name, value) for name, value in cell.case.items() if name not in dropped)
        for row in sorted(cell.rows, key=_place):
            if row.metric in wanted:
                dataset = row.dataset if row.dataset in PUBLIC else DOMAINS
                key = (case, MEANS.get(row.kind, row.model), dataset, row.metric)
                values.setdefault(key, {}).setdefault(cell.seed, []).append(row.value)
    return [
        SeedMean(*key, over_seeds([_mean(found) for found in seeds.values()]), n_seeds) for key, seeds in values.items()
    ]


_Key = tuple[tuple[tuple[str, Scalar], ...], str, str, str]


def _place(row: Row) -> int:
    return ORDER.index(row.kind) if row.kind in ORDER else len(ORDER)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan
