"""Understanding: what is linear is told from its answers exactly; nothing that partners may say breaks it."""

import attrs
import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from fluidmol.learning.experts.understanding import FAREST, FEWEST, SUREST, SurrogateFitter
from fluidmol.values.annotations import Annotations

D = "sha256:" + "0" * 64
WIDTH = 12


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(1)
    return csr_matrix((rng.random((800, WIDTH)) < np.linspace(0.03, 0.6, WIDTH)).astype(np.float32))


def linear(features, seed, scale=1.0):
    """A teacher that adds up: coefficients, and what it says."""
    beta = np.random.default_rng(seed).normal(0, scale, WIDTH + 1)
    return beta, expit(features @ beta[:-1] + beta[-1])


def said(value, name="ada", weight=0.4, decimals=4):
    value = np.round(np.asarray(value, float), decimals)
    weight = np.round(np.where(np.isnan(value), 0, np.broadcast_to(weight, value.shape)), decimals)
    return Annotations(D, name, value[:, None], weight[:, None])


def understood(opinions, features, smoothing=30.0, seed=1):
    return SurrogateFitter(smoothing)(opinions, features, seed)


def test_a_linear_teacher_is_recovered_from_rounded_opinions(features):
    teachers = {name: linear(features, seed) for seed, name in enumerate(("ada", "bob", "cleo"))}
    experts = understood([said(p, name) for name, (_, p) in teachers.items()], features)
    assert experts.partners == ("ada", "bob", "cleo")
    for i, (beta, probability) in enumerate(teachers.values()):
        np.testing.assert_allclose(experts.opinion[i], beta, atol=0.02)
        again = expit(features @ experts.opinion[i, :-1].astype(float) + experts.opinion[i, -1])
        np.testing.assert_allclose(again, probability, atol=2e-3)
    np.testing.assert_array_less(0.999, experts.fidelity)
    np.testing.assert_array_equal(experts.trust, 1)


def test_more_decimals_tell_more(features):
    beta, probability = linear(features, 3)
    error = [np.abs(understood([said(probability, decimals=d)], features).opinion[0] - beta).max() for d in (1, 2, 4)]
    assert error == sorted(error, reverse=True)


def test_a_linear_logarithm_of_weights_is_recovered(features):
    slope = -0.2 * np.random.default_rng(4).random(WIDTH)
    weight = np.exp(np.asarray(features @ slope) - 0.1)
    experts = understood([said(linear(features, 1)[1], weight=weight)], features, smoothing=0.01)
    np.testing.assert_allclose(experts.proximity[0], [*slope, -0.1], atol=0.01)


def test_smoothing_flattens_proximity_and_nothing_else(features):
    weight = np.exp(-0.3 * np.asarray(features.sum(axis=1)).ravel())
    opinions = [said(linear(features, 1)[1], weight=weight)]
    little, much = (understood(opinions, features, smoothing=s) for s in (1.0, 1e4))
    assert np.abs(much.proximity[0, :-1]).sum() < np.abs(little.proximity[0, :-1]).sum()
    np.testing.assert_array_equal(little.opinion, much.opinion)


def test_fidelity_falls_with_what_is_not_linear(features):
    dense = features.toarray()
    odd = (dense[:, -1] * dense[:, -2]).astype(bool)
    noise = np.random.default_rng(2).random(800)
    plain = linear(features, 1)[1]
    found = [understood([said(p)], features).fidelity[0] for p in (plain, np.where(odd, 1 - plain, plain), noise)]
    assert found[0] > 0.999 > found[1] > 0.2 > found[2]


def test_the_penalty_suits_each_teacher(features):
    # Noise is best explained by next to nothing; a teacher that adds up, by all it says.
    noise = 0.5 + 0.4 * np.random.default_rng(2).uniform(-1, 1, 800)
    beta, probability = linear(features, 1)
    experts = understood([said(noise, "ada"), said(probability, "bob")], features)
    assert np.linalg.norm(experts.opinion[0, :-1]) < 0.3 * np.linalg.norm(logit(noise)) / np.sqrt(800)
    np.testing.assert_allclose(experts.opinion[1], beta, atol=0.02)


