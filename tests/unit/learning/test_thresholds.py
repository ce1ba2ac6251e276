"""Thresholds: exact, on plateaus as agreed, and where ties allow."""

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.metrics import judge, judge_at
from fluidmol.learning.statistics.thresholds import best_threshold, matched_threshold

NO, YES = False, True


@st.composite
def judgements(draw, steps=12):
    n = draw(st.integers(2, 25))
    active = draw(arrays(bool, n))
    assume(active.any() and not active.all())
    return active, draw(arrays(float, n, elements=st.integers(0, steps).map(lambda x: x / steps)))


def between(probability):
    """One threshold in each gap between distinct probabilities, in [0, 1]."""
    values = np.unique(np.concatenate([[0.0, 1.0], probability]))
    return [*values, *((values[1:] + values[:-1]) / 2)]


@given(judgements())
def test_no_threshold_is_better(case):
    active, probability = case
    best = judge_at(active, probability, best_threshold(active, probability))["mcc"]
    assert best >= max(judge_at(active, probability, t)["mcc"] for t in between(probability)) - 1e-9


@given(judgements(), st.data())
def test_weights_count_like_repeats(case, data):
    active, probability = case
    weight = data.draw(arrays(int, len(active), elements=st.integers(0, 3)))
    repeated = np.repeat(active, weight), np.repeat(probability, weight)
    assume(repeated[0].any() and not repeated[0].all())
    found = best_threshold(active, probability, weight.astype(float))
    best = judge_at(*repeated, best_threshold(*repeated))["mcc"]
    assert judge_at(*repeated, found)["mcc"] == pytest.approx(best, abs=1e-9)


@given(judgements())
def test_order_does_not_matter(case):
    active, probability = case
    assert best_threshold(active[::-1], probability[::-1]) == best_threshold(active, probability)


@pytest.mark.parametrize(
    ("active", "probability", "expected"),
    [
        ([YES, NO], [0.9, 0.1], 0.5),
        # Two gaps separate equally well: (0.1, 0.3) and (0.5, 0.9); the second is wider.
        ([NO, YES, NO, YES], [0.1, 0.3, 0.5, 0.9], 0.7),
        ([NO, YES, YES], [0.1, 0.3, 0.5], 0.2),
        # Worse than chance: nothing is better than to call all inactive, or all active; above 0.6 is wider.
        ([YES, NO], [0.2, 0.6], 0.8),
        ([YES, NO], [0.4, 0.8], 0.2),
        # There is no threshold below 0 nor above 1.
        ([YES, NO], [0.0, 1.0], 1.0),
        # Where all are alike, all thresholds are.
        ([YES, NO], [0.5, 0.5], 0.5),
    ],
)
def test_plateaus(active, probability, expected):
    assert best_threshold(np.array(active), np.array(probability)) == pytest.approx(expected)


def test_a_compound_without_weight_divides_no_plateau():
    active, probability = np.array([NO, NO, YES]), np.array([0.1, 0.3, 0.9])
    assert best_threshold(active, probability) == pytest.approx(0.6)
    assert best_threshold(active, probability, np.array([1.0, 0.0, 1.0])) == pytest.approx(0.5)


def test_neighbouring_numbers_are_told_apart():
    low = 0.3
    high = float(np.nextafter(low, 1))
    threshold = best_threshold(np.array([NO, YES]), np.array([low, high]))
    assert judge_at(np.array([NO, YES]), np.array([low, high]), threshold)["mcc"] == 1
    assert matched_threshold(np.array([low, high]), 0.5) == low


def test_finds_the_threshold_of_a_shifted_model():
    rng = np.random.default_rng(1)
    active = rng.random(20_000) < 0.3
    shift = rng.normal(size=20_000) + np.where(active, 1.5, -1.5) - 2
    probability = 1 / (1 + np.exp(-shift))
    # Two Gaussians of equal width: the optimum lies near the middle of the shifted means, -2 on the logit scale.
    assert np.log(t := best_threshold(active, probability)) - np.log1p(-t) == pytest.approx(-1.8, abs=0.25)


@pytest.mark.parametrize(
    ("active", "probability", "weight", "problem"),
    [
        ([YES, YES], [0.1, 0.2], None, "one class"),
        ([YES, NO], [0.1, 0.2], [1.0, 0.0], "one class"),
        ([YES, NO], [0.1, 1.2], None, "no probability"),
        ([YES, NO], [0.1, np.nan], None, "no probability"),
        ([], [], None, "there is none"),
        ([YES, NO], [0.1, 0.2], [1.0, -1.0], "negative"),
        ([YES, NO], [0.1, 0.2], [1.0], "1 weights"),
        ([YES], [0.1, 0.2], None, "1 outcomes"),
    ],
)
def test_refuses(active, probability, weight, problem):
    weight = None if weight is None else np.array(weight)
    with pytest.raises(ValueError, match=problem):
        best_threshold(np.array(active, bool), np.array(probability, float), weight)


@given(arrays(float, st.integers(1, 25), elements=st.integers(0, 10).map(lambda x: x / 10)), st.integers(0, 25))
def test_no_share_is_nearer(probability, count):
    count = min(count, len(probability))
    prevalence = count / len(probability)
    called = (probability > matched_threshold(probability, prevalence)).sum()
    possible = {(probability > t).sum() for t in (-1.0, *between(probability))}
    nearest = min(abs(other - count) for other in possible)
    assert abs(called - count) == nearest
    # Of two that are equally near, the smaller one.
    assert called == min(other for other in possible if abs(other - count) == nearest)


@pytest.mark.parametrize(
    ("prevalence", "expected"), [(0.0, 0.95), (0.25, 0.7), (0.4, 0.7), (0.75, 0.35), (0.9, 0.1), (1.0, 0.1)]
)
def test_matched(prevalence, expected):
    assert matched_threshold(np.array([0.2, 0.5, 0.5, 0.9]), prevalence) == pytest.approx(expected)


def test_matched_calls_all_active_where_some_are_zero():
    assert matched_threshold(np.array([0.0, 0.5]), 1.0) < 0


@pytest.mark.parametrize("prevalence", [-0.1, 1.1, np.nan])
def test_matched_refuses_what_is_no_share(prevalence):
    with pytest.raises(ValueError, match="prevalence"):
        matched_threshold(np.array([0.5]), prevalence)


@given(judgements())
def test_matched_mcc_is_the_mcc_there(case):
    active, probability = case
    called = probability > matched_threshold(probability, active.mean())
    expected = theirs.matthews_corrcoef(active, called)
    assert judge(active, probability)["mcc_matched"] == pytest.approx(expected, abs=1e-12)
