"""Students: what passes from a teacher to a student of its annotations alone."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.features import features
from fluidmol.partner.audit import lira
from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.observations import Observations
from fluidmol.partner.audit.students import students
from fluidmol.values.annotations import Annotations
from fluidmol.values.parts import Part

DRAWS = 12


@pytest.fixture(scope="module")
def charter(quick_charter):
    return attrs.evolve(
        quick_charter, distillation=Part("labels"), selection=Part("all"),
        student=Part("random-forest", {"trees": 20, "depth": 12}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def base(chemistry, charter):
    owned = np.random.default_rng(3).random((DRAWS, len(chemistry))) < 0.5
    zeros = np.zeros(owned.shape)
    rows = features(chemistry.compounds, charter.featuriser)
    return Observations(owned=owned, active=chemistry.active, opinion=zeros, weight=zeros, rows=rows)


def said(base, surer):
    """Opinions of the compounds themselves, which are all public, a little surer of members."""
    sign = np.where(base.active, 1, -1)
    value = 0.5 + sign * (0.2 + surer * base.owned)
    return [Annotations("sha256:" + "0" * 64, "a", one[:, None], np.full((len(one), 1), 0.4)) for one in value]


def reached(chemistry, charter, base, surer):
    seen = students(said(base, surer), chemistry.compounds, base, charter)
    return np.mean([auc(*draw) for draw in zip(lira.online(seen), base.owned, strict=True)])


def test_membership_passes_to_a_student_where_there_is_any(chemistry, charter, base):
    assert reached(chemistry, charter, base, 0.25) > 0.75
    assert reached(chemistry, charter, base, 0.0) == pytest.approx(0.5, abs=0.06)


def test_where_a_charter_makes_experts_the_expert_stands_for_the_student(chemistry, open_charter, base):
    assert students(said(base, 0.2), chemistry.compounds, base, open_charter) is None


def test_of_one_class_there_is_no_student(chemistry, charter, base):
    one = attrs.evolve(base, active=np.ones_like(base.active))
    hard = attrs.evolve(charter, selection=Part("all", {"hard": True}))
    assert students(said(one, 0.2), chemistry.compounds, base, hard) is None


def test_a_student_of_structures_takes_too_long(chemistry, charter, base):
    slow = attrs.evolve(charter, student=Part("chemprop"))
    assert students(said(base, 0.2), chemistry.compounds, base, slow) is None
