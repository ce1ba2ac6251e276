"""Judging models side by side, and what follows from several figures."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.metrics import judge, mcc_interval
from fluidmol.learning.model import Floats
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics.intervals import over_molecules
from fluidmol.learning.value_metrics import judge_values
from fluidmol.parallel import in_threads
from fluidmol.partner.assay import Assay
from fluidmol.studies.lab.predictor import CachedPredictor, NoModelError
from fluidmol.studies.lab.study import CellPredictions, Finding, Row
from fluidmol.values.results import VALUE_METRICS

logger = logging.getLogger(__name__)


def judge_pairs(
    pairs: Sequence[tuple[CachedPredictor, Sequence[str]]], dataset: Callable[[str], Assay], seed: int
) -> list[Finding]:
    """Judge each predictor on its data sets.

    Parameters
    ----------
    pairs : sequence of (Predictor, sequence of str)
        Models, each with the names of its data sets.
    dataset : callable
        Gives a data set by name.
    seed : int
        Of the bootstrap; all models of a data set share its draws' seed.

    Returns
    -------
    list of Finding
        For each pair, and each of its data sets, the rows and the predictions. A model that can't be fitted has none.
    """
    tasks = [(predictor, tuple(names), dataset) for predictor, names in pairs]
    # One alone may use all cores for itself.
    done = [_asked(*tasks[0])] if len(tasks) == 1 else list(in_threads(_asked, tasks))
    findings: list[Finding] = []
    for (predictor, names, _), answer in zip(tasks, done, strict=True):
        if answer is None:
            continue
        n_train, said = answer
        for name, probability in zip(names, said, strict=True):
            findings += figures_of(predictor, name, dataset(name), probability, n_train, seed)
    return findings


def figures_of(
    who: CachedPredictor | CellPredictions, dataset: str, truth: Assay, probability: Floats, n_train: int, seed: int
) -> list[Finding]:
    """Give all figures of one model on one data set, the first with its interval over molecules, and the predictions.

    Those of a regression are in the units of its scale's transformation.
    """
    draws = derive_seed(seed, "bootstrap", dataset)
    known: NDArray[Any]
    if truth.scale is None:
        said, known = probability, truth.active
        figures, interval = judge(truth.active, said), mcc_interval(truth.active, said, draws)
    else:
        said, known = truth.scale.coordinate(probability), truth.scale.coordinate(truth.outcome[:, 0])
        figures = judge_values(known, said)
        over = over_molecules(known, said, VALUE_METRICS[0], seed=draws)
        interval = over.low, over.high
    first = next(iter(figures))
    found: list[Finding] = [
        Row(
            who.model, who.kind, who.partner, dataset, metric, value,
            *(interval if metric == first else (math.nan, math.nan)), n_train, len(known),
        )
        for metric, value in figures.items()
    ]  # fmt: skip
    keys = truth.compounds.inchikeys
    return [*found, CellPredictions(who.model, who.kind, who.partner, dataset, keys, known, said)]


def derived(model: str, dataset: str, metric: str, value: float) -> Row:
    """Give a figure that follows from several models'; NaN where one of them is undefined."""
    return Row(model, "derived", "", dataset, metric, value)


def figure(findings: Iterable[Finding], dataset: str, metric: str, *, model: str = "", kind: str = "") -> float:
    """Give the mean figure of all models of a name or kind on a data set; NaN if there is none.

    Examples
    --------
    >>> rows = [Row("teacher-1", "teacher", "a", "external", "mcc", v) for v in (0.2, 0.4)]
    >>> round(figure(rows, "external", "mcc", kind="teacher"), 3)
    0.3
    """
    values = [
        row.value
        for row in findings
        if isinstance(row, Row)
        and (row.dataset, row.metric) == (dataset, metric)
        and (row.model == model if model else row.kind == kind)
    ]
    return float(np.mean(values)) if values else math.nan


def _asked(
    predictor: CachedPredictor, names: tuple[str, ...], dataset: Callable[[str], Assay]
) -> tuple[int, list[Floats]] | None:
    try:
        said = [predictor.predict(dataset(name).compounds) for name in names]
        return predictor.n_train, said
    except NoModelError as problem:
        logger.warning("left out: %s", problem)
        return None
