"""The kernels on packed bits say what the definitions say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

import laws
from fluidmol.chem.similarity import nearest_euclidean, nearest_tanimoto, pack_bits


def naive_tanimoto(queries, references, k):
    common = queries.astype(int) @ references.T.astype(int)
    union = queries.sum(1)[:, None] + references.sum(1)[None, :] - common
    similarity = np.divide(common, union, out=np.zeros(common.shape), where=union > 0)
    return -np.sort(-similarity, axis=1)[:, :k]


def naive_euclidean(queries, references, k):
    return np.sort(cdist(queries.astype(float), references.astype(float)), axis=1)[:, :k]


def packed(rows):
    return pack_bits(csr_matrix(rows.astype(np.float32)))


PAIRS = ((nearest_tanimoto, naive_tanimoto), (nearest_euclidean, naive_euclidean))
each = pytest.mark.parametrize(("kernel", "naive"), PAIRS, ids=["tanimoto", "euclidean"])


@st.composite
def fingerprints(draw):
    width = draw(st.sampled_from((1, 7, 63, 64, 65, 130)))
    shapes = st.tuples(st.integers(1, 6), st.just(width))
    return draw(arrays(bool, shapes)), draw(arrays(bool, shapes)), draw(st.integers(1, 9))


@each
@given(case=fingerprints())
def test_equals_the_definition(kernel, naive, case):
    queries, references, k = case
    found = kernel(packed(queries), packed(references), k)
    assert found.dtype == np.float32
    assert found.shape == (len(queries), min(k, len(references)))
    np.testing.assert_allclose(found, naive(queries, references, k), atol=1e-6)


@each
def test_equals_the_definition_at_full_width(kernel, naive):
    rows = np.random.default_rng(1).random((150, 2048)) < 0.03
    found = kernel(packed(rows[:50]), packed(rows[50:]), 8)
    np.testing.assert_allclose(found, naive(rows[:50], rows[50:], 8), atol=1e-5)


@each
def test_same_on_any_cores(kernel, naive):
    rows = packed(np.random.default_rng(2).random((301, 256)) < 0.1)
    laws.assert_same_on_any_cores(lambda: kernel(rows[:200], rows[200:], 5))


@each
def test_more_neighbours_than_references(kernel, naive):
    rows = np.eye(3, 70, dtype=bool)
    assert kernel(packed(rows), packed(rows), 50).shape == (3, 3)


def test_empty_fingerprints():
    empty, full = packed(np.zeros((1, 70))), packed(np.ones((1, 70)))
    assert nearest_tanimoto(empty, empty, 1).tolist() == [[0.0]]
    assert nearest_tanimoto(empty, full, 1).tolist() == [[0.0]]
    assert nearest_tanimoto(full, full, 1).tolist() == [[1.0]]
    assert nearest_euclidean(empty, empty, 1).tolist() == [[0.0]]
    np.testing.assert_allclose(nearest_euclidean(empty, full, 1), [[np.sqrt(70)]], rtol=1e-6)


@each
def test_no_queries_and_no_references(kernel, naive):
    rows, none = packed(np.ones((2, 70))), packed(np.ones((0, 70)))
    assert kernel(none, rows, 1).shape == (0, 1)
    with pytest.raises(ValueError, match="no reference"):
        kernel(rows, none, 1)


@given(arrays(bool, st.tuples(st.integers(0, 5), st.integers(1, 140))))
def test_packing_keeps_every_bit(rows):
    words = pack_bits(csr_matrix(rows.astype(np.float32)))
    assert words.shape == (len(rows), -(-rows.shape[1] // 64))
    back = np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little") if len(rows) else rows
    np.testing.assert_array_equal(back[:, : rows.shape[1]], rows)


def test_packing_knows_presence_only():
    counts = csr_matrix(np.array([[3.0, 0, 0.5]]))
    np.testing.assert_array_equal(pack_bits(counts), pack_bits(counts.sign()))
