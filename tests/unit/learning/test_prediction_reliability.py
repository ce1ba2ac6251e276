"""How sure is sure enough: the surest are relied on, and errors are counted on both sides."""

import numpy as np
import pytest

from fluidmol.learning.prediction_reliability import RELIED_ON, PredictionReliability


def test_the_surest_are_relied_on_whatever_their_class():
    rng = np.random.default_rng(1)
    said = rng.random(1000)
    truth = rng.random(1000) < said
    found = PredictionReliability.of(truth, said)
    high = found.high(said)
    assert high.mean() == pytest.approx(RELIED_ON, abs=0.01)
    assert np.abs(said[high] - 0.5).min() >= np.abs(said[~high] - 0.5).max()
    assert found.wrong_high == ((said[high] > 0.5) != truth[high]).mean()
    assert found.wrong_low == ((said[~high] > 0.5) != truth[~high]).mean()
    assert found.wrong_high < found.wrong_low


def test_where_all_are_equally_sure_there_are_no_others():
    found = PredictionReliability.of(np.array([True, False, False]), np.array([0.9, 0.1, 0.9]))
    assert (found.wrong_high, found.wrong_low) == (pytest.approx(1 / 3), None)
    assert found.high(np.array([0.9, 0.5])).tolist() == [True, False]
