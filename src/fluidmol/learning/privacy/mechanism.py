"""The release: one Gaussian mechanism, from a partner's compounds to a model that anybody may have.

Rows phi are public functions of molecules, at most 1 long; y are classes in [0, 1]; s is the noise multiplier of the
settings' epsilon and delta, f the steps' share of the budget.

1. **Sum.** S = sum [sqrt(.95) phi, sqrt(.05)] + N(0, s^2 / (1 - f)): a noisy sum t of phi, and a noisy count n.
2. **Centre.** c = t/n, shrunk by the share of t's squared length that noise explains; psi = [phi - c, k], at most 1
   long. The constant k, by which the share of actives is learnt, is sqrt(5/n), or .3 where that is less.
3. **Steps** of logistic regression, T of them, w from 0: w += rate (sum r psi + N(0, (.5 s)^2 T/f) - penalty w), with
   r = y - sigmoid(w.psi), cut at +-.5. The mean of the last half is kept. Of linear regression (values brought into
   [0, 1] by a *public* range) they are the same with r = y - (w.psi + .5), and a quarter of the rate.

**Why it is private.** One compound more or less changes S by at most 1. c, n and k are functions of S. Given S and the
steps before, each compound's r psi is a fixed function of that compound, at most .5 long, so that it changes a step's
sum by at most .5. Multipliers are fixed beforehand, and compose to mu^2 = (1 - f)/s^2 + T f/(T s^2) = 1/s^2: all of it
is exactly one Gaussian mechanism of multiplier s (Dong, Roth and Su 2019, arXiv 1905.02383), whatever T and f are.
Nothing else looks at the compounds: not their true number, no norm or spread over them, no rule when to stop.

On the lattice: each row is an integer vector within its bound (:func:`~.lattice.on_lattice`), sums of integers are
exact whatever their order, and the noise is an integer too, of a deviation rounded up. What a row adds is computed from
that row alone, to the last bit (:func:`~.lattice.along`).

Sources: noisy clipped gradients, Abadi et al. 2016, arXiv 1607.00133; the recipe and what it was measured to be worth,
docs/decisions/0013-private-release.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from fluidmol.errors import InputError
from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.lattice import PER_UNIT, Floats, along, on_lattice, shortened
from fluidmol.learning.privacy.noise import Noise
from fluidmol.learning.privacy.settings import Gaussian
from fluidmol.values.private_model import LARGEST, LARGEST_SUM, PrivateModel

COUNT_SHARE = 0.05
"""Of a row's squared length, for the constant coordinate that counts compounds."""

PULL_BOUND = PER_UNIT // 2
"""In lattice points, of what a compound adds to a step: .5, for ``|y - p|`` is .5 in the first step anyway."""

FEWEST = 50.0
"""Least count: noise may make it smaller, or negative."""

LARGE = 3000.0
"""Beyond so many compounds a step is shortened in proportion, for it is a sum over all of them. The rates were chosen
with partners of up to 2 400; without this, models of 12 000 and 50 000 had log-odds of 2 and 6.6 on average."""


LONGEST_CONSTANT = 0.3
"""Length of the constant coordinate at most: what it is long, the directions are shorter."""


@attrs.frozen
class Link:
    """How a linear score becomes what outcomes are compared with, at .5 for a score of 0."""

    mean: Callable[[Floats], Floats] = attrs.field(repr=False, eq=False)
    neutral: float
    """What a score of 0 means, in scores: the model's constant has it beside what is learnt."""

    reach: float
    """Squared length, times the number of compounds, of a constant coordinate beside psi, by which the mean outcome is
    learnt. At 20 a step of the usual rate goes three quarters of the way, however many they are; the less, the longer
    the directions stay beside it."""

    slowness: float
    """By how much the rate is divided: how steep it is at 0, against the logistic function."""


LOGISTIC = Link(expit, 0.0, 5.0, 1.0)
"""For classes: the model's score is the logarithm of the odds."""

IDENTITY = Link(lambda score: score + 0.5, 0.5, 20.0, 4.0)
"""For values in [0, 1]: the model's score is the value. Residuals beyond .5 are cut, as in Huber's regression."""

_CHUNK = 4096
"""Rows at a time; integers need twice the memory of what they are made from."""


def release(phi: ArrayLike, target: ArrayLike, settings: Gaussian, noise: Noise, link: Link = LOGISTIC) -> PrivateModel:
    """Release what a partner's compounds say, once.

    Parameters
    ----------
    phi : (n_compounds, n_columns)
        Public directions; longer rows than 1 are shortened.
    target : (n_compounds,)
        Outcomes in [0, 1]: classes, or values by :func:`within_range`.
    settings : Gaussian
    noise : Noise
        :class:`~.noise.SystemNoise` where data are really private.
    link : Link
        :data:`LOGISTIC` for classes, :data:`IDENTITY` for values.

    Returns
    -------
    PrivateModel
        (epsilon, delta)-differentially private of one row, added or removed.

    Raises
    ------
    InputError
        If shapes don't fit, a number isn't finite, or an outcome is outside of [0, 1].

    Examples
    --------
    >>> from fluidmol.learning.privacy.noise import SimulatedNoise
    >>> rng = np.random.default_rng(1)
    >>> phi = rng.normal(0, 0.2, (1000, 10))
    >>> model = release(phi, phi[:, 0] > 0, Gaussian(), SimulatedNoise(1))
    >>> round(model.multiplier, 3), bool(model.opinion[0] > 3 * abs(model.opinion[1:-1]).max())
    (1.081, True)
    >>> values = within_range(6 + 3 * phi[:, 0], 4, 8)
    >>> model = release(phi, values, Gaussian(), SimulatedNoise(2), IDENTITY)
    >>> bool(2 < 4 * model.opinion[0] < 4), bool(5.9 < 4 + 4 * model.opinion[-1] < 6.1)
    (True, True)
    """
    rows, outcomes = _checked(phi, target)
    multiplier = noise_multiplier(settings.epsilon, settings.delta) if noise.hides else 0.0
    sigma = multiplier / math.sqrt(1 - settings.steps_share)
    total, count = noisy_sum(rows, sigma, noise)
    centre = shrunken_mean(total, count, sigma)
    # A function of the noisy count, so that it costs nothing.
    steps = attrs.evolve(settings, rate=settings.rate * min(1.0, LARGE / count) / link.slowness)
    constant = min(LONGEST_CONSTANT, math.sqrt(link.reach / count))
    weights, level = noisy_steps(rows, outcomes, centre, constant, multiplier, steps, noise, link)
    # Cut rather than refused: what was spent would be lost, and a second try would spend it again.
    opinion = np.clip(np.append(weights, link.neutral + level - float(weights @ centre)), -LARGEST, LARGEST)
    epsilon = settings.epsilon if noise.hides else math.inf
    return PrivateModel(opinion, np.clip(total, -LARGEST_SUM, LARGEST_SUM), count, epsilon, settings.delta, multiplier)


