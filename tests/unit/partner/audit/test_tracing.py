"""Tracing: it finds members in sums of them, without lists, and nobody where nothing is."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.partner.audit import tracing
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.observations import Observations, Public

DRAWS, N, COLUMNS = 8, 150, 300


def mean_auc(score, one):
    return np.mean([auc(s, m) for s, m in zip(score, one.owned, strict=True)])


def bits(rng, n):
    return csr_matrix((rng.random((n, COLUMNS)) < 0.1).astype(np.float32))


@pytest.fixture(scope="module")
def linear():
    """Models of a random half of 150 compounds, and weights of 2 000 public molecules by the mean of their members."""
    rng = np.random.default_rng(2)
    rows, public = bits(rng, N), bits(rng, 2000)
    owned, active = rng.random((DRAWS, N)) < 0.5, rng.random(N) < 0.4
    fitted = [Logistic(strength=1.0).fit(rows[own], active[own].astype(float), np.ones(own.sum()), 1) for own in owned]
    models = np.array([np.append(model.coefficients, model.intercept) for model in fitted])
    weight = np.array([public @ np.asarray(rows[own].mean(axis=0)).ravel() for own in owned])
    opinion = np.asarray((rows @ models[:, :-1].T + models[:, -1]).T)
    return Observations(
        owned=owned, active=active, opinion=opinion, weight=np.ones_like(opinion), models=models, rows=rows,
        public=Public(public, np.zeros_like(weight), weight), strength=1.0,
    )  # fmt: skip


def test_members_are_traced_in_a_linear_model_with_and_without_their_classes(linear):
    assert mean_auc(tracing.opinions(linear), linear) > 0.9
    assert mean_auc(tracing.structures(linear), linear) > 0.8


def test_members_are_traced_in_the_mean_of_public_molecules(linear):
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
    level = attrs.evolve(linear.public, weight=np.ones_like(linear.public.weight))
    assert tracing.weights(attrs.evolve(linear, public=level)) is None
