"""Students: of a large transfer set, only what is learnt from is turned into features."""

import attrs
import numpy as np
import pytest

from fluidmol.chem import features as module
from fluidmol.chem.features import forget
from fluidmol.coordinator.federate import federated
from fluidmol.coordinator.student import Student
from fluidmol.learning.distillation.rows import chosen_rows
from fluidmol.partner.hybrid import Hybrid
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def computed(monkeypatch):
    found = []
    compute = module._compute
    monkeypatch.setattr(module, "_compute", lambda smiles, blocks: found.extend(smiles) or compute(smiles, blocks))
    return found


@pytest.fixture
def charter(chemistry):
    agreed = Charter.from_preset("paper-2025")
    few = {name: Part("random-forest", {"trees": 5}) for name in ("teacher", "student", "hybrid")}
    return attrs.evolve(
        agreed, transfer_digest=chemistry.compounds.digest, transfer_size=len(chemistry),
        selection=Part("balanced", {"size": 20}), **few,
    )  # fmt: skip


def said(chemistry, charter):
    value = np.where(chemistry.active, 0.8, 0.1)[:, None]
    return [Annotations(charter.digest, name, value, np.ones_like(value)) for name in ("ada", "bob")]


def test_labels_need_no_features(chemistry, charter, computed):
    federated(said(chemistry, charter), chemistry.compounds, charter)
    assert computed == []


def test_a_student_needs_those_of_the_chosen(chemistry, charter, computed):
    labels = federated(said(chemistry, charter), chemistry.compounds, charter)
    student = Student.distilled(labels, chemistry.compounds, charter)
    chosen = chosen_rows(labels, np.empty((0, 0)), charter)  # this selection looks at no features
    assert student.n_train == len(chosen) == 20
    assert set(computed) == {chemistry.compounds.smiles[row] for row in chosen}


def test_so_does_a_hybrid(chemistry, assays, charter, computed):
    labels = federated(said(chemistry, charter), chemistry.compounds, charter)
    own = assays["ada"]
    charter = attrs.evolve(charter, union=Part("local"))
    Hybrid.fit(own, labels, chemistry.compounds, charter, "ada")
    chosen = chosen_rows(labels, np.empty((0, 0)), charter)
    assert set(computed) == {chemistry.compounds.smiles[row] for row in chosen} | set(own.compounds.smiles)


def test_a_student_of_experts_needs_none(chemistry, charter, computed):
    agreed = attrs.evolve(
        Charter.from_preset("open"), transfer_digest=charter.transfer_digest, transfer_size=len(chemistry),
        featuriser=Part("fcfp", {"bits": 256}), selection=Part("random", {"size": 60}),
    )  # fmt: skip
    labels = federated(said(chemistry, agreed), chemistry.compounds, agreed)
    assert labels.experts is not None
    assert len(set(computed)) <= 60
    forget()
    computed.clear()
    assert Student.distilled(labels, chemistry.compounds, agreed).n_train == 60
    assert computed == []
