"""What the consortium says without oneself is what it would have said without oneself."""

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from fluidmol.learning.federation import aggregate
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.tuning.others import MOST, others, without_own
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

CHARTER = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"))


def opinions(rng, n, silent):
    found = []
    for name in ("a", "b", "c"):
        value, weight = rng.random((n, 1)).round(4), rng.random((n, 1)).round(4)
        value[rng.random((n, 1)) < silent] = np.nan
        found.append(Annotations(CHARTER.digest, name, value, np.where(np.isnan(value), 0, weight)))
    return found


@given(seed=st.integers(0, 10**6), silent=st.sampled_from([0.0, 0.3]), place=st.integers(0, 2))
def test_taking_out_is_the_same_as_never_having_been_in(seed, silent, place):
    said = opinions(np.random.default_rng(seed), 40, silent)
    gone = said.pop(place)
    expected = aggregate(said, CHARTER)
    all_labels = aggregate([*said, gone], CHARTER)
    own = all_labels.contribution[place, :, 0]
    found = without_own(all_labels, np.nan_to_num(gone.value[:, 0].astype(float)), gone.partner)
    assert found is not None
    assert found.partners == expected.partners
    kept = own <= MOST
    np.testing.assert_allclose(found.value[kept], expected.value[kept], atol=1e-4)
    np.testing.assert_allclose(found.spread[kept], expected.spread[kept], atol=1e-2)
    np.testing.assert_allclose(found.contribution[:, kept], expected.contribution[:, kept], atol=1e-4)
    assert np.isnan(found.value[~kept]).all()


def test_what_one_never_said_is_noticed():
    said = opinions(np.random.default_rng(1), 200, 0.0)
    wrong = 1 - said[0].value[:, 0].astype(float)
    assert without_own(aggregate(said, CHARTER), wrong, "a") is None


def test_labels_of_oneself_alone_have_no_others():
    said = opinions(np.random.default_rng(1), 20, 0.0)[:1]
    assert without_own(aggregate(said, CHARTER), said[0].value[:, 0].astype(float), "a") is None


@pytest.fixture(scope="module")
def public(published, labels_charter):
    return published(labels_charter)


def test_labels_are_cleared(own, public):
    found = others(own, public, "me", used=True)
    assert (found.leak, found.labels.partners) == ("", ("left", "right"))
    assert found.share == pytest.approx(public.labels.contribution[1].mean(), abs=1e-6)


def test_experts_are_left_out_at_no_cost(own, published, experts_charter):
    public = published(experts_charter)
    found = others(own, public, "me", used=False)
    assert found.labels.experts.partners == ("left", "right")
    assert found.leak == ""
    np.testing.assert_array_equal(found.labels.value, public.labels.value)


def test_other_compounds_than_one_told_of(own, public):
    turned = attrs.evolve(own, outcome=1 - own.outcome)
    found = others(turned, public, "me", used=True)
    assert "aren't those" in found.leak
    assert found.labels.partners == public.labels.partners


FOREST = OwnModel(FromEstimator(RandomForestClassifier(30, random_state=1), "a forest"))


def test_a_forest_that_a_linear_model_spoke_for_is_known_again(own, published, experts_charter):
    public = published(experts_charter, mine=FOREST)
    assert others(own, public, "me", used=False, own=FOREST).leak == ""
    assert others(own, public, "me", used=True, own=FOREST).leak == ""


def test_a_forest_of_other_compounds_isnt(own, published, experts_charter):
    public = published(experts_charter, mine=FOREST)
    turned = attrs.evolve(own, outcome=1 - own.outcome)
    assert "others may know them" in others(turned, public, "me", used=False, own=FOREST).leak
    assert "aren't those" in others(turned, public, "me", used=True, own=FOREST).leak


def test_an_aggregation_that_cannot_be_undone(own, public):
    charter = attrs.evolve(public.charter, aggregation=Part("weighted-median"))
    other = attrs.evolve(public, charter=charter, labels=attrs.evolve(public.labels, charter=charter.digest))
    assert "weighted-median" in others(own, other, "me", used=True).leak


def test_a_newcomer_has_nothing_to_take_out(own, public):
    found = others(own, public, "", used=True)
    assert (found.share, found.leak, found.labels.partners) == (0.0, "", public.labels.partners)
