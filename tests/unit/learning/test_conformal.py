"""Conformal sets: against a direct count, at the edges, and how they are measured."""

import sys
import warnings

import numpy as np
import pytest

from fluidmol.learning import conformal as module
from fluidmol.learning.conformal import Conformal, out_of_fold, sets_at


def drawn(seed, n):
    rng = np.random.default_rng(seed)
    active = rng.random(n) < 0.3
    # Rounded: ties occur, as in a forest.
    return active, np.clip(rng.normal(np.where(active, 0.6, 0.35), 0.2), 0, 1).round(2)


def counted(active, probability, asked):
    """P-values by the definition."""
    found = np.empty((len(asked), 2))
    for i, p in enumerate(asked):
        for c in (0, 1):
            own = probability[active == c]
            as_strange = own <= p if c else own >= p
            found[i, c] = (as_strange.sum() + 1) / (len(own) + 1)
    return found


def test_p_values_are_the_definition():
    active, probability = drawn(1, 90)
    asked = drawn(2, 200)[1]
    np.testing.assert_allclose(
        Conformal.calibrated(active, probability).p_values(asked), counted(active, probability, asked)
    )


def test_the_same_each_time_and_nobody_elses_randomness_or_warnings_touched(monkeypatch):
    active, probability = drawn(3, 60)
    conformal = Conformal.calibrated(active, probability)
    for name in [name for name in sys.modules if name.split(".")[0] == "crepes"]:
        monkeypatch.delitem(sys.modules, name)  # importing it is what changes filters
    np.random.seed(5)  # noqa: NPY002
    state, filters = np.random.get_state()[1].copy(), list(warnings.filters)  # noqa: NPY002
    first, second = conformal.p_values(probability), conformal.p_values(probability)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert warnings.filters == filters


def test_sets_are_nested_and_follow_the_p_values():
    conformal = Conformal.calibrated(*drawn(4, 80))
    asked = np.linspace(0, 1, 50)
    small, large = conformal.sets(asked, 0.6), conformal.sets(asked, 0.95)
    assert np.all(large >= small)
    np.testing.assert_array_equal(small, conformal.p_values(asked) > 0.4)


def test_a_class_without_calibration_compounds_is_never_ruled_out():
    conformal = Conformal.calibrated(np.zeros(30, bool), np.linspace(0, 0.4, 30))
    assert conformal.sets(np.linspace(0, 1, 9), 0.99)[:, 1].all()
    assert conformal.p_values(np.array([0.9]))[0].tolist() == [1 / 31, 1.0]


def test_without_calibration_nothing_is_ruled_out():
    assert Conformal.calibrated(np.empty(0, bool), np.empty(0)).sets(np.array([0.1, 0.9]), 0.8).all()


def test_nobody_asked():
    assert Conformal.calibrated(*drawn(4, 20)).sets(np.empty(0), 0.8).shape == (0, 2)


def test_the_level_is_kept_to_the_last_digit():
    # With nine calibration compounds the least p-value is 0.1, which level 0.9 rules out; as floats go it mightn't.
    conformal = Conformal.calibrated(np.ones(9, bool), np.linspace(0.5, 0.9, 9))
    assert conformal.sets(np.array([0.0]), 0.9)[0].tolist() == [True, False]


@pytest.mark.parametrize("level", [0, 1, 90])
def test_levels_out_of_range_are_refused(level):
    with pytest.raises(ValueError, match="level"):
        sets_at(np.full((1, 2), 0.5), level)


@pytest.mark.parametrize(
    ("active", "probability"),
    [(np.ones(2, bool), np.ones(3)), (np.ones((2, 1), bool), np.ones((2, 1))), (np.ones(1, bool), np.array([1.2])),
     (np.ones(1, bool), np.array([np.nan]))],
)  # fmt: skip
def test_bad_calibration_is_refused(active, probability):
    with pytest.raises(ValueError, match=r"expected \(n,\)|isn't in"):
        Conformal.calibrated(active, probability)


def test_measures_count():
    sets = np.array([[True, True], [True, False], [False, False], [False, True]])
    active = np.array([True, True, False, True])
    assert module.coverage(sets, active) == 0.5
    assert module.coverage_by_class(sets, active) == (0.0, pytest.approx(2 / 3))
    assert (module.efficiency(sets), module.share_empty(sets), module.share_both(sets)) == (0.5, 0.25, 0.25)
    p_values = np.array([[0.1, 0.9], [0.3, 0.2], [0.6, 0.05], [0.2, 0.8]])
    assert module.observed_fuzziness(p_values, active) == pytest.approx((0.1 + 0.3 + 0.05 + 0.2) / 4)


def test_measures_of_nothing_are_undefined():
    sets = np.empty((0, 2), bool)
    nobody = np.empty(0, bool)
    assert np.isnan(
        [module.coverage(sets, nobody), *module.coverage_by_class(sets, nobody), module.efficiency(sets)]
    ).all()


def test_out_of_fold_predicts_each_compound_once_by_a_model_that_hasnt_seen_it():
    active = drawn(6, 53)[0]
    asked = []

    def fit_predict(train, test):
        assert not set(train) & set(test)
        assert len(train) + len(test) == 53
        assert active[test].sum() in (active.sum() // 5, -(-active.sum() // 5))
        asked.extend(test)
        return test / 100

    found = out_of_fold(active, fit_predict, seed=1, folds=5)
    np.testing.assert_array_equal(found, np.arange(53) / 100)
    assert sorted(asked) == list(range(53))


def test_out_of_fold_draws_by_seed():
    active = drawn(6, 40)[0]
    folds = [[], [], []]
    for seed, seen in zip((1, 1, 2), folds, strict=True):
        out_of_fold(active, lambda train, test, seen=seen: seen.append(test.tolist()) or np.zeros(len(test)), seed)
    assert folds[0] == folds[1] != folds[2]


def test_out_of_fold_always_leaves_both_classes_to_learn_from():
    active = np.arange(30) < 2
    out_of_fold(active, lambda train, test: np.full(len(test), float(active[train].any())), seed=1, folds=10)
    with pytest.raises(ValueError, match="at least two of each"):
        out_of_fold(np.arange(30) < 1, lambda train, test: np.zeros(len(test)), seed=1)


def test_out_of_fold_keeps_groups_together():
    active = drawn(6, 60)[0]
    groups = [f"skeleton-{i // 3}" for i in range(60)]
    sizes = []

    def fit_predict(train, test):
        assert not {groups[i] for i in train} & {groups[i] for i in test}
        sizes.append(len(test))
        return np.zeros(len(test))

    out_of_fold(active, fit_predict, seed=1, folds=4, groups=groups)
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= 6
