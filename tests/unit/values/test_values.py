"""Compounds, annotations and labels: what they hold, and what they refuse."""

import attrs
import numpy as np
import pytest
import strategies
from hypothesis import given

from fluidmol.values.annotations import Annotations
from fluidmol.values.arrays import digest_of
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Score

D = "sha256:" + "0" * 64
NAN = float("nan")
METHANE, ETHANE = "VNWKTOKETHGBQD-UHFFFAOYSA-N", "OTMSDBZUPAUEDD-UHFFFAOYSA-N"


@given(strategies.compound_sets())
def test_compounds(compounds):
    assert len(compounds) == len(compounds.smiles) == len(compounds.inchikeys)
    assert all(len(skeleton) == 14 for skeleton in compounds.skeletons)
    rows = list(range(len(compounds)))
    assert compounds.take(rows) == compounds
    assert compounds.take(rows).digest == compounds.digest
    turned = compounds.take(rows[::-1])
    assert turned.smiles == compounds.smiles[::-1]
    assert (turned.digest == compounds.digest) == (turned == compounds)


def test_a_compound_sets_digest_tells_columns_apart():
    assert CompoundSet(("C",), (METHANE,)).digest != CompoundSet(("CC",), (METHANE,)).digest
    assert CompoundSet(("C",), (METHANE,)).digest != CompoundSet(("C",), (ETHANE,)).digest


@pytest.mark.parametrize(
    ("smiles", "keys", "words"),
    [
        (("C",), (METHANE, ETHANE), "1 SMILES and 2"),
        (("C", "C"), (METHANE, METHANE), "twice"),
        (("C",), (METHANE.lower(),), "no InChIKey"),
        (("C",), (METHANE[:14],), "no InChIKey"),
        (("C",), (METHANE + "\n",), "no InChIKey"),
        (("C",), ("",), "no InChIKey"),
    ],
)
def test_compounds_refused(smiles, keys, words):
    with pytest.raises(ValueError, match=words):
        CompoundSet(smiles, keys)


@pytest.mark.parametrize("smiles", [(None,), (5,), (b"C",), (NAN,)], ids=str)
def test_compounds_are_texts(smiles):
    with pytest.raises(TypeError, match="expected texts"):
        CompoundSet(smiles, (METHANE,))


def test_no_value_shows_its_content():
    # A log line or a traceback must not spell out what may be private.
    for value in (CompoundSet(("C1CCCCC1",), (METHANE,)), Annotations(D, "a", [[0.123]], [[0.456]])):
        assert not any(word in repr(value) for word in ("C1CC", METHANE, "0.123", "0.456"))


@given(strategies.annotations())
def test_annotations(opinion):
    assert opinion.value.dtype == opinion.weight.dtype == np.float32
    assert not opinion.value.flags.writeable
    assert not opinion.weight[opinion.abstained].any()
    assert opinion.shape == opinion.value.shape
    for change in ({"charter": "sha256:" + "f" * 64}, {"partner": opinion.partner + "x"}):
        other = attrs.evolve(opinion, **change)
        assert (other.digest == opinion.digest) == (other == opinion)
        assert other != opinion or other.charter == opinion.charter


@pytest.mark.parametrize(
    ("value", "weight", "words"),
    [
        ([[1.01]], [[0.5]], "outside"),
        ([[-0.01]], [[0.5]], "outside"),
        ([[float("inf")]], [[0.5]], "outside"),
        ([[0.5]], [[1.01]], "weight is outside"),
        ([[0.5]], [[-0.01]], "weight is outside"),
        ([[0.5]], [[NAN]], "weight is outside"),
        ([[NAN]], [[0.5]], "without an opinion has a weight"),
        ([[0.5], [0.5]], [[0.5]], "expected the same"),
        ([0.5], [[0.5]], "expected 2 axes"),
        ([[[0.5]]], [[0.5]], "expected 2 axes"),
        ([["much"]], [[0.5]], "could not convert"),
    ],
)
def test_annotations_refused(value, weight, words):
    with pytest.raises(ValueError, match=words):
        Annotations(D, "a", value, weight)


def test_annotations_are_frozen():
    opinion = Annotations(D, "a", [[0.5]], [[0.5]])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        opinion.partner = "b"


@given(strategies.federated_labels())
def test_labels(labels):
    assert labels.hard.shape == labels.value.shape
    np.testing.assert_array_equal(labels.hard, np.nan_to_num(labels.value) > 0.5)
    assert attrs.evolve(labels, charter="sha256:" + "g" * 64) != labels


def labels(**changes):
    good = {"value": [[0.5]], "spread": [[0.1]], "contribution": [[[0.25]], [[0.75]]], "partners": ("a", "b")}
    return FederatedLabels(charter=D, **(good | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": [[1.5]]}, "label is outside"),
        ({"spread": [[0.1], [0.2]]}, "expected"),
        ({"contribution": [[[1.0]]]}, "expected"),
        ({"contribution": [[[0.25]], [[0.5]]]}, "sum to 1"),
        ({"contribution": [[[-0.25]], [[1.25]]]}, "contribution is outside"),
        ({"contribution": [[[NAN]], [[1]]]}, "contribution is outside"),
        ({"value": [[NAN]]}, "sum to 1"),
        ({"partners": ("a", "a")}, "twice"),
    ],
    ids=str,
)
def test_labels_refused(changes, words):
    assert labels().hard.tolist() == [[False]]
    with pytest.raises(ValueError, match=words):
        labels(**changes)


def test_exactly_one_half_is_inactive():
    assert not labels(value=[[0.5]]).hard.any()
    assert labels(value=[[0.50001]]).hard.all()


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_a_score_is_never_infinite(value):
    with pytest.raises(ValueError, match="infinite"):
        Score("teacher", "external", "mcc", value)


def test_a_score_is_of_a_teacher_or_hybrid():
    with pytest.raises(ValueError, match="model"):
        Score("student", "external", "mcc", 0.5)


def test_digests_tell_boundaries_apart():
    a, b = np.zeros((1, 2), np.float32), np.zeros((2, 1), np.float32)
    found = {
        digest_of("k", ["ab"]), digest_of("k", ["a", "b"]), digest_of("ka", ["b"]), digest_of("k", ["ab", ""]),
        digest_of("k", ["ab"], [a]), digest_of("k", ["ab"], [b]),
        digest_of("k", ["ab"], [a, a]), digest_of("k", ["ab"], [np.concatenate([a, a])]),
    }  # fmt: skip
    assert len(found) == 8
