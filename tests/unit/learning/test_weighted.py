"""A metric of counts is the metric of the molecules, repeated as often as they were drawn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.errors import UsageError
from fluidmol.learning.metrics import METRICS, judge
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.learning.statistics.weighted import weighted


@st.composite
def drawn(draw):
    n = draw(st.integers(1, 20))
    # Few distinct probabilities, so that ties occur.
    probability = draw(arrays(float, n, elements=st.integers(0, 8).map(lambda x: x / 8)))
    said = Predictions(draw(arrays(bool, n)), probability, threshold=draw(st.sampled_from((0.25, 0.5, 0.6))))
    return said, draw(arrays(int, (3, n), elements=st.integers(0, 3))).astype(float)


@pytest.mark.parametrize("metric", METRICS)
@given(case=drawn())
def test_equals_the_metric_of_repeated_molecules(metric, case):
    said, counts = case
    found = weighted(metric, said, np.arange(len(said)), len(said))(counts)
    assert found.shape == (3,)
    for value, times in zip(found, counts.astype(int), strict=True):
        if times.any():
            expected = judge(np.repeat(said.active, times), np.repeat(said.probability, times), said.threshold)[metric]
            assert value == pytest.approx(expected, abs=1e-12, nan_ok=True)
        else:
            assert np.isnan(value)


@pytest.mark.parametrize("metric", ["mcc", "brier", "roc_auc", "mcc_matched", "own"])
@given(case=drawn(), seed=st.integers(0, 99))
def test_molecules_may_stand_anywhere_among_others(metric, case, seed):
    said, counts = case
    kind = (lambda active, probability: float(np.mean(probability - active))) if metric == "own" else metric
    place = np.random.default_rng(seed).permutation(30)[: len(said)]
    among = np.random.default_rng(seed).integers(0, 4, (3, 30)).astype(float)
    among[:, place] = counts
    expected = weighted(kind, said, np.arange(len(said)), len(said))(counts)
    np.testing.assert_allclose(weighted(kind, said, place, 30)(among), expected, atol=1e-12)


@given(drawn())
def test_a_function_is_a_metric(case):
    said, counts = case
    assume(counts.any(axis=1).all())
    accuracy = weighted("accuracy", said, np.arange(len(said)), len(said))(counts)
    own = weighted(lambda active, p: float(np.mean(active == (p > said.threshold))), said, np.arange(len(said)), 0)
    np.testing.assert_allclose(own(counts), accuracy)


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean roc_auc"):
        weighted("roc_acu", Predictions([True], [0.5]), np.arange(1), 1)
