"""What an attack proves: lower bounds on epsilon and mu, from how often it was right.

A proof says how private a mechanism is at least, an attack how private it is at most. Where the two contradict each
other the proof isn't of what was built.

Sources: the trade-off between the two errors, Kairouz, Oh and Viswanath 2015, arXiv 1311.0776, and for Gaussian
mechanisms Dong, Roth and Su 2019, arXiv 1905.02383; one run with many canaries, Steinke, Nasr and Jagielski 2023,
arXiv 2305.08846; exact bounds of a rate, Clopper and Pearson 1934, doi 10.1093/biomet/26.4.404.
"""

from __future__ import annotations

import math

import attrs
import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaincinv, ndtri
from scipy.stats import binom

from fluidmol.learning.privacy.lattice import Floats

_CANDIDATES = 99
"""Thresholds that are tried on the first third of the runs."""

_FEWEST = 30
"""Runs on each data set, to begin with."""

_MOST = 40.0
"""Beyond this epsilon nothing can be told apart by so few runs."""


@attrs.frozen
class LowerBounds:
    """Lower bounds that hold with the stated confidence, each by itself."""

    epsilon: float
    """At the given delta, of whatever mechanism; 0 or more."""

    mu: float
    """Of a Gaussian mechanism, 0 or more: above 1/multiplier, this isn't a Gaussian mechanism of that multiplier."""


def told_apart(without: ArrayLike, within: ArrayLike, delta: float, confidence: float = 0.95) -> LowerBounds:
    """Bound what a score gives away that is larger, on the whole, where a compound was in the data.

    Parameters
    ----------
    without, within : (n_runs,) or (n_runs, n_scores)
        Scores of independent runs on two neighbouring data sets. The first third decides which score is the best and on
        thresholds, the others are judged with them.
    delta : float
    confidence : float

    Returns
    -------
    LowerBounds

    Raises
    ------
    ValueError
        If there are fewer than 30 runs of either, or a score is no number.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> told_apart(rng.normal(0, 1, 4000), rng.normal(1, 1, 4000), 1e-5).mu > 0.85
    True
    >>> told_apart(rng.normal(0, 1, 4000), rng.normal(0, 1, 4000), 1e-5).epsilon
    0.0
    """
    (some, out), (others, inside) = (_parts(side) for side in (without, within))
    best = int(np.argmax(_gap(some, others)))
    some, others, out, inside = (part[:, best] for part in (some, others, out, inside))
    risk = (1 - confidence) / 2  # two rates
    pooled = np.append(some, others)
    # Epsilon is seen where one of the errors is rare, which the runs must show; mu where both are alike.
    epsilons = [_bounds(some, others, threshold, delta, risk)[0] for threshold in _thresholds(pooled)]
    rare = _thresholds(pooled)[int(np.argmax(epsilons))]
    return LowerBounds(
        _bounds(out, inside, rare, delta, risk)[0], _bounds(out, inside, float(np.median(pooled)), delta, risk)[1]
    )


def guessed(right: int, guesses: int, canaries: int, delta: float, confidence: float = 0.95) -> float:
    """Bound epsilon by how many canaries of a single run were guessed right.

    Parameters
    ----------
    right, guesses : int
        Of so many guesses whether a canary was in the data so many were right.
    canaries : int
        Each was in the data with probability 1/2, independently.
    delta : float
    confidence : float

    Returns
    -------
    float
        0 or more.

    Raises
    ------
    ValueError
        If more were right than guessed, or guessed than there are, or nothing was guessed.

    Examples
    --------
    >>> guessed(50, 100, 100, 0), round(guessed(100, 100, 100, 1e-3), 2), round(guessed(100, 100, 100, 0), 2)
    (0.0, 3.2, 3.49)
    """
    if not 0 <= right <= guesses <= canaries or not guesses:
        raise ValueError(
            f"{right} right of {guesses} guesses about {canaries} canaries: expected less of each, not more"
        )

    def excess(epsilon: float) -> float:
        return _chance(epsilon, right, guesses, canaries, delta) - (1 - confidence)

    if excess(0.0) >= 0:
        return 0.0
    return float(brentq(excess, 0.0, _MOST))


def _chance(epsilon: float, right: int, guesses: int, canaries: int, delta: float) -> float:
    """Bound the probability that an (epsilon, delta)-private mechanism lets so many guesses be right.

    Each guess is right with a probability of at most e^epsilon / (1 + e^epsilon), whatever the others are, but for
    delta: with a probability of 2 delta for each canary there are i more right ones, at a price of 1/i.
    """
    each = 1 / (1 + math.exp(-epsilon))
    as_many = float(binom.sf(right - 1, guesses, each))
    fewer = binom.pmf(np.arange(right - 1, -1, -1), guesses, each)
    lifted = float((np.cumsum(fewer) / np.arange(1, right + 1)).max(initial=0))
    return as_many + 2 * canaries * delta * lifted


def _parts(scores: ArrayLike) -> tuple[Floats, Floats]:
    table = np.asarray(scores, dtype=np.float64)
    if len(table) < _FEWEST or np.isnan(table).any():
        odd = int(np.isnan(table).sum())
        raise ValueError(f"{len(table)} runs with {odd} scores of NaN: expected {_FEWEST} runs or more, and numbers")
    table = table.reshape(len(table), -1)
    return table[: len(table) // 3], table[len(table) // 3 :]


def _gap(without: Floats, within: Floats) -> Floats:
    """How many standard deviations lie between the means."""
    spread = np.sqrt((without.var(axis=0) + within.var(axis=0)) / 2)
    result: Floats = (within.mean(axis=0) - without.mean(axis=0)) / np.maximum(spread, 1e-12)
    return result


def _thresholds(scores: Floats) -> Floats:
    # Halfway between neighbouring values, for scores may be but two: a mechanism whose noise doesn't change.
    values = np.unique(scores)
    halfway = (values[1:] + values[:-1]) / 2 if len(values) > 1 else values
    result: Floats = halfway[np.unique(np.linspace(0, len(halfway) - 1, _CANDIDATES).astype(int))]
    return result


def _bounds(without: Floats, within: Floats, threshold: float, delta: float, risk: float) -> tuple[float, float]:
    false_ones = _at_most(int((without > threshold).sum()), len(without), risk)
    missed = _at_most(int((within <= threshold).sum()), len(within), risk)
    epsilon = max(_log(1 - delta - missed) - math.log(false_ones), _log(1 - delta - false_ones) - math.log(missed))
    return max(0.0, epsilon), max(0.0, -float(ndtri(false_ones)) - float(ndtri(missed)))


def _at_most(count: int, n: int, risk: float) -> float:
    return 1.0 if count == n else float(betaincinv(count + 1, n - count, 1 - risk))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf
