"""Distillations: what they add to labels, and what a student of them is."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.errors import CharterError
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.from_experts import FromExperts
from fluidmol.learning.distillation.rows import chosen_rows, training_set
from fluidmol.learning.experts.understanding import SurrogateFitter
from fluidmol.learning.federation import aggregate
from fluidmol.learning.seeds import derive_seed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

D = "sha256:" + "0" * 64
CHARTER = attrs.evolve(Charter.from_preset("open"), student=Part("logistic", {"strength": 100.0}))
LABELS = attrs.evolve(CHARTER, distillation=Part("labels"))
NAMES = ("ada", "bob", "cleo")


@pytest.fixture(scope="module")
def rows():
    return csr_matrix((np.random.default_rng(1).random((500, 9)) < 0.35).astype(np.float32))


@pytest.fixture(scope="module")
def opinions(rows):
    """Three linear teachers, each sure of molecules with a feature of its own."""
    found = []
    for i, name in enumerate(NAMES):
        beta = np.random.default_rng(i).normal(0, 1.5, 9)
        near = np.exp(-0.1 - 0.5 * (1 - rows[:, [i]].toarray()))
        found.append(Annotations(CHARTER.digest, name, np.round(expit(rows @ beta), 4)[:, None], np.round(near, 4)))
    return found


def prepared(opinions, rows, charter=CHARTER):
    return DISTILLATIONS.build(charter.distillation).prepare(aggregate(opinions, charter), opinions, rows, charter)


def student(labels, rows, charter=CHARTER):
    return DISTILLATIONS.build(charter.distillation).student(labels, rows, charter)


def test_there_are_two():
    assert sorted(DISTILLATIONS) == ["experts", "labels"]


def test_labels_stay_as_they_are(opinions, rows):
    labels = aggregate(opinions, LABELS)
    assert prepared(opinions, rows, LABELS) is not None
    assert prepared(opinions, rows, LABELS) == labels
    assert labels.experts is None


def test_experts_are_added_and_nothing_else_changes(opinions, rows):
    labels = prepared(opinions, rows)
    assert labels.experts.partners == NAMES
    assert attrs.evolve(labels, experts=None) == aggregate(opinions, CHARTER)
    expected = SurrogateFitter(30.0)(opinions, rows, derive_seed(CHARTER.seed, "experts"))
    assert labels.experts == expected


def test_a_student_of_experts_loses_next_to_nothing(opinions, rows):
    model, n_train = student(prepared(opinions, rows), rows)
    assert n_train == 500
    new = csr_matrix((np.random.default_rng(9).random((400, 9)) < 0.35).astype(np.float32))
    asked = []
    for i, opinion in enumerate(opinions):
        beta = np.random.default_rng(i).normal(0, 1.5, 9)
        near = np.exp(-0.1 - 0.5 * (1 - new[:, [i]].toarray()))
        # Experts' weights are sharpened; so must those be that they are compared with.
        asked.append(attrs.evolve(opinion, value=expit(new @ beta)[:, None], weight=near**2.0))
    ensemble = aggregate(asked, CHARTER).value[:, 0]
    assert np.abs(model.predict(new) - ensemble).max() < 0.1
    assert np.corrcoef(model.predict(new), ensemble)[0, 1] > 0.99
    # One linear model of the labels can't be as good: their mixture isn't linear.
    alone, _ = student(aggregate(opinions, LABELS), rows, LABELS)
    assert np.abs(alone.predict(new) - ensemble).mean() > 2 * np.abs(model.predict(new) - ensemble).mean()


def test_the_order_of_opinions_does_not_matter(opinions, rows):
    assert prepared(opinions[::-1], rows) == prepared(opinions, rows)


def test_only_chosen_molecules_are_understood(opinions, rows):
    charter = attrs.evolve(CHARTER, selection=Part("random", {"size": 100}))
    labels = aggregate(opinions, charter)
    chosen = chosen_rows(labels, rows, charter)
    elsewhere = np.setdiff1d(np.arange(500), chosen)
    changed = []
    for opinion in opinions:
        value = opinion.value.copy()
        value[elsewhere] = 1 - value[elsewhere]
        changed.append(attrs.evolve(opinion, value=value))
    distillation = FromExperts()
    one = distillation.prepare(labels, opinions, rows, charter)
    assert one.experts == distillation.prepare(labels, changed, rows, charter).experts
    assert student(one, rows, charter)[1] == 100


def test_rescaled_weights_are_refused(opinions, rows):
    charter = attrs.evolve(CHARTER, weighting=Part("rescaled"))
    with pytest.raises(CharterError, match="rescaled"):
        prepared(opinions, rows, charter)


def test_teachers_who_say_nothing_have_no_expert(opinions, rows):
    silent = attrs.evolve(opinions[1], value=np.full((500, 1), np.nan), weight=np.zeros((500, 1)))
    labels = prepared([opinions[0], silent, opinions[2]], rows)
    assert labels.partners == NAMES
    assert labels.experts.partners == ("ada", "cleo")
    student(labels, rows)


def test_of_too_few_molecules_there_are_labels_alone(opinions, rows):
    few = [attrs.evolve(o, value=o.value[:10], weight=o.weight[:10]) for o in opinions]
    labels = prepared(few, rows[:10])
    assert labels.experts is None
    assert labels == aggregate(few, CHARTER)


def test_reliability_is_the_experts_trust(opinions, rows):
    charter = attrs.evolve(CHARTER, weighting=Part("as-stated"), aggregation=Part("reliability"))
    truth = opinions[0].value
    honest = [attrs.evolve(o, value=np.clip(truth + 0.02 * i, 0, 1)) for i, o in enumerate(opinions)]
    liar = Annotations(charter.digest, "liar", 1 - truth, np.ones((500, 1)))
    labels = prepared([*honest, liar], rows, charter)
    trust = dict(zip(labels.experts.partners, labels.experts.trust.tolist(), strict=True))
    assert trust["liar"] < 0.01
    assert max(trust.values()) > 0.5
    model, _ = student(labels, rows, charter)
    without, _ = student(prepared(honest, rows, charter), rows, charter)
    np.testing.assert_allclose(model.predict(rows), without.predict(rows), atol=0.05)


class TestReuse:
    def test_takes_those_who_spoke(self, opinions, rows):
        whole = prepared(opinions, rows)
        part = opinions[:2]
        found = FromExperts().reuse(aggregate(part, CHARTER), part, whole.experts, CHARTER)
        assert found == prepared(part, rows)
        assert found.experts.partners == ("ada", "bob")

    def test_of_nobody_known(self, opinions, rows):
        known = prepared(opinions[:1], rows).experts
        part = opinions[1:]
        for experts in (None, known):
            found = FromExperts().reuse(aggregate(part, CHARTER), part, experts, CHARTER)
            assert found.experts is None


class TestWithoutExperts:
    """Labels that a control has changed."""

    def test_the_student_is_one_expert_of_the_labels(self, opinions, rows):
        beta = np.random.default_rng(3).normal(0, 0.7, 9)
        linear = np.round(expit(rows @ beta), 4)[:, None]
        labels = attrs.evolve(aggregate(opinions, CHARTER), value=linear)
        model, n_train = student(labels, rows)
        assert n_train == 500
        np.testing.assert_allclose(model.predict(rows), linear[:, 0], atol=0.01)

    @pytest.mark.parametrize("constant", [0.2, 0.8])
    def test_of_one_class_there_is_no_student(self, constant, opinions, rows):
        labels = attrs.evolve(aggregate(opinions, CHARTER), value=np.full((500, 1), constant))
        with pytest.raises(ValueError, match="one class"):
            student(labels, rows)

    def test_of_too_few_there_is_no_student(self, opinions, rows):
        few = [attrs.evolve(o, value=o.value[:10], weight=o.weight[:10]) for o in opinions]
        with pytest.raises(ValueError, match=r"10 labels are too few.*20 or more"):
            student(aggregate(few, CHARTER), rows[:10])


@pytest.mark.parametrize("option", ["smoothing", "sharpness"])
@pytest.mark.parametrize("value", [0, -1.0, "much"])
def test_options_out_of_range(option, value):
    with pytest.raises(CharterError, match=f"{option}|float"):
        DISTILLATIONS.build(Part("experts", {option: value}))


class TestThePapersArithmetic:
    """No digest of what the paper's recipe makes of opinions has changed since version 0.1."""

    PAPER = Charter.from_preset("paper-2025")

    @pytest.fixture
    def labels(self):
        rng = np.random.default_rng(1)
        said = [
            Annotations(self.PAPER.digest, name, *(np.round(rng.random((300, 1)), 4) for _ in "vw")) for name in "abc"
        ]
        return attrs.evolve(aggregate(said, self.PAPER), charter=D)

    def test_of_labels(self, labels):
        assert labels.digest == "sha256:14f0672e6d1aba8081013566ad22e55d3f159304b684b3caa2dea5b9b6728dde"
        assert DISTILLATIONS.build(self.PAPER.distillation).prepare(labels, [], csr_matrix((300, 2)), self.PAPER) is (
            labels
        )

    def test_its_student_is_a_model_of_the_lesson(self, labels):
        table = csr_matrix((np.random.default_rng(2).random((300, 20)) < 0.3).astype(np.float32))
        told = training_set(labels, table, self.PAPER)
        assert set(told.target.tolist()) == {0.0, 1.0}
        model, n_train = DISTILLATIONS.build(self.PAPER.distillation).student(labels, table, self.PAPER)
        assert n_train == len(told)
        assert type(model).__name__ != "Asked"
