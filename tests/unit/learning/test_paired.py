"""Paired comparisons find what is there, and no more than chance where nothing is."""

import math

import numpy as np
import pytest
from scipy import stats

from fluidmol.learning.statistics import (
    Predictions,
    all_pairs,
    benjamini_hochberg,
    compare,
    holm,
    over_molecules,
    paired_t,
    sign_flip,
)


def rivals(rng, n_seeds=5, n=250, shared=True, spread=0.05, gain=0.0):
    """Two methods that share what makes a molecule hard; the first is better by a gain."""
    methods = ({}, {})
    active = effect = own = None
    for seed in range(n_seeds):
        if not shared or active is None:
            active, effect, own = rng.random(n) < 0.35, rng.normal(size=n), 0.5 * rng.normal(size=(2, n))
        common = 0.1 * rng.normal()
        for which, method in enumerate(methods):
            quality = 1.2 + common + spread * rng.normal() + (0 if which else gain)
            score = quality * (2 * active - 1) + effect + own[which] + 0.4 * rng.normal(size=n)
            names = np.arange(n) + (0 if shared else n * seed)
            method[seed] = Predictions(active, 1 / (1 + np.exp(-score)), names)
    return methods


def p_values(repeats, metric="mcc", draws=400, **options):
    return np.array(
        [compare(*rivals(np.random.default_rng(i), **options), metric, seed=i, draws=draws).p for i in range(repeats)]
    )


@pytest.mark.parametrize("shared", [True, False])
def test_no_more_than_chance_under_the_null(shared):
    found = p_values(300, shared=shared)
    assert 0.01 <= np.mean(found <= 0.05) <= 0.09
    assert 0.4 <= np.mean(found) <= 0.6


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mcc", "roc_auc"])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("n_seeds", "spread"), [(1, 0.0), (3, 0.1), (5, 0.0), (5, 0.05), (5, 0.2)])
def test_p_is_uniform_under_the_null(metric, shared, n_seeds, spread):
    # So many, for with three seeds on shared molecules the rate is near .03: 600 worlds can't tell that from .02.
    found = p_values(2000, metric, shared=shared, n_seeds=n_seeds, spread=spread)
    assert 0.02 <= np.mean(found <= 0.05) <= 0.09
    assert 0.13 <= np.mean(found <= 0.2) <= 0.25


@pytest.mark.parametrize("shared", [True, False])
def test_power_grows_with_the_difference(shared):
    none, some, much = (np.mean(p_values(40, shared=shared, gain=gain) < 0.05) for gain in (0, 0.15, 0.45))
    assert none < some < much
    assert much >= 0.9


def test_pairing_sees_what_two_intervals_hide():
    # Both methods have the same difficulty with the same molecules; the first gets a few more right.
    rng = np.random.default_rng(1)
    active = rng.random(600) < 0.5
    wrong = rng.random(600) < 0.3
    fewer = wrong & (rng.random(600) < 0.8)
    second, first = (Predictions(active, np.where(active ^ error, 0.9, 0.1)) for error in (wrong, fewer))
    found = compare({1: first}, {1: second}, seed=1)
    assert found.p < 0.01
    assert 0 < found.low < found.difference < found.high
    alone = [over_molecules(active, said.probability, seed=1) for said in (first, second)]
    assert alone[0].low < alone[1].high


def test_the_other_way_round_is_the_mirror_image():
    first, second = rivals(np.random.default_rng(3), gain=0.2)
    one, other = compare(first, second, seed=1, draws=4000), compare(second, first, seed=1, draws=4000)
    assert other.difference == pytest.approx(-one.difference)
    np.testing.assert_allclose((other.low, other.high), (-one.high, -one.low), atol=0.01)
    assert other.p == pytest.approx(one.p, abs=0.02)
    assert (one.n_seeds, one.n_molecules) == (5, 250)
    assert compare(*rivals(np.random.default_rng(3), shared=False), seed=1).n_molecules == 1250


def test_a_method_equals_itself():
    first, _ = rivals(np.random.default_rng(3))
    found = compare(first, first, seed=1)
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_p_is_never_zero():
    truth = [True, False] * 100
    right, wrong = Predictions(truth, [0.9, 0.1] * 100), Predictions(truth, [0.1, 0.9] * 100)
    assert compare({1: right}, {1: wrong}, seed=1, draws=999).p == pytest.approx(2 / 1000)


def test_seeds_of_one_only_are_left_out():
    first, second = rivals(np.random.default_rng(3))
    del first[0]
    del second[4]
    found = compare(first, second, seed=1)
    assert found.n_seeds == 3
    with pytest.raises(ValueError, match="no seed in common"):
        compare({1: first[1]}, {2: second[2]}, seed=1)


def test_other_molecules_are_refused():
    a, b = Predictions([True, False], [0.9, 0.1], ["a", "b"]), Predictions([True, False], [0.9, 0.1], ["a", "c"])
    with pytest.raises(ValueError, match="different molecules for seed 1"):
        compare({1: a}, {1: b}, seed=1)
    with pytest.raises(ValueError, match="different molecules for seed 1"):
        compare({1: Predictions([True, False], [0.9, 0.1])}, {1: Predictions([True], [0.9])}, seed=1)


