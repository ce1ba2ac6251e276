"""The codec, with values that are what they should be: every one crosses and is the same on the other side."""

import io
import math
import os
import zipfile

import attrs
import numpy as np
import pytest
import strategies
from hypothesis import given
from safetensors.numpy import load

from fluidmol.coordinator.student import Student
from fluidmol.errors import CodecError, InputError, MissingFileError
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.teacher import Teacher
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import PARTS, Charter
from fluidmol.values.codec import digest, pack, read_value, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.grids import Grid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.parts import Part
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.provenance import Provenance, Source
from fluidmol.values.representation import Branch, Layer, Output, Representation

D = "sha256:" + "0" * 64
COMPOUNDS = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
ANNOTATIONS = Annotations(D, "acme", [[0.5], [math.nan]], [[0.25], [0]])
LABELS = FederatedLabels(D, ("acme", "beta"), [[0.5]], [[0.125]], [[[0.25]], [[0.75]]])
EXPERTS = Experts(("acme",), [[0.5, -2.0, 0.25]], [[0.0, 0.125, -1.0]], [0.75], [1.0])
UNDERSTOOD = attrs.evolve(LABELS, experts=EXPERTS)
# No preset, which may change: this one is pinned below.
CHARTER = Charter(
    name='"Pilot" \\ 1\n',
    seed=7,
    transfer_digest=D,
    transfer_size=2,
    **dict.fromkeys(PARTS, Part("part", {"whole": 3, "real": 0.1, "large": 1e16, "text": "é", "truth": True})),
)
LAYER = Layer(Grid([[3, -1], [0, 2]], (-1, 0)), Grid([[1, 0]], (0, 3)))
REPRESENTATION = Representation(
    Part("fcfp", {"bits": 2}),
    [Branch([Output(0, LAYER, 0.5)]), Branch([Output(1, LAYER, 0.25)], [LAYER], Grid([[1], [2]], (0,)), 5.0)],
    Provenance(Part("by-hand", {"power": 0.4}), [Source("transfer set", D, 7)], 1, D),
)
EXAMPLES = (
    ANNOTATIONS, LABELS, COMPOUNDS, CHARTER, Annotate(CHARTER), Learn(CHARTER, LABELS),
    Scorecard(D, "acme", [Score("teacher", "external", "mcc", 0.5), Score("hybrid", "external", "ppv", math.nan)]),
    Declined(D, "acme", "too few compounds"),
    PrivateModel([2.0, 0.5, -1.0], [30.0, -4.0], 812.5, 4.0, 1e-5, 1.0812),
    REPRESENTATION,
)  # fmt: skip


@given(strategies.values)
def test_every_value_round_trips(value):
    found = unpack(pack(value))
    assert type(found) is type(value)
    assert found.digest == value.digest
    assert pack(found) == pack(value)


@given(strategies.annotations())
def test_equal_values_give_equal_bytes(value):
    again = Annotations(value.charter, value.partner, np.asfortranarray(value.value), value.weight.astype(float))
    assert again == value
    assert hash(again) == hash(value)
    assert pack(again) == pack(value)


def test_minus_zero_and_odd_nans_do_not_make_another_value():
    odd = np.array([0x7FC00001], dtype=np.uint32).view(np.float32)
    plain, strange = Annotations(D, "a", [[math.nan]], [[0.0]]), Annotations(D, "a", [odd], [[-0.0]])
    assert plain == strange
    assert pack(plain) == pack(strange)


@given(strategies.annotations(), strategies.annotations())
def test_values_are_equal_exactly_when_their_bytes_are(one, other):
    assert (one == other) == (pack(one) == pack(other))


@given(strategies.federated_labels())
def test_experts_cross_as_they_are(labels):
    found = unpack(pack(labels)).experts
    assert (found is None) == (labels.experts is None)
    assert found == labels.experts
    if found is not None:
        assert found.partners == labels.experts.partners
        for name in ("opinion", "proximity", "fidelity", "trust"):
            np.testing.assert_array_equal(getattr(found, name), getattr(labels.experts, name))


