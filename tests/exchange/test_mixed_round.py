"""One round of partners whose teachers are of many kinds: whatever a company has, the others learn from it."""

import attrs
import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from fluidmol.coordinator.federate import federate
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.partner import Partner
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.teachers.predictions import FromPredictions
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Scorecard
from fluidmol.values.parts import Part

KINDS = {
    "boosting": LGBMClassifier(n_estimators=20, min_child_samples=3, n_jobs=1, verbose=-1),
    "forest": RandomForestClassifier(40),
    "neighbours": KNeighborsClassifier(3),
    "support": CalibratedClassifierCV(SVC(), ensemble=False),
}


@pytest.fixture(scope="module")
def parties(chemistry):
    """Six partners of 15 compounds each, 30 public molecules, and 10 to judge by."""
    order = np.random.default_rng(5).permutation(len(chemistry))
    parts = [chemistry.take(np.sort(part)) for part in np.split(order, [15, 30, 45, 60, 75, 90, 120])]
    return parts[:6], parts[6].compounds, parts[7]


@pytest.fixture(scope="module")
def outcome(parties, tmp_path_factory):
    assays, public, _ = parties
    charter = attrs.evolve(
        Charter.from_preset("open"), featuriser=Part("additive", {"bits": 128}),
        transfer_digest=public.digest, transfer_size=len(public),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("elsewhere") / "predictions.csv"
    said = FromEstimator(KINDS["forest"], "forest").fit(assays[5], charter, "paper").predict(public)
    rows = [f"{key},{value:.4f}" for key, value in zip(public.inchikeys, said, strict=True)]
    path.write_text("\n".join(["inchikey,probability", *rows]))
    own = {name: FromEstimator(model, name) for name, model in KINDS.items()} | {"linear": Charters()}
    partners = [
        Partner(name, assay, public, recipe=recipe) for (name, recipe), assay in zip(own.items(), assays, strict=False)
    ]
    partners.append(Partner("paper", None, public, recipe=FromPredictions(path=path, of="active")))
    return federate(charter, public, LocalChannel(partners))


def test_all_are_heard(outcome):
    assert outcome.labels.partners == ("boosting", "forest", "linear", "neighbours", "paper", "support")
    assert set(outcome.labels.experts.partners) == set(outcome.labels.partners)
    assert (outcome.labels.contribution.sum(axis=(1, 2)) > 0).all()


def test_who_has_no_compounds_has_no_hybrid_and_the_others_do(outcome):
    assert {card.partner for card in outcome.scorecards if isinstance(card, Scorecard)} == {*KINDS, "linear"}
    assert [refusal.partner for refusal in outcome.declined] == ["paper"]


def test_the_student_knows_what_they_know(outcome, parties):
    *_, judged = parties
    assert roc_auc_score(judged.active, outcome.student.predict(judged.compounds)) > 0.8
