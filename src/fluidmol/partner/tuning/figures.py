"""Figures of models on held-out compounds, and the differences between two."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.statistics import Comparison, Interval, Method, all_pairs, compare, over_molecules
from fluidmol.learning.statistics.intervals import quantiles
from fluidmol.learning.statistics.predictions import models_of
from fluidmol.learning.statistics.resampling import resample
from fluidmol.learning.statistics.weighted import Metric

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SUREST = 1e-3
"""Probabilities are cut at this distance from 0 and 1 for the log-loss: one sure mistake costs at most 6.9."""


def losses(active: Flags, probability: Floats) -> Floats:
    """Log-loss of each molecule, (n,).

    Examples
    --------
    >>> losses(np.array([True, False]), np.array([0.5, 1.0])).round(2).tolist()
    [0.69, 6.91]
    """
    return np.asarray(-np.log(np.clip(np.where(active, probability, 1 - probability), SUREST, 1)))


def log_loss(active: Flags, probability: Floats) -> float:
    """Mean log-loss."""
    return float(losses(active, probability).mean())


METRICS: dict[str, tuple[Metric, bool]] = {
    "mcc": ("mcc", True),
    "roc_auc": ("roc_auc", True),
    "log_loss": (log_loss, False),
    "brier": ("brier", False),
}
"""By name: the metric, and whether larger is better."""


@attrs.frozen
class ModelScore:
    """One model, one metric."""

    model: str
    metric: str
    value: Interval
    gain: Comparison | None
    """This model less the teacher, on the same molecules; None for the teacher itself."""


def figures(methods: Mapping[str, Method], reference: str, seed: int) -> tuple[ModelScore, ...]:
    """Judge all models by all metrics, each against one of them.

    Parameters
    ----------
    methods : mapping of str to Method
        Predictions by all repeats, under one key: a mean over repeats is judged, and compounds are drawn.
    reference : str
        Which one the others are compared with.
    seed : int
        Of the bootstrap.

    Returns
    -------
    tuple of ModelScore
        By metric, then in the order of the methods.
    """
    found: list[ModelScore] = []
    for metric, (how, _) in METRICS.items():
        pairs = all_pairs(methods, how, seed=seed, against=reference, draws=2000)
        gain = {pair.first: pair.comparison for pair in pairs}
        found += [ModelScore(n, metric, _interval(method, how, seed), gain.get(n)) for n, method in methods.items()]
    return tuple(found)


def gains(first: Method, second: Method, seed: int) -> dict[str, Comparison]:
    """Compare two models by all metrics: first less second."""
    return {metric: compare(first, second, how, seed=seed) for metric, (how, _) in METRICS.items()}


def _interval(method: Method, metric: Metric, seed: int) -> Interval:
    """Bootstrap compounds; with several repeats, their mean is judged on each draw."""
    (key,) = method
    models = models_of(method, key)
    if len(models) == 1:
        return over_molecules(models[0].active, models[0].probability, metric, seed=seed)
    found = resample({"": method}, metric, seed, 1000)[""]
    mean = float(found.figures[0])
    return Interval(mean, *quantiles(mean, found.drawn[:, 0], 0.95), found.n_molecules)
