"""The conformal guarantee: on exchangeable data, coverage is what was promised, in each class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.conformal import Conformal, coverage_by_class

TRIALS, CALIBRATION, TEST = 60, 200, 300


def a_world(seed, skill):
    """Truth and stated probability; without skill the model is no better than chance, and badly calibrated."""
    rng = np.random.default_rng(seed)
    active = rng.random(CALIBRATION + TEST) < 0.25
    return active, 1 / (1 + np.exp(-rng.normal(skill * (active - 0.5), 1)))


@pytest.mark.parametrize("skill", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("level", [0.8, 0.9])
def test_coverage_is_as_promised_whatever_the_model(level, skill):
    found = []
    for seed in range(TRIALS):
        active, probability = a_world(seed, skill)
        conformal = Conformal.calibrated(active[:CALIBRATION], probability[:CALIBRATION])
        sets = conformal.sets(probability[CALIBRATION:], level)
        found.append(coverage_by_class(sets, active[CALIBRATION:]))
    for rate, share in zip(np.mean(found, axis=0), (0.75, 0.25), strict=True):
        # One trial's coverage spreads by its test set (binomial) and by its calibration set (beta).
        error = np.sqrt(level * (1 - level) * (1 / (share * TEST) + 1 / (share * CALIBRATION)) / TRIALS)
        assert level - 3 * error <= rate <= level + 1 / (share * CALIBRATION + 1) + 3 * error


def test_the_bounds_above_are_narrow_enough_to_fail():
    # Calibrated on what it has learnt from, the promise breaks.
    misses = []
    for seed in range(TRIALS):
        active, probability = a_world(seed, 1.0)
        learnt = np.where(active[:CALIBRATION], probability[:CALIBRATION] ** 0.5, probability[:CALIBRATION] ** 2)
        sets = Conformal.calibrated(active[:CALIBRATION], learnt).sets(probability[CALIBRATION:], 0.9)
        misses.append(coverage_by_class(sets, active[CALIBRATION:]))
    assert np.all(np.mean(misses, axis=0) < 0.85)


@given(
    active=arrays(bool, st.integers(1, 25)),
    seed=st.integers(0, 99),
    asked=arrays(float, st.integers(1, 10), elements=st.floats(0, 1)),
)
def test_only_the_order_of_probabilities_matters(active, seed, asked):
    # Why no probability need be calibrated; halving is exact, so that it makes no ties.
    probability = np.random.default_rng(seed).random(len(active))
    one = Conformal.calibrated(active, probability).p_values(asked)
    other = Conformal.calibrated(active, probability / 2).p_values(asked / 2)
    # The distance from 1 is rounded, though: where two are almost equal, it may part them or not.
    near = np.abs(asked[:, None] - probability).min(axis=1) < 1e-9
    np.testing.assert_allclose(one[~near], other[~near])


@given(
    active=arrays(bool, st.integers(0, 25)),
    seed=st.integers(0, 99),
    asked=arrays(float, st.integers(1, 10), elements=st.floats(0, 1)),
)
def test_p_values_are_probabilities_and_follow_the_prediction(active, seed, asked):
    found = Conformal.calibrated(active, np.random.default_rng(seed).random(len(active))).p_values(np.sort(asked))
    assert np.all((found > 0) & (found <= 1))
    assert np.all(np.diff(found[:, 0]) <= 0)
    assert np.all(np.diff(found[:, 1]) >= 0)
