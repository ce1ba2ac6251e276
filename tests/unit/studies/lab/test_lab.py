"""The lab is the real thing: the same figures as a simulation, nothing fitted twice, keys that tell cases apart."""

import attrs
import numpy as np
import pytest

from fluidmol.coordinator.federate import federate
from fluidmol.coordinator.student import Student
from fluidmol.errors import QuorumError
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.metrics import judge, mcc_interval
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.local_models import LocalFit
from fluidmol.partner.partner import Partner
from fluidmol.partner.teacher import Teacher
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.store_keys import labels_digest
from fluidmol.studies.lab.study import CellPredictions, Row
from fluidmol.values.messages import Annotate, Declined
from fluidmol.values.parts import Part


@pytest.fixture
def fits(monkeypatch):
    """Counts what is fitted."""
    counted = {"teacher": 0, "student": 0, "hybrid": 0}
    for name, cls, method in (
        ("teacher", Teacher, "fit"),
        ("student", Student, "distilled"),
        ("hybrid", Hybrid, "fit"),
    ):
        real = getattr(cls, method).__func__

        def counting(owner, *given, _name=name, _real=real):
            counted[_name] += 1
            return _real(owner, *given)

        monkeypatch.setattr(cls, method, classmethod(counting))
    return counted


def everything(lab):
    labels = lab.labels()
    hybrids = [lab.hybrid(name, labels) for name in lab.partners]
    teachers = [lab.teacher(name) for name in lab.partners]
    return [lab.pooled(), *teachers, lab.student(labels), *hybrids, lab.pooled_hybrid(labels)]


def test_the_lab_says_what_a_round_says(consortium, lab):
    partners = [Partner(name, assay, consortium.transfer) for name, assay in consortium.assays.items()]
    outcome = federate(consortium.charter, consortium.transfer, LocalChannel(partners))
    assert lab.labels() == outcome.labels
    pooled = consortium.pooled
    fitted = {
        "T0-same-make": Teacher.fit(pooled, consortium.charter, "pooled"),
        "student": outcome.student,
        "T0-hybrid": Hybrid.fit(pooled, outcome.labels, consortium.transfer, consortium.charter, "pooled"),
        **{f"teacher-{partner.name}": partner.teacher for partner in partners},
        **{f"hybrid-{partner.name}": partner.hybrid for partner in partners},
    }
    found = lab.judge(everything(lab))
    said = {(item.model, item.dataset): item.probability for item in found if isinstance(item, CellPredictions)}
    assert set(said) == {(model, dataset) for model in fitted for dataset in ("validation", "external")}
    rows = {(row.model, row.dataset, row.metric): row for row in found if isinstance(row, Row)}
    for (model, dataset), probability in said.items():
        truth = consortium.benchmarks[dataset]
        np.testing.assert_array_equal(probability, fitted[model].predict(truth.compounds), err_msg=model)
        row = rows[model, dataset, "mcc"]
        assert row.value == judge(truth.active, probability)["mcc"]
        assert (row.low, row.high) == mcc_interval(
            truth.active, probability, derive_seed(consortium.charter.seed, "bootstrap", dataset)
        )
        assert row.n_train == fitted[model].n_train


def test_who_declines_in_a_round_declines_in_the_lab(consortium, store):
    few = {"ada": consortium.assays["ada"].take(range(9)), "bob": consortium.assays["bob"]}
    one = {"cleo": Assay(consortium.assays["cleo"].compounds, np.ones(len(consortium.assays["cleo"])))}
    lab = Lab(attrs.evolve(consortium, assays=few | one), store)
    for name, assay in lab.assays.items():
        reply = Partner(name, assay, lab.transfer).answer(Annotate(lab.charter))
        assert lab.declined.get(name, "") == (reply.reason if isinstance(reply, Declined) else "")
    assert set(lab.declined) == {"ada", "cleo"}


def test_the_ensemble_of_the_transfer_set_is_the_labels(lab):
    np.testing.assert_allclose(lab.ensemble().predict(lab.transfer), lab.labels().value[:, 0], atol=1e-6)


def test_nothing_is_fitted_twice(consortium, store, fits):
    first = Lab(consortium, store)
    found = first.judge(everything(first))
    first.judge(everything(first))
    assert fits == {"teacher": 4, "student": 1, "hybrid": 4}
    again = Lab(consortium, store)
    same = again.judge(everything(again))
    assert fits == {"teacher": 4, "student": 1, "hybrid": 4}, "a new process fitted again what is kept"
    assert list(map(repr, same)) == list(map(repr, found))


def test_only_what_lacks_is_fitted(consortium, store, fits):
    lab = Lab(consortium, store)
    lab.labels()
    variant = attrs.evolve(lab.charter, weighting=Part("powered", {"power": 9.0}))
    assert lab.labels(charter=variant) != lab.labels()
    assert fits["teacher"] == 3


