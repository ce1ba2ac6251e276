"""Merging: a group counts once, in whatever order its rows come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.errors import InputError
from fluidmol.learning.privacy.merging import merged


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=30), st.integers(0, 2**32))
def test_order_does_not_matter(groups, seed):
    rng = np.random.default_rng(seed)
    phi, target = rng.normal(size=(len(groups), 4)).astype(np.float32), rng.integers(0, 2, len(groups))
    order = rng.permutation(len(groups))
    one, other = merged(phi, target, groups), merged(phi[order], target[order], [groups[i] for i in order])
    for found, again in zip(one, other, strict=True):
        assert found.tobytes() == again.tobytes()
    for place, name in enumerate(sorted(set(groups))):
        alike = [i for i, group in enumerate(groups) if group == name]
        np.testing.assert_allclose(one[0][place], phi[alike].astype(float).mean(axis=0))
        assert one[1][place] == pytest.approx(target[alike].mean())


def test_means_are_no_longer_than_their_rows():
    rng = np.random.default_rng(1)
    phi = rng.normal(size=(50, 6))
    phi /= np.linalg.norm(phi, axis=1, keepdims=True)
    found, _ = merged(phi, np.zeros(50), [str(i % 20) for i in range(50)])
    assert (np.linalg.norm(found, axis=1) <= 1 + 1e-12).all()


def test_nobody():
    found, target = merged(np.empty((0, 3)), [], [])
    assert (found.shape, target.shape) == ((0, 3), (0,))


@pytest.mark.parametrize("wrong", [([[1.0]], [1], ["a", "b"]), ([[1.0]], [1, 0], ["a"]), ([1.0], [1], ["a"])])
def test_refused(wrong):
    with pytest.raises(InputError, match="Expected a row of directions"):
        merged(*wrong)
