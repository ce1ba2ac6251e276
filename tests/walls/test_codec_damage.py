"""The codec, with bytes that aren't what they claim to be: refused by one error, and never with another."""

import io
import json
import random
import zipfile

import numpy as np
import pytest
from containers import boxed, members
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from fluidmol.errors import CodecError
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Declined, Learn
from fluidmol.values.private_model import PrivateModel

D = "sha256:" + "0" * 64
_RNG = np.random.default_rng(1)
OPINION = Annotations(D, "acme", _RNG.random((200, 1)), _RNG.random((200, 1)))
LABELS = FederatedLabels(D, ("a", "b"), _RNG.random((50, 1)), np.zeros((50, 1)), np.full((2, 50, 1), 0.5))
EXPERTS = Experts(("b",), _RNG.normal(size=(1, 30)), _RNG.normal(size=(1, 30)), [0.5], [1.0])
UNDERSTOOD = FederatedLabels(D, ("a", "b"), LABELS.value, LABELS.spread, LABELS.contribution, EXPERTS)
GOOD = {
    "Annotations": OPINION,
    "FederatedLabels": UNDERSTOOD,
    "Learn": Learn(Charter.from_preset("open"), LABELS),
    "CompoundSet": CompoundSet(("C", "CC"), ("VNWKTOKETHGBQD-UHFFFAOYSA-N", "OTMSDBZUPAUEDD-UHFFFAOYSA-N")),
    "Declined": Declined(D, "acme", "too few compounds"),
    "PrivateModel": PrivateModel(_RNG.normal(size=31), _RNG.normal(size=30), 812.5, 4.0, 1e-5, 1.0812),
}
ONE = np.full((1, 1), 0.5, np.float32)
FLOATS = {"value": ONE, "weight": ONE}
ABOUT = {"charter": D, "partner": "acme"}
LETTERS = np.frombuffer(b"CCC", np.uint8)


def manifest(kind="Annotations", facts=ABOUT, **changes):
    return {"format": 2, "type": kind, "digest": D, "facts": facts} | changes


_HEADER = b'{"value":{"dtype":"C64","shape":[1,1],"data_offsets":[0,8]}}   '
COMPLEX = len(_HEADER).to_bytes(8, "little") + _HEADER + bytes(8)
"""A complex number, as safetensors has it."""


