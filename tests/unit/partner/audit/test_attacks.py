"""Attacks on made-up numbers: they find what is there, and nothing where nothing is."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.partner.audit import lira, weights
from fluidmol.partner.audit.catalogue import ATTACKS
from fluidmol.partner.audit.decoding import decoded
from fluidmol.partner.audit.digits import digits
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.leverage import leverages
from fluidmol.partner.audit.observations import Observations
from fluidmol.partner.audit.stack import stack

DRAWS, N = 24, 150


def seen(effect=0.0, weight=0.0, **more):
    """Opinions and weights of compounds that differ, a little higher for members."""
    rng = np.random.default_rng(5)
    owned = rng.random((DRAWS, N)) < 0.5
    active = rng.random(N) < 0.4
    sign = np.where(active, 1.0, -1.0)
    base = rng.normal(size=N) * 2
    opinion = base + rng.normal(size=(DRAWS, N)) * 0.3 + effect * owned * sign
    weights = np.clip(rng.random(N) / 2 + 0.2 + rng.normal(size=(DRAWS, N)) * 0.03 + weight * owned, 0, 1)
    return Observations(owned=owned, active=active, opinion=opinion, weight=weights, decimals=4, **more)


def mean_auc(score, one):
    return np.mean([auc(s[np.isfinite(s)], m[np.isfinite(s)]) for s, m in zip(score, one.owned, strict=True)])


@pytest.mark.parametrize("attack", ATTACKS[:6], ids=lambda attack: attack.name)
def test_no_attack_finds_what_is_not_there(attack):
    one = seen()
    assert 0.45 < mean_auc(attack.run(one), one) < 0.55


def test_likelihood_ratios_see_what_a_threshold_does_not():
    one = seen(effect=0.6)
    assert mean_auc(lira.online(one), one) > 0.85
    assert mean_auc(lira.offline(one), one) > 0.75
    assert mean_auc(one.confidence, one) < 0.65


def test_weights_are_told_by_shadows_and_hardly_without():
    one = seen(weight=0.08)
    assert mean_auc(weights.weights(one), one) > 0.9
    assert mean_auc(weights.nearest(one), one) < 0.75


def test_a_likelihood_ratio_never_looks_at_who_is_a_member_in_the_draw_that_it_attacks():
    one = seen(effect=0.6)
    other = one.owned.copy()
    other[3] = ~other[3]
    assert np.array_equal(lira.ratios(one.confidence, one.owned)[3], lira.ratios(one.confidence, other)[3])


def test_digits_never_look_at_it_either():
    one = seen()
    other = one.owned.copy()
    other[3] = ~other[3]
    flipped = Observations(owned=other, active=one.active, opinion=one.opinion, weight=one.weight, decimals=4)
    assert np.allclose(digits(one)[3], digits(flipped)[3])


def test_constant_weights_say_nothing_and_abstentions_say_much():
    one = seen()
    constant = Observations(owned=one.owned, active=one.active, opinion=one.opinion, weight=np.ones((DRAWS, N)))
    assert weights.weights(constant) is None
    assert weights.abstentions(one) is None
    silent = np.where(one.owned & (np.arange(N) < 75), np.nan, one.opinion)
    telling = Observations(owned=one.owned, active=one.active, opinion=silent, weight=one.weight)
    assert mean_auc(weights.abstentions(telling)[:, :75], Observations(
        owned=one.owned[:, :75], active=one.active[:75], opinion=silent[:, :75], weight=one.weight[:, :75]
    )) > 0.95  # fmt: skip
    assert np.isnan(lira.online(telling)[~np.isfinite(silent)]).all()


def test_a_compound_that_every_shadow_owned_is_no_error():
    one = seen(effect=0.6)
    owned = one.owned.copy()
    owned[:, 0], owned[:, 1] = True, False
    assert np.isfinite(lira.ratios(one.confidence, owned)).all()


@pytest.fixture(scope="module")
def linear():
    """Teachers of a random half of 150 compounds with 300 columns, and a list of them all."""
    rng = np.random.default_rng(2)
    rows = csr_matrix((rng.random((N, 300)) < 0.1).astype(np.float32))
    one = seen(rows=rows, strength=1.0)
    fitted = [
        Logistic(strength=1.0).fit(rows[own], one.active[own].astype(float), np.ones(own.sum()), 1) for own in one.owned
    ]
    models = np.array([np.append(model.coefficients, model.intercept) for model in fitted])
    return Observations(
        owned=one.owned, active=one.active, opinion=one.opinion, weight=one.weight, models=models, rows=rows,
        strength=1.0,
    )  # fmt: skip


def test_an_exact_linear_teacher_is_decoded_with_its_classes(linear):
    found = decoded({"teacher": linear}, (1.0, 0.5))
    assert mean_auc(found["teacher", 1.0].known, linear) > 0.99
    assert found["teacher", 1.0].right > 0.99
    half = found["teacher", 0.5].known
    assert (np.isfinite(half).sum(axis=1) < N).all()
    assert 0.5 < mean_auc(half, linear) <= 1
    assert ("teacher", 0.1) not in decoded({"teacher": linear}, (0.1,))


def test_noise_in_a_model_hides_it(linear):
    rng = np.random.default_rng(1)
    noisy = Observations(
        owned=linear.owned, active=linear.active, opinion=linear.opinion, weight=linear.weight, rows=linear.rows,
        models=linear.models + rng.normal(size=linear.models.shape) * 20, strength=1.0,
    )  # fmt: skip
    assert mean_auc(decoded({"x": noisy}, (1.0,))["x", 1.0].known, noisy) < 0.6


def test_nobody_decodes_without_a_model():
    assert decoded({"annotations": seen()}, (1.0,)) == {}


def test_leverage_is_that_of_the_hat_matrix():
    rows = csr_matrix(np.random.default_rng(1).random((12, 5)))
    probability = np.linspace(0.1, 0.9, 12)
    table = rows.toarray() * np.sqrt(2.0 * probability * (1 - probability))[:, None]
    hat = table @ np.linalg.inv(table.T @ table + np.eye(5)) @ table.T
    assert np.allclose(leverages(rows, probability, 2.0), np.diag(hat))


def test_a_stack_is_better_than_each_of_two_halves_of_a_signal():
    one = seen()
    rng = np.random.default_rng(3)
    parts = [one.owned + rng.normal(size=one.owned.shape) for _ in range(2)]
    both = mean_auc(stack(parts, one.owned, one.active), one)
    assert both > max(mean_auc(part, one) for part in parts) + 0.03
    assert stack(parts[:1], one.owned, one.active) is None


def test_a_stack_of_nothing_finds_nothing():
    one = seen()
    noise = [np.random.default_rng(i).normal(size=one.owned.shape) for i in range(5)]
    assert 0.45 < mean_auc(stack(noise, one.owned, one.active), one) < 0.55


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="expected one shape"):
        Observations(
            owned=np.ones((2, 3), bool), active=np.ones(3, bool), opinion=np.ones((2, 4)), weight=np.ones((2, 3))
        )
