"""Noise: the distribution that it should have, and nothing public in it."""

import inspect
import math

import attrs
import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import chisquare

from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.noise import LARGEST, NoNoise, SimulatedNoise, SystemNoise

SOURCES = [SystemNoise(), SimulatedNoise(3)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
@pytest.mark.parametrize("deviation", [1000, 3_000_000])
def test_moments(source, deviation):
    n = 20_000
    drawn = source.draw(deviation, n) / deviation
    # Bounds of five standard errors and more: one run in a million fails by chance.
    assert abs(drawn.mean()) < 5.5 / np.sqrt(n)
    assert abs(drawn.std() - 1) < 5.5 / np.sqrt(2 * n)
    assert abs((drawn**3).mean()) < 5.5 * np.sqrt(15 / n)
    assert abs((drawn**4).mean() - 3) < 5.5 * np.sqrt(96 / n)


@pytest.mark.parametrize("deviation", [1, 2, 5])
def test_system_noise_is_a_discrete_gaussian(deviation):
    n = 20_000
    drawn = SystemNoise().draw(deviation, n)
    support = np.arange(-12 * deviation, 12 * deviation + 1)
    wanted = np.exp(-(support**2) / (2 * deviation**2))
    wanted *= n / wanted.sum()
    found = np.array([(drawn == x).sum() for x in support])
    often = wanted > 5
    found, wanted = (np.append(part[often], part[~often].sum()) for part in (found, wanted))
    assert found.sum() == n
    assert chisquare(found, wanted * found.sum() / wanted.sum()).pvalue > 1e-6


@pytest.mark.parametrize("epsilon", [0.1, 1, 4])
def test_the_lattice_costs_no_privacy(epsilon):
    # Delta of a discrete Gaussian, by summing over all it can be, for a compound of so many lattice points.
    off = []
    for points in (100, 1000):
        deviation = math.ceil(noise_multiplier(epsilon, 1e-5) * points)
        x = np.arange(-40 * deviation, 40 * deviation + points, dtype=float)
        without, within = (np.exp(-((x - moved) ** 2) / (2 * deviation**2)) for moved in (0, points))
        delta = np.maximum(within - math.exp(epsilon) * without, 0).sum() / without.sum()
        s = deviation / points
        exact = ndtr(1 / (2 * s) - epsilon * s) - math.exp(epsilon) * ndtr(-1 / (2 * s) - epsilon * s)
        off.append(abs(delta / exact - 1))
    assert off[0] < 1e-4
    assert off[1] < off[0] / 10


def test_a_wrong_distribution_would_be_noticed():
    # The same test, of a deviation a twentieth too small: it must fail.
    n, deviation = 20_000, 5
    drawn = np.rint(np.random.default_rng(1).normal(0, 0.95 * deviation, n))
    assert abs(drawn.std() / deviation - 1) > 5.5 / np.sqrt(2 * n)


def test_two_system_sources_differ_and_one_never_repeats():
    draws = [SystemNoise().draw(1 << 20, 50).tolist() for _ in range(2)]
    one = SystemNoise()
    draws += [one.draw(1 << 20, 50).tolist() for _ in range(2)]
    assert len({tuple(draw) for draw in draws}) == 4
    assert len(np.unique(draws)) > 190  # of 200


def test_nothing_public_enters_system_noise():
    assert not inspect.signature(SystemNoise).parameters
    assert not attrs.fields(SystemNoise)
    np.random.seed(7)  # noqa: NPY002 - the global state is the point
    first = SystemNoise().draw(1 << 20, 20).tolist()
    np.random.seed(7)  # noqa: NPY002
    assert SystemNoise().draw(1 << 20, 20).tolist() != first


def test_simulated_noise_repeats():
    one, same, other = SimulatedNoise(1), SimulatedNoise(1), SimulatedNoise(2)
    first = one.draw(1000, 20).tolist()
    assert first == same.draw(1000, 20).tolist()
    assert first != other.draw(1000, 20).tolist()
    assert first != one.draw(1000, 20).tolist()  # the stream goes on


def test_no_noise_is_none():
    assert NoNoise().draw(1000, 3).tolist() == [0, 0, 0]
    assert [type(source).hides for source in (NoNoise(), *SOURCES)] == [False, True, True]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_integers_of_64_bits(source):
    drawn = source.draw(LARGEST, 100)
    assert drawn.dtype == np.int64
    assert np.abs(drawn).max() < 20 * LARGEST
    assert source.draw(5, 0).shape == (0,)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
@pytest.mark.parametrize("deviation", [0, -1, LARGEST + 1])
def test_refused(source, deviation):
    with pytest.raises(ValueError, match="expected a whole number"):
        source.draw(deviation, 1)
