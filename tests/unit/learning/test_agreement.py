"""Agreement of partners, and what it says of their reliability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.agreement import agreement, agreement_where_claimed, weighted_median
from fluidmol.learning.reliability import reliabilities


@given(
    value=arrays(float, (4, 30), elements=st.floats(0, 1)),
    share=arrays(float, (4, 30), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1))),
)
def test_agreement_is_the_weighted_correlation(value, share):
    found = agreement(value, share)
    np.testing.assert_allclose(found.correlation, found.correlation.T, atol=1e-7)
    weight = np.sqrt(share[0] * share[1])
    assert found.n_effective[0, 1] <= 30 + 1e-9
    if (weight > 0).sum() < 3:
        return
    covariance = np.cov(value[0], value[1], aweights=weight, ddof=0)
    if min(np.diag(covariance)) > 1e-6:
        expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert found.correlation[0, 1] == pytest.approx(expected, abs=1e-4)


def test_who_never_varies_agrees_with_nobody():
    found = agreement(np.stack([np.ones(50), np.linspace(0, 1, 50)]), np.ones((2, 50)))
    assert found.correlation[0, 1] == found.correlation[0, 0] == 0


def test_silent_compounds_are_not_read():
    value = np.random.default_rng(1).random((2, 50))
    share = np.ones((2, 50))
    share[0, 25:] = 0
    blank = value.copy()
    blank[0, 25:] = np.nan
    half = agreement(blank, share)
    np.testing.assert_allclose(half.correlation[0, 1], np.corrcoef(value[:, :25])[0, 1])
    assert half.n_effective[0, 1] == pytest.approx(25)


def test_weighted_median():
    assert weighted_median(np.array([5.0, 1, 2]), np.array([0.1, 1, 1.05])) == 2
    assert weighted_median(np.array([1.0, 2]), np.ones(2)) == 2
    assert weighted_median(np.array([]), np.array([])) == 0
    assert weighted_median(np.array([1.0]), np.zeros(1)) == 0


def opinions(n_compounds, seed=1, n_partners=6, noise=1.2):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n_compounds)
    return 1 / (1 + np.exp(-truth - noise * rng.normal(size=(n_partners, n_compounds))))


def test_no_evidence_is_held_against_nobody():
    value = opinions(4)
    value[0] = 1 - value[0]
    trust = reliabilities(value, np.ones_like(value))
    assert trust.min() > 0.2


@pytest.mark.parametrize("n_compounds", [500, 5000])
def test_trust_of_the_honest_and_of_liars(n_compounds):
    value = opinions(n_compounds)
    value[0], value[1] = 1 - value[0], 0.7
    trust = reliabilities(value, np.ones_like(value))
    assert np.all(trust[2:] > 0.99)
    assert np.all(trust[:2] < 0.05)


def test_a_colluding_minority_praises_only_itself():
    value = opinions(3000, n_partners=7)
    value[:3] = np.random.default_rng(9).random(3000)
    trust = reliabilities(value, np.ones_like(value))
    assert np.all(trust[:3] < 0.05)
    assert np.all(trust[3:] > 0.9)


@pytest.mark.parametrize("value", [opinions(100)[:2], np.full((5, 100), 0.5)], ids=["two partners", "constants"])
def test_all_are_trusted_where_nothing_tells_them_apart(value):
    assert reliabilities(value, np.ones_like(value)).tolist() == [1] * len(value)


def test_truth_where_it_does_not_matter_earns_nothing():
    rng = np.random.default_rng(1)
    value, share = opinions(20_000), rng.random((6, 20_000)) ** 3
    most = share[0] >= np.quantile(share[0], 0.9)
    value[0, most] = 1 - value[0, most]
    trust = reliabilities(value, share)
    assert trust[0] < 0.05
    assert np.all(trust[1:] > 0.95)
    assert agreement_where_claimed(value, share, 0.1).correlation[0, 1:].max() < -0.2
    assert agreement_where_claimed(value, share, 1.0).correlation[0, 1:].min() > 0.1
