"""Metrics equal scikit-learn's, and intervals hold what they promise."""

import math

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.metrics import METRICS, expected_calibration_error, judge, judge_at, mcc, mcc_interval


@st.composite
def judgements(draw):
    n = draw(st.integers(2, 40))
    active = draw(arrays(bool, n))
    assume(active.any() and not active.all())
    # Few distinct probabilities, so that ties occur.
    return active, draw(arrays(float, n, elements=st.integers(0, 20).map(lambda x: x / 20)))


@settings(max_examples=150)
@given(judgements())
def test_equals_scikit_learn(case):
    active, probability = case
    predicted = probability > 0.5
    figures = judge(active, probability)
    assert tuple(figures) == METRICS
    expected = {
        "mcc": theirs.matthews_corrcoef(active, predicted),
        "balanced_accuracy": theirs.balanced_accuracy_score(active, predicted),
        "accuracy": theirs.accuracy_score(active, predicted),
        "f1": theirs.f1_score(active, predicted),
        "sensitivity": theirs.recall_score(active, predicted),
        "specificity": theirs.recall_score(~active, ~predicted),
        "ppv": theirs.precision_score(active, predicted, zero_division=np.nan),
        "npv": theirs.precision_score(~active, ~predicted, zero_division=np.nan),
        "roc_auc": theirs.roc_auc_score(active, probability),
        "pr_auc": theirs.average_precision_score(active, probability),
        "brier": theirs.brier_score_loss(active, probability),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(figures[name], value, atol=1e-12, err_msg=name)


@given(judgements(), st.sampled_from((0.2, 0.35, 0.8)))
def test_threshold_moves_the_class(case, threshold):
    active, probability = case
    expected = theirs.matthews_corrcoef(active, probability > threshold)
    assert judge(active, probability, threshold)["mcc"] == pytest.approx(expected, abs=1e-12)


@given(judgements(), st.sampled_from((0.0, 0.2, 0.35, 1.0)))
def test_figures_at_a_threshold_are_the_first_of_all(case, threshold):
    figures = judge(*case, threshold)  # type: ignore[call-arg]
    assert judge_at(*case, threshold) == pytest.approx(dict(list(figures.items())[:8]), nan_ok=True)  # type: ignore[call-arg]


@given(judgements())
def test_matched_mcc_knows_ranks_only(case):
    active, probability = case
    matched = judge(active, probability)["mcc_matched"]
    assert judge(active, probability**3 / 2 + 0.5, threshold=0.9)["mcc_matched"] == matched


def test_matched_mcc_calls_as_many_active_as_are():
    rng = np.random.default_rng(4)
    active = rng.random(500) < 0.2
    # Its probabilities are far too low: at 0.5 it finds next to nothing.
    probability = np.clip(0.1 * active + 0.2 * rng.random(500), 0, 1)
    figures = judge(active, probability)
    called = probability > np.sort(probability)[-active.sum() - 1]
    assert called.sum() == active.sum()
    assert figures["mcc"] == 0
    assert figures["mcc_matched"] == pytest.approx(theirs.matthews_corrcoef(active, called))


def test_single_precision_does_not_move_the_threshold():
    below, above = np.float32(0.6), np.nextafter(np.float32(0.6), np.float32(1))
    probability = np.array([below, above], dtype=np.float32)
    for threshold in (float(below), (float(below) + float(above)) / 2, float(above) - 1e-12):
        assert judge_at(np.array([False, True]), probability, threshold)["accuracy"] == 1


def test_exactly_the_threshold_is_inactive():
    assert judge(np.array([True, False]), np.array([0.5, 0.5]))["sensitivity"] == 0


@pytest.mark.parametrize("only", [True, False])
def test_one_class(only):
    figures = judge(np.full(4, only), np.array([0.9, 0.8, 0.2, 0.1]))
    undefined = {"mcc", "mcc_matched", "balanced_accuracy", "roc_auc", "pr_auc"}
    undefined |= {"specificity"} if only else {"sensitivity"}
    assert {name for name, value in figures.items() if math.isnan(value)} == undefined
    assert figures["accuracy"] == 0.5
    assert np.isnan(mcc_interval(np.full(4, only), np.array([0.9, 0.8, 0.2, 0.1]), seed=1)).all()


def test_one_class_predicted():
    figures = judge(np.array([True, False]), np.array([0.1, 0.2]))
    assert figures["mcc"] == 0
    assert math.isnan(figures["ppv"])


@pytest.mark.parametrize("lengths", [(0, 0), (2, 3)])
def test_refuses_lengths(lengths):
    with pytest.raises(ValueError, match="expected as many"):
        judge(np.zeros(lengths[0], bool), np.zeros(lengths[1]))


def test_mcc_without_a_denominator_is_zero():
    counts = [np.array(column, float) for column in ([5, 0, 0, 3], [0, 5, 0, 2], [0, 0, 5, 1], [0, 0, 0, 4])]
    np.testing.assert_allclose(mcc(*counts), [0, 0, 0, 10 / np.sqrt(5 * 4 * 6 * 5)])


def test_calibration_error_by_hand():
    # Bins of a tenth: 0.05 twice (one active), 0.15 once (inactive), and 1.0, which belongs to the last bin, active.
    active = np.array([True, False, False, True])
    probability = np.array([0.05, 0.05, 0.15, 1.0])
    by_hand = (2 / 4) * abs(0.05 - 0.5) + (1 / 4) * abs(0.15 - 0) + (1 / 4) * abs(1 - 1)
    assert expected_calibration_error(active, probability) == pytest.approx(by_hand)
    assert judge(active, probability)["ece"] == pytest.approx(by_hand)


def test_probability_one_shares_the_last_bin():
    # There, one too high and one too low make up for one another.
    active, probability = np.array([False, True]), np.array([1.0, 0.95])
    assert expected_calibration_error(active, probability) == pytest.approx((1.0 - 0.05) / 2)


def test_calibration_error_of_honest_probabilities_vanishes():
    rng = np.random.default_rng(1)
    probability = rng.random(200_000)
    active = rng.random(200_000) < probability
    assert expected_calibration_error(active, probability) < 0.01
    assert expected_calibration_error(~active, probability) > 0.4


def test_interval_is_the_same_for_a_seed():
    rng = np.random.default_rng(1)
    active, probability = rng.random(80) < 0.5, rng.random(80)
    assert mcc_interval(active, probability, 3) == mcc_interval(active, probability, 3)
    assert mcc_interval(active, probability, 3) != mcc_interval(active, probability, 4)


def test_a_higher_level_is_wider():
    rng = np.random.default_rng(1)
    active, probability = rng.random(80) < 0.5, rng.random(80)
    low, high = mcc_interval(active, probability, 3, level=0.8)
    lower, higher = mcc_interval(active, probability, 3, level=0.99)
    assert lower < low <= judge(active, probability)["mcc"] <= high < higher


def test_interval_equals_a_bootstrap_over_molecules():
    rng = np.random.default_rng(2)
    active = rng.random(300) < 0.4
    probability = np.clip(active * 0.3 + rng.random(300) * 0.7, 0, 1)
    rows = rng.integers(0, 300, (3000, 300))
    values = [theirs.matthews_corrcoef(active[r], probability[r] > 0.5) for r in rows[:800]]
    found = mcc_interval(active, probability, seed=5, draws=20_000)
    np.testing.assert_allclose(found, np.quantile(values, [0.025, 0.975]), atol=0.02)


def test_interval_covers_the_truth_in_95_of_100_cases():
    # A population whose MCC is known, from which 600 test sets of 300 are drawn.
    share = np.array([0.3, 0.15, 0.1, 0.45])  # tp, fp, fn, tn
    truth = mcc(*(np.array([count]) for count in share))[0]
    rng = np.random.default_rng(11)
    covered = 0
    for seed in range(600):
        tp, fp, fn, tn = rng.multinomial(300, share)
        active = np.repeat([True, False, True, False], [tp, fp, fn, tn])
        probability = np.repeat([0.9, 0.9, 0.1, 0.1], [tp, fp, fn, tn])
        low, high = mcc_interval(active, probability, seed)
        covered += low <= truth <= high
    # Of 600 at 95 %, the standard deviation is 0.9 %; the percentile bootstrap falls a little short in small samples.
    assert 0.92 <= covered / 600 <= 0.98
