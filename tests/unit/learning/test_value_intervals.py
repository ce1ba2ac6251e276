"""Intervals of values: coverage as promised, the same as another's, and what isn't a calibration."""

import numpy as np
import pytest
from crepes import ConformalRegressor

from fluidmol.learning.value_intervals import FARTHEST, ValueIntervals, interval_costs


def drawn(n, seed, slope=0.0):
    """Positions, what was said of them, and similarities; errors are larger far from what is known."""
    rng = np.random.default_rng(seed)
    near = rng.random(n)
    truth = rng.uniform(0.3, 0.7, n)
    return truth, np.clip(truth + rng.normal(0, 0.05, n) * (1 + slope * (1 - near)), 0, 1), near


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_coverage_is_as_promised(level):
    found = []
    for seed in range(60):
        truth, said, near = drawn(400, seed, slope=1.0)
        intervals = ValueIntervals(truth[:150], said[:150], near[:150])
        low, high = intervals.bounds(said[150:], near[150:], level).T
        found.append(((low <= truth[150:]) & (truth[150:] <= high)).mean())
    assert level - 0.01 < np.mean(found) < level + 0.02


def test_the_farther_the_wider_and_as_well_covered():
    truth, said, near = drawn(20_000, 1, slope=1.0)
    intervals = ValueIntervals(truth[:2000], said[:2000], near[:2000])
    half = intervals.half_widths(np.array([0.0, 1.0]), 0.8)
    assert half[0] == pytest.approx(FARTHEST * half[1])
    low, high = intervals.bounds(said[2000:], near[2000:], 0.8).T
    held = (low <= truth[2000:]) & (truth[2000:] <= high)
    for part in (near[2000:] < 0.3, near[2000:] > 0.7):
        assert held[part].mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.99])
def test_as_anothers_intervals(level):
    truth, said, near = drawn(300, 2)
    other = ConformalRegressor().fit(truth[:200] - said[:200], sigmas=FARTHEST - near[:200])
    expected = other.predict_int(said[200:], sigmas=FARTHEST - near[200:], confidence=level, y_min=0, y_max=1)
    ours = ValueIntervals(truth[:200], said[:200], near[:200]).bounds(said[200:], near[200:], level)
    assert np.allclose(ours, expected)


def test_too_few_promise_the_whole_scale():
    few = ValueIntervals([0.5] * 3, [0.5] * 3, [1.0] * 3)
    assert few.bounds(np.array([0.5]), np.array([1.0]), 0.8).tolist() == [[0.0, 1.0]]
    assert few.bounds(np.array([0.5]), np.array([1.0]), 0.7).tolist() == [[0.5, 0.5]]


def test_costs_are_of_the_compounds_themselves():
    truth, said, near = drawn(500, 3)
    for cost in interval_costs(ValueIntervals(truth, said, near)):
        assert cost.held == pytest.approx(cost.level, abs=0.005)


@pytest.mark.parametrize(
    "wrong", [([0.5], [0.5, 0.5], [1.0]), ([1.5], [0.5], [1.0]), ([0.5], [np.nan], [1.0]), ([[0.5]], [[0.5]], [[1.0]])]
)
def test_refused(wrong):
    with pytest.raises(ValueError, match=r"expected \(n,\)|isn't in \[0, 1\]"):
        ValueIntervals(*wrong)


@pytest.mark.parametrize("level", [0, 1, 1.5])
def test_levels_are_between_0_and_1(level):
    with pytest.raises(ValueError, match="a level of"):
        ValueIntervals([0.5], [0.5], [1.0]).half_widths(np.array([1.0]), level)
