"""Forests on packed bits: the same kind of forest as scikit-learn's, and each split the best there is."""

from __future__ import annotations

import numpy as np
import pytest
from joblib import parallel_config
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.ensemble import RandomForestClassifier

from fluidmol.learning.estimators.bits import grow_forest, is_binary
from fluidmol.learning.estimators.random_forest import RandomForest
from fluidmol.learning.estimators.trees import Trees


def problem(seed: int, rows: int = 600, columns: int = 256) -> tuple[csr_matrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    bits = rng.random((rows, columns)) < rng.uniform(0.02, 0.3, columns)
    logit = bits[:, :12] @ rng.normal(0, 1.5, 12) - 0.3
    return csr_matrix(bits.astype(np.float32)), rng.random(rows) < 1 / (1 + np.exp(-logit + np.median(logit)))


def grow(features: csr_matrix, active: np.ndarray, seed: int = 1, **options: int) -> Trees:
    settings = {"trees": 20, "depth": 0, "leaf": 1} | options
    return grow_forest(features, active, np.ones(len(active)), seed, **settings)


def test_binary_is_told_from_counts() -> None:
    assert is_binary(csr_matrix([[0, 1], [1, 1]]))
    assert not is_binary(csr_matrix([[0, 1], [1, 3]]))


def test_same_seed_same_trees_on_any_number_of_threads() -> None:
    features, active = problem(1)
    with parallel_config(n_jobs=1):
        one = grow(features, active)
    with parallel_config(n_jobs=2):
        two = grow(features, active)
    for name in ("roots", "column", "left", "right", "active"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert not np.array_equal(one.column, grow(features, active, seed=2).column)


@pytest.mark.parametrize("leaf", [1, 5])
@pytest.mark.parametrize("depth", [1, 4])
def test_depth_and_leaf_are_kept(depth: int, leaf: int) -> None:
    features, active = problem(2)
    forest = grow(features, active, depth=depth, leaf=leaf, trees=5)
    dense = features.toarray()
    for tree, root in enumerate(forest.roots):
        stop = forest.roots[tree + 1] if tree + 1 < len(forest.roots) else len(forest.column)
        assert stop - root <= 2 ** (depth + 1) - 1
        # Rows of the bootstrap are drawn from all rows: a leaf that no row reaches can't hold any.
        reached = {_leaf_of(forest, root, row) for row in dense}
        leaves = {node for node in range(root, stop) if forest.column[node] < 0}
        assert leaves <= reached


def _leaf_of(forest: Trees, node: int, row: np.ndarray) -> int:
    while forest.column[node] >= 0:
        node = forest.left[node] if row[forest.column[node]] <= 0.5 else forest.right[node]
    return int(node)


def test_an_unlimited_tree_leaves_pure_leaves() -> None:
    features, active = problem(3)
    forest = grow(features, active, trees=10)
    shares = forest.active[forest.column < 0]
    # All rows differ in 256 random bits, so every leaf of a full tree is pure.
    assert set(np.unique(shares)) == {0.0, 1.0}


def test_one_column_that_decides_is_found_whenever_all_columns_are_drawn() -> None:
    rng = np.random.default_rng(5)
    active = rng.random(300) < 0.4
    # Two columns: the root of two, rounded down, is one; a constant draw must go on to the one that varies.
    features = csr_matrix(np.stack([active, np.zeros(300)], axis=1).astype(np.float32))
    forest = grow(features, active, trees=30)
    assert np.array_equal(forest.predict(features), active.astype(float))
    assert set(forest.column.tolist()) == {-1, 0}


def test_weights_count_like_repeated_rows() -> None:
    features, active = problem(6)
    light = grow_forest(features, active, np.ones(600), 1, trees=50, depth=3, leaf=1)
    heavy = grow_forest(features, active, np.where(active, 5.0, 1.0), 1, trees=50, depth=3, leaf=1)
    assert heavy.predict(features).mean() > light.predict(features).mean() + 0.1


def test_forests_are_as_good_and_as_large_as_scikit_learns() -> None:
    ours, theirs = [], []
    for seed in range(8):
        features, active = problem(seed, rows=900)
        train, test = np.arange(600), np.arange(600, 900)
        mine = grow(features[train], active[train], seed=seed, trees=100, depth=8)
        forest = RandomForestClassifier(100, max_depth=8, random_state=seed).fit(
            csc_matrix(features[train]), active[train]
        )
        for trees, rows in ((mine, ours), (Trees.from_sklearn(forest.estimators_), theirs)):
            predicted = trees.predict(features[test])
            rows.append((np.mean((predicted - active[test]) ** 2), len(trees.column) / 100, predicted.std()))
    brier, nodes, spread = np.mean(ours, axis=0) / np.mean(theirs, axis=0)
    assert brier == pytest.approx(1, abs=0.02)
    assert nodes == pytest.approx(1, abs=0.02)
    assert spread == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("cut", [0.55, 0.9])
def test_forests_on_bits_and_on_numbers_are_one_kind_of_forest(cut: float) -> None:
    # The same rows, once as bits and once as twos: only the path differs.
    rng = np.random.default_rng(3)
    bits = csr_matrix((rng.random((500, 200)) < 0.15).astype(np.float32))
    score = np.asarray(bits[:, :10].sum(axis=1)).ravel() + rng.normal(0, 0.7, 500)
    target = (score > np.quantile(score, cut)).astype(float)
    unseen = csr_matrix((rng.random((300, 200)) < 0.15).astype(np.float32))
    recipe = RandomForest(trees=150, depth=8)

    def mean(factor: int, seeds: range) -> np.ndarray:
        models = [recipe.fit(csr_matrix(bits * factor), target, np.ones(500), seed) for seed in seeds]
        return np.mean([model.predict(csr_matrix(unseen * factor)) for model in models], axis=0)

    ours, again, theirs = mean(1, range(4)), mean(1, range(4, 8)), mean(2, range(4))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.01)
    # As alike as two draws of one kind of forest are.
    assert np.corrcoef(ours, theirs)[0, 1] > np.corrcoef(ours, again)[0, 1] - 0.02


def test_hardly_any_weight_is_no_fault() -> None:
    features, active = problem(7)
    weight = 10.0 ** np.random.default_rng(1).uniform(-30, 2, 600)
    weight[:50] = 0
    predicted = grow_forest(features, active, weight, 1, trees=20, depth=0, leaf=1).predict(features)
    assert np.all((predicted >= 0) & (predicted <= 1))
