"""Laws of selective prediction."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.learning.selective import aurc, aurc_excess, coverage_at_error, risk_coverage, share_kept

scored = st.integers(1, 30).flatmap(
    lambda n: st.tuples(arrays(bool, n), arrays(float, n, elements=st.integers(-4, 4).map(float)))
)


@given(scored, st.integers(0, 99))
def test_the_order_of_molecules_doesnt_matter(case, seed):
    correct, score = case
    order = np.random.default_rng(seed).permutation(len(score))
    np.testing.assert_allclose(risk_coverage(correct, score), risk_coverage(correct[order], score[order]))


@given(scored, st.floats(0.1, 10), st.floats(-5, 5))
def test_only_the_order_of_scores_matters(case, factor, shift):
    correct, score = case
    assert aurc(correct, score) == aurc(correct, np.round(score * factor + shift, 6))


@given(scored)
def test_full_coverage_has_the_models_error(case):
    correct, score = case
    assert risk_coverage(correct, score)[1][-1] == 1 - correct.mean() or np.isclose(
        risk_coverage(correct, score)[1][-1], 1 - correct.mean()
    )
    assert np.isclose(aurc(correct, np.zeros(len(score))), 1 - correct.mean())


@given(scored)
def test_no_score_beats_the_truth(case):
    assert aurc_excess(*case) >= -1e-12


@given(scored, st.floats(0, 1), st.floats(0, 1))
def test_who_allows_more_error_covers_no_less(case, one, other):
    low, high = sorted((one, other))
    assert coverage_at_error(*case, low) <= coverage_at_error(*case, high)  # type: ignore[call-arg]
    assert coverage_at_error(*case, 1.0) == 1.0  # type: ignore[call-arg]


@given(scored, st.floats(0, 1))
def test_what_is_kept_sums_to_the_coverage(case, coverage):
    score = case[1]
    kept = share_kept(score, coverage)
    assert np.isclose(kept.sum(), coverage * len(score))
    order = np.argsort(-score)
    assert np.all(np.diff(kept[order]) <= 1e-12)
