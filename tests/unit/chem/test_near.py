"""Near duplicates of two sets: what all pairs say, found without most of them."""

import numpy as np
import pytest
from joblib import parallel_config
from scipy.sparse import csr_matrix

from fluidmol.chem.near import near_each_other
from fluidmol.chem.similarity import pack_bits


def families(seed, n, width):
    """Fingerprints of very different sizes, many with near relatives, some empty."""
    rng = np.random.default_rng(seed)
    parents = rng.random((max(1, n // 4), width)) < rng.random((max(1, n // 4), 1)) * 0.6
    children = parents[rng.integers(len(parents), size=n)] ^ (rng.random((n, width)) < 0.02)
    children[rng.random(n) < 0.05] = False
    return children


def similarities(a, b):
    common = a.astype(int) @ b.astype(int).T
    union = a.sum(1)[:, None] + b.sum(1)[None] - common
    return np.where(union > 0, common / np.maximum(union, 1), 0).astype(np.float32)


@pytest.mark.parametrize("at_least", [0.05, 0.3, 0.5, 2 / 3, 0.75, 0.9, 1.0])
@pytest.mark.parametrize("width", [40, 64, 300])
def test_equals_the_comparison_of_all_pairs(at_least, width):
    # One draw: of both sets members are relatives.
    both = families(width, 240, width)
    a, b = both[:140], both[140:]
    of_a, of_b = near_each_other(pack_bits(csr_matrix(a)), pack_bits(csr_matrix(b)), at_least)
    near = similarities(a, b) >= np.float32(at_least)
    np.testing.assert_array_equal(of_a, near.any(axis=1))
    np.testing.assert_array_equal(of_b, near.any(axis=0))
    assert at_least == 1 or near.any()


def test_a_similarity_that_is_met_exactly_counts():
    a = csr_matrix(np.eye(1, 20) + np.eye(1, 20, 1) + np.eye(1, 20, 2))
    b = csr_matrix(np.eye(1, 20) + np.eye(1, 20, 1))
    assert near_each_other(pack_bits(a), pack_bits(b), 2 / 3)[0].all()
    assert not near_each_other(pack_bits(a), pack_bits(b), 2 / 3 + 1e-6)[0].any()


@pytest.mark.parametrize(("n_a", "n_b"), [(0, 0), (0, 5), (5, 0)])
def test_nothing_is_near_nothing(n_a, n_b):
    found = near_each_other(np.ones((n_a, 2), np.uint64), np.ones((n_b, 2), np.uint64), 0.5)
    assert [list(flags) for flags in found] == [[False] * n_a, [False] * n_b]


def test_many_threads_find_the_same():
    both = [pack_bits(csr_matrix(families(seed, 900, 128))) for seed in (1, 1)]
    alone = near_each_other(*both, 0.8)  # type: ignore[call-arg]
    with parallel_config(n_jobs=4):
        together = near_each_other(*both, 0.8)  # type: ignore[call-arg]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.any()