def box(facts, arrays=None, compression=zipfile.ZIP_STORED, **extra):
    """Build a container by hand, right checksums included."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        content = facts if isinstance(facts, str | bytes) else json.dumps(facts)
        archive.writestr("facts.json", content, compression)
        if arrays is not None:
            archive.writestr("arrays.safetensors", arrays if isinstance(arrays, bytes) else save(arrays))
        for name, data in extra.items():
            archive.writestr(name, data)
    return target.getvalue()


def refused_or_same(data, value):
    try:
        found = unpack(data)
    except CodecError:
        return
    assert found == value


def flipped(data, places, seed):
    rng = random.Random(seed)
    for _ in range(places):
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= rng.randrange(1, 256)
        yield bytes(changed)


@pytest.mark.parametrize("name", GOOD)
def test_truncated(name):
    data = pack(GOOD[name])
    for length in range(0, len(data), 97):
        with pytest.raises(CodecError):
            unpack(data[:length])


@pytest.mark.parametrize("name", GOOD)
def test_a_flipped_byte(name):
    for data in flipped(pack(GOOD[name]), 300, seed=7):
        refused_or_same(data, GOOD[name])


@pytest.mark.parametrize("name", ["Annotations", "FederatedLabels", "Learn", "CompoundSet"])
def test_a_flipped_byte_below_a_right_checksum(name):
    # An attacker mends the archive's checksums: what is inside must hold by itself.
    inner = members(pack(GOOD[name]))
    for seed, member in enumerate(inner):
        for changed in flipped(inner[member], 300, seed=8 + seed):
            refused_or_same(boxed({**inner, member: changed}), GOOD[name])


@given(st.binary(max_size=400))
def test_arbitrary_bytes(data):
    with pytest.raises(CodecError):
        unpack(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FACTS = {kind: json.loads(members(pack(value))["facts.json"])["facts"] for kind, value in GOOD.items()} | {
    "Charter": Charter.from_preset("open").to_table(),
    "Scorecard": {"charter": D, "partner": "a", "scores": [["teacher", "external", "mcc", 0.5]]},
}


@st.composite
def wrong_facts(draw):
    """Facts of the right form with one of them, at any depth, replaced by anything."""
    kind = draw(st.sampled_from(sorted(FACTS)))
    facts = json.loads(json.dumps(FACTS[kind]))
    place = facts
    while True:
        keys = range(len(place)) if isinstance(place, list) else sorted(place)
        if not keys:
            return kind, facts
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.booleans()):
            place = place[key]
        else:
            place[key] = draw(json_values)
            return kind, facts


@given(wrong_facts())
def test_facts_of_the_wrong_kind(wrong):
    kind, facts = wrong
    inner = members(pack(GOOD[kind])) if kind in GOOD else {}
    with pytest.raises(CodecError):
        unpack(boxed({**inner, "facts.json": json.dumps(manifest(kind, facts))}))


def understood(known=(), drop=(), **arrays):
    """Labels with experts of which something is not as it was."""
    inner = members(pack(UNDERSTOOD))
    facts = json.loads(inner["facts.json"])
    facts["facts"]["experts"] |= dict(known)
    found = {name: array for name, array in load(inner["arrays.safetensors"]).items() if name not in drop}
    return box(json.dumps(facts), found | {f"experts.{name}": array for name, array in arrays.items()})


def rows(value, n=1):
    return np.full((n, 30), value, np.float32)


def row(*values):
    return np.array(values, np.float32)


TWO = {"opinion": rows(1, 2), "proximity": rows(1, 2), "fidelity": row(0, 0), "trust": row(0, 0)}
EXPERTS_WRONG = {
    "without their arrays": (
        understood(drop=[f"experts.{name}" for name in ("opinion", "proximity", "fidelity", "trust")]), "opinion",
    ),
    "an array short": (understood(drop=["experts.proximity"]), "proximity"),
    "other coefficients": (understood(opinion=rows(1)), "damaged or altered"),
    "NaN": (understood(opinion=rows(np.nan)), "isn't finite"),
    "infinity": (understood(proximity=rows(np.inf)), "isn't finite"),
    "texts": (understood(opinion=LETTERS, **{"opinion.lengths": np.array([3], np.uint32)}), "no packed value"),
    "double precision": (understood(opinion=np.ones((1, 30))), "float64"),
    "a foreign partner": (understood({"partners": ["c"]}), "didn't speak"),
    "nobody": (understood({"partners": []}, **{name: array[:0] for name, array in TWO.items()}), "no packed value"),
    "one partner twice": (understood({"partners": ["b", "b"]}, **TWO), "each once"),
    "not in order": (understood({"partners": ["b", "a"]}, **TWO), "alphabetical order"),
    "partners that are a number": (understood({"partners": 1}), "no packed value"),
    "more facts": (understood({"mood": 1}), "mood"),
    "more trust than there is": (understood(trust=row(1.5)), "trust in"),
    "no trust stated": (understood(trust=row()), "expected a row a partner"),
    "trust of another shape": (understood(trust=rows(1)), "expected 1 axes"),
    "fidelity above 1": (understood(fidelity=row(1.01)), "fidelity must be at most 1"),
    "fidelity that is infinite": (understood(fidelity=row(-np.inf)), "finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPERTS_WRONG)
def test_experts_refused(name):
    data, word = EXPERTS_WRONG[name]
    with pytest.raises(CodecError, match=word) as caught:
        unpack(data)
    assert caught.value.hint


def test_experts_that_nobody_states_are_no_part_of_the_labels():
    inner = members(pack(UNDERSTOOD))
    facts = json.loads(inner["facts.json"])
    del facts["facts"]["experts"]
    with pytest.raises(CodecError, match="damaged or altered"):
        unpack(boxed({**inner, "facts.json": json.dumps(facts)}))


SURROGATE = json.dumps(manifest("Declined", {"charter": D, "partner": "\ud800", "reason": "b"}))
WRONG = {
    "unknown type": (box(manifest("Assay"), FLOATS), "Assay"),
    "type that is no text": (box(manifest(["Annotations"]), FLOATS), "unhashable"),
    "unknown format": (box(manifest(format=3), FLOATS), "format 3"),
    "no format": (box({"type": "Annotations"}), "format"),
    "no manifest": (box("[]"), "list"),
    "not JSON": (box("{"), "no packed value"),
    "not UTF-8": (box(b"\xff\xfe\xfa"), "no packed value"),
    "wrong digest": (box(manifest(), FLOATS), "digest"),
    "no arrays": (box(manifest()), "value"),
    "array lacking": (box(manifest(), {"value": ONE}), "weight"),
    "arrays without an end": (box(manifest(), save(FLOATS)[:-1]), "can't be read"),
    "extra member": (box(manifest(), FLOATS, evil="x"), "members"),
    "table of Parquet beside": (box(manifest(), FLOATS, **{"columns.parquet": b"PAR1"}), "members"),
    "member in a folder": (box(manifest(), FLOATS, **{"../facts.json": "x"}), "members"),
    "compressed member": (box(manifest(), FLOATS, compression=zipfile.ZIP_DEFLATED), "compressed"),
    "zip bomb": (box(" " * 50_000_000, compression=zipfile.ZIP_BZIP2), "compressed"),
    "double precision": (box(manifest(), {"value": ONE.astype(float), "weight": ONE}), "float64"),
    "half precision": (box(manifest(), {"value": ONE.astype(np.float16), "weight": ONE}), "float16"),
    "integers": (box(manifest(), {"value": np.ones((1, 1), np.int64), "weight": ONE}), "int64"),
    "truths": (box(manifest(), {"value": np.ones((1, 1), bool), "weight": ONE}), "bool"),
    "complex numbers": (box(manifest(), COMPLEX), "complex64|no packed"),  # which no early safetensors can write
    "too many axes": (box(manifest(), {"value": ONE[None], "weight": ONE}), "expected 2 axes"),
    "other shapes": (box(manifest(), {"value": ONE, "weight": np.ones((2, 1), np.float32)}), "expected the same"),
    "text for a number": (box(manifest(), {"value": LETTERS, "value.lengths": np.array([3], np.uint32),
                                           "weight": ONE}), "no packed"),
    "numbers for texts in arrays": (box(manifest("CompoundSet", {}), {"smiles": ONE, "inchikeys": ONE}), "texts"),
    "probability above 1": (box(manifest(), FLOATS | {"value": ONE * 3}), "outside"),
    "NaN": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "NaN")), "NaN is no JSON"),
    "Infinity": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "-Infinity")), "Infinity"),
    "overflow": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "1e999")), "infinite"),
    "huge integer": (box('{"format": %s}' % ("9" * 5000)), "digits"),
    "deep nesting": (box("[" * 200_000 + "]" * 200_000), "recursion"),
    "deep facts": (box('{"format":1,"type":"Declined","facts":' + '{"a":' * 100_000), "recursion"),
    "lone surrogate": (box(SURROGATE), "surrogates"),
    "numbers for texts": (box(manifest("Declined", {"charter": 1, "partner": 2, "reason": 3})), "no packed value"),
    "more facts": (box(manifest("Declined", {"charter": D, "partner": "a", "reason": "b", "smiles": "C"})), "smiles"),
    "no endpoints": (box(manifest(), {"value": ONE[:, :0], "weight": ONE}), "no packed value"),
    "no partners": (box(manifest("FederatedLabels", {"charter": D, "partners": []}),
                        {"value": ONE, "spread": ONE, "contribution": ONE[None][:0]}), "no packed value"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_refused(name):
    data, word = WRONG[name]
    with pytest.raises(CodecError, match=word) as caught:
        unpack(data)
    assert caught.value.hint


@pytest.mark.parametrize("data", [None, 5, "text", [1], {}], ids=str)
def test_not_bytes(data):
    with pytest.raises(CodecError):
        unpack(data)


def test_encrypted_member():
    data = bytearray(pack(GOOD["Declined"]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(CodecError, match="encrypted"):
        unpack(bytes(data))


def test_member_that_claims_to_be_huge():
    data = bytearray(pack(GOOD["Declined"]))
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 28] = (0xFFFF_FFF0).to_bytes(4, "little") * 2
    with pytest.raises(CodecError):
        unpack(bytes(data))


def test_member_beyond_the_limit(monkeypatch):
    monkeypatch.setattr("fluidmol.values.codec.LARGEST", 100)
    with pytest.raises(CodecError, match="too large"):
        unpack(pack(OPINION))


def test_the_digest_guards_the_numbers():
    inner = members(pack(OPINION))
    other = Annotations(D, "acme", OPINION.value, np.zeros((200, 1)))
    with pytest.raises(CodecError, match="damaged or altered"):
        unpack(boxed({**inner, "arrays.safetensors": members(pack(other))["arrays.safetensors"]}))


def test_odd_nans_do_not_make_another_value():
    # Payloads of NaN could carry a message past the digest.
    odd, plain = np.array([[0x7FC01234]], np.uint32).view(np.float32), np.array([[np.nan]], np.float32)
    value = Annotations(D, "acme", plain, [[0.0]])
    for number in (odd, -odd, plain):
        found = unpack(box(manifest(digest=value.digest), {"value": number, "weight": -np.zeros((1, 1), np.float32)}))
        assert found == value
        assert found.value.tobytes() == value.value.tobytes()
        assert not np.signbit(found.weight).any()


@pytest.mark.parametrize("beside", [{}, {"columns.parquet": b"PAR1"}, {"columns.parquet": b"", "experts.parquet": b""}])
def test_a_file_of_the_first_format_is_refused_by_its_format(beside):
    with pytest.raises(CodecError, match="container format 1, and this version of fluidmol reads 2") as caught:
        unpack(box(manifest("Declined", {"charter": D, "partner": "acme", "reason": "no"}, format=1), **beside))
    assert caught.value.hint == "Make the file again with this version, or use the version that wrote it."
