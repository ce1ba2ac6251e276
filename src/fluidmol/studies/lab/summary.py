"""Means over seeds with their intervals, for the table at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import numpy as np

from fluidmol.studies.lab.cells import Done
from fluidmol.values.parts import Scalar

MANY = {"teacher": "teachers' mean", "hybrid": "hybrids' mean"}
"""Kinds of which each partner has one: tables show their mean over partners."""

PUBLIC = ("validation", "external")
"""Benchmarks that all parties hold."""

DOMAINS = "partners' domains"
"""What all data sets together are called that aren't public benchmarks."""


@attrs.frozen
class Line:
    """One mean over seeds."""

    case: tuple[tuple[str, Scalar], ...]
    model: str
    dataset: str
    metric: str
    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n_seeds: int = 0


def summarise(
    done: Sequence[Done], over: Iterable[str] = (), metrics: Iterable[str] = ("mcc", "roc_auc")
) -> list[Line]:
    """Average over partners, and over the cases' columns in ``over``, within each seed; then over seeds.

    Parameters
    ----------
    done : sequence of Done
    over : iterable of str
        Columns of the cases that are averaged over.
    metrics : iterable of str

    Returns
    -------
    list of Line
        In the order in which they occur. The interval is Student's t over seeds at 95 %: NaN with a single seed.
    """
    dropped, wanted = set(over), set(metrics)
    values: dict[Line, dict[int, list[float]]] = {}
    for cell in done:
        case = tuple((name, value) for name, value in cell.case.items() if name not in dropped)
        for row in cell.rows:
            if row.metric in wanted:
                dataset = row.dataset if row.dataset in PUBLIC else DOMAINS
                line = Line(case, MANY.get(row.kind, row.model), dataset, row.metric)
                values.setdefault(line, {}).setdefault(cell.seed, []).append(row.value)
    return [
        attrs.evolve(line, **_over_seeds([_mean(found) for found in seeds.values()])) for line, seeds in values.items()
    ]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan


def _over_seeds(values: Sequence[float]) -> dict[str, Any]:
    from scipy.stats import t  # noqa: PLC0415 - heavy

    known = np.array([value for value in values if not math.isnan(value)])
    if not len(known):
        return {}
    mean = float(known.mean())
    if len(known) == 1:
        return {"mean": mean, "n_seeds": 1}
    half = float(t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / math.sqrt(len(known)))
    return {"mean": mean, "low": mean - half, "high": mean + half, "n_seeds": len(known)}
