"""Each aggregation names the laws that bind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import laws
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.aggregation.log_odds import LogOdds
from fluidmol.learning.aggregation.reliability import Reliability
from fluidmol.learning.aggregation.trimmed_mean import TrimmedMean
from fluidmol.learning.aggregation.weighted_mean import WeightedMean
from fluidmol.learning.aggregation.weighted_median import WeightedMedian
from fluidmol.values.parts import Part

LAWS = {
    "weighted-mean": (
        laws.assert_permutation_invariant,
        laws.assert_within_hull,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
        laws.assert_contribution_says_who_spoke,
        laws.assert_contribution_is_permuted_alike,
        laws.assert_contribution_makes_the_label,
    ),
    "trimmed-mean": (
        laws.assert_permutation_invariant,
        laws.assert_within_hull,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
        laws.assert_contribution_says_who_spoke,
        laws.assert_contribution_is_permuted_alike,
        laws.assert_contribution_makes_the_label,
        laws.assert_one_cannot_leave_the_hull_of_others,
    ),
    "weighted-median": (
        laws.assert_permutation_invariant,
        laws.assert_within_hull,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
        laws.assert_contribution_says_who_spoke,
        laws.assert_contribution_is_permuted_alike,
        laws.assert_contribution_makes_the_label,
        laws.assert_one_cannot_leave_the_hull_of_others,
    ),
    # Neither monotone nor bound to the hull of the others: who raises an opinion may earn or lose trust by it, and one
    # that is believed counts as much as the cap allows.
    "reliability": (
        laws.assert_permutation_invariant,
        laws.assert_within_hull,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_contribution_says_who_spoke,
        laws.assert_contribution_is_permuted_alike,
        laws.assert_contribution_makes_the_label,
        laws.assert_knows_no_preferred_class,
    ),
    # Opinions are drawn back to [0.01, 0.99] first: no hull law outside of it.
    "log-odds": (
        laws.assert_permutation_invariant,
        laws.assert_zero_weight_has_no_influence,
        laws.assert_scale_invariant,
        laws.assert_nan_exactly_where_nobody_counts,
        laws.assert_monotone,
        laws.assert_contribution_says_who_spoke,
        laws.assert_contribution_is_permuted_alike,
    ),
}
CASES = [(name, law) for name, bound in LAWS.items() for law in bound]


def test_every_aggregation_names_its_laws():
    assert set(LAWS) == set(AGGREGATIONS)


@st.composite
def opinions(draw):
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 2)))
    share = draw(arrays(float, shape, elements=st.one_of(st.just(0.0), st.floats(1e-3, 1))))
    return draw(arrays(float, shape, elements=st.floats(0, 1))), share


@pytest.mark.parametrize(("name", "law"), CASES, ids=lambda case: getattr(case, "__name__", case))
@given(case=opinions())
def test_law(name, law, case):
    law(AGGREGATIONS.build(Part(name)), *case)


@pytest.mark.parametrize("name", LAWS)
@given(case=opinions(), probability=st.floats(0.01, 0.99))
def test_unanimity(name, case, probability):
    laws.assert_unanimous(AGGREGATIONS.build(Part(name)), probability, case[1])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_unanimity_at_the_ends(probability):
    laws.assert_unanimous(WeightedMean(), probability, np.ones((3, 2, 1)))
    label = LogOdds(limit=0.01)(np.full((3, 2, 1), probability), np.ones((3, 2, 1)))
    np.testing.assert_allclose(label, np.clip(probability, 0.01, 0.99))


@given(case=opinions())
def test_log_odds_stays_within_the_hull_of_bounded_opinions(case):
    value, share = case
    laws.assert_within_hull(LogOdds(limit=0.01), np.clip(value, 0.01, 0.99), share)


@given(case=opinions())
def test_log_odds_knows_no_preferred_class(case):
    value, share = case
    np.testing.assert_allclose(LogOdds()(1 - value, share), 1 - LogOdds()(value, share), atol=1e-9)


@given(case=opinions(), cap=st.floats(1, 5))
def test_a_cap_bounds_each_share(case, cap):
    value, share = case
    for aggregation in (TrimmedMean(trim=0, cap=cap), Reliability(cap=cap)):
        contribution = aggregation.contribution(value, share)
        # Four compounds give reason to believe about half of what each one says, hence half as many speakers.
        speakers = (share > 0).sum(axis=0) * (1 if isinstance(aggregation, TrimmedMean) else 0.4)
        assert np.all(contribution <= np.minimum(cap / np.maximum(speakers, 1), 1) + 1e-9)


@given(case=opinions(), claim=st.floats(1, 1e6), lie=st.floats(0, 1))
def test_a_capped_one_cannot_leave_the_hull_whatever_it_claims(case, claim, lie):
    value = np.concatenate([np.resize(case[0], (6, *case[0].shape[1:])), np.full((1, *case[0].shape[1:]), lie)])
    share = np.concatenate([np.ones((6, *case[0].shape[1:])), np.full((1, *case[0].shape[1:]), claim)])
    for robust in (TrimmedMean(trim=0.3, cap=2), WeightedMedian(cap=3)):
        label = robust(value, share)
        assert np.all((label >= value[:6].min(axis=0) - 1e-12) & (label <= value[:6].max(axis=0) + 1e-12))


def honest(n_partners=8, n_compounds=10_000, seed=3):
    """Teachers of one truth, each with errors of its own, and most sure of its weights in its own region."""
    rng = np.random.default_rng(seed)
    place, truth = rng.random(n_compounds), rng.normal(size=n_compounds)
    middle = np.linspace(0, 1, n_partners)[:, None]
    logit = truth + 1.5 * rng.normal(size=(n_partners, n_compounds))
    nearness = np.exp(-5 * np.abs(middle - place))
    return (1 / (1 + np.exp(-logit)))[..., None], nearness[..., None] ** 2, truth


def quality(label, truth):
    return float(np.corrcoef(label[:, 0], truth)[0, 1])


LIES = {
    "flipped": lambda value, rng: 1 - value,
    "active": lambda value, rng: np.ones_like(value),
    "colluding": lambda value, rng: np.broadcast_to(1 - value[:1], value.shape),
    "noise": lambda value, rng: rng.random(value.shape),
    "shuffled": lambda value, rng: rng.permuted(value, axis=1),
}


@pytest.mark.parametrize("inflated", [False, True], ids=["honest weights", "inflated weights"])
@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("who", [(0, 1), (3, 6), (2, 4, 7)], ids=str)
def test_reliability_leaves_liars_out(lie, inflated, who):
    value, share, truth = honest()
    who = list(who)
    sent, claimed = value.copy(), share.copy()
    sent[who] = LIES[lie](value[who], np.random.default_rng(5))
    if inflated:
        claimed[who] = 1.0
    assert Reliability().contribution(sent, claimed)[who].mean(axis=(1, 2)).max() < 0.03
    others = np.delete(np.arange(len(value)), who)
    without = quality(WeightedMean()(value[others], share[others]), truth)
    assert quality(Reliability()(sent, claimed), truth) > without - 0.02


@pytest.mark.parametrize("seed", range(5))
def test_reliability_costs_next_to_nothing_among_the_honest(seed):
    value, share, truth = honest(seed=seed)
    assert quality(Reliability()(value, share), truth) > quality(WeightedMean()(value, share), truth) - 0.01


def test_reliability_trusts_all_where_there_is_no_majority():
    value = np.array([[0.1, 0.9, 0.4], [0.9, 0.1, 0.6]] * 1)[..., None]
    np.testing.assert_allclose(Reliability().contribution(value, np.ones_like(value)), 0.5)


VALUE = np.array([[[0.9], [0.2], [np.nan]], [[0.5], [np.nan], [np.nan]], [[0.1], [0.6], [np.nan]]])
SHARE = np.array([[[2.0], [1.0], [0.0]], [[1.0], [0.0], [0.0]], [[1.0], [3.0], [0.0]]])


def test_values_of_the_weighted_mean():
    np.testing.assert_allclose(WeightedMean()(VALUE, SHARE).ravel(), [0.6, 0.5, np.nan])


def test_values_of_the_log_odds():
    logit = np.log(9)  # of 0.9, and minus that of 0.1
    one = 1 / (1 + np.exp(-(2 * logit + 0 - logit) / 4))
    two = 1 / (1 + np.exp(-(np.log(0.25) + 3 * np.log(1.5)) / 4))
    np.testing.assert_allclose(LogOdds()(VALUE, SHARE).ravel(), [one, two, np.nan])


def test_values_of_the_trimmed_mean():
    # Of weights 2, 1 and 1, cut by a quarter at either end: the lowest goes, and of the highest half.
    np.testing.assert_allclose(TrimmedMean(trim=0.25)(VALUE, SHARE).ravel(), [(0.9 + 0.5) / 2, 0.6, np.nan])
    contribution = TrimmedMean(trim=0.25).contribution(VALUE, SHARE)
    np.testing.assert_allclose(contribution[..., 0], [[0.5, 0, 0], [0.5, 0, 0], [0, 1, 0]])


def test_values_of_the_weighted_median():
    # The half of weights 2, 1 and 1 falls between 0.5 and 0.9.
    np.testing.assert_allclose(WeightedMedian()(VALUE, SHARE).ravel(), [0.7, 0.6, np.nan])


def test_equal_opinions_are_trimmed_alike():
    value = np.array([[[0.2]], [[0.2]], [[0.8]]])
    contribution = TrimmedMean(trim=0.3).contribution(value, np.ones_like(value)).ravel()
    assert contribution[0] == contribution[1] > 0


@pytest.mark.parametrize("trim", [-0.1, 0.5, float("nan")])
def test_trimmed_mean_refuses_a_trim(trim):
    with pytest.raises(ValueError, match="trim"):
        TrimmedMean(trim=trim)


@pytest.mark.parametrize("lie", LIES)
def test_trust_bounds_liars_one_molecule_at_a_time(lie):
    # What is learnt of partners over many molecules is enough to combine opinions of any single one.
    value, share, truth = honest()
    who, others = [1, 4], [0, 2, 3, 5, 6, 7]
    value[who], share[who] = LIES[lie](value[who], np.random.default_rng(5)), 1e6
    trust = Reliability().trust(value, share)
    assert np.all((trust >= 0) & (trust <= 1))
    label = WeightedMean()(value, share * np.maximum(trust, 1e-30)[:, None, :])
    without = quality(WeightedMean()(value[others], share[others]), truth)
    assert quality(label, truth) > without - 0.02


def test_a_giant_among_dwarfs_keeps_its_budget_and_who_claims_everything_does_not():
    value, share, _ = honest()
    share[3] *= 100  # of all partners it is nearest nearly everywhere
    kept = Reliability().contribution(value, share).mean(axis=(1, 2))
    assert WeightedMean().contribution(value, share).mean(axis=(1, 2))[3] > 0.7
    assert kept[3] == pytest.approx(2 / 8, abs=0.03)
    share[3] = 1e6
    assert Reliability().contribution(value, share).mean(axis=(1, 2))[3] < 0.01
