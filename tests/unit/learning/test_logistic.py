"""Logistic regression: the optimum that it says, soft targets as they are, and coefficients that explain it."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from fluidmol.errors import CharterError
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.values.parts import Part


def make(n=300, width=8, seed=0):
    rng = np.random.default_rng(seed)
    rows = (rng.random((n, width)) < 0.4).astype(np.float32)
    target = expit(rows @ rng.normal(0, 1.5, width) - 0.5)
    return rows, target, rng.uniform(0.5, 2, n)


def optimum(rows, target, weight, strength):
    """Minimise the penalised cross-entropy; liblinear's penalty is on the intercept too."""
    wide = np.column_stack([rows, np.ones(len(rows))]).astype(float)

    def loss(beta):
        said = wide @ beta
        entropy = np.logaddexp(0, said) - target * said
        slope = wide.T @ (weight * (expit(said) - target))
        return 0.5 * beta @ beta + strength * (weight * entropy).sum(), beta + strength * slope

    return minimize(loss, np.zeros(wide.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 5000}).x


@pytest.mark.parametrize("strength", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("hard", [False, True])
def test_finds_the_optimum(strength, hard):
    rows, target, weight = make()
    target = (target > 0.5).astype(float) if hard else target
    model = Logistic(strength=strength).fit(csr_matrix(rows), target, weight, 1)
    expected = optimum(rows, target, weight, strength)
    np.testing.assert_allclose([*model.coefficients, model.intercept], expected, atol=0.02)


def test_soft_targets_are_two_opinions_of_one_row():
    rows, target, weight = make(80)
    soft = Logistic(1.0).fit(csr_matrix(rows), target, weight, 1)
    twice = np.concatenate([rows, rows])
    hard = np.repeat([1.0, 0.0], 80)
    split = Logistic(1.0).fit(csr_matrix(twice), hard, np.concatenate([weight * target, weight * (1 - target)]), 1)
    np.testing.assert_allclose(soft.coefficients, split.coefficients, atol=1e-9)


def test_recovers_what_made_the_targets():
    rng = np.random.default_rng(5)
    rows = (rng.random((2000, 5)) < 0.5).astype(np.float32)
    truth = np.array([1.5, -1.0, 0.5, 0.0, -0.5])
    model = Logistic(strength=100).fit(csr_matrix(rows), expit(rows @ truth + 0.3), np.ones(2000), 1)
    np.testing.assert_allclose(model.coefficients, truth, atol=0.02)
    assert model.intercept == pytest.approx(0.3, abs=0.02)


def test_prediction_is_the_sum_that_it_says():
    rows, target, weight = make()
    model = Logistic(1.0).fit(csr_matrix(rows), target, weight, 1)
    np.testing.assert_allclose(
        logit(model.predict(csr_matrix(rows))), rows @ model.coefficients + model.intercept, atol=1e-9
    )
    nothing = csr_matrix((1, rows.shape[1]), dtype=np.float32)
    assert model.predict(nothing)[0] == pytest.approx(expit(model.intercept))


def test_twice_the_weight_is_twice_the_strength():
    rows, target, weight = make()
    one = Logistic(0.5).fit(csr_matrix(rows), target, 2 * weight, 1)
    other = Logistic(1.0).fit(csr_matrix(rows), target, weight, 1)
    np.testing.assert_allclose(one.coefficients, other.coefficients, atol=1e-6)


def test_the_classes_are_but_names():
    rows, target, weight = make()
    one = Logistic(1.0).fit(csr_matrix(rows), target, weight, 1).predict(csr_matrix(rows))
    other = Logistic(1.0).fit(csr_matrix(rows), 1 - target, weight, 1).predict(csr_matrix(rows))
    np.testing.assert_allclose(one, 1 - other, atol=5e-3)


def test_a_row_of_weight_zero_teaches_nothing():
    rows, target, weight = make()
    dropped = np.where(np.arange(300) < 100, 0.0, weight)
    one = Logistic(1.0).fit(csr_matrix(rows), target, dropped, 1)
    other = Logistic(1.0).fit(csr_matrix(rows[100:]), target[100:], weight[100:], 1)
    np.testing.assert_allclose(one.coefficients, other.coefficients, atol=1e-3)


def test_a_column_that_is_always_zero_counts_nothing():
    rows, target, weight = make()
    rows[:, 3] = 0
    assert Logistic(1.0).fit(csr_matrix(rows), target, weight, 1).coefficients[3] == 0


@pytest.mark.parametrize("strength", [0, -1.0, float("nan")])
def test_strengths_that_are_none(strength):
    with pytest.raises((CharterError, ValueError), match=r"strength|finite"):
        ESTIMATORS.build(Part("logistic", {"strength": strength}))
