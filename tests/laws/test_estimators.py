"""What every estimator must keep, and that our forest predicts what scikit-learn's does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.ensemble import RandomForestClassifier

import laws
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.estimators.random_forest import RandomForest
from fluidmol.learning.estimators.trees import Trees
from fluidmol.values.parts import Part

QUICK = {
    "lightgbm": Part("lightgbm", {"rounds": 40, "leaf": 2, "rate": 0.1}),
    "logistic": Part("logistic", {"strength": 1.0}),
    "random-forest": Part("random-forest", {"trees": 25}),
}
each = pytest.mark.parametrize("name", QUICK)

DRAWS = {"lightgbm": True, "logistic": False, "random-forest": True}
"""Whether the seed makes a difference."""

CLOSE = {
    "lightgbm": Part("lightgbm", {"rounds": 200, "columns": 1.0}),
    "logistic": Part("logistic", {"strength": 1000.0}),
    "random-forest": Part("random-forest", {"trees": 300, "balanced": False}),
}
"""Estimators that follow their targets as closely as they can."""


def test_every_estimator_is_here():
    assert set(QUICK) == set(DRAWS) == set(CLOSE) == set(ESTIMATORS)


def make(n=240, width=40, seed=0):
    """Counts, some large, and a rule: the first column decides, with noise."""
    rng = np.random.default_rng(seed)
    rows = rng.poisson(0.4, (n, width)).astype(np.float32)
    rows[:, 1] *= 37.5
    target = ((rows[:, 0] > 0) ^ (rng.random(n) < 0.1)).astype(float)
    return csr_matrix(rows), target


def fit(name, rows, target, weight=None, seed=3):
    return ESTIMATORS.build(QUICK[name]).fit(rows, target, np.ones(len(target)) if weight is None else weight, seed)


@each
@pytest.mark.parametrize("soft", [False, True])
def test_probabilities(name, soft):
    rows, target = make()
    target = target * 0.6 + 0.2 if soft else target
    found = fit(name, rows, target).predict(make(seed=1)[0])
    assert found.shape == (240,)
    assert found.dtype == np.float64
    assert np.all((found >= 0) & (found <= 1))


@each
def test_learns_the_rule(name):
    rows, target = make(600)
    unseen, truth = make(300, seed=1)
    assert np.mean((fit(name, rows, target).predict(unseen) > 0.5) == truth) > 0.8


@each
def test_deterministic_for_a_seed(name):
    rows, target = make()
    found = [fit(name, rows, target, seed=seed).predict(rows) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2]) != DRAWS[name]


@each
@pytest.mark.parametrize("soft", [False, True])
def test_same_to_the_last_bit_on_any_cores(name, soft):
    rows, target = make()
    target = target * 0.6 + 0.2 if soft else target
    laws.assert_same_on_any_cores(lambda: fit(name, rows, target).predict(rows))


@each
def test_prediction_alone_is_the_same_on_any_cores(name):
    rows, target = make()
    model = fit(name, rows, target)
    laws.assert_same_on_any_cores(lambda: model.predict(rows))


@each
def test_prediction_of_a_row_does_not_depend_on_its_company(name):
    rows, target = make()
    model = fit(name, rows, target)
    together = model.predict(rows)
    np.testing.assert_array_equal(model.predict(rows[17]), together[17:18])
    order = np.random.default_rng(1).permutation(240)
    np.testing.assert_array_equal(model.predict(rows[order]), together[order])
    assert model.predict(rows[:0]).shape == (0,)


@each
def test_a_higher_soft_target_is_predicted_higher(name):
    # Four kinds of rows, told apart by one column each, with targets that rise; all on one side of 0.5.
    kind = np.tile(np.arange(4), 60)
    rows = csr_matrix(np.eye(4, dtype=np.float32)[kind])
    target = np.array([0.05, 0.2, 0.3, 0.45])[kind]
    found = ESTIMATORS.build(CLOSE[name]).fit(rows, target, np.ones(240), 1).predict(rows[:4])
    np.testing.assert_allclose(found, [0.05, 0.2, 0.3, 0.45], atol=0.05)


@each
def test_weights_matter(name):
    # The same rows are called active and inactive: weight alone decides.
    rows = csr_matrix(np.ones((80, 2), np.float32))
    target = np.tile([1.0, 0.0], 40)
    for heavy in (0, 1):
        weight = np.where(target == heavy, 9.0, 1.0)
        found = ESTIMATORS.build(CLOSE[name]).fit(rows, target, weight, 1).predict(rows[:1])
        assert found[0] == pytest.approx(0.9 if heavy else 0.1, abs=0.05)


@each
def test_weights_matter_for_soft_targets_too(name):
    # Two opinions of the same rows: the mean is theirs, weighted.
    rows = csr_matrix(np.ones((200, 2), np.float32))
    target = np.tile([0.9, 0.3], 100)
    found = ESTIMATORS.build(CLOSE[name]).fit(rows, target, np.tile([5.0, 1.0], 100), 1).predict(rows[:1])
    assert found[0] == pytest.approx((5 * 0.9 + 0.3) / 6, abs=0.02)


@each
@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_one_class_is_refused(name, constant):
    rows, _target = make(40)
    with pytest.raises(ValueError, match="one class"):
        fit(name, rows, np.full(40, constant))


@each
def test_soft_targets_on_one_side_are_two_classes(name):
    rows, target = make()
    assert fit(name, rows, 0.1 + 0.2 * target).predict(rows).max() < 1


@each
def test_fitting_changes_nothing_it_is_given(name):
    rows, target = make(60)
    before = rows.copy(), target.copy()
    fit(name, rows, target).predict(rows)
    assert (rows != before[0]).nnz == 0
    np.testing.assert_array_equal(target, before[1])


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), depth=st.sampled_from([None, 1, 3, 15]), leaf=st.integers(1, 4))
def test_our_forest_predicts_as_scikit_learns(seed, depth, leaf):
    rows, target = make(120, 12, seed)
    forest = RandomForestClassifier(8, max_depth=depth, min_samples_leaf=leaf, random_state=seed)
    forest.fit(csc_matrix(rows), target > 0.5, sample_weight=0.1 + target)
    unseen, _ = make(100, 12, seed + 1)
    expected = forest.predict_proba(unseen)[:, 1]
    np.testing.assert_allclose(Trees.from_sklearn(forest.estimators_).predict(unseen), expected, rtol=0, atol=1e-12)


def test_our_forest_predicts_as_scikit_learns_with_deep_trees():
    # Labels that nothing explains make trees as deep as they get; half values fall on the thresholds.
    rng = np.random.default_rng(0)
    rows = csr_matrix((rng.integers(0, 9, (800, 6)) / 2).astype(np.float32))
    forest = RandomForestClassifier(10, random_state=1).fit(rows, rng.random(800) > 0.5)
    assert max(tree.get_depth() for tree in forest.estimators_) > 15
    unseen = csr_matrix((rng.integers(0, 18, (500, 6)) / 4).astype(np.float32))
    expected = forest.predict_proba(unseen)[:, 1]
    np.testing.assert_allclose(Trees.from_sklearn(forest.estimators_).predict(unseen), expected, rtol=0, atol=1e-12)


def test_forest_refuses_rows_of_another_width():
    rows, target = make(40)
    with pytest.raises(ValueError, match="39 columns: expected 40"):
        fit("random-forest", rows, target).predict(rows[:, :39])


def test_balancing_makes_a_rare_class_count_as_much():
    rows = csr_matrix(np.ones((100, 1), np.float32))
    target = np.zeros(100)
    target[:10] = 1
    for balanced, expected in ((True, 0.5), (False, 0.1)):
        model = RandomForest(trees=200, balanced=balanced).fit(rows, target, np.ones(100), 1)
        assert model.predict(rows[:1])[0] == pytest.approx(expected, abs=0.05)


def test_hard_targets_are_fitted_as_scikit_learn_would():
    # Of equal weights, so that what its version 1.9 changed about weights makes no difference.
    rows, target = make(300)
    ours = RandomForest(trees=300, balanced=False).fit(rows, target, np.ones(300), 5).predict(rows)
    forest = RandomForestClassifier(300, random_state=5).fit(csc_matrix(rows), target > 0.5)
    theirs = forest.predict_proba(rows)[:, 1]
    assert np.abs(ours - theirs).max() < 0.12
    assert abs(ours.mean() - theirs.mean()) < 0.01
