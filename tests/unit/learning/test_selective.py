"""Selective prediction on examples that can be counted by hand."""

import numpy as np
import pytest

from fluidmol.learning.metrics import judge
from fluidmol.learning.selective import (
    aurc,
    aurc_excess,
    coverage_at_error,
    mcc_at_coverage,
    metric_inside_outside,
    risk_coverage,
    share_kept,
)

RIGHT = np.array([True, True, False, True, False])
SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def test_risk_at_each_coverage():
    coverage, risk = risk_coverage(RIGHT, SCORE)
    np.testing.assert_allclose(coverage, [0.2, 0.4, 0.6, 0.8, 1.0])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3, 1 / 4, 2 / 5])
    assert aurc(RIGHT, SCORE) == pytest.approx(np.mean(risk))


def test_equal_scores_are_an_average_over_orders():
    rng = np.random.default_rng(1)
    correct, score = rng.random(12) < 0.6, rng.integers(0, 3, 12).astype(float)
    shuffled = []
    for _ in range(4000):
        order = rng.permutation(12)
        wrong = ~correct[order[np.argsort(-score[order], kind="stable")]]
        shuffled.append(np.cumsum(wrong) / np.arange(1, 13))
    np.testing.assert_allclose(risk_coverage(correct, score)[1], np.mean(shuffled, axis=0), atol=0.03)


def test_excess_is_nothing_for_the_best_order():
    assert aurc_excess(RIGHT, RIGHT.astype(float)) == 0
    assert aurc_excess(RIGHT, -RIGHT.astype(float)) > aurc_excess(RIGHT, np.zeros(5)) > 0


def test_coverage_at_error():
    assert coverage_at_error(RIGHT, SCORE, 0.0) == 0.4
    assert coverage_at_error(RIGHT, SCORE, 0.25) == 0.8  # risk is above it at .6 and back at .8
    assert coverage_at_error(RIGHT, SCORE, 0.4) == 1.0
    assert coverage_at_error(~RIGHT, SCORE, 0.1) == 0.0


def test_a_threshold_cant_part_equal_scores():
    assert coverage_at_error(RIGHT, np.array([1.0, 1, 1, 0, 0]), 0.1) == 0.0


def test_share_kept():
    assert share_kept(np.array([2.0, 1.0, 1.0, 1.0]), 0.5).round(6).tolist() == [1, 0.333333, 0.333333, 0.333333]
    assert share_kept(SCORE, 1.0).tolist() == [1] * 5
    assert share_kept(SCORE, 0.0).tolist() == [0] * 5
    with pytest.raises(ValueError, match="coverage"):
        share_kept(SCORE, 1.5)


def test_mcc_at_coverage_is_the_mcc_of_those_kept():
    rng = np.random.default_rng(4)
    active, probability, score = rng.random(60) < 0.5, rng.random(60), rng.random(60)
    for coverage in (0.25, 0.5, 1.0):
        best = np.argsort(-score)[: round(coverage * 60)]
        expected = judge(active[best], probability[best])["mcc"]
        assert mcc_at_coverage(active, probability, score, coverage) == pytest.approx(expected)
    assert np.isnan(mcc_at_coverage(np.ones(60, bool), probability, score, 0.5))


def test_molecules_on_the_border_count_in_part():
    active = np.array([True, False, True, True])
    probability = np.array([0.9, 0.1, 0.2, 0.8])
    # Three share the second place: a third each of a true negative, a false negative and a true positive.
    tp, fn, tn = 1 + 1 / 3, 1 / 3, 1 / 3
    expected = tp * tn / np.sqrt(tp * (tp + fn) * tn * (tn + fn))
    assert mcc_at_coverage(active, probability, np.array([2.0, 1, 1, 1]), 0.5) == pytest.approx(expected)


def test_metric_inside_outside():
    inside = np.array([True, False, True, False, False])
    expected = judge(RIGHT[inside], SCORE[inside])["mcc"], judge(RIGHT[~inside], SCORE[~inside])["mcc"]
    found = metric_inside_outside(lambda truth, p: judge(truth, p)["mcc"], inside, RIGHT, SCORE)
    np.testing.assert_equal(found, expected)
    within, without = metric_inside_outside(np.mean, np.ones(5, bool), SCORE)
    assert within == pytest.approx(0.7)
    assert np.isnan(without)


@pytest.mark.parametrize(
    ("correct", "score"), [(RIGHT, SCORE[:4]), (RIGHT[:0], SCORE[:0]), (RIGHT, np.array([1, 2, 3, 4, np.nan]))]
)
def test_bad_input_is_refused(correct, score):
    with pytest.raises(ValueError, match="expected"):
        risk_coverage(correct, score)
