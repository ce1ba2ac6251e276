"""Mathematical laws as assertions; each aggregation, weighting, selection and estimator names those that bind it."""

import joblib
import numpy as np

TIGHT = 1e-12


def assert_permutation_invariant(aggregate, value, share):
    """The order of the partners doesn't matter."""
    expected = aggregate(value, share)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(value))
        np.testing.assert_allclose(aggregate(value[order], share[order]), expected, atol=TIGHT)


def assert_unanimous(aggregate, probability, share):
    """Where all say p, the label is p."""
    label = aggregate(np.full(share.shape, probability), share)
    spoken = share.sum(axis=0) > 0
    np.testing.assert_allclose(label[spoken], probability, atol=1e-9)


def assert_within_hull(aggregate, value, share):
    """No label is below the lowest or above the highest opinion that counts."""
    label = aggregate(value, share)
    spoken = share.sum(axis=0) > 0
    low = np.where(share > 0, value, np.inf).min(axis=0)
    high = np.where(share > 0, value, -np.inf).max(axis=0)
    assert np.all(label[spoken] >= low[spoken] - TIGHT)
    assert np.all(label[spoken] <= high[spoken] + TIGHT)


def assert_zero_weight_has_no_influence(aggregate, value, share):
    """An opinion of weight 0 may be anything."""
    expected = aggregate(value, share)
    for other in (0.0, 1.0, np.nan):
        np.testing.assert_array_equal(aggregate(np.where(share > 0, value, other), share), expected)


def assert_scale_invariant(aggregate, value, share):
    """Weights count relative to one another."""
    expected = aggregate(value, share)
    for factor in (1e-3, 7.0, 1e6):
        np.testing.assert_allclose(aggregate(value, share * factor), expected, atol=TIGHT)


def assert_nan_exactly_where_nobody_counts(aggregate, value, share):
    """No label is invented, and none is lost."""
    np.testing.assert_array_equal(np.isnan(aggregate(value, share)), share.sum(axis=0) == 0)


def assert_monotone(aggregate, value, share):
    """Who raises an opinion never lowers the label."""
    raised = np.minimum(value + 0.1 * (np.arange(len(value)) == 0)[:, None, None], 1.0)
    spoken = share.sum(axis=0) > 0
    assert np.all((aggregate(raised, share) >= aggregate(value, share) - TIGHT)[spoken])


def assert_contribution_says_who_spoke(aggregate, value, share):
    """Contributions are shares of those who count, and sum to 1 where anyone does."""
    contribution = aggregate.contribution(value, share)
    assert contribution.shape == share.shape
    assert np.all(contribution >= 0)
    assert np.all(contribution[share == 0] == 0)
    np.testing.assert_allclose(contribution.sum(axis=0), share.sum(axis=0) > 0, atol=1e-9)


def assert_contribution_is_permuted_alike(aggregate, value, share):
    """Who comes first contributes no more for it."""
    expected = aggregate.contribution(value, share)
    order = np.random.default_rng(1).permutation(len(value))
    np.testing.assert_allclose(aggregate.contribution(value[order], share[order]), expected[order], atol=1e-9)


def assert_contribution_makes_the_label(aggregate, value, share):
    """The label is the mean of the opinions, weighted by what they contribute: nothing else shaped it."""
    label = aggregate(value, share)
    mean = (aggregate.contribution(value, share) * value).sum(axis=0)
    spoken = share.sum(axis=0) > 0
    np.testing.assert_allclose(mean[spoken], label[spoken], atol=1e-9)


def assert_one_cannot_leave_the_hull_of_others(aggregate, value, share):
    """One of five or more that count the same moves no label below or above all others, whatever it says."""
    honest = np.resize(value, (max(len(value), 4), *value.shape[1:]))
    for lie in (0.0, 0.37, 1.0):
        said = np.concatenate([honest, np.full((1, *value.shape[1:]), lie)])
        label = aggregate(said, np.ones_like(said))
        assert np.all(label >= honest.min(axis=0) - TIGHT)
        assert np.all(label <= honest.max(axis=0) + TIGHT)


def assert_knows_no_preferred_class(aggregate, value, share):
    """Active and inactive are but names."""
    np.testing.assert_allclose(aggregate(1 - value, share), 1 - aggregate(value, share), atol=1e-9)


def assert_valid_weights(weighting, stated, spoke):
    """Weights are 0 or more, and 0 where a partner abstained."""
    weight = weighting(stated, spoke)
    assert weight.shape == stated.shape
    assert np.all(weight >= 0)
    assert np.all(weight[~spoke] == 0)


def assert_keeps_order(weighting, stated, spoke):
    """Of two partners that spoke, the nearer one never counts less."""
    weight = weighting(stated, spoke)
    for one in range(len(stated)):
        for other in range(len(stated)):
            nearer = (stated[one] >= stated[other]) & spoke[one] & spoke[other]
            assert np.all(weight[one][nearer] >= weight[other][nearer])


def assert_valid_selection(selection, label, features, size):
    """Positions are ascending, each once, labelled, and no more than asked for."""
    rows = selection(label, features, np.random.default_rng(1))
    assert np.issubdtype(rows.dtype, np.integer)
    assert np.all(np.diff(rows) > 0)
    assert len(rows) == 0 or (rows[0] >= 0 and rows[-1] < len(label))
    assert not np.isnan(label[rows]).any()
    assert len(rows) <= size
    return rows


def assert_same_for_a_seed(selection, label, features):
    """The same seed chooses the same molecules, on any number of cores."""
    expected = selection(label, features, np.random.default_rng(9))
    for n_jobs in (1, 2):
        with joblib.parallel_config(n_jobs=n_jobs):
            np.testing.assert_array_equal(selection(label, features, np.random.default_rng(9)), expected)


def assert_same_on_any_cores(fit_and_predict):
    """The result is the same to the last bit on any number of cores."""
    found = []
    for n_jobs in (1, 2, 3):
        with joblib.parallel_config(n_jobs=n_jobs):
            found.append(fit_and_predict())
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])
