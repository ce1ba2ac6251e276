"""What every union of own and federated rows must keep, and what each one promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from fluidmol.errors import CharterError
from fluidmol.learning.union import UNIONS, TrainingSet
from fluidmol.learning.union.mixture import Mixture
from fluidmol.learning.union.undersampled import Undersampled
from fluidmol.learning.union.weighted import Weighted
from fluidmol.values.parts import Part


@st.composite
def lessons(draw):
    """Own and federated rows; the one feature numbers them, so that each can be found again."""

    def one(start, elements):
        target = draw(arrays(float, st.integers(1, 12), elements=elements))
        return TrainingSet(
            csr_matrix(start + np.arange(len(target), dtype=float)[:, None]), target, np.ones(len(target))
        )

    return one(1, st.sampled_from((0.0, 1.0))), one(101, st.floats(0, 1))


def followed(own, federated, union):
    """Where each row of the union came from: (is own, position)."""
    number = union.features.toarray().ravel().astype(int)
    assert len(set(number)) == len(number), "a row occurs twice"
    mine = number < 100
    position = np.where(mine, number - 1, number - 101)
    expected = np.where(mine, own.target[np.minimum(position, len(own) - 1)],
                        federated.target[np.minimum(position, len(federated) - 1)])  # fmt: skip
    np.testing.assert_array_equal(union.target, expected)
    return mine


@pytest.mark.parametrize("name", sorted(UNIONS))
@given(case=lessons())
def test_rows_keep_their_targets(name, case):
    union = UNIONS.build(Part(name))(*case, np.random.default_rng(1))  # type: ignore[call-arg]
    mine = followed(*case, union)  # type: ignore[call-arg]
    assert union.features.shape[0] == len(union) == len(union.weight)
    assert np.all(union.weight > 0)
    assert np.all(np.diff(mine.astype(int)) >= 0), "federated rows come first"


@given(case=lessons(), own_weight=st.floats(0.1, 10))
def test_weighted_takes_all_rows_and_weighs_ones_own(case, own_weight):
    own, federated = case
    union = Weighted(own_weight=own_weight)(own, federated, np.random.default_rng(1))
    mine = followed(own, federated, union)
    assert len(union) == len(own) + len(federated)
    np.testing.assert_array_equal(union.weight, np.where(mine, own_weight, 1.0))


@given(case=lessons())
def test_undersampled_is_balanced_and_drops_no_more_than_it_must(case):
    own, federated = case
    union = Undersampled()(own, federated, np.random.default_rng(1))
    target = np.concatenate([own.target, federated.target])
    active = int((target > 0.5).sum())
    smaller = min(active, len(target) - active)
    if smaller:
        assert int((union.target > 0.5).sum()) == smaller
        assert len(union) == 2 * smaller
    else:
        assert len(union) == len(target)
    assert set(union.weight) == {1.0}


@given(case=lessons())
def test_a_mixture_learns_from_its_own_rows_alone(case):
    own, federated = case
    assert Mixture()(own, federated, np.random.default_rng(1)) is own


@pytest.mark.parametrize("folds", [1, 0, -2])
def test_a_mixture_validates_on_two_folds_or_more(folds):
    with pytest.raises(CharterError, match="folds"):
        UNIONS.build(Part("mixture", {"folds": folds}))


def test_undersampled_draws_by_its_seed():
    own = TrainingSet(csr_matrix(np.arange(1.0, 51)[:, None]), np.zeros(50), np.ones(50))
    federated = TrainingSet(csr_matrix(np.arange(101.0, 106)[:, None]), np.ones(5), np.ones(5))

    def drawn(seed):
        return Undersampled()(own, federated, np.random.default_rng(seed)).features.toarray().ravel().tolist()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("weight", [0, -1, float("nan")])
def test_weighted_refuses_a_weight(weight):
    with pytest.raises(ValueError, match="own_weight"):
        Weighted(own_weight=weight)
