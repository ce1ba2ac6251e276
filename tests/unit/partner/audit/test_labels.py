"""Labels: whoever knows the other opinion solves them for yours."""

import attrs
import numpy as np
import pytest
from scipy.special import expit, logit

from fluidmol.chem.features import features
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.estimators.logistic import Logistic
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.partner.audit.decoding import decoded
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.labels import subtracted
from fluidmol.partner.audit.observations import Observations
from fluidmol.partner.audit.vantages import ANNOTATIONS, EXPERTS, LABELS, vantages
from fluidmol.partner.policy import Policy
from fluidmol.values.annotations import Annotations
from fluidmol.values.parts import Part

DRAWS, N = 6, 40


@pytest.fixture
def stated():
    rng = np.random.default_rng(3)
    opinion, weight = rng.normal(size=(DRAWS, N)) * 2, 0.3 + 0.4 * rng.random(N) + np.zeros((DRAWS, 1))
    base = Observations(
        owned=rng.random((DRAWS, N)) < 0.5, active=rng.random(N) < 0.5, opinion=opinion, weight=weight, decimals=4
    )
    return base, [
        Annotations("sha256:" + "0" * 64, str(draw), expit(opinion[draw])[:, None], weight[draw][:, None])
        for draw in range(DRAWS)
    ]


@pytest.mark.parametrize("aggregation", ["weighted-mean", "log-odds"])
def test_an_opinion_comes_out_of_the_labels_where_weights_are_known(stated, open_charter, aggregation):
    base, own = stated
    found = subtracted(own, base, attrs.evolve(open_charter, aggregation=Part(aggregation)))
    inner = np.abs(base.opinion) < 4  # beyond, an aggregation may cut
    assert np.abs(found.opinion - base.opinion)[inner].max() < 0.05
    assert found.decimals == 0
    assert np.ptp(found.weight) == 0


@pytest.mark.parametrize("weighting", sorted(WEIGHTINGS))
@pytest.mark.parametrize("aggregation", sorted(AGGREGATIONS))
def test_labels_of_any_rule_are_attacked_and_numbers_come_out(stated, open_charter, aggregation, weighting):
    base, own = stated
    charter = attrs.evolve(open_charter, aggregation=Part(aggregation), weighting=Part(weighting))
    found = subtracted(own, base, charter).opinion
    assert found.shape == base.opinion.shape
    assert np.isfinite(found).all()


def test_weights_that_are_not_known_hide_something(stated, open_charter):
    base, own = stated
    rng = np.random.default_rng(1)
    weight = 0.1 + 0.8 * rng.random((DRAWS, N))
    stated_so = [attrs.evolve(one, weight=w[:, None]) for one, w in zip(own, weight, strict=True)]
    found = subtracted(stated_so, attrs.evolve(base, weight=weight), open_charter)
    assert np.abs(found.opinion - base.opinion).mean() > 0.3


def test_where_a_teacher_abstains_labels_say_nothing_of_it(stated, open_charter):
    base, own = stated
    silent = np.where(np.arange(N) < 5, np.nan, base.opinion)
    value, weight = (
        np.where(np.arange(N) < 5, gap, x[:, 0]) for gap, x in ((np.nan, own[0].value), (0, own[0].weight))
    )
    first = attrs.evolve(own[0], value=value[:, None], weight=weight[:, None])
    found = subtracted([first, *own[1:]], attrs.evolve(base, opinion=silent), open_charter)
    assert np.isnan(found.opinion[:, :5]).all()
    assert np.isfinite(found.opinion[0, 5:]).all()


def test_labels_never_say_much_more_than_annotations(played):
    stood = vantages(played, Policy()).seen
    direct, solved = stood[ANNOTATIONS].opinion, stood[LABELS].opinion
    assert np.corrcoef(direct.ravel(), solved.ravel())[0, 1] > 0.9
    assert np.abs(logit(expit(solved)) - direct).max() > 1e-6


def test_a_student_of_ones_own_annotations_is_decoded_no_better_than_the_expert(played):
    """The worst of a student whose other teachers an attacker knows; a vantage of its own would show nothing new."""
    stood = vantages(played, Policy()).seen
    expert, rows = stood[EXPERTS], features(played.asked, played.charter.featuriser)
    said = expit(expert.public.opinion)
    students = [Logistic(strength=30.0).fit(rows, one, np.ones(len(one)), 1) for one in said]
    models = np.array([np.append(one.coefficients, one.intercept) for one in students])
    held = {"student": attrs.evolve(expert, models=models), EXPERTS: expert}
    aucs = {name: np.mean([auc(*draw) for draw in zip(one.known, expert.owned, strict=True)])
            for (name, _), one in decoded(held, (1.0,)).items()}  # fmt: skip
    assert aucs[EXPERTS] > 0.8
    assert 0.6 < aucs["student"] <= aucs[EXPERTS] + 0.02