def within_range(values: ArrayLike, low: float, high: float) -> Floats:
    """Bring values into [0, 1] by a range that is public, such as the charter's; those outside are cut.

    The range of the partner's own values would say what its largest and smallest are.

    Examples
    --------
    >>> within_range([3.0, 5.0, 9.0], 4, 8).tolist()
    [0.0, 0.25, 1.0]
    """
    if not low < high:
        raise ValueError(f"a range from {low:g} to {high:g}: expected the lower end first")
    return np.clip((np.asarray(values, dtype=np.float64) - low) / (high - low), 0.0, 1.0)


def noisy_sum(rows: Floats, sigma: float, noise: Noise) -> tuple[Floats, float]:
    """Sum [sqrt(.95) phi, sqrt(.05)], add noise, and divide the scales out again: t, and n of at least 50."""
    scale, constant = math.sqrt(1 - COUNT_SHARE), math.sqrt(COUNT_SHARE)

    def counted(part: slice) -> Floats:
        return np.append(scale * rows[part], np.full((len(rows[part]), 1), constant), axis=1)

    found = _summed(counted, len(rows), rows.shape[1] + 1, PER_UNIT, sigma, noise)
    return found[:-1] / scale, max(FEWEST, float(found[-1]) / constant)


def shrunken_mean(total: Floats, count: float, sigma: float) -> Floats:
    """Shrink the noisy mean by the share of its squared length that noise explains (James and Stein's estimator)."""
    length = float(total @ total)
    explained = len(total) * sigma**2 / (1 - COUNT_SHARE) / length if length else 1.0
    return total * (max(0.0, 1 - explained) / count)


def noisy_steps(
    rows: Floats,
    target: Floats,
    centre: Floats,
    constant: float,
    multiplier: float,
    settings: Gaussian,
    noise: Noise,
    link: Link = LOGISTIC,
) -> tuple[Floats, float]:
    """Fit by noisy steps over all compounds: the mean of the last half, (n_columns,), and the level of all."""
    sigma = multiplier * math.sqrt(settings.steps / settings.steps_share)
    psi = shortened(np.append(rows - centre, np.full((len(rows), 1), constant), axis=1), 1.0)
    weights, kept = np.zeros(psi.shape[1]), np.zeros(psi.shape[1])
    for step in range(settings.steps):

        def pulls(part: slice, weights: Floats = weights) -> Floats:
            pull = np.clip(target[part, None] - link.mean(along(psi[part], weights)), -0.5, 0.5)
            result: Floats = psi[part] * pull
            return result

        slope = _summed(pulls, len(psi), psi.shape[1], PULL_BOUND, sigma, noise)
        weights = weights + settings.rate * (slope - settings.penalty * weights)
        if step >= settings.steps // 2:
            kept += weights
    kept /= settings.steps - settings.steps // 2
    return kept[:-1], float(kept[-1]) * constant


def _summed(
    rows: Callable[[slice], Floats], n_rows: int, n_columns: int, bound: int, sigma: float, noise: Noise
) -> Floats:
    """Sum rows on the lattice and add noise: sigma times the bound, rounded up. The one place where noise is added."""
    total = np.zeros(n_columns, dtype=np.int64)
    for start in range(0, n_rows, _CHUNK):
        total += on_lattice(rows(slice(start, start + _CHUNK)), bound).sum(axis=0)
    noisy = total + noise.draw(max(1, math.ceil(sigma * bound)), n_columns)
    result: Floats = noisy / PER_UNIT
    return result


def _checked(phi: ArrayLike, target: ArrayLike) -> tuple[Floats, NDArray[np.float64]]:
    rows, outcomes = np.ascontiguousarray(phi, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if rows.ndim != 2 or outcomes.shape != rows.shape[:1] or not rows.shape[1]:
        raise InputError(
            f"directions of shape {rows.shape} and outcomes of shape {outcomes.shape}",
            hint="Expected a row of directions, and one outcome, for each compound.",
        )
    if not np.isfinite(rows).all():
        raise InputError("a compound's directions aren't finite", hint="Nothing was released: look at its features.")
    if not ((outcomes >= 0) & (outcomes <= 1)).all():
        raise InputError("an outcome is outside of [0, 1]", hint="Expected 0, 1, or the mean over a skeleton.")
    return shortened(rows, 1.0), outcomes
