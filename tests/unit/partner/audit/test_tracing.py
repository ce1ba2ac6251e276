"""Tracing: it finds members in sums of them, without lists, and nobody where nothing is."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.partner.audit import tracing
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.observations import Observations, TransferStatements
from fluidmol.partner.audit.whitening import with_constant

DRAWS, N, COLUMNS = 8, 150, 300


def mean_auc(score, one):
    return np.mean([auc(s, m) for s, m in zip(score, one.owned, strict=True)])


def bits(rng, n):
    return csr_matrix((rng.random((n, COLUMNS)) < 0.1).astype(np.float32))


@pytest.fixture(scope="module")
def linear():
    """Models of a random half of 150 compounds, and of weights that are products with the mean of these."""
    rng = np.random.default_rng(2)
    rows, public = bits(rng, N), bits(rng, 2000)
    owned, active = rng.random((DRAWS, N)) < 0.5, rng.random(N) < 0.4
    fitted = [Logistic(strength=1.0).fit(rows[own], active[own].astype(float), np.ones(own.sum()), 1) for own in owned]
    models = np.array([np.append(model.coefficients, model.intercept) for model in fitted])
    nearness = np.array([np.append(np.asarray(rows[own].mean(axis=0)).ravel(), 0) for own in owned])
    opinion = np.asarray((rows @ models[:, :-1].T + models[:, -1]).T)
    return Observations(
        owned=owned, active=active, opinion=opinion, weight=np.asarray((rows @ nearness[:, :-1].T).T),
        models=models, nearness=nearness, rows=rows,
        strength=1.0,
        public=TransferStatements(public, np.zeros((DRAWS, 2000)), np.ones((DRAWS, 2000))),
    )  # fmt: skip


def test_members_are_traced_in_a_linear_model_with_and_without_their_classes(linear):
    assert mean_auc(tracing.opinions(linear), linear) > 0.9
    assert mean_auc(tracing.structures(linear), linear) > 0.8


def test_members_are_traced_in_the_mean_of_members_behind_weights(linear):
    assert mean_auc(tracing.weights(linear), linear) > 0.8


def test_nobody_is_traced_in_models_and_weights_of_others(linear):
    """The same numbers, of other members."""
    shuffled = attrs.evolve(linear, owned=np.roll(linear.owned, 1, axis=0)[:, ::-1])
    for attack in (tracing.opinions, tracing.structures, tracing.weights):
        assert mean_auc(attack(shuffled), shuffled) == pytest.approx(0.5, abs=0.06)


def test_it_never_looks_at_who_was_a_member(linear):
    other = attrs.evolve(linear, owned=~linear.owned)
    for attack in (tracing.opinions, tracing.structures, tracing.weights):
        assert np.array_equal(attack(linear), attack(other))


def test_nobody_traces_without_an_aggregate(linear):
    assert tracing.opinions(attrs.evolve(linear, models=None)) is None
    assert tracing.structures(attrs.evolve(linear, public=None)) is None
    assert tracing.weights(attrs.evolve(linear, nearness=None)) is None
    assert tracing.weights(attrs.evolve(linear, weight=np.ones_like(linear.weight))) is None


def test_products_are_those_of_the_inverse_second_moments(linear):
    found, moments = linear.whitened, linear.whitened.public.toarray()
    inverse = np.linalg.inv(moments.T @ moments / len(moments) + found.penalty * np.eye(COLUMNS + 1))
    rows = with_constant(linear.rows).toarray()
    assert np.allclose(found.product(linear.models), linear.models @ inverse @ rows.T)
    assert np.allclose(found.leverage, np.einsum("ij,jk,ik->i", rows, inverse, rows))