def test_a_variant_has_models_of_its_own(lab):
    forest = Part("random-forest", {"trees": 3, "depth": 2})
    compounds = lab.dataset("external").compounds
    for role, model in (
        ("teacher", lambda charter: lab.teacher("ada", charter)),
        ("student", lambda charter: lab.student(lab.labels(), charter)),
        ("hybrid", lambda charter: lab.hybrid("ada", lab.labels(), charter)),
        ("teacher", lab.pooled),
    ):
        variant = attrs.evolve(lab.charter, **{role: forest})
        assert not np.array_equal(model(None).predict(compounds), model(variant).predict(compounds)), role


def test_a_part_that_a_model_doesnt_use_changes_nothing(lab, fits):
    labels, compounds = lab.labels(), lab.dataset("external").compounds
    lab.student(labels).predict(compounds)
    lab.student(labels, attrs.evolve(lab.charter, union=Part("weighted"), hybrid=Part("lightgbm"))).predict(compounds)
    assert fits["student"] == 1


def test_labels_are_told_apart_by_content(lab):
    labels = lab.labels()
    assert labels_digest(labels) == labels_digest(attrs.evolve(labels, charter="sha256:" + "1" * 64))
    assert labels_digest(labels) != labels_digest(lab.labels(["ada", "bob"]))
    changed = labels.value.copy()
    changed[0] = 1 - changed[0]
    assert labels_digest(labels) != labels_digest(attrs.evolve(labels, value=changed))


def test_a_left_out_partner_influences_nothing(consortium, lab, tmp_path):
    others = ["ada", "bob"]
    absurd = consortium.assays | {
        "cleo": Assay(consortium.assays["cleo"].compounds, 1 - consortium.assays["cleo"].outcome)
    }
    liar = Lab(attrs.evolve(consortium, assays=absurd), ArrayStore(tmp_path / "other"))
    assert lab.labels(others) == liar.labels(others)
    assert lab.labels() != liar.labels()
    compounds = lab.dataset("external").compounds
    for make in (lambda one: one.student(one.labels(others)), lambda one: one.hybrid("ada", one.labels(others)),
                 lambda one: one.ensemble(others)):  # fmt: skip
        np.testing.assert_array_equal(make(lab).predict(compounds), make(liar).predict(compounds))


def test_opinions_leave_by_the_gate(lab):
    value, weight = lab.opinion("ada", lab.transfer)
    assert value.shape == weight.shape == (len(lab.transfer), 1)
    for array in (value, weight):
        np.testing.assert_allclose(array, np.round(array.astype(float), 4), atol=1e-6)
    raw, _ = lab.teacher("ada").fitted.annotate(lab.transfer)
    assert not np.array_equal(raw, value)


def test_a_partner_without_a_teacher_is_silent(consortium, store):
    silent = consortium.assays | {
        "bob": Assay(consortium.assays["bob"].compounds, np.ones(len(consortium.assays["bob"])))
    }
    lab = Lab(attrs.evolve(consortium, assays=silent), store)
    assert lab.partners == ("ada", "cleo")
    assert lab.labels().partners == ("ada", "cleo")
    assert lab.judge([lab.teacher("bob")]) == []
    with pytest.raises(QuorumError, match="quorum is 3"):
        lab.labels(charter=attrs.evolve(lab.charter, quorum=3))


def test_labels_of_nobody_are_refused(lab):
    with pytest.raises(QuorumError, match="nobody who is asked has a teacher"):
        lab.labels([])


def test_domains_are_data_sets(lab):
    assert lab.dataset("ada") is lab.assays["ada"]
    found = lab.judge([lab.teacher("bob")], ["ada"])
    assert {row.dataset for row in found} == {"ada"}
    assert next(row for row in found if isinstance(row, Row)).n_test == len(lab.assays["ada"])


def test_what_a_partner_knows_by_itself_is_made_once_for_all_its_hybrids(consortium, lab, monkeypatch):
    asks = attrs.evolve(
        lab.charter,
        featuriser=Part("additive", {"bits": 128}),
        teacher=Part("logistic"),
        hybrid=Part("logistic"),
        distillation=Part("experts"),
        selection=Part("all"),
        weighting=Part("as-stated"),
        union=Part("mixture", {"folds": 2}),
    )
    made = []
    real = LocalFit.fit.__func__
    monkeypatch.setattr(LocalFit, "fit", classmethod(lambda cls, *given: made.append(given[2]) or real(cls, *given)))
    compounds = lab.dataset("external").compounds
    teams = (None, ["ada", "bob"], ["ada", "cleo"])
    found = [lab.hybrid("ada", lab.labels(team, asks), asks).predict(compounds) for team in teams]
    assert made == ["ada"]
    for team, said in zip(teams, found, strict=True):
        alone = Hybrid.fit(consortium.assays["ada"], lab.labels(team, asks), lab.transfer, asks, "ada")
        np.testing.assert_array_equal(said, alone.predict(compounds))
    assert not np.array_equal(found[0], found[1])
