"""Two releases of one partner: who joined between them is told, unless the difference says nothing."""

import json

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.known import remember
from fluidmol.errors import InputError
from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.learning.privacy.noise import SimulatedNoise
from fluidmol.partner.audit import differences, updates
from fluidmol.partner.audit.audit import judged
from fluidmol.partner.audit.effort import FULL, QUICK, Effort
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.observations import Observations
from fluidmol.partner.audit.shadows import GameSettings, newcomers, play
from fluidmol.partner.audit.updates import ReleasePair
from fluidmol.partner.audit.written import write_audit
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers.charters import Charters
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

DRAWS, N = 12, 150


def mean_auc(score, pair):
    there = np.isfinite(score)
    return np.mean([auc(s[t], m[t]) for s, m, t in zip(score, pair.added, there, strict=True)])


def models(rows, active, owned):
    fitted = [Logistic(strength=1.0).fit(rows[own], active[own].astype(float), np.ones(own.sum()), 1) for own in owned]
    return np.array([np.append(model.coefficients, model.intercept) for model in fitted])


def seen(rows, active, owned, strength=1.0):
    found = models(rows, active, owned)
    opinion = np.asarray((rows @ found[:, :-1].T + found[:, -1]).T)
    weight = 0.3 + 0.1 * owned + np.linspace(0, 0.2, N)
    return Observations(
        owned=owned, active=active, opinion=opinion, weight=weight, models=found, rows=rows, strength=strength
    )


@pytest.fixture(scope="module")
def pair():
    """Teachers of half of 150 compounds, and of three more; a weight grows where a compound joined."""
    rng = np.random.default_rng(2)
    rows, active = csr_matrix((rng.random((N, 300)) < 0.1).astype(np.float32)), rng.random(N) < 0.4
    owned, added = rng.random((DRAWS, N)) < 0.5, np.zeros((DRAWS, N), bool)
    for draw in range(DRAWS):
        added[draw, rng.choice(np.flatnonzero(~owned[draw]), 3, replace=False)] = True
    return ReleasePair(seen(rows, active, owned), seen(rows, active, owned | added), added)


def test_whoever_joined_is_told_by_the_difference(pair):
    assert mean_auc(updates.weights(pair), pair) == 1.0
    assert mean_auc(updates.opinions(pair), pair) > 0.9
    assert mean_auc(differences.decoded(pair), pair) > 0.99
    assert np.isnan(updates.weights(pair)[pair.before.owned]).all()


def test_two_releases_that_are_the_same_say_nothing(pair):
    same = attrs.evolve(pair, after=pair.before)
    assert updates.weights(same) is None
    assert mean_auc(updates.opinions(same), same) == 0.5
    assert mean_auc(differences.decoded(same), same) == pytest.approx(0.5, abs=0.06)


def test_nobody_joined_who_only_changed_places(pair):
    rng = np.random.default_rng(4)
    others = np.zeros_like(pair.added)
    for draw in range(DRAWS):
        others[draw, rng.choice(np.flatnonzero(~pair.before.owned[draw] & ~pair.added[draw]), 3, replace=False)] = True
    wrong = attrs.evolve(pair, added=others)
    assert mean_auc(updates.opinions(wrong), wrong) < 0.6
    assert mean_auc(differences.decoded(wrong), wrong) < 0.6


def test_a_difference_is_decoded_of_models_alone(pair):
    without = attrs.evolve(pair, after=attrs.evolve(pair.after, models=None))
    assert differences.decoded(without) is None


def test_newcomers_are_a_few_strangers_of_whole_skeletons(chemistry):
    effort = Effort(draws=8)
    owned = np.random.default_rng(1).random((8, len(chemistry))) < 0.5
    added = newcomers(chemistry, owned, effort)
    assert not (added & owned).any()
    assert (added.sum(axis=1) >= 2).all()
    assert added.sum() < 0.1 * owned.sum()
    assert np.array_equal(added, newcomers(chemistry, owned, effort))
    with pytest.raises(InputError, match="none can join"):
        newcomers(chemistry, np.ones_like(owned), effort)


def test_a_second_round_is_played_in_full_audits_alone():
    assert FULL.rounds
    assert not QUICK.rounds


def test_a_second_round_of_a_leaky_recipe_is_told_and_does_not_count(chemistry, open_charter, played, tmp_path):
    table = GameSettings(recipe=Charters(), name="ada")
    twice = play(chemistry, open_charter, chemistry.compounds, Effort(draws=16, rounds=True), table)
    found = judged(twice, chemistry.compounds, Policy())
    assert found.rounds.figures[0].auc.value > 0.95
    assert found.rounds.n_added == twice.added.sum() / 16
    assert {figure.vantage for figure in found.rounds.figures} == {"both annotations", "both experts"}
    write_audit(found.shared, tmp_path)
    table = json.loads((tmp_path / "audit.json").read_text())
    assert table["rounds"]["figures"][0]["auc"]["value"] == found.rounds.figures[0].auc.value
    page = (tmp_path / "audit.html").read_text()
    assert "What a second round would give away" in page
    assert found.rounds.figures[0].source in page
    once = judged(played, chemistry.compounds, Policy())
    assert once.rounds is None
    assert once.figures == found.figures
    assert once.largest_auc == found.largest_auc


@pytest.fixture(scope="module")
def private(chemistry):
    made = build(Part("principal", {"directions": 8, "bits": 256}), chemistry.compounds)
    remember(made)
    return attrs.evolve(
        Charter.from_preset("private"), transfer_digest=chemistry.compounds.digest, transfer_size=len(chemistry),
        featuriser=Part("directions", {"digest": made.digest}),
        proximity=Part("resemblance", {"columns": 8, "scale": 100.0}),
        weighting=Part("resemblance", {"scale": 100.0}),
    )  # fmt: skip


def test_a_second_round_under_a_private_charter_is_near_guessing_and_the_audit_says_why(chemistry, private):
    table = GameSettings(recipe=Charters(SimulatedNoise(3)), name="ada")
    twice = play(chemistry, private, chemistry.compounds, Effort(draws=16, rounds=True), table)
    found = judged(twice, chemistry.compounds, Policy())
    assert max(figure.auc.low for figure in found.rounds.figures) < found.bound.auc
    assert "made once and kept" in found.rounds.says.replace("\n", " ")
