"""Intervals, each for a question of its own.

======================  ===============================================================================================
:func:`over_seeds`      Where is the mean over *seeds*, on these very molecules?
:func:`over_molecules`  Where is *this model's* figure on all molecules of this kind?
:func:`over_both`       Where is the mean over seeds, on all molecules of this kind?
======================  ===============================================================================================

A seed stands for all that is random once the data are given: split, partners, draws, models. None of them speaks of
other source data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.confusion import COUNTED, mcc
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics.draws import tables_drawn
from fluidmol.learning.statistics.predictions import Flags, Floats, Method, Predictions
from fluidmol.learning.statistics.resampling import Resampled, resample
from fluidmol.learning.statistics.weighted import Metric, cells


@attrs.frozen
class Interval:
    """A figure with its interval; NaN where it can't be had."""

    mean: float
    """The figure as found: the mean over seeds, or one model's."""

    low: float
    high: float

    n: int
    """How many seeds, or molecules, it rests on."""


def over_seeds(values: Sequence[float] | Floats, level: float = 0.95) -> Interval:
    """Give the t interval of the mean over seeds.

    Estimand: the mean of the figure over all seeds that might have been drawn, with the data as they are. Where a test
    set is the same for all seeds, its molecules are part of what is given: see :func:`over_both`.

    Parameters
    ----------
    values : sequence of float
        One figure a seed; undefined ones (NaN) are left out.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    Interval
        Without bounds (NaN) for a single seed.

    Examples
    --------
    >>> found = over_seeds([0.5, 0.52, 0.54])
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3), found.n
    (0.52, 0.47, 0.57, 3)
    """
    from scipy.stats import t  # noqa: PLC0415 - heavy

    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    n = len(known)
    mean = float(known.mean()) if n else math.nan
    if n < 2:
        return Interval(mean, math.nan, math.nan, n)
    half = float(t.ppf((1 + level) / 2, n - 1) * known.std(ddof=1) / math.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def over_molecules(
    active: NDArray[Any],
    probability: Floats,
    metric: Metric = "mcc",
    *,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
    threshold: float = 0.5,
) -> Interval:
    """Give the percentile bootstrap interval of one model's figure over molecules.

    Estimand: the figure of this very model on the population that the molecules were drawn from.

    Parameters
    ----------
    active : (n,) bool or float
        The truth: classes, or a regression's values.
    probability : (n,) float
        Of the active class, in [0, 1]; or values.
    metric : str or callable
        One of :data:`~fluidmol.learning.metrics.METRICS`, of :data:`~fluidmol.learning.value_metrics.SUMMED`, or a
        function of (active, probability), which is slow.
    seed : int
        Of the draws: models that share it share their draws.
    draws : int
        Number of bootstrap samples; those where the figure is undefined are left out.
    level : float
        Coverage, in (0, 1).
    threshold : float
        Above it, a compound is predicted active.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If lengths differ, there are no compounds, or a probability is no number.
    UsageError
        If there is no metric of that name.

    Examples
    --------
    >>> truth = np.array([True, False] * 100)
    >>> found = over_molecules(truth, np.where(truth, 0.8, 0.2), "roc_auc", seed=1)
    >>> found.low, found.high, found.n
    (1.0, 1.0, 200)
    """
    said = Predictions(active, probability, threshold=threshold)
    if isinstance(metric, str) and metric in COUNTED:
        # Drawing molecules draws the four counts of the confusion table from a multinomial: as exact, and faster.
        counts = cells(said).sum(axis=0)
        samples = tables_drawn(counts, draws, seed)
        mean, drawn = (COUNTED[metric](*table.astype(np.float64).T) for table in (counts[None, :], samples))
    else:
        found = resample({"": {0: said}}, metric, seed, draws)[""]
        mean, drawn = found.figures, found.drawn[:, 0]
    return Interval(float(mean[0]), *quantiles(float(mean[0]), drawn, level), len(said))


def mcc_interval(
    active: Flags,
    probability: Floats,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
    threshold: float = 0.5,
) -> tuple[float, float]:
    """Give the percentile bootstrap interval of the MCC over molecules.

    The same draws as those of :func:`over_molecules`, for the columns of ``metrics.csv``. It is stricter: there is no
    interval if any draw is of one class, where :func:`over_molecules` leaves such draws out.

    Parameters
    ----------
    active, probability, threshold
        As in :func:`over_molecules`.
    seed : int
        Of the draws.
    draws : int
        Number of bootstrap samples.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper bound; NaN when only one class occurs, as the MCC itself then is.

    Examples
    --------
    >>> truth = np.array([True] * 50 + [False] * 50)
    >>> low, high = mcc_interval(truth, np.where(truth, 0.8, 0.2), seed=1)
    >>> (low, high)
    (1.0, 1.0)
    """
    if active.all() or not active.any():
        return math.nan, math.nan
    counts = cells(Predictions(active, probability, threshold=threshold)).sum(axis=0)
    low, high = np.quantile(mcc(*tables_drawn(counts, draws, seed).T), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def over_both(method: Method, metric: Metric = "mcc", *, seed: int, draws: int = 1000, level: float = 0.95) -> Interval:
    """Give the interval of a method's mean over seeds, for molecules like these: hierarchical bootstrap.

    Estimand: the mean of the figure over all seeds that might have been drawn, on the population that the molecules
    were drawn from. A molecule that several seeds know (by :attr:`Predictions.molecules`) is drawn for all of them or
    for none: five seeds' judgements of one external set aren't five external sets.

    See :func:`drawn_means` for how seeds are drawn.

    Parameters
    ----------
    method : mapping of int to Predictions, or to several
        By seed; of several models of one seed (all hybrids), their mean is judged.
    metric, seed, draws, level
        As in :func:`over_molecules`.

    Returns
    -------
    Interval
        Of as many as there are seeds; without bounds for a single one.

    Raises
    ------
    ValueError
        If there is no seed, or a molecule is active for one and inactive for another.
    UsageError
        If there is no metric of that name.

    Examples
    --------
    >>> said = {s: Predictions([True, False] * 50, [0.6, 0.4] * 49 + [0.1 * s] * 2, range(100)) for s in (1, 2, 3)}
    >>> found = over_both(said, "accuracy", seed=1)
    >>> found.low < found.mean < found.high, found.n
    (True, 3)
    """
    found = resample({"": method}, metric, seed, draws)[""]
    mean = float(found.figures.mean())
    bounds = quantiles(mean, drawn_means(found, seed), level) if len(found.seeds) > 1 else (math.nan, math.nan)
    return Interval(mean, *bounds, len(found.seeds))


def drawn_means(found: Resampled, seed: int) -> Floats:
    """Draw the mean over seeds: molecules by bootstrap, seeds from their t distribution.

    To redraw five seeds, and molecules within them, covers too rarely where seeds matter (a nominal 95 % were 83 % to
    85 % in our simulations, below 80 % with three seeds), and counts molecules twice where each seed has its own
    (99 %). Here, the figures' variance between seeds counts once, with the tails of t, and the draws of molecules count
    for as much as they move all seeds alike. Where each seed has its own molecules, the result is the t interval over
    seeds; where seeds don't matter, or for a single one, it is the percentile bootstrap over molecules.

    Parameters
    ----------
    found : Resampled
    seed : int

    Returns
    -------
    (draws,) float
        NaN where undefined.
    """
    means, mean = found.drawn.mean(axis=1), found.figures.mean()
    n = len(found.seeds)
    usable = ~np.isnan(means)
    if n < 2 or not usable.any() or np.isnan(mean):
        return np.asarray(means)
    between = found.figures.var(ddof=1)
    # What the draws of molecules add to the variance between seeds, they move each seed by alone.
    alone = max(0.0, float(found.drawn[usable].var(axis=1, ddof=1).mean() - between)) / n
    moved = float(means[usable].var())
    alike = math.sqrt(max(0.0, 1 - alone / moved)) if moved > 0 else 0.0
    tails = np.random.default_rng(derive_seed(seed, "seeds")).standard_t(n - 1, len(means))
    return np.asarray(mean + alike * (means - mean) + math.sqrt(between / n) * tails)


def quantiles(figure: float, drawn: Floats, level: float) -> tuple[float, float]:
    """Give the bounds of the middle of the draws; NaN if the figure, or more than half of the draws, are undefined."""
    known = drawn[~np.isnan(drawn)]
    if math.isnan(figure) or 2 * len(known) < len(drawn):
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
