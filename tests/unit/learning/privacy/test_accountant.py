"""The accountant: its formula is a known one, and agrees with an accountant of others."""

import math
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import norm

from fluidmol.learning.privacy.accountant import (
    composed,
    epsilon_of,
    found_at_most,
    group,
    largest_auc,
    noise_multiplier,
)

GRID = [(epsilon, delta) for epsilon in (0.01, 0.1, 1, 4, 16, 64) for delta in (1e-12, 1e-9, 1e-5, 1e-3)]
# From dp-accounting 0.6.0: from_gaussian_mechanism(multiplier), composed so many times, get_epsilon_for_delta(delta).
# It asks for attrs below 24 and we for 24.2 or later, so that it can't be a dependency, of development either: whoever
# has installed it with --no-deps compares it as it is.
PUBLISHED = [
    (1.0812, 1, 1e-05, 3.9998),
    (3.7307, 1, 1e-05, 1.0),
    (3.0, 8, 1e-05, 4.0892),
    (10.0, 40, 1e-05, 2.5944),
    (1.5, 1, 1e-09, 3.9648),
    (5.0, 200, 0.001, 12.0697),
    (60.0, 1, 1e-05, 0.048),
    (0.3, 1, 1e-05, 19.1308),
    (20.0, 10, 1e-07, 0.7261),
]


@pytest.mark.parametrize(("epsilon", "delta"), GRID)
def test_noise_and_epsilon_are_inverse(epsilon, delta):
    multiplier = noise_multiplier(epsilon, delta)
    assert epsilon_of(multiplier, delta) == pytest.approx(epsilon, rel=1e-6)
    assert epsilon_of(multiplier, delta) <= epsilon  # the noise is on the safe side


@pytest.mark.parametrize(("multiplier", "times", "delta", "epsilon"), PUBLISHED)
def test_as_anothers_accountant_says(multiplier, times, delta, epsilon):
    assert epsilon_of(composed([multiplier] * times), delta) == pytest.approx(epsilon, rel=0.01)


@pytest.mark.skipif(
    not find_spec("dp_accounting"), reason="dp-accounting isn't installed: its pinned figures are compared"
)
@pytest.mark.parametrize(("multiplier", "times", "delta", "epsilon"), PUBLISHED)
def test_as_anothers_accountant_says_now(multiplier, times, delta, epsilon):
    from dp_accounting.pld.privacy_loss_distribution import from_gaussian_mechanism  # noqa: PLC0415 - not always there

    found = from_gaussian_mechanism(multiplier, value_discretization_interval=1e-3).self_compose(times)
    assert found.get_epsilon_for_delta(delta) == pytest.approx(epsilon, rel=1e-3)
    assert epsilon_of(composed([multiplier] * times), delta) == pytest.approx(
        found.get_epsilon_for_delta(delta), rel=0.01
    )


@pytest.mark.parametrize(("epsilon", "delta"), [(1, 1e-5), (4, 1e-5), (0.1, 1e-3)])
def test_delta_is_what_integration_says(epsilon, delta):
    # delta = the integral of (p - e^epsilon q)+ over two normal densities, one of them moved by mu.
    mu = 1 / noise_multiplier(epsilon, delta)
    x = np.linspace(-15, 15 + mu, 2_000_001)
    excess = np.maximum(norm.pdf(x, mu) - math.exp(epsilon) * norm.pdf(x), 0)
    assert trapezoid(excess, x) == pytest.approx(delta, rel=1e-4)


def test_less_privacy_needs_less_noise():
    by_epsilon = [noise_multiplier(epsilon, 1e-5) for epsilon in (0.01, 0.1, 1, 4, 64)]
    by_delta = [noise_multiplier(4, delta) for delta in (1e-12, 1e-9, 1e-5, 1e-3)]
    for found in (by_epsilon, by_delta):
        assert found == sorted(found, reverse=True)


def test_releases_add_up():
    first, second = noise_multiplier(1, 1e-5), noise_multiplier(4, 1e-5)
    assert composed([first]) == pytest.approx(first)
    assert composed([first, second]) == composed([second, first])
    assert composed([first, second]) < min(first, second)
    assert 1 / composed([first, second]) ** 2 == pytest.approx(1 / first**2 + 1 / second**2)
    assert composed([]) == math.inf
    assert epsilon_of(composed([]), 1e-5) == 0


def test_series_as_the_decision_says():
    # docs/decisions/0013-private-release.md: a series of 10 has 81 where one compound has 4, and 14 where it has 1.
    for one, ten in ((4, 81), (1, 14)):
        assert epsilon_of(group(noise_multiplier(one, 1e-5), 10), 1e-5) == pytest.approx(ten, abs=0.5)
    assert group(2.0, 1) == 2.0


def test_what_an_attacker_gains_at_most_is_what_the_best_attack_gains():
    rng = np.random.default_rng(1)
    multiplier = noise_multiplier(4, 1e-5)
    without, within = rng.normal(0, multiplier, 400_000), rng.normal(1, multiplier, 400_000)
    for false_ones in (0.01, 0.1, 0.5):
        threshold = np.quantile(without, 1 - false_ones)
        assert found_at_most(multiplier, false_ones) == pytest.approx((within > threshold).mean(), abs=0.005)
    assert largest_auc(multiplier) == pytest.approx((within > without).mean(), abs=0.005)
    assert (found_at_most(multiplier, 0), found_at_most(multiplier, 1)) == (0, 1)
    assert largest_auc(1e9) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: noise_multiplier(0, 1e-5), "epsilon above 0"),
        (lambda: noise_multiplier(math.inf, 1e-5), "epsilon above 0"),
        (lambda: noise_multiplier(math.nan, 1e-5), "epsilon above 0"),
        (lambda: noise_multiplier(1, 0), r"delta in \(0, 1\)"),
        (lambda: epsilon_of(1, 1), r"in \(0, 1\)"),
        (lambda: epsilon_of(0, 1e-5), "above 0"),
        (lambda: composed([1, 0]), "above 0"),
        (lambda: group(1, 0), "one compound or more"),
        (lambda: found_at_most(1, 1.1), r"in \[0, 1\]"),
        (lambda: largest_auc(math.nan), "above 0"),
    ],
)
def test_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