def test_undefined_is_undefined():
    one = Predictions([True, True], [0.9, 0.1])
    found = compare({1: one}, {1: one}, "roc_auc", seed=1)
    assert all(math.isnan(value) for value in (found.difference, found.low, found.high, found.p))


def test_paired_t_is_scipys():
    rng = np.random.default_rng(1)
    first, second = rng.random(6), rng.random(6)
    assert paired_t(first, second) == pytest.approx(stats.ttest_rel(first, second).pvalue)
    assert paired_t([*first, math.nan], [*second, 0.5]) == paired_t(first, second)
    assert math.isnan(paired_t([0.5], [0.4]))
    assert paired_t([0.5, 0.5], [0.5, 0.5]) == 1
    assert paired_t([0.5, 0.5], [0.25, 0.25]) == 0


def test_sign_flip_is_scipys():
    rng = np.random.default_rng(2)
    first, second = rng.random(7), rng.random(7)
    theirs = stats.permutation_test(
        (first, second), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip(first, second) == pytest.approx(theirs.pvalue)
    assert math.isnan(sign_flip([], []))
    assert sign_flip([0.5], [0.4]) == 1
    assert sign_flip([0.5, 0.5], [0.5, 0.5]) == 1


def test_sign_flip_of_many_seeds_is_sampled():
    rng = np.random.default_rng(2)
    first = rng.random(30)
    assert sign_flip(first + 0.1, first) == pytest.approx(1e-4)
    noisy = first + rng.normal(0.03, 0.1, 30)
    assert sign_flip(noisy, first) == pytest.approx(paired_t(noisy, first), abs=0.03)


def test_holm_by_hand():
    # 4 * .005, 3 * .01, 2 * .03, 1 * .04 raised to the one before.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]).tolist() == [1, 1]
    assert holm([]).tolist() == []
    np.testing.assert_allclose(holm([0.01, math.nan, 0.04]), [0.02, math.nan, 0.04])


def test_benjamini_hochberg_by_hand():
    np.testing.assert_allclose(benjamini_hochberg([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02])
    assert benjamini_hochberg([]).tolist() == []
    np.testing.assert_allclose(benjamini_hochberg([0.01, math.nan, 0.04]), [0.02, math.nan, 0.04])


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
def test_corrections(correct):
    with pytest.raises(ValueError, match="outside"):
        correct([0.5, 1.5])
    rng = np.random.default_rng(4)
    p = rng.random(40) ** 3
    adjusted = correct(p)
    assert (adjusted >= p).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    order = rng.permutation(40)
    np.testing.assert_allclose(correct(p[order]), adjusted[order])
    assert (benjamini_hochberg(p) <= holm(p) + 1e-12).all()


def test_holm_keeps_the_family_wise_error():
    rng = np.random.default_rng(5)
    false = np.mean([holm(rng.random(20)).min() <= 0.05 for _ in range(4000)])
    assert 0.035 < false < 0.062


def test_all_pairs():
    first, second = rivals(np.random.default_rng(7), gain=0.6)
    methods = {"good": first, "poor": second, "same": second}
    found = all_pairs(methods, seed=1)
    assert [(pair.first, pair.second) for pair in found] == [("good", "poor"), ("good", "same"), ("poor", "same")]
    assert [pair.adjusted for pair in found] == holm([pair.comparison.p for pair in found]).tolist()
    assert found[0].adjusted < 0.05
    assert found[2].comparison.p == 1
    # The same draws give the same answer as one comparison alone.
    alone = compare(first, second, seed=1)
    assert found[0].comparison == alone


def test_all_against_one():
    first, second = rivals(np.random.default_rng(7))
    methods = {"a": first, "b": second, "c": first}
    found = all_pairs(methods, seed=1, against="b")
    assert [(pair.first, pair.second) for pair in found] == [("a", "b"), ("c", "b")]
    with pytest.raises(ValueError, match="no method 'd'"):
        all_pairs(methods, seed=1, against="d")


def test_pairs_have_the_seeds_that_both_have():
    first, second = rivals(np.random.default_rng(7))
    methods = {"a": first, "b": {s: second[s] for s in (0, 1, 2)}, "c": {4: second[4]}}
    found = {(pair.first, pair.second): pair.comparison.n_seeds for pair in all_pairs(methods, seed=1)}
    assert found == {("a", "b"): 3, ("a", "c"): 1}
    assert all_pairs({"b": methods["b"], "c": methods["c"]}, seed=1) == ()


def test_many_pairs_get_draws_enough():
    # Of 45 comparisons, a method that is plainly worse must show in spite of the correction.
    truth = np.array([True, False] * 100)
    good = Predictions(truth, np.where(truth, 0.9, 0.1))
    poor = Predictions(truth, np.where(truth, 0.1, 0.9))
    methods = {str(i): {1: good} for i in range(9)} | {"poor": {1: poor}}
    found = all_pairs(methods, "accuracy", seed=1)
    assert len(found) == 45
    assert all((pair.adjusted < 0.05) == (pair.second == "poor") for pair in found)
