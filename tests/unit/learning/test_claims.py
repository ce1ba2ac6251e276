"""What shares may amount to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.aggregation.claims import budget_scale, capped, normalised, within_budget

shares = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 2)).flatmap(
    lambda shape: arrays(float, shape, elements=st.one_of(st.just(0.0), st.floats(1e-4, 1)))
)


@given(share=shares, times=st.floats(1, 6))
def test_bounded_shares_are_shares(share, times):
    for bounded in (capped(share, times), within_budget(share, times)):
        np.testing.assert_allclose(bounded.sum(axis=0), share.sum(axis=0) > 0, atol=1e-9)
        np.testing.assert_array_equal(bounded > 0, share > 0)


@given(share=shares, times=st.floats(1, 6))
def test_no_share_is_above_the_cap_and_order_stays(share, times):
    bounded = capped(share, times)
    cap = np.minimum(1, times / np.maximum((share > 0).sum(axis=0), 1))
    assert np.all(bounded <= cap + 1e-9)
    for one in range(len(share)):
        assert np.all((bounded[one] >= bounded - 1e-9) | (share[one] < share))


@given(share=shares)
def test_no_bound_changes_nothing(share):
    np.testing.assert_allclose(capped(share, 1e6), normalised(share), atol=1e-12)
    np.testing.assert_allclose(within_budget(share, 1e6), normalised(share), atol=1e-12)


def test_who_claims_everything_gets_its_budget_and_keeps_its_own_order():
    rng = np.random.default_rng(1)
    share = rng.random((8, 2000, 1)) ** 6 * 0.01
    share[3] = rng.uniform(0.5, 1, size=(2000, 1))
    bounded = within_budget(share, 2.0)
    assert bounded[3].mean() == pytest.approx(0.25, abs=0.005)
    others = np.delete(np.arange(8), 3)
    np.testing.assert_allclose(normalised(bounded[others]), normalised(share[others]), atol=1e-9)


def test_who_alone_speaks_is_not_blamed_for_it():
    share = np.zeros((4, 100, 1))
    share[0] = 1.0
    share[1:, :50] = 1.0
    bounded = within_budget(share, 1.2)
    np.testing.assert_allclose(bounded[0, :50], 0.25)
    np.testing.assert_allclose(bounded[0, 50:], 1)


def test_the_scale_is_that_of_the_budget():
    share = np.random.default_rng(2).random((6, 500, 2)) ** 4
    share[0] = 1
    scale = budget_scale(share, 1.5)
    assert scale.max() == 1
    assert np.all(scale > 0)
    np.testing.assert_allclose(normalised(share * scale[:, None, :]), within_budget(share, 1.5))
    assert np.all(normalised(share * scale[:, None, :]).mean(axis=1) <= 0.25 + 1e-6)
