"""A network as the student: whoever lacks chemprop is told before anybody is asked; others predict with it."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.charters.feasible import check_feasible, check_parts
from fluidmol.coordinator.federate import federate, federated
from fluidmol.coordinator.student import Student, check_student
from fluidmol.coordinator.words import in_words
from fluidmol.errors import CharterError, InputError, OutputError, UnavailableError
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.rows import chosen_rows
from fluidmol.learning.estimators import chemprop as module
from fluidmol.partner.export.export_parts import chosen_part
from fluidmol.partner.kept.fitting import student_of
from fluidmol.partner.kept.saved_hybrid import write_kept
from fluidmol.partner.partner import Partner
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Declined, Learn
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication

NETWORK = Part("chemprop", {"epochs": 2, "hidden": 16})


class Told:
    """What stands for a fitted network: it was told something."""

    def __init__(self):
        self.given = []

    def predict(self, smiles):
        return np.linspace(0, 1, len(smiles))


@pytest.fixture
def charter(transfer):
    few = {name: Part("random-forest", {"trees": 5}) for name in ("teacher", "hybrid")}
    return attrs.evolve(
        Charter.from_preset("paper-2025"), transfer_digest=transfer.digest, transfer_size=len(transfer),
        student=NETWORK, selection=Part("balanced", {"size": 20}), **few,
    )  # fmt: skip


@pytest.fixture
def labels(charter, transfer):
    rng = np.random.default_rng(1)
    opinions = [Annotations(charter.digest, n, rng.random((40, 1)), rng.random((40, 1))) for n in ("ada", "bob")]
    return federated(opinions, transfer, charter)


@pytest.fixture
def told(monkeypatch):
    """What a network is told, without chemprop."""
    stands = Told()
    monkeypatch.setattr(module.Chemprop, "fit", lambda _self, *given: stands.given.append(given) or stands)
    return stands


@pytest.fixture
def lacking(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _name: None)


class TestWithoutChemprop:
    def test_nobody_is_asked(self, charter, transfer, lacking):
        class Silent:
            def ask(self, request):
                raise AssertionError("nobody should be asked")

        with pytest.raises(UnavailableError, match=r"pip install 'fluidmol\[chemprop\]'"):
            federate(charter, transfer, Silent())

    def test_a_charter_can_be_read_and_signed_all_the_same(self, charter, lacking):
        check_parts(charter)
        assert "message-passing network" in in_words(charter, "student")
        with pytest.raises(UnavailableError):
            check_feasible(charter)

    def test_who_makes_no_such_student_needs_none(self, charter, lacking):
        check_student(attrs.evolve(charter, distillation=Part("experts"), weighting=Part("as-stated")))
        check_student(attrs.evolve(charter, student=Part("logistic")))

    def test_a_partner_needs_none(self, charter, transfer, assays, labels, lacking):
        partner = Partner("ada", assays["ada"], transfer)
        for request in (Annotate(charter), Learn(charter, labels)):
            assert not isinstance(partner.answer(request), Declined)

    @pytest.mark.parametrize("role", ["teacher", "hybrid"])
    def test_it_is_no_teacher_and_no_hybrid(self, charter, role):
        with pytest.raises(CharterError, match="it can be the student"):
            check_parts(attrs.evolve(charter, **{role: NETWORK}))


class TestWhatItIsTold:
    @pytest.mark.parametrize("hard", [True, False])
    def test_the_chosen_structures_and_labels(self, charter, transfer, labels, told, hard):
        agreed = attrs.evolve(charter, selection=Part("balanced", {"size": 20, "hard": hard}))
        student = Student.distilled(labels, transfer, agreed)
        (smiles, target, weight, _seed), rows = told.given[0], chosen_rows(labels, csr_matrix((40, 1)), agreed)
        assert smiles == [transfer.smiles[row] for row in rows]
        value = labels.value[rows, 0].astype(np.float64)
        np.testing.assert_array_equal(target, value > 0.5 if hard else value)
        np.testing.assert_array_equal(weight, np.ones(len(rows)))
        assert student.n_train == len(rows)

    def test_the_seed_is_the_charters(self, charter, transfer, labels, told):
        for seed in (1, 1, 2):
            Student.distilled(labels, transfer, attrs.evolve(charter, seed=seed))
        seeds = [given[3] for given in told.given]
        assert seeds[0] == seeds[1] != seeds[2]

    def test_features_alone_are_not_enough(self, charter, labels, told):
        with pytest.raises(TypeError, match="structures are read: expected a table with SMILES"):
            DISTILLATIONS.build(charter.distillation).student(labels, csr_matrix((40, 4)), charter)

    def test_it_is_asked_about_structures(self, charter, transfer, labels, told):
        assert Student.distilled(labels, transfer, charter).predict(transfer).tolist() == np.linspace(0, 1, 40).tolist()


class TestForUse:
    @pytest.fixture
    def student(self, charter, transfer, labels, told):
        return student_of(Publication(charter=charter, transfer=transfer, labels=labels))

    def test_it_predicts(self, student, chemistry):
        assert student.model.structures
        found = Predictor(kept=student)(chemistry.compounds)
        np.testing.assert_array_equal(found.probability, np.linspace(0, 1, 130))

    def test_it_is_not_kept(self, student, tmp_path):
        with pytest.raises(OutputError, match=r"can't be kept on disk.*fluid predict `model` student"):
            write_kept(student, tmp_path / "student")
        assert list(tmp_path.iterdir()) == []

    def test_it_is_not_exported(self, student):
        with pytest.raises(InputError, match="no ONNX form"):
            chosen_part(student, None)


def test_a_round_with_a_network(charter, transfer, assays, chemistry):
    pytest.importorskip("chemprop", reason="chemprop isn't installed: fluidmol[chemprop]")

    def round_():
        partners = [Partner(name, assay, transfer) for name, assay in assays.items()]
        return federate(charter, transfer, LocalChannel(partners))

    first, again = round_(), round_()
    assert first.student.n_train <= 20
    probability = first.student.predict(chemistry.compounds)
    assert probability.tobytes() == again.student.predict(chemistry.compounds).tobytes()
    student = student_of(Publication(charter=charter, transfer=transfer, labels=first.labels))
    assert student.model.predict(chemistry.compounds).tobytes() == probability.tobytes()
