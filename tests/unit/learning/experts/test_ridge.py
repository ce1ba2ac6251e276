"""Ridge regression from moments: the closed form, whatever columns are crowded, however rows are cut."""

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from fluidmol.learning.experts.ridge import Moments
from fluidmol.parallel import in_threads


@st.composite
def tables(draw):
    """Features of which some columns are crowded, some thin and some empty, and one or two targets."""
    n, width = draw(st.integers(1, 40)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    crowd = rng.choice([0.0, 0.02, 0.08, 0.5, 1.0], width)
    rows = np.where(rng.random((n, width)) < crowd, rng.integers(1, 8, (n, width)) / 4, 0)
    return rows.astype(np.float32), rng.normal(size=(n, draw(st.integers(1, 2))))


def closed(rows, targets, penalty):
    """The textbook: minimise |t - Xb - c|^2 + penalty |b|^2."""
    centred, mean = rows.astype(float) - rows.mean(axis=0, dtype=float), rows.mean(axis=0, dtype=float)
    gram = centred.T @ centred + penalty * np.eye(rows.shape[1])
    slope = np.linalg.solve(gram, centred.T @ (targets - targets.mean(axis=0)))
    return np.concatenate([slope, (targets.mean(axis=0) - mean @ slope)[None]])


@given(case=tables(), penalty=st.sampled_from([0.1, 1.0, 300.0]))
def test_solves_as_the_closed_form(case, penalty):
    rows, targets = case
    found = Moments.of(csr_matrix(rows), targets).solve(penalty)
    np.testing.assert_allclose(found, closed(rows, targets, penalty), atol=1e-6)


@given(case=tables())
def test_moments_are_products(case):
    rows, targets = case
    wide = np.column_stack([rows, np.ones(len(rows))]).astype(float)
    found = Moments.of(csr_matrix(rows), targets)
    np.testing.assert_allclose(np.tril(found.gram), np.tril(wide.T @ wide), rtol=1e-12)
    np.testing.assert_allclose(found.answer, wide.T @ targets, atol=1e-9)


@given(case=tables(), cut=st.floats(0, 1))
def test_moments_add_up_over_parts(case, cut):
    rows, targets = case
    k = round(cut * len(rows))
    table = csr_matrix(rows)
    whole, head = (Moments.of(table[part], targets[part]) for part in (slice(None), slice(k)))
    head.add(table[k:], targets[k:])
    np.testing.assert_allclose(head.gram, whole.gram, rtol=1e-12)
    np.testing.assert_allclose(head.answer, whole.answer, atol=1e-9)


def test_rows_may_hold_their_columns_in_any_order():
    plain = csr_matrix(np.array([[1, 2, 3], [0, 5, 4]], np.float32))
    turned = csr_matrix((plain.data[[2, 0, 1, 4, 3]], plain.indices[[2, 0, 1, 4, 3]], plain.indptr), plain.shape)
    assert not turned.has_sorted_indices
    np.testing.assert_array_equal(Moments.of(turned, np.ones((2, 1))).gram, Moments.of(plain, np.ones((2, 1))).gram)
    assert turned.indices.tolist() == [2, 0, 1, 2, 1]


def test_large_tables_lose_no_precision():
    # Sums over many rows in single precision would be off by more than a small penalty.
    rng = np.random.default_rng(3)
    rows = np.where(rng.random((60_000, 3)) < [0.05, 0.05, 0.5], rng.random((60_000, 3)) * 3, 0).astype(np.float32)
    wide = np.column_stack([rows, np.ones(len(rows))]).astype(float)
    found = Moments.of(csr_matrix(rows), wide[:, :1])
    np.testing.assert_allclose(np.tril(found.gram), np.tril(wide.T @ wide), rtol=1e-10)


def test_two_equal_columns_share_what_they_explain():
    rng = np.random.default_rng(1)
    one = (rng.random((100, 1)) < 0.5).astype(np.float32)
    found = Moments.of(csr_matrix(np.column_stack([one, one])), 2.0 * one.astype(float)).solve(0.1)
    assert found[0, 0] == pytest.approx(found[1, 0])
    assert found[:2].sum() == pytest.approx(2, abs=0.01)


def test_a_larger_penalty_gives_smaller_coefficients():
    rng = np.random.default_rng(2)
    rows = csr_matrix((rng.random((200, 6)) < 0.3).astype(np.float32))
    moments = Moments.of(rows, rng.normal(size=(200, 1)))
    sizes = [np.linalg.norm(moments.solve(penalty)[:-1]) for penalty in (0.1, 10, 1000, 1e6)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e-3


def test_the_intercept_is_not_penalised():
    rows = csr_matrix((50, 3), dtype=np.float32)
    found = Moments.of(rows, np.full((50, 1), 7.0)).solve(300.0)
    np.testing.assert_allclose(found.ravel(), [0, 0, 0, 7], atol=1e-6)


def sparse_in_name(table):
    n, width = table.shape
    return csr_matrix((table.ravel(), np.tile(np.arange(width), n), np.arange(n + 1) * width), table.shape)


def test_dense_and_sparse_rows_add_up_alike(monkeypatch):
    rng = np.random.default_rng(5)
    table, targets = rng.normal(size=(5000, 30)).astype(np.float32), rng.normal(size=(5000, 2))
    table[::7, 3] = 0  # a zero may be explicit
    dense = Moments.of(sparse_in_name(table), targets)
    monkeypatch.setattr(Moments, "_add_dense", lambda *_: pytest.fail("taken for dense"))
    sparse = Moments.of(csr_matrix(table), targets)
    assert not np.triu(dense.gram, 1).any()
    for name in ("gram", "answer"):
        one, other = getattr(dense, name), getattr(sparse, name)
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())


def test_a_full_number_of_entries_is_not_enough_to_be_dense(monkeypatch):
    monkeypatch.setattr(Moments, "_add_dense", lambda *_: pytest.fail("taken for dense"))
    twice = csr_matrix((np.ones(4, np.float32), [0, 0, 0, 1], [0, 2, 4]), (2, 2))  # a column twice in one row
    ragged = csr_matrix((np.ones(4, np.float32), [0, 1, 2, 1], [0, 3, 4, 4]), (3, 3))
    for rows in (twice, ragged):
        wide = np.column_stack([rows.toarray(), np.ones(rows.shape[0])]).astype(float)
        np.testing.assert_allclose(np.tril(wide.T @ wide), Moments.of(rows, wide[:, :1]).gram)


def test_dense_rows_give_the_same_bytes_on_any_cores():
    rng = np.random.default_rng(6)
    rows, targets = sparse_in_name(rng.normal(size=(9000, 200)).astype(np.float32)), rng.normal(size=(9000, 2))
    found = []
    for n in (1, 2):
        with threadpool_limits(n), joblib.parallel_config(n_jobs=n):
            moments = Moments.of(rows, targets)
            found.append((moments.gram.tobytes(), moments.answer.tobytes(), moments.solve(1.0).tobytes()))
    assert found[0] == found[1]


def test_solving_twice_is_solving_once():
    rng = np.random.default_rng(2)
    moments = Moments.of(csr_matrix(rng.random((40, 5)).astype(np.float32)), rng.random((40, 2)))
    np.testing.assert_array_equal(moments.solve(1.0), moments.solve(1.0))


def test_same_bytes_on_any_cores():
    # Wide and crowded enough for a BLAS of many threads to cut its sums elsewhere.
    rng = np.random.default_rng(4)
    rows = csr_matrix(np.where(rng.random((3000, 400)) < 0.4, rng.random((3000, 400)), 0).astype(np.float32))
    targets = rng.random((3000, 3))
    found = []
    for n_jobs in (1, 2, 4):
        with joblib.parallel_config(n_jobs=n_jobs):
            moments = Moments.of(rows, targets)
            solved = in_threads(moments.solve, ((penalty,) for penalty in (0.1, 1.0, 10.0, 100.0)))
        found.append((moments.gram, moments.answer, *solved))
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, same)
