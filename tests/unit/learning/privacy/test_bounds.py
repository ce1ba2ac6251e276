"""Lower bounds: true ones nearly always, and near the truth where there is much to see."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from fluidmol.learning.privacy.accountant import epsilon_of
from fluidmol.learning.privacy.bounds import guessed, told_apart


@pytest.mark.parametrize("mu", [0.3, 1.0, 2.0])
def test_bounds_of_normal_scores(mu):
    rng = np.random.default_rng(1)
    found = [told_apart(rng.normal(0, 1, 2000), rng.normal(mu, 1, 2000), 1e-5) for _ in range(30)]
    assert sum(one.mu > mu for one in found) <= 6  # 1.5 are expected
    assert sum(one.epsilon > epsilon_of(1 / mu, 1e-5) for one in found) <= 6
    assert np.median([one.mu for one in found]) > mu - 0.25


def test_randomised_response():
    # The truth with probability 3/4: epsilon is ln 3, for the scores are but two.
    rng = np.random.default_rng(2)
    within, without = rng.random(20_000) < 0.75, rng.random(20_000) < 0.25
    found = told_apart(without, within, 0)
    assert 1.0 < found.epsilon < math.log(3)


def test_what_never_fails_is_told_apart():
    found = told_apart(np.zeros(1000), np.ones(1000), 1e-5)
    assert found.epsilon > 4.5
    assert found.mu > 4
    assert told_apart(np.ones(1000), np.ones(1000), 1e-5).epsilon == 0
    assert told_apart(np.ones(1000), np.zeros(1000), 1e-5).mu == 0


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_guesses_about_randomised_responses(epsilon):
    # Pure epsilon-privacy at its worst: each guess is right with probability e^epsilon / (1 + e^epsilon).
    each = 1 / (1 + math.exp(-epsilon))
    right = np.random.default_rng(3).binomial(500, each, 200)
    found = np.array([guessed(int(k), 500, 500, 0) for k in right])
    assert (found > epsilon).sum() <= 24  # 10 are expected
    assert np.median(found) > epsilon - 0.4


def test_the_bound_is_where_chance_is_one_in_twenty():
    found = guessed(90, 100, 100, 0)
    assert binom.sf(89, 100, 1 / (1 + math.exp(-found))) == pytest.approx(0.05, rel=1e-6)
    # The same by hand, with delta: chance of 90, and 2 delta a canary for i more, at a price of 1/i.
    with_delta = guessed(90, 100, 200, 1e-4)
    each = 1 / (1 + math.exp(-with_delta))
    lifted = max(sum(binom.pmf(90 - j, 100, each) for j in range(1, i + 1)) / i for i in range(1, 91))
    assert binom.sf(89, 100, each) + 2 * 200 * 1e-4 * lifted == pytest.approx(0.05, rel=1e-6)


def test_more_delta_and_more_canaries_prove_less():
    assert guessed(90, 100, 100, 1e-3) < guessed(90, 100, 100, 1e-5) < guessed(90, 100, 100, 0)
    assert guessed(90, 100, 1000, 1e-4) < guessed(90, 100, 100, 1e-4)
    assert guessed(60, 100, 100, 0) < guessed(90, 100, 100, 0) < guessed(900, 1000, 1000, 0)


@pytest.mark.parametrize("wrong", [(5, 4, 10), (1, 11, 10), (-1, 4, 10), (0, 0, 10)])
def test_refused(wrong):
    with pytest.raises(ValueError, match="canaries"):
        guessed(*wrong, 1e-5)  # type: ignore[call-arg]


@pytest.mark.parametrize("scores", [np.zeros(29), np.full(100, np.nan)])
def test_scores_that_say_nothing_are_refused(scores):
    with pytest.raises(ValueError, match="expected 30 runs or more, and numbers"):
        told_apart(np.zeros(100), scores, 1e-5)
