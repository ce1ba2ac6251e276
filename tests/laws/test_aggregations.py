"""Each aggregation names the laws that bind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import laws
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.aggregation.log_odds import LogOdds
from fluidmol.learning.aggregation.weighted_mean import WeightedMean
from fluidmol.values.parts import Part

LAWS = {
    "weighted-mean": (
        laws.assert_permutation_invariant,
        laws.assert_within_hull,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
    ),
    # Opinions are drawn back to [0.01, 0.99] first: no hull law outside of it.
    "log-odds": (
        laws.assert_permutation_invariant,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
    ),
}
CASES = [(name, law) for name, bound in LAWS.items() for law in bound]


def test_every_aggregation_names_its_laws():
    assert set(LAWS) == set(AGGREGATIONS)


@st.composite
def opinions(draw):
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 2)))
    share = draw(arrays(float, shape, elements=st.one_of(st.just(0.0), st.floats(1e-3, 1))))
    return draw(arrays(float, shape, elements=st.floats(0, 1))), share


@pytest.mark.parametrize(("name", "law"), CASES, ids=lambda case: getattr(case, "__name__", case))
@given(case=opinions())
def test_law(name, law, case):
    law(AGGREGATIONS.build(Part(name)), *case)


@pytest.mark.parametrize("name", LAWS)
@given(case=opinions(), probability=st.floats(0.01, 0.99))
def test_unanimity(name, case, probability):
    laws.assert_unanimous(AGGREGATIONS.build(Part(name)), probability, case[1])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_unanimity_at_the_ends(probability):
    laws.assert_unanimous(WeightedMean(), probability, np.ones((3, 2, 1)))
    label = LogOdds(limit=0.01)(np.full((3, 2, 1), probability), np.ones((3, 2, 1)))
    np.testing.assert_allclose(label, np.clip(probability, 0.01, 0.99))


@given(case=opinions())
def test_log_odds_stays_within_the_hull_of_bounded_opinions(case):
    value, share = case
    laws.assert_within_hull(LogOdds(limit=0.01), np.clip(value, 0.01, 0.99), share)


@given(case=opinions())
def test_log_odds_knows_no_preferred_class(case):
    value, share = case
    np.testing.assert_allclose(LogOdds()(1 - value, share), 1 - LogOdds()(value, share), atol=1e-9)


VALUE = np.array([[[0.9], [0.2], [np.nan]], [[0.5], [np.nan], [np.nan]], [[0.1], [0.6], [np.nan]]])
SHARE = np.array([[[2.0], [1.0], [0.0]], [[1.0], [0.0], [0.0]], [[1.0], [3.0], [0.0]]])


def test_values_of_the_weighted_mean():
    np.testing.assert_allclose(WeightedMean()(VALUE, SHARE).ravel(), [0.6, 0.5, np.nan])


def test_values_of_the_log_odds():
    logit = np.log(9)  # of 0.9, and minus that of 0.1
    one = 1 / (1 + np.exp(-(2 * logit + 0 - logit) / 4))
    two = 1 / (1 + np.exp(-(np.log(0.25) + 3 * np.log(1.5)) / 4))
    np.testing.assert_allclose(LogOdds()(VALUE, SHARE).ravel(), [one, two, np.nan])
