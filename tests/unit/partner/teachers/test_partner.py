"""Partners with models of their own: annotations like any other's, and no hybrid where nothing is learnt from."""

import attrs
import numpy as np
import pytest

from fluidmol.coordinator.federate import federate
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.partner import Partner
from fluidmol.partner.teachers import Annotator, Recipe, columns
from fluidmol.values.annotations import Annotations
from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard


@attrs.frozen
class Known(Annotator, Recipe):
    """A recipe whose teacher knows half of all molecules."""

    learns: bool = False

    def fit(self, assay, charter, name):
        return self

    def predict(self, compounds):
        return np.where(np.arange(len(compounds)) % 2 == 0, 0.9, np.nan)

    def annotate(self, compounds):
        return columns(self.predict(compounds), np.full(len(compounds), 0.4))


@pytest.fixture
def consortium(assays, transfer, benchmark_assay):
    learners = [Partner(name, assays[name], transfer) for name in ("ada", "bob")]
    return [*learners, Partner("zoe", None, transfer, benchmarks={"public": benchmark_assay}, recipe=Known())]


def test_a_round_with_a_partner_without_structures(consortium, quick_charter, transfer):
    outcome = federate(quick_charter, transfer, LocalChannel(consortium))
    assert outcome.labels.partners == ("ada", "bob", "zoe")
    share = outcome.labels.contribution[2, :, 0]
    assert (share[::2] > 0).all()
    assert (share[1::2] == 0).all()
    assert [refusal.partner for refusal in outcome.declined] == ["zoe"]
    assert "no hybrid" in outcome.declined[0].reason
    assert consortium[2].hybrid is None


def test_opinions_are_the_recipes(consortium, quick_charter):
    said = consortium[2].answer(Annotate(quick_charter))
    assert isinstance(said, Annotations)
    assert np.isnan(said.value[1::2]).all()


def test_who_learns_needs_compounds(transfer):
    with pytest.raises(ValueError, match="learns from measurements"):
        Partner("zoe", None, transfer)
    with pytest.raises(ValueError, match="learns from measurements"):
        Partner("zoe", None, transfer, recipe=Known(learns=True))


def test_a_teacher_that_abstains_has_no_figures(assays, quick_charter, transfer, benchmark_assay, consortium):
    outcome = federate(quick_charter, transfer, LocalChannel(consortium))
    zoe = Partner("zoe", assays["cleo"], transfer, benchmarks={"public": benchmark_assay}, recipe=Known())
    zoe.answer(Annotate(quick_charter))
    card = zoe.answer(Learn(quick_charter, outcome.labels))
    assert isinstance(card, Scorecard)
    assert {score.model for score in card.scores} == {"hybrid"}


def test_without_structures_learning_is_declined(consortium, quick_charter, transfer):
    outcome = federate(quick_charter, transfer, LocalChannel(consortium))
    assert isinstance(consortium[2].answer(Learn(quick_charter, outcome.labels)), Declined)
