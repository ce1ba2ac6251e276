"""Canaries: attacks on the mechanism itself, by compounds that are as easy to find as any can be.

A canary has a direction of its own, which no other compound has, so that all it adds to a release is along that
direction. An attacker who knows everything else then looks at the release along it, with the best linear statistic:
that of two normal distributions, by the variances that the settings stand for. It comes close to what the proof allows,
so that a mechanism with too little noise, the same noise twice, or rows that are too long is found out.

- :func:`distinguish`: many releases with and without one canary. Sharp, and slow.
- :func:`one_run`: a single release with hundreds of canaries, each in it by the toss of a coin. It proves less (an
  epsilon of 1 or 2 where the truth is 4), and costs one release: it finds gross faults.

They are run on made-up compounds, never on a partner's own: what they find are faults of code.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import ArrayLike

from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.bounds import LowerBounds, guessed, told_apart
from fluidmol.learning.privacy.lattice import Floats
from fluidmol.learning.privacy.mechanism import COUNT_SHARE
from fluidmol.learning.privacy.settings import Gaussian
from fluidmol.values.private_model import PrivateModel

Mechanism = Callable[[Floats, Floats], PrivateModel]
"""From directions and outcomes to a release, with fresh noise each time."""


@attrs.frozen
class Statistic:
    """The best linear statistic of a release along a direction, if pulls are .5 in every step.

    Examples
    --------
    >>> round(Statistic.of(Gaussian()).mu * noise_multiplier(4, 1e-5), 2)
    0.96
    """

    total: float
    """What the sum counts."""

    weights: float
    """What the coefficients count."""

    mu: float
    """How far, in standard deviations, one compound moves the statistic: nearly 1/multiplier."""

    @classmethod
    def of(cls, settings: Gaussian) -> Statistic:
        """Work out what sum and coefficients count."""
        multiplier = noise_multiplier(settings.epsilon, settings.delta)
        variance = multiplier**2 / ((1 - settings.steps_share) * (1 - COUNT_SHARE))
        # Step k is in the coefficients after step j >= k by (1 - rate * penalty)^(j - k); the last half is averaged.
        steps, kept = np.arange(settings.steps), np.arange(settings.steps // 2, settings.steps)
        left = np.where(kept[:, None] >= steps, kept[:, None] - steps, 0)
        share = ((1 - settings.rate * settings.penalty) ** left * (kept[:, None] >= steps)).mean(axis=0)
        moved = 0.5 * settings.rate * float(share.sum())
        spread = 0.5 * settings.rate * multiplier * math.sqrt(
            settings.steps / settings.steps_share * float(share @ share)
        )  # fmt: skip
        return cls(1 / variance, moved / spread**2, math.sqrt(1 / variance + (moved / spread) ** 2))

    def along(self, model: PrivateModel, directions: Floats) -> Floats:
        """Score directions, (n_directions, n_columns): the larger, the more likely a compound of class 1 is there.

        Returns
        -------
        (n_directions, 3)
            By both, by the sum alone and by the coefficients alone.
        """
        parts = np.array([self.total * model.total, self.weights * model.opinion[:-1]], dtype=np.float64)
        result: Floats = directions @ np.array([parts.sum(axis=0), *parts]).T
        return result


def distinguish(
    mechanism: Mechanism,
    others: tuple[ArrayLike, ArrayLike],
    settings: Gaussian,
    runs: int = 1000,
    *,
    length: float = 1.0,
    confidence: float = 0.95,
) -> LowerBounds:
    """Release again and again with and without one canary, and bound what that tells.

    Parameters
    ----------
    mechanism : callable
    others : (n_compounds, n_columns), (n_compounds,)
        Everybody else: directions and outcomes. The canary gets a column of its own.
    settings : Gaussian
        What the mechanism claims to be.
    runs : int
        Releases with the canary, and as many without.
    length : float
        Of the canary's row; a mechanism must shorten those above 1.
    confidence : float

    Returns
    -------
    LowerBounds
    """
    without, target = _widened(others, 1)
    canary = np.eye(1, without.shape[1], without.shape[1] - 1)
    within, outcomes = np.append(without, length * canary, axis=0), np.append(target, 1.0)
    statistic = Statistic.of(settings)

    def scores(rows: Floats, known: Floats) -> Floats:
        return np.array([statistic.along(mechanism(rows, known), canary)[0] for _ in range(runs)])

    return told_apart(scores(without, target), scores(within, outcomes), settings.delta, confidence)


def one_run(
    mechanism: Mechanism,
    others: tuple[ArrayLike, ArrayLike],
    settings: Gaussian,
    canaries: int = 400,
    guesses: int = 100,
    *,
    seed: int = 1,
    confidence: float = 0.95,
) -> float:
    """Release once with about half of the canaries, guess which, and bound epsilon by how many guesses are right.

    Parameters
    ----------
    mechanism, others, settings
        As of :func:`distinguish`.
    canaries : int
        Each gets a column of its own.
    guesses : int
        About canaries with the largest and smallest scores, in halves.
    seed : int
        Of the coins.
    confidence : float

    Returns
    -------
    float
        Lower bound on epsilon at the settings' delta.
    """
    rows, target = _widened(others, canaries)
    inside = np.random.default_rng(seed).random(canaries) < 0.5
    directions = np.eye(canaries, rows.shape[1], rows.shape[1] - canaries)
    model = mechanism(np.append(rows, directions[inside], axis=0), np.append(target, np.ones(int(inside.sum()))))
    order = np.argsort(Statistic.of(settings).along(model, directions)[:, 0], kind="stable")
    half = guesses // 2
    right = int(inside[order[canaries - half :]].sum()) + int((~inside[order[:half]]).sum())
    return guessed(right, 2 * half, canaries, settings.delta, confidence)


def _widened(others: tuple[ArrayLike, ArrayLike], columns: int) -> tuple[Floats, Floats]:
    rows, target = (np.asarray(part, dtype=np.float64) for part in others)
    return np.append(rows, np.zeros((len(rows), columns)), axis=1), target
