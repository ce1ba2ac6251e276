"""The codec, with bytes that aren't what they claim to be: refused by one error, and never with another."""

import io
import json
import random
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
FLOATS = {"value.0": pa.array([0.5], pa.float32()), "weight.0": pa.array([0.5], pa.float32())}
ABOUT = {"charter": D, "partner": "acme", "endpoints": 1}


def manifest(kind="Annotations", facts=ABOUT, **changes):
    return {"format": 1, "type": kind, "digest": D, "facts": facts} | changes


def parquet(columns, **options):
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **options)
    return target.getvalue()


def box(facts, columns=None, experts=None, compression=zipfile.ZIP_STORED, **extra):
    """Build a container by hand, right checksums included."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.writestr("facts.json", facts if isinstance(facts, str | bytes) else json.dumps(facts))
        if columns is not None:
            archive.writestr("columns.parquet", columns if isinstance(columns, bytes) else parquet(columns))
        if experts is not None:
            archive.writestr("experts.parquet", experts if isinstance(experts, bytes) else parquet(experts))
        for name, data in extra.items():
            archive.writestr(name, data)
    return target.getvalue()


def boxed(content):
    """Build a container of members as :func:`members` gives them."""
    return box(content["facts.json"], content.get("columns.parquet"), content.get("experts.parquet"))


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


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


def understood(known=(), drop=(), **columns):
    """Labels with experts of which something is not as it was."""
    inner = members(pack(UNDERSTOOD))
    facts = json.loads(inner["facts.json"])
    facts["facts"]["experts"] |= dict(known)
    table = pq.read_table(io.BytesIO(inner["experts.parquet"])).to_pydict()
    table = {name: pa.array(table[name], pa.float32()) for name in table if name not in drop}
    table |= {f"experts.{name.replace('_', '.')}": column for name, column in columns.items()}
    return box(json.dumps(facts), inner["columns.parquet"], table)


def inflated(value):
    return pa.array(np.full(30, value), pa.float32())


EXPERTS_WRONG = {
    "without their table": (boxed({**members(pack(UNDERSTOOD)), "experts.parquet": None}), "experts.opinion.0"),
    "a column short": (understood(drop=["experts.proximity.0"]), "experts.proximity.0"),
    "other coefficients": (understood(opinion_0=inflated(1)), "damaged or altered"),
    "NaN": (understood(opinion_0=inflated(np.nan)), "isn't finite"),
    "infinity": (understood(proximity_0=inflated(np.inf)), "isn't finite"),
    "texts": (understood(opinion_0=pa.array(["a"] * 30)), "no packed value"),
    "double precision": (understood(opinion_0=pa.array(np.ones(30))), "double"),
    "a foreign partner": (understood({"partners": ["c"]}), "didn't speak"),
    "nobody": (understood({"partners": [], "fidelity": [], "trust": []}), "no packed value"),
    "one partner twice": (understood({"partners": ["b", "b"], "fidelity": [0, 0], "trust": [0, 0]},
                                     opinion_1=inflated(1), proximity_1=inflated(1)), "each once"),
    "not in order": (understood({"partners": ["b", "a"], "fidelity": [0, 0], "trust": [0, 0]},
                                opinion_1=inflated(1), proximity_1=inflated(1)), "alphabetical order"),
    "partners that are a number": (understood({"partners": 1}), "no packed value"),
    "more trust than there is": (understood({"trust": [1.5]}), "trust in"),
    "no trust stated": (understood({"trust": []}), "expected a row a partner"),
    "trust that is no number": (understood({"trust": ["much"]}), "no packed value"),
    "fidelity above 1": (understood({"fidelity": [1.01]}), "fidelity must be at most 1"),
    "fidelity beyond single precision": (understood({"fidelity": [-1e300]}), "finite"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:overflow")
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


def test_experts_beyond_the_limit(monkeypatch):
    # One constant row of a hundred million coefficients takes no room in Parquet.
    n = 1_000_000
    wide = {f"experts.{name}.0": pa.array(np.ones(n, np.float32)) for name in ("opinion", "proximity")}
    inner = members(pack(UNDERSTOOD))
    data = box(inner["facts.json"], inner["columns.parquet"], wide)
    assert len(data) < 20_000
    monkeypatch.setattr("fluidmol.values.codec.LARGEST", 1_000_000)
    with pytest.raises(CodecError, match="1000000 rows"):
        unpack(data)


SURROGATE = json.dumps(manifest("Declined", {"charter": D, "partner": "\ud800", "reason": "b"}))
WRONG = {
    "unknown type": (box(manifest("Assay"), FLOATS), "Assay"),
    "type that is no text": (box(manifest(["Annotations"]), FLOATS), "unhashable"),
    "unknown format": (box(manifest(format=2), FLOATS), "format 2"),
    "no format": (box({"type": "Annotations"}), "format"),
    "no manifest": (box("[]"), "list"),
    "not JSON": (box("{"), "no packed value"),
    "not UTF-8": (box(b"\xff\xfe\xfa"), "no packed value"),
    "wrong digest": (box(manifest(), FLOATS), "digest"),
    "no columns": (box(manifest()), "value.0"),
    "column lacking": (box(manifest(), {"value.0": FLOATS["value.0"]}), "weight.0"),
    "columns without an end": (box(manifest(), b"PAR1"), "no packed value"),
    "extra member": (box(manifest(), FLOATS, evil="x"), "members"),
    "member in a folder": (box(manifest(), FLOATS, **{"../facts.json": "x"}), "members"),
    "compressed member": (box(manifest(), FLOATS, compression=zipfile.ZIP_DEFLATED), "compressed"),
    "zip bomb": (box(" " * 50_000_000, compression=zipfile.ZIP_BZIP2), "compressed"),
    "double precision": (box(manifest(), {"value.0": pa.array([0.5]), "weight.0": pa.array([0.5])}), "double"),
    "integers": (box(manifest(), {"value.0": pa.array([1]), "weight.0": pa.array([1])}), "int64"),
    "binary": (box(manifest(), {"value.0": pa.array([b"x"])}), "binary"),
    "nested": (box(manifest(), {"value.0": pa.array([[0.5]])}), "list"),
    "gap among numbers": (box(manifest(), FLOATS | {"weight.0": pa.array([None], pa.float32())}), "gaps"),
    "gap among texts": (box(manifest("CompoundSet", {}), {"smiles": pa.array(["C", None]),
                                                           "inchikey": pa.array(["a", "b"])}), "gaps"),
    "text for a number": (box(manifest(), {"value.0": pa.array(["a"]), "weight.0": pa.array(["b"])}), "no packed"),
    "probability above 1": (box(manifest(), FLOATS | {"value.0": pa.array([1.5], pa.float32())}), "outside"),
    "NaN": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "NaN")), "NaN is no JSON"),
    "Infinity": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "-Infinity")), "Infinity"),
    "overflow": (box(json.dumps(manifest("Scorecard", FACTS["Scorecard"])).replace("0.5", "1e999")), "infinite"),
    "huge integer": (box('{"format": %s}' % ("9" * 5000)), "digits"),
    "deep nesting": (box("[" * 200_000 + "]" * 200_000), "recursion"),
    "deep facts": (box('{"format":1,"type":"Declined","facts":' + '{"a":' * 100_000), "recursion"),
    "lone surrogate": (box(SURROGATE), "surrogates"),
    "numbers for texts": (box(manifest("Declined", {"charter": 1, "partner": 2, "reason": 3})), "no packed value"),
    "more facts": (box(manifest("Declined", {"charter": D, "partner": "a", "reason": "b", "smiles": "C"})), "smiles"),
    "a billion endpoints": (box(manifest(facts=ABOUT | {"endpoints": 10**9}), FLOATS), "no packed value"),
    "no endpoints": (box(manifest(facts=ABOUT | {"endpoints": 0}), FLOATS), "no packed value"),
    "no partners": (box(manifest("FederatedLabels", {"charter": D, "partners": [], "endpoints": 1}),
                        {"value.0": FLOATS["value.0"], "spread.0": FLOATS["value.0"]}), "no packed value"),
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


def test_columns_beyond_the_limit(monkeypatch):
    # A constant takes no room in Parquet, however often it is repeated.
    ones = {name: pa.array(np.ones(1_000_000, np.float32)) for name in FLOATS}
    data = box(manifest(), ones)
    assert len(data) < 10_000
    monkeypatch.setattr("fluidmol.values.codec.LARGEST", 1_000_000)
    with pytest.raises(CodecError, match="1000000 rows"):
        unpack(data)


def test_text_bomb_is_not_unpacked(monkeypatch):
    # Under a kilobyte that would be 10 MB of text; the same way it could be terabytes.
    texts = pa.DictionaryArray.from_arrays(np.zeros(1000, np.int32), ["C" * 10_000]).cast(pa.string())
    data = box(manifest("CompoundSet", {}), parquet({"smiles": texts, "inchikey": texts}, compression="zstd"))
    assert len(data) < 2_000
    monkeypatch.setattr("fluidmol.values.codec.LARGEST", 1_000_000)
    with pytest.raises(CodecError, match="texts are too long"):
        unpack(data)


def test_the_digest_guards_the_numbers():
    inner = members(pack(OPINION))
    other = Annotations(D, "acme", OPINION.value, np.zeros((200, 1)))
    with pytest.raises(CodecError, match="damaged or altered"):
        unpack(box(inner["facts.json"], members(pack(other))["columns.parquet"]))
