"""Figures: known answers, intervals, and silence where there is too little to say."""

import numpy as np
import pytest
from scipy.stats import norm

from fluidmol.partner.audit.bound import gaussian
from fluidmol.partner.audit.figures import AttackFigure, Estimate, auc, compound_aucs, found_at, measured
from fluidmol.partner.audit.verdict import grade, verdict, worst_first


def game(shift, draws=20, n=400):
    rng = np.random.default_rng(7)
    owned = rng.random((draws, n)) < 0.5
    return rng.normal(size=owned.shape) + shift * owned, owned, rng.random(n) < 0.3


def test_figures_of_shifted_gaussians_are_those_of_theory():
    score, owned, active = game(2.0)
    found = measured(score, owned, active)
    assert found["auc"].value == pytest.approx(norm.cdf(2 / np.sqrt(2)), abs=0.02)
    assert found["auc"].low < found["auc"].value < found["auc"].high
    assert found["found"].value == pytest.approx(norm.cdf(norm.ppf(0.01) + 2), abs=0.05)
    assert found["minority"] == pytest.approx(found["auc"].value, abs=0.03)
    assert found["worst_tenth"] == pytest.approx(found["auc"].value, abs=0.06)
    assert found["found_rarely"] is None  # 4 000 strangers: a thousandth is 4


def test_the_worst_tenth_of_noise_is_guessing():
    score, owned, active = game(0.0)
    assert measured(score, owned, active)["worst_tenth"] == pytest.approx(0.5, abs=0.06)
    assert np.sort(compound_aucs(score, owned))[-40:].mean() > 0.6  # which chosen and measured at once it wouldn't be


def test_some_compounds_are_easier_and_are_found_to_be():
    score, owned, active = game(0.0)
    score[:, :40] += 3 * owned[:, :40]
    assert measured(score, owned, active)["worst_tenth"] > 0.9


def test_compound_aucs_are_those_of_single_compounds():
    score, owned, _ = game(1.0, draws=12, n=6)
    score[3, 2] = np.nan
    one = [auc(s[np.isfinite(s)], m[np.isfinite(s)]) for s, m in zip(score.T, owned.T, strict=True)]
    assert np.allclose(compound_aucs(score, owned), one, equal_nan=True)


def test_ties_never_count_for_the_attacker():
    score, member = np.array([1.0, 1, 1, 0, 0]), np.array([True, True, False, False, False])
    assert found_at(score, member, 0.1) == 0.0
    assert found_at(score, member, 0.34) == 1.0


def figure(value, found=0.01, leaves=True):
    some = Estimate(value, value - 0.01, value + 0.01)
    return AttackFigure(
        "a", "the annotations", "s", leaves, some, Estimate(found, found * 0.9, found * 1.1), None, None, None
    )


def test_the_verdict_names_the_worst_attack_that_counts():
    figures = [figure(0.55), figure(0.9), figure(1.0, leaves=False)]
    assert [f.auc.value for f in worst_first(figures)] == [0.9, 0.55, 1.0]
    assert "90% of the time" in verdict(figures)
    assert [grade([figure(v)]) for v in (0.52, 0.65, 0.8)] == ["guessing", "noticeable", "given-away"]
    assert grade([figure(0.52, found=0.3)]) == "given-away"
    assert "safe" not in verdict([figure(0.5)])


def test_the_bound_is_that_of_the_mechanism():
    found = gaussian(1.0, 1e-5)
    mu = norm.ppf(found.found) - norm.ppf(0.01)
    delta = norm.cdf(-1 / mu + mu / 2) - np.exp(1.0) * norm.cdf(-1 / mu - mu / 2)
    assert delta == pytest.approx(1e-5, rel=1e-3)
    assert gaussian(8.0, 1e-5).auc > found.auc > 0.5
    assert gaussian(1000.0, 1e-5).auc > 0.999