class TestAbstentions:
    def test_do_not_harm_the_others(self, features):
        teachers = [linear(features, seed)[1] for seed in range(3)]
        rng = np.random.default_rng(7)
        silent = [np.zeros(800, bool), rng.random(800) < 0.3, rng.random(800) < 0.6]
        opinions = [
            said(np.where(s, np.nan, p), name) for p, s, name in zip(teachers, silent, ("a", "b", "c"), strict=True)
        ]
        together = understood(opinions, features)
        for i, opinion in enumerate(opinions):
            alone = understood([opinion], features)
            np.testing.assert_allclose(together.opinion[i], alone.opinion[0], atol=1e-6)
            np.testing.assert_allclose(together.proximity[i], alone.proximity[0], atol=1e-6)
            assert together.fidelity[i] == pytest.approx(alone.fidelity[0], abs=1e-6)

    def test_a_teacher_is_recovered_from_a_part(self, features):
        beta, probability = linear(features, 1)
        heard = np.random.default_rng(7).random(800) < 0.5
        experts = understood([said(np.where(heard, probability, np.nan))], features)
        np.testing.assert_allclose(experts.opinion[0], beta, atol=0.03)

    def test_who_said_too_little_is_left_out(self, features):
        probability = linear(features, 1)[1]
        few = np.where(np.arange(800) < FEWEST - 1, probability, np.nan)
        experts = understood([said(few, "ada"), said(probability, "bob")], features)
        assert experts.partners == ("bob",)
        enough = np.where(np.arange(800) < FEWEST, probability, np.nan)
        assert understood([said(enough, "ada"), said(probability, "bob")], features).partners == ("ada", "bob")

    def test_nobody_said_enough(self, features):
        nothing = np.full(800, np.nan)
        assert understood([said(nothing, "ada"), said(nothing, "bob")], features) is None
        few = np.where(np.arange(800) < FEWEST - 1, 0.5, np.nan)
        assert understood([said(few)], features) is None

    def test_no_molecules(self, features):
        assert understood([said(np.empty(0))], features[:0]) is None


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.5, 0.1, 0.1234, 0.9, 1e-3, 0.9999])
def test_a_teacher_that_always_says_the_same(constant, features):
    experts = understood([said(np.full(800, constant))], features)
    cut = logit(np.clip(constant, SUREST, 1 - SUREST))
    np.testing.assert_allclose(features @ experts.opinion[0, :-1] + experts.opinion[0, -1], cut, atol=1e-4)
    assert experts.fidelity[0] == pytest.approx(1, abs=1e-3)


def test_nearly_constant_teachers_are_noise(features):
    # Opinions that differ in their last decimal only.
    value = 0.3 + 1e-4 * (np.arange(800) % 2)
    experts = understood([said(value)], features)
    assert -0.5 < experts.fidelity[0] <= 1


def test_certainties_are_cut(features):
    hard = (linear(features, 1, scale=3.0)[1] > 0.5).astype(float)
    experts = understood([said(hard)], features)
    agrees = ((features @ experts.opinion[0, :-1] + experts.opinion[0, -1]) > 0) == (hard > 0.5)
    assert agrees.mean() > 0.9
    assert np.abs(experts.opinion).max() < 2 * logit(1 - SUREST)


def test_weights_of_zero_are_cut(features):
    experts = understood([said(linear(features, 1)[1], weight=0.0)], features)
    near = features @ experts.proximity[0, :-1] + experts.proximity[0, -1]
    np.testing.assert_allclose(near, np.log(FAREST), atol=1e-4)
    assert experts.partners == ("ada",)


def test_the_order_of_arrival_does_not_matter(features):
    opinions = [said(linear(features, seed)[1], name) for seed, name in enumerate(("ada", "bob", "cleo"))]
    expected = understood(opinions, features)
    assert understood(opinions[::-1], features) == expected


def test_same_to_the_last_bit_on_any_cores(features):
    opinions = [said(linear(features, seed)[1], name) for seed, name in enumerate(("ada", "bob", "cleo"))]
    found = []
    for n_jobs in (1, 2, 3):
        with joblib.parallel_config(n_jobs=n_jobs):
            found.append(understood(opinions, features).digest)
    assert len(set(found)) == 1


def test_the_seed_holds_out_others_and_keeps_the_coefficients(features):
    opinions = [said(linear(features, 1)[1])]
    one, other = (understood(opinions, features, seed=seed) for seed in (1, 2))
    np.testing.assert_allclose(one.opinion, other.opinion, atol=1e-5)
    assert one.fidelity[0] != other.fidelity[0]


def test_features_of_no_use(features):
    empty = csr_matrix(features.shape, dtype=np.float32)
    probability = linear(features, 1)[1]
    experts = understood([said(probability)], empty)
    np.testing.assert_allclose(experts.opinion[0, :-1], 0, atol=1e-9)
    assert experts.opinion[0, -1] == pytest.approx(
        logit(np.clip(np.round(probability, 4), SUREST, 1 - SUREST)).mean(), abs=1e-4
    )
    assert experts.fidelity[0] < 0.05


def test_more_columns_than_molecules(features):
    rng = np.random.default_rng(3)
    wide = csr_matrix((rng.random((60, 200)) < 0.2).astype(np.float32))
    experts = understood([said(rng.random(60))], wide)
    assert np.isfinite(experts.opinion).all()


@settings(max_examples=20)
@given(
    n=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    kinds=st.lists(st.sampled_from(["any", "hard", "silent", "constant", "rare"]), min_size=1, max_size=4),
)
def test_whatever_partners_say_is_understood_or_left_out(n, seed, kinds):
    rng = np.random.default_rng(seed)
    rows = csr_matrix((rng.random((n, 5)) < 0.4).astype(np.float32))
    values = {
        "any": rng.random(n), "hard": (rng.random(n) < 0.5).astype(float), "silent": np.full(n, np.nan),
        "constant": np.full(n, 0.25), "rare": np.where(rng.random(n) < 0.5, rng.random(n), np.nan),
    }  # fmt: skip
    opinions = [said(values[kind], f"p{i}", weight=rng.random()) for i, kind in enumerate(kinds)]
    spoken = tuple(o.partner for o in opinions if (~o.abstained).sum() >= FEWEST)
    experts = understood(opinions, rows)
    assert (() if experts is None else experts.partners) == spoken


def test_nothing_that_it_was_given_is_changed(features):
    opinions = [said(linear(features, 1)[1])]
    before = features.copy(), attrs.evolve(opinions[0])
    understood(opinions, features)
    assert (features != before[0]).nnz == 0
    assert opinions[0] == before[1]
