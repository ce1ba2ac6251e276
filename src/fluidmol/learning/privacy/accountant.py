"""What Gaussian noise is worth: epsilon from noise, noise from epsilon, and what an attacker can gain at most.

A *multiplier* is the noise's standard deviation over the sensitivity, the most by which one compound changes what the
noise is added to. Its inverse is called mu: the release is mu-Gaussian differentially private, which is to say that
telling two neighbouring data sets apart is as hard as telling a draw of N(0, 1) from one of N(mu, 1). Everything here
follows from that one number, exactly; nothing is a bound that could be tighter.

Sources: the exact formula, Balle and Wang 2018, arXiv 1805.06530; composition, groups and the attacker's trade-off,
Dong, Roth and Su 2019, arXiv 1905.02383.

>>> s = noise_multiplier(4, 1e-5)
>>> round(s, 3), round(epsilon_of(composed([s, s]), 1e-5), 2), round(largest_auc(s), 3)
(1.081, 5.99, 0.743)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache

from scipy.special import log_ndtr, ndtr, ndtri

_SAFETY = 1 + 1e-9
"""On the safe side of what the root finder leaves open."""

_NEVER = -1e6
"""Stands for the logarithm of a delta too small for floating point."""


@cache
def noise_multiplier(epsilon: float, delta: float) -> float:
    """Compute the least multiplier at which one Gaussian mechanism is (epsilon, delta)-private.

    Parameters
    ----------
    epsilon : float
        Above 0; from .01 to 64 was checked.
    delta : float
        In (0, 1).

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If epsilon isn't above 0 and finite, or delta isn't in (0, 1).

    Examples
    --------
    >>> round(noise_multiplier(4, 1e-5), 4), round(noise_multiplier(1, 1e-5), 4)
    (1.0812, 3.7306)
    """
    if not (0 < epsilon < math.inf and 0 < delta < 1):
        raise ValueError(f"epsilon {epsilon:g} and delta {delta:g}: expected epsilon above 0 and delta in (0, 1)")
    aim = math.log(delta)
    low, high = -10.0, 10.0  # logarithms of multipliers, from all but no noise to 22 000 times the sensitivity
    while _log_delta(math.exp(high), epsilon) > aim:
        high += 5
    found = _root(lambda x: _log_delta(math.exp(x), epsilon) - aim, low, high)
    return math.exp(found) * _SAFETY


def epsilon_of(multiplier: float, delta: float) -> float:
    """Compute the epsilon that a multiplier buys at a delta: the inverse of :func:`noise_multiplier`.

    Raises
    ------
    ValueError
        If the multiplier isn't above 0, or delta isn't in (0, 1).

    Examples
    --------
    >>> round(epsilon_of(1.0812, 1e-5), 3), epsilon_of(1e9, 1e-5)
    (4.0, 0.0)
    """
    mu = 1 / _positive(multiplier)
    if not 0 < delta < 1:
        raise ValueError(f"delta {delta:g}: expected a number in (0, 1)")
    aim = math.log(delta)
    if _log_delta(multiplier, 0.0) <= aim:
        return 0.0
    high = mu**2 / 2 + mu * math.sqrt(2 * -aim)  # the bound of zero-concentrated privacy, never below the exact one
    return _root(lambda e: _log_delta(multiplier, e) - aim, 0.0, high) * _SAFETY


def composed(multipliers: Iterable[float]) -> float:
    """Compute the multiplier of several releases together, each of which may depend on those before.

    Squares of mu add up. No releases at all give away nothing: infinity.

    Examples
    --------
    >>> composed([2.0, 2.0, 2.0, 2.0]), composed([])
    (1.0, inf)
    """
    total = math.fsum(_positive(multiplier) ** -2 for multiplier in multipliers)
    return total**-0.5 if total else math.inf


def group(multiplier: float, size: int) -> float:
    """Compute the multiplier that protects a series of compounds: together they change the sum ``size`` times as much.

    Examples
    --------
    >>> round(epsilon_of(group(noise_multiplier(4, 1e-5), 10), 1e-5), 1)
    81.4
    """
    if size < 1:
        raise ValueError(f"a group of {size}: expected one compound or more")
    return _positive(multiplier) / size


def found_at_most(multiplier: float, false_ones: float) -> float:
    """Compute the share of a partner's compounds that any attack can find, where so many others are taken for them.

    Parameters
    ----------
    multiplier : float
    false_ones : float
        False positive rate, in [0, 1].

    Returns
    -------
    float
        True positive rate, in [0, 1]: of an attacker who knows all other compounds and all of the method.

    Examples
    --------
    >>> round(found_at_most(noise_multiplier(4, 1e-5), 0.01), 3)
    0.081
    """
    if not 0 <= false_ones <= 1:
        raise ValueError(f"a false positive rate of {false_ones:g}: expected a number in [0, 1]")
    return float(ndtr(ndtri(false_ones) + 1 / _positive(multiplier)))


def largest_auc(multiplier: float) -> float:
    """Compute the largest ROC AUC that any attack on membership can have, in [.5, 1]."""
    return float(ndtr(1 / (_positive(multiplier) * math.sqrt(2))))


def at_most(bound: float, places: int = 2) -> str:
    """Write an upper bound with so many decimals, rounded up: as it is printed, it must hold.

    Examples
    --------
    >>> at_most(largest_auc(noise_multiplier(4, 1e-5))), at_most(0.5), at_most(0.25, 1)
    ('0.75', '0.50', '0.3')
    """
    # What floating point adds to a decimal number isn't above it.
    return f"{math.ceil(round(bound * 10**places, 9)) / 10**places:.{places}f}"


def share_at_most(bound: float) -> str:
    """Write an upper bound of a share in whole percent, rounded up.

    Examples
    --------
    >>> share_at_most(0.0812), share_at_most(0.07)
    ('9%', '7%')
    """
    return f"{math.ceil(round(bound * 100, 9))}%"


def _root(of: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 - heavier than all that a finished round needs

    return float(brentq(of, low, high, xtol=1e-12))


def _log_delta(multiplier: float, epsilon: float) -> float:
    # Phi(1/2s - es) - exp(e) Phi(-1/2s - es), in logarithms: either term may be too small for floating point.
    shift = 1 / (2 * multiplier)
    first = float(log_ndtr(shift - epsilon * multiplier))
    second = epsilon + float(log_ndtr(-shift - epsilon * multiplier))
    return first + math.log(-math.expm1(second - first)) if first > second else _NEVER


def _positive(multiplier: float) -> float:
    if not multiplier > 0:
        raise ValueError(f"a noise multiplier of {multiplier:g}: expected a number above 0, for without noise"
                         " nothing is private")  # fmt: skip
    return multiplier
