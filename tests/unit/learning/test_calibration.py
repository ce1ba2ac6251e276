"""Calibration: bins are the calibration error's, and recalibration finds what was done to the probabilities."""

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fluidmol.learning.metrics import expected_calibration_error
from fluidmol.learning.statistics import calibration_slope_intercept, reliability_bins


def honest(n=4000, seed=1):
    rng = np.random.default_rng(seed)
    probability = rng.beta(1, 2, n)
    return rng.random(n) < probability, probability


def test_bins_add_up_to_the_calibration_error():
    active, probability = honest()
    bins = reliability_bins(active, probability**2)
    error = sum(one.n * abs(one.stated - one.observed) for one in bins) / len(active)
    assert error == pytest.approx(expected_calibration_error(active, probability**2))
    assert sum(one.n for one in bins) == len(active)
    assert all(one.low <= one.stated <= one.high for one in bins)


def test_bins_at_the_edges():
    bins = reliability_bins(np.array([True, True, False]), np.array([1.0, 0.0, 0.5]), bins=2)
    assert [(one.n, one.observed) for one in bins] == [(1, 1.0), (2, 0.5)]


@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (2, 0), (0.5, 0), (1, 1), (1.5, -0.8)])
def test_recalibration_undoes_what_was_done(slope, intercept):
    active, probability = honest(40_000)
    logit = (np.log(probability) - np.log1p(-probability) - intercept) / slope
    found = calibration_slope_intercept(active, 1 / (1 + np.exp(-logit)))
    assert found.slope == pytest.approx(slope, abs=0.06 * slope)
    assert found.intercept == pytest.approx(intercept, abs=0.06)


def test_recalibration_is_logistic_regression():
    active, probability = honest(500)
    clipped = np.clip(probability, 1e-3, 1 - 1e-3)
    logit = np.log(clipped / (1 - clipped))[:, None]
    theirs = LogisticRegression(C=1e8, tol=1e-8).fit(logit, active)
    found = calibration_slope_intercept(active, probability)
    assert found.slope == pytest.approx(theirs.coef_[0, 0], abs=1e-3)
    assert found.intercept == pytest.approx(theirs.intercept_[0], abs=1e-3)


@pytest.mark.parametrize(
    ("active", "probability"),
    [
        ([True, True], [0.1, 0.9]),
        ([False, False], [0.1, 0.9]),
        ([True, False], [0.9, 0.1]),
        ([True, False], [0.1, 0.9]),
        ([True, False, True], [0.5, 0.5, 0.5]),
    ],
)
def test_no_finite_answer(active, probability):
    found = calibration_slope_intercept(np.array(active), np.array(probability))
    assert math.isnan(found.slope)
    assert math.isnan(found.intercept)


def test_certainties_are_finite():
    active = np.array([True, False, True, False, False, True])
    found = calibration_slope_intercept(active, np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0]))
    assert 0 < found.slope < 1
