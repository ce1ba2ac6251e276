"""A consortium of three: one with few compounds, and two that know the chemistry, or lie about it."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.features import features
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.federation import aggregate
from fluidmol.partner.assay import Assay
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers.translated import translated
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from fluidmol.values.pieces import InMemory
from fluidmol.values.publication import Publication


@pytest.fixture(scope="session")
def experts_charter(transfer):
    """The recipe open, small enough for seconds."""
    return attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 256}),
        teacher=Part("logistic", {"strength": 1.0}),
        hybrid=Part("lightgbm", {"rounds": 10}),
        proximity=Part("tanimoto-neighbours", {"neighbours": 1}),
        union=Part("mixture", {"folds": 3}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )


@pytest.fixture(scope="session")
def labels_charter(quick_charter):
    """The paper's recipe, with all labels."""
    return attrs.evolve(quick_charter, union=Part("weighted"))


@pytest.fixture(scope="session")
def own(chemistry):
    """Sixty compounds."""
    return chemistry.take(np.sort(np.random.default_rng(5).permutation(len(chemistry))[:60]))


@pytest.fixture(scope="session")
def published(chemistry, own, transfer):
    """Publish labels of ``me``, who has ``own``, and of two who have everything."""

    def make(charter, lies=False, mine=OwnModel()):  # noqa: B008 - it holds nothing
        outcome = 1 - chemistry.outcome if lies else chemistry.outcome
        all_of_it = Assay(chemistry.compounds, outcome)
        halves = {"left": all_of_it.take(np.arange(0, 130, 2)), "right": all_of_it.take(np.arange(1, 130, 2))}
        opinions = []
        for name, assay in {"me": own, **halves}.items():
            model = mine.fit(assay, charter, name) if name == "me" else Teacher.fit(assay, charter, name)
            said = translated(model, assay, InMemory(transfer), charter, name).annotate(transfer)
            opinions.append(Annotations(charter.digest, name, *(np.round(part, 4) for part in said)))
        labels = aggregate(opinions, charter)
        known = features(transfer, charter.featuriser)
        labels = DISTILLATIONS.build(charter.distillation).prepare(labels, opinions, known, charter)
        return Publication(charter=charter, transfer=transfer, labels=labels)

    return make