def test_labels_with_experts_are_other_labels():
    others = [attrs.evolve(EXPERTS, **change) for change in (
        {"partners": ("beta",)}, {"opinion": [[0.5, -2.0, 0.5]]}, {"proximity": [[0.0, 0.25, -1.0]]},
        {"fidelity": [0.5]}, {"trust": [0.5]},
    )]  # fmt: skip
    values = [LABELS, UNDERSTOOD, *(attrs.evolve(LABELS, experts=other) for other in others)]
    assert len({value.digest for value in values}) == len(values)
    assert len({pack(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", [*EXAMPLES, UNDERSTOOD], ids=lambda value: type(value).__name__)
def test_a_packed_value_has_no_more_members_than_it_needs(value):
    with zipfile.ZipFile(io.BytesIO(pack(value))) as archive:
        names = archive.namelist()
        arrays = load(archive.read("arrays.safetensors")) if len(names) > 1 else {}
    alone = isinstance(value, Charter | Annotate | Scorecard | Declined)
    assert names == (["facts.json"] if alone else ["facts.json", "arrays.safetensors"])
    assert {array.dtype.name for array in arrays.values()} <= {"float32", "uint8", "uint32"}


def test_repeating_numbers_are_deflated_and_random_ones_are_not():
    rng = np.random.default_rng(1)
    rounded = Annotations(D, "acme", np.round(rng.random((50_000, 1)), 4), np.round(rng.random((50_000, 1)), 4))
    exact = Annotations(D, "acme", rng.random((50_000, 1)), rng.random((50_000, 1)))
    for value, method in ((rounded, zipfile.ZIP_DEFLATED), (exact, zipfile.ZIP_STORED)):
        data = pack(value)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.getinfo("facts.json").compress_type == zipfile.ZIP_STORED
            assert archive.getinfo("arrays.safetensors").compress_type == method
        assert unpack(data) == value
    assert len(pack(rounded)) < 0.75 * len(pack(exact))


def test_texts_cross_letter_by_letter():
    keys = [f"{'A' * 13}{letter}-UHFFFAOYSA-N" for letter in "ABCDEFGHI"]
    # Empty ones at all places, some of several bytes a letter, and one with a line's end.
    compounds = CompoundSet(("", "é", "", "", "C\nC", "€𝄞", "", "\0", ""), keys)
    assert unpack(pack(compounds)) == compounds
    assert unpack(pack(CompoundSet((), ()))) == CompoundSet((), ())


# The canonical form is a promise between companies with different versions: a change here must come with a new
# format number, never alone.
PINNED = {
    "Annotations": "sha256:f9e353343e9d0ed86d71e7afdd56af93180b1c296710b8786a2640797e50051a",
    "FederatedLabels": "sha256:77325e836267f5ea526c70261feae023a680f274f3a5d9d78e3a0cfe9a5aabb7",
    "CompoundSet": "sha256:a784ed4edceef99ad98d64edcf5ed9aa89ccd98d88c5da93f4a60e585417487a",
    # Format 2 of the charter, and of those that name it.
    "Charter": "sha256:1476fcda200402b42d8232b9697b6a26701c1d44cf93879c33d57a929bd75c00",
    "Annotate": "sha256:57e9a3c6fdb0f817b1d1b801d6b8117e473cdb23e59832511aee97cf7dafab1d",
    "Learn": "sha256:7b5134b3976ea023a7f4c6a2fa0aff6c369f00200c7a3ca8d2743951d3e61e1d",
    "Scorecard": "sha256:fc941fd55c99c8ec8e38afcd790a5c62d35c43e7c67f927a48bfd621981f25f0",
    "PrivateModel": "sha256:2ac1cbe80bc2565c3d869ddf4f58f79f7a3422ae464eeed417b339c50f9bb662",
    "Declined": "sha256:2a023c28f67be1841afc7ea91c260bc0abd0ae35177361a634baa2d1149cb758",
    "Representation": "sha256:e93a5c207cdba603276651e04e43cef201132d186fea0b999b8ba7a814b41673",
}


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_the_canonical_form_has_not_drifted(value):
    assert digest(value) == PINNED[type(value).__name__]


def test_the_canonical_form_of_labels_with_experts_has_not_drifted():
    assert digest(UNDERSTOOD) == "sha256:a9d12f1727844b84fa0adafecea67e333bec497a686f6c9ee677fc8f52033fe2"


def test_every_type_on_the_list_is_pinned():
    assert sorted(PINNED) == sorted(type(value).__name__ for value in EXAMPLES)


def _impostor():
    @attrs.frozen
    class Annotations:  # only the name is the same
        charter: str = D
        partner: str = "acme"
        value: object = ANNOTATIONS.value
        weight: object = ANNOTATIONS.weight
        shape: object = (2, 1)
        digest: str = ANNOTATIONS.digest

    return Annotations()


def _heir():
    heir = type("Annotations", (Annotations,), {"digest": D})
    return heir(D, "acme", [[0.5]], [[0.5]])


PRIVATE = {
    "assay": Assay(COMPOUNDS, [1]),
    "teacher": Teacher(CHARTER, None, None, None, 0),
    "hybrid": Hybrid(CHARTER, None, 0),
    "student": Student(CHARTER, None, 0),
    "dict": {"charter": D},
    "list": [ANNOTATIONS],
    "tuple": (ANNOTATIONS,),
    "bytes": b"smiles",
    "text": "Oc1ccccc1",
    "array": ANNOTATIONS.value,
    "none": None,
    "score": Score("teacher", "external", "mcc", 0.5),
    "class": Annotations,
    "impostor": _impostor(),
    "heir": _heir(),
}


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("way_out", [pack, digest])
def test_nothing_else_gets_out(name, way_out):
    with pytest.raises(CodecError, match=type(PRIVATE[name]).__name__) as caught:
        way_out(PRIVATE[name])
    assert "Annotations" in caught.value.hint  # the list of what may


def test_a_value_holds_its_arrays_fast():
    source = np.array([[0.5]], dtype=np.float32)
    value = Annotations(D, "a", source, [[0.5]])
    before = value.digest
    source[0, 0] = 0.9
    assert value.value[0, 0] == 0.5
    assert value.digest == before
    with pytest.raises(ValueError, match="read-only"):
        value.value[0, 0] = 0.9


def test_a_file_holds_the_type_that_is_expected(tmp_path):
    path = tmp_path / "a.fluid"
    path.write_bytes(pack(COMPOUNDS))
    assert read_value(path, CompoundSet) == COMPOUNDS
    with pytest.raises(InputError, match=r"a\.fluid holds a CompoundSet\. Expected public directions"):
        read_value(path, Representation)
    with pytest.raises(InputError, match=r"a\.fluid is too large\. At most 200 bytes"):
        read_value(path, CompoundSet, largest=100)
    with pytest.raises(MissingFileError, match=r"b\.fluid can't be read"):
        read_value(tmp_path / "b.fluid", CompoundSet)
    path.write_bytes(pack(COMPOUNDS)[:-1])
    with pytest.raises(CodecError, match=r"a\.fluid: these bytes are no packed value"):
        read_value(path, CompoundSet)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.fluid")
    with pytest.raises(InputError, match="no regular file"):
        read_value(tmp_path / "pipe.fluid", CompoundSet)
