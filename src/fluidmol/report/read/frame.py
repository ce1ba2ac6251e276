"""The long table of a study, asked for means over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import attrs
import numpy as np

from fluidmol.learning.statistics.intervals import Interval, over_seeds
from fluidmol.values.results import MEANS, PUBLIC

OWN = "own"
"""Stands for all data sets that aren't public."""


@attrs.frozen
class Mean(Interval):
    """A mean over seeds that knows whether it stands on all of them."""

    of: int = 0
    """Seeds of the study."""


NOTHING = Interval(math.nan, math.nan, math.nan, 0)
"""What nobody has measured."""


@attrs.frozen
class ResultRow:
    """One figure of one model."""

    seed: int
    case: Mapping[str, str]
    model: str
    kind: str
    partner: str
    dataset: str
    metric: str
    value: float
    low: float = math.nan
    high: float = math.nan
    n_train: float = 0
    n_test: float = 0

    @property
    def called(self) -> str:
        """What its model is called in means."""
        return MEANS.get(self.kind, self.model)


class Frame:
    """Rows, found by metric and data set.

    Examples
    --------
    >>> rows = [ResultRow(seed, {}, "student", "student", "", "external", "mcc", seed / 10) for seed in (1, 3)]
    >>> round(Frame(rows).mean("mcc", "external", called="student").mean, 3)
    0.2
    """

    def __init__(self, rows: Iterable[ResultRow]) -> None:
        self.rows = tuple(rows)
        self._index: dict[tuple[str, str], list[ResultRow]] = {}
        for row in self.rows:
            where = row.dataset if row.dataset in PUBLIC else OWN
            self._index.setdefault((row.metric, where), []).append(row)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def of(self, metric: str, dataset: str, *, called: str = "", kind: str = "", **case: str) -> list[ResultRow]:
        """Give rows of a metric on a data set (:data:`OWN`: on all that aren't public)."""
        return [
            row
            for row in self._index.get((metric, dataset), ())
            if (not called or row.called == called)
            and (not kind or row.kind == kind)
            and all(row.case.get(name, "") == value for name, value in case.items())
        ]

    def mean(self, metric: str, dataset: str, *, called: str = "", kind: str = "", **case: str) -> Interval:
        """Average within each seed, then over seeds, with the t interval."""
        return averaged(self.of(metric, dataset, called=called, kind=kind, **case), len(self.seeds))

    def common(self, metric: str, dataset: str, names: Iterable[str], **case: str) -> dict[str, Interval]:
        """Average several models over the seeds in which all of them are known, so that they may be compared.

        A model that no seed knows is left out of this: its mean is undefined, those of the others aren't.
        """
        rows = {name: self.of(metric, dataset, called=name, **case) for name in names}
        known = [seeds for found in rows.values() if (seeds := by_seed(found).keys())]
        shared = set(known[0]).intersection(*known) if known else set()
        of = len(self.seeds)
        return {name: averaged([row for row in found if row.seed in shared], of) for name, found in rows.items()}

    def extreme(self, metric: str, dataset: str, *, kind: str, highest: bool, **case: str) -> Interval:
        """Average the highest or lowest figure of a kind over seeds."""
        found = by_seed(self.of(metric, dataset, kind=kind, **case))
        pick = max if highest else min
        return _mean([pick(values) for values in found.values()], len(self.seeds))

    def cases(self, name: str) -> list[str]:
        """Values of a column of the case, in order of occurrence."""
        return list(dict.fromkeys(row.case.get(name, "") for row in self.rows))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The public data sets that occur."""
        there = {row.dataset for row in self.rows}
        return tuple(name for name in PUBLIC if name in there)

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Seeds that occur."""
        return tuple(sorted({row.seed for row in self.rows}))


def by_seed(rows: Iterable[ResultRow]) -> dict[int, list[float]]:
    """Group known values by seed."""
    found: dict[int, list[float]] = {}
    for row in rows:
        if not math.isnan(row.value):
            found.setdefault(row.seed, []).append(row.value)
    return found


def averaged(rows: Sequence[ResultRow], of: int = 0) -> Interval:
    """Average within each seed, then over seeds.

    Parameters
    ----------
    rows : sequence of ResultRow
        Figures; undefined ones are left out.
    of : int
        Seeds of the study, where there may be some without a row.
    """
    found = by_seed(rows)
    return _mean([float(np.mean(values)) for values in found.values()], max(of, len({row.seed for row in rows})))


def _mean(values: Sequence[float], of: int) -> Interval:
    found = over_seeds(values)
    return Mean(found.mean, found.low, found.high, found.n, of)
