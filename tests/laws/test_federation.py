"""The whole way from opinions to labels, for each pair of weighting and aggregation."""

import itertools

import attrs
import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.federation import aggregate
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

BASE = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"))
PAIRS = list(itertools.product(WEIGHTINGS, AGGREGATIONS))
each_pair = pytest.mark.parametrize("pair", PAIRS, ids="+".join)


def chartered(pair):
    return attrs.evolve(BASE, weighting=Part(pair[0]), aggregation=Part(pair[1]))


@st.composite
def consortia(draw):
    """Two to four partners' values and weights, each (n_partners, n_compounds, 1); NaN and 0 where silent."""
    shape = (draw(st.integers(2, 4)), draw(st.integers(1, 6)), 1)
    value = draw(arrays(np.float32, shape, elements=strategies.probabilities))
    weight = draw(arrays(np.float32, shape, elements=strategies.probabilities))
    silent = draw(arrays(bool, shape))
    return np.where(silent, np.nan, value), np.where(silent, 0, weight)


def spoken(value, weight, names="abcd"):
    return [Annotations(BASE.digest, name, v, w) for name, v, w in zip(names, value, weight, strict=False)]


@each_pair
@given(case=consortia())
def test_shares_and_labels_are_sound(pair, case):
    value, weight = case
    labels = aggregate(spoken(value, weight), chartered(pair))
    anyone = ~np.isnan(value).all(axis=0)
    np.testing.assert_array_equal(np.isnan(labels.value), ~anyone)
    np.testing.assert_allclose(labels.contribution.sum(axis=0), anyone, atol=1e-6)
    assert np.all(labels.contribution[np.isnan(value)] == 0)
    assert np.all((labels.value[anyone] >= 0) & (labels.value[anyone] <= 1))
    assert np.all((labels.spread >= 0) & (labels.spread <= 1))


@each_pair
@given(case=consortia(), seed=st.integers(0, 9))
def test_order_of_arrival_does_not_matter(pair, case, seed):
    opinions = spoken(*case)
    mixed = [opinions[i] for i in np.random.default_rng(seed).permutation(len(opinions))]
    assert aggregate(mixed, chartered(pair)).digest == aggregate(opinions, chartered(pair)).digest


# Under resemblance nobody who speaks counts for nothing: a weight of 0 is that of a stranger.
@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[0] != "resemblance"], ids="+".join)
@given(case=consortia())
def test_abstention_counts_like_weight_zero(pair, case):
    value, weight = case
    weight[0], value[0] = 0.5, np.where(np.isnan(value[0]), 0.5, value[0])
    weight[1], value[1] = 0.0, np.where(np.isnan(value[1]), 0.5, value[1])
    silent = value.copy()
    silent[1] = np.nan
    if pair[0] == "rescaled":
        # Its scale is over all who speak, so that leaving can shift it; not where another one is at 0 too.
        extra = np.full((1, *value.shape[1:]), 0.5), np.zeros((1, *value.shape[1:]))
        value, silent, weight = (
            np.concatenate(two) for two in ((value, extra[0]), (silent, extra[0]), (weight, extra[1]))
        )
    one = aggregate(spoken(value, weight, "abcde"), chartered(pair))
    other = aggregate(spoken(silent, weight, "abcde"), chartered(pair))
    np.testing.assert_allclose(one.value, other.value, atol=1e-6)
    np.testing.assert_allclose(one.contribution, other.contribution, atol=1e-6)


def test_under_resemblance_weight_zero_is_a_strangers():
    value, weight = np.array([[[0.9]], [[0.1]]]), np.array([[[np.exp(-2)]], [[0.0]]])
    labels = aggregate(spoken(value, weight), chartered(("resemblance", "weighted-mean")))
    np.testing.assert_allclose(labels.contribution.ravel(), [0.5, 0.5])


@each_pair
def test_all_of_weight_zero_count_the_same(pair):
    value = np.array([[[0.2]], [[0.6]], [[np.nan]]])
    labels = aggregate(spoken(value, np.zeros_like(value)), chartered(pair))
    np.testing.assert_allclose(labels.contribution.ravel(), [0.5, 0.5, 0])


def test_values():
    value, weight = np.array([[[0.9]], [[0.1]]]), np.array([[[0.3]], [[0.1]]])
    labels = aggregate(spoken(value, weight), BASE)
    assert labels.value[0, 0] == pytest.approx(0.7)
    assert labels.spread[0, 0] == pytest.approx(np.sqrt(0.75 * 0.2**2 + 0.25 * 0.6**2))
    assert labels.partners == ("a", "b")
    assert labels.charter == BASE.digest


def test_spread_is_zero_where_all_agree():
    labels = aggregate(spoken(np.full((3, 4, 1), 0.3), np.full((3, 4, 1), 0.5)), BASE)
    np.testing.assert_allclose(labels.spread, 0, atol=1e-6)


@pytest.mark.parametrize("sizes", [(), (2, 3)], ids=["none", "of two shapes"])
def test_refuses_opinions_that_do_not_fit(sizes):
    opinions = [Annotations(BASE.digest, str(n), np.full((n, 1), 0.5), np.ones((n, 1))) for n in sizes]
    with pytest.raises(ValueError, match="expected one shape"):
        aggregate(opinions, BASE)


def test_refuses_two_opinions_of_one_partner():
    with pytest.raises(ValueError, match="twice"):
        aggregate(spoken(np.full((2, 1, 1), 0.5), np.ones((2, 1, 1)), "aa"), BASE)
