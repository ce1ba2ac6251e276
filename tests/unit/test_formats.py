"""docs/formats: its vectors are read alike by fluidmol and by examples/verify.py, which shares no line with it."""

import ast
import importlib.util
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from fluidmol.errors import FluidError
from fluidmol.exchange.closing import read_closing
from fluidmol.partner.ledger_lines import read_lines
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PrivateKeys, PublicKeys
from fluidmol.trust.signed import opened
from fluidmol.trust.statement import read_statement, stated
from fluidmol.values.charter import Charter
from fluidmol.values.codec import Value, pack, unpack

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "docs" / "formats" / "vectors"
SCRIPT = ROOT / "examples" / "verify.py"
TOLD = json.loads((VECTORS / "vectors.json").read_text(encoding="utf-8"))
FILES = TOLD["files"]
PASSPHRASE = TOLD["passphrase"]


def loaded():
    spec = importlib.util.spec_from_file_location("verify", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify = loaded()
CHARTER = Charter.from_toml((VECTORS / TOLD["charter"]).read_text(encoding="utf-8"))
SECOND = verify.read_charter((VECTORS / TOLD["charter"]).read_bytes())


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return PrivateKeys.load(VECTORS / "keys" / "hub.key", PASSPHRASE)


@pytest.fixture(scope="module")
def by_fluidmol(hub, tmp_path_factory):
    """Read a file's content with fluidmol: what it says, as vectors.json has it."""
    key = tmp_path_factory.mktemp("key") / "one.key"
    key.touch(0o600)

    def private(data):
        key.write_bytes(data)
        return PrivateKeys.load(key, PASSPHRASE).public.fingerprint

    def signed(data, told):
        found = opened(data, CHARTER.parties)
        assert (type(found.value).__name__, found.signer, found.about) == (told["type"], told["signer"], told["about"])
        return found.value.digest

    def closing(data):
        found = read_closing(data.decode(), CHARTER)
        return " ".join((found.stage, *found.accepted))

    def ledger(data):
        reading = read_lines(data)
        if reading.fault or reading.torn:
            raise ValueError(reading.fault)
        return reading.head

    def statement(data):
        found = read_statement(data.decode(), "audit", CHARTER.parties)
        return f"{found.party} {found.kind}"

    readers = {
        "public keys": lambda data, _: PublicKeys.from_toml(data.decode(), "it").fingerprint,
        "private keys": lambda data, _: private(data),
        "charter": lambda data, _: Charter.from_toml(data.decode()).digest,
        "packed value": lambda data, _: unpack(data).digest,
        "signed file": signed,
        "sealed file": lambda data, told: signed(hub.unseal(data), told),
        "agreement": lambda data, _: check(data.decode(), CHARTER),
        "closing": lambda data, _: closing(data),
        "ledger": lambda data, _: ledger(data),
        "statement": lambda data, _: statement(data),
    }

    def read(data, told):
        try:
            return readers[told["kind"]](data, told)
        except (FluidError, ValueError, AssertionError):
            return "refused"

    return read


@pytest.fixture(scope="module")
def by_verify():
    """Read it with examples/verify.py."""
    keys = verify.read_private_keys((VECTORS / "keys" / "hub.key").read_bytes(), PASSPHRASE)

    def signed(data, told):
        found = verify.read_signed(data, SECOND.parties)
        assert (found.value.type, found.signer, found.about) == (told["type"], told["signer"], told["about"])
        return found.value.digest

    def closing(data):
        found = verify.check_closing(data, SECOND)
        return " ".join((found["stage"], *found["accepted"]))

    readers = {
        "public keys": lambda data, _: verify.fingerprint(verify.read_public_keys(data)),
        "private keys": lambda data, _: verify.fingerprint(verify.read_private_keys(data, PASSPHRASE).public),
        "charter": lambda data, _: verify.read_charter(data).digest,
        "packed value": lambda data, _: verify.read_value(verify.members(data)).digest,
        "signed file": signed,
        "sealed file": lambda data, told: signed(verify.unseal(data, keys), told),
        "agreement": lambda data, _: verify.check_agreement(data, SECOND),
        "closing": lambda data, _: closing(data),
        "ledger": lambda data, _: verify.check_ledger(data)[1],
        "statement": lambda data, _: verify.check_statement(data, SECOND),
    }

    def read(data, told):
        try:
            return readers[told["kind"]](data, told)
        except (*verify.MALFORMED, AssertionError):
            return "refused"

    return read


def flipped(data, place, bit=0):
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def test_every_file_is_told_of():
    there = {path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*") if path.is_file()}
    assert there - set(FILES) == {"vectors.json", "keys/FOR-TESTS-ONLY.txt", "place/outcome/outcome.json"}


def test_every_type_that_crosses_a_wall_has_a_vector():
    assert {told["type"] for told in FILES.values() if "type" in told} == {kind.__name__ for kind in Value.__args__}
    assert set(verify.KINDS) == {kind.__name__ for kind in Value.__args__}


@pytest.mark.parametrize("name", FILES)
def test_vector_says_what_is_stated_to_both(name, by_fluidmol, by_verify):
    data, told = (VECTORS / name).read_bytes(), FILES[name]
    assert by_fluidmol(data, told) == told["says"]
    assert by_verify(data, told) == told["says"]


@pytest.mark.parametrize("name", FILES)
def test_flipped_bit_is_refused_by_both(name, by_fluidmol, by_verify):
    """Or says something else, where nothing but other files tell what it should say: a charter, a public key."""
    data, told = (VECTORS / name).read_bytes(), FILES[name]
    altered = flipped(data, told["flip"])
    for read in (by_fluidmol, by_verify):
        found = read(altered, told)
        assert found == "refused" or (told["kind"] in ("charter", "public keys") and found != told["says"])


@pytest.mark.parametrize("name", FILES)
def test_both_judge_alike_wherever_a_bit_is_flipped(name, by_fluidmol, by_verify):
    """Bits that mean nothing, such as the dates in a zip file, leave what is said as it is; no others are read."""
    data, told = (VECTORS / name).read_bytes(), FILES[name]
    step = max(1, len(data) // 120)
    for place in range(0, len(data), step):
        altered = flipped(data, place, bit=place % 8)
        found = by_fluidmol(altered, told)
        assert by_verify(altered, told) == found, place
        if told["kind"] not in ("charter", "public keys"):
            assert found in ("refused", told["says"]), place


@settings(max_examples=300)
@given(strategies.values)
def test_any_value_has_the_same_digest_for_both(value):
    assert verify.read_value(verify.members(pack(value))).digest == value.digest


@settings(max_examples=200)
@given(strategies.charters)
def test_any_charter_has_the_same_digest_for_both(charter):
    assert verify.read_charter(charter.to_toml().encode()).digest == charter.digest


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda within: st.lists(within, max_size=3) | st.dictionaries(st.text(max_size=5), within, max_size=3),
)


@given(st.dictionaries(st.text(max_size=5), plain, max_size=4))
def test_any_statement_is_read_by_both(hub, facts):
    text = stated("audit", facts, hub)
    assert read_statement(text, "audit", CHARTER.parties).facts == facts
    assert verify.check_statement(text.encode(), SECOND) == "hub audit"


def zipped(members, *, method=zipfile.ZIP_STORED, comment=b"", extra=b""):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.comment = comment
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.extra, info.compress_type = extra, method
            archive.writestr(info, data)
    return target.getvalue()


def with_arrays(header, body=b""):
    told = json.dumps(header).encode()
    return struct.pack("<Q", len(told)) + told + body


def malformed():
    """Containers of declined replies and molecules with something wrong, by what is wrong."""
    with zipfile.ZipFile(VECTORS / "values" / "declined.fluid") as archive:
        facts = archive.read("facts.json")
    with zipfile.ZipFile(VECTORS / "place" / "transfer.fluid") as archive:
        molecules, arrays = archive.read("facts.json"), archive.read("arrays.safetensors")
    size = struct.unpack("<Q", arrays[:8])[0]
    header, body = json.loads(arrays[8 : 8 + size]), arrays[8 + size :]
    good, table = zipped([("facts.json", facts)]), json.loads(facts)

    def saying(**more):
        return zipped([("facts.json", json.dumps({**table, **more}))])

    def holding(content):
        return zipped([("facts.json", molecules), ("arrays.safetensors", content)])

    def other(name, **more):
        return holding(with_arrays({**header, name: {**header[name], **more}}, body))

    first, last = (f(header, key=lambda name: header[name]["data_offsets"]) for f in (min, max))
    begin, end = header[first]["data_offsets"]
    yield "nothing", b""
    yield "before", b"x" + good
    yield "behind", good + b"x"
    yield "comment", zipped([("facts.json", facts)], comment=b"x")
    yield "extra field", zipped([("facts.json", facts)], extra=b"\x01\x00\x00\x00")
    yield "compressed facts", zipped([("facts.json", facts)], method=zipfile.ZIP_DEFLATED)
    yield (
        "compressed otherwise",
        zipped([("facts.json", molecules), ("arrays.safetensors", arrays)], method=zipfile.ZIP_BZIP2),
    )
    yield "another member", zipped([("facts.json", facts), ("code.py", b"")])
    yield "a signature", zipped([("facts.json", facts), ("signature.json", b"{}")])
    yield "no facts", zipped([("arrays.safetensors", arrays)])
    yield "no arrays", zipped([("facts.json", molecules)])
    yield "long list", zipped([("facts.json", facts), *((f"{i:0100}", b"") for i in range(40))])
    yield "much", zipped([("facts.json", facts + b" " * (1 << 22))])
    yield "format", saying(format=1)
    yield "type", saying(type="Assay")
    yield "digest", saying(digest="sha256:" + "0" * 64)
    yield "no digest", saying(digest=None)
    yield "facts", saying(facts={**table["facts"], "more": 1})
    yield "fewer facts", saying(facts={"charter": table["facts"]["charter"]})
    yield "constant", zipped([("facts.json", facts.replace(b'"format": 2', b'"format": 2, "x": NaN'))])
    yield "no JSON", zipped([("facts.json", b"{" * 99)])
    yield "header beyond", holding(struct.pack("<Q", 1 << 40) + arrays[8:])
    yield "header too long", holding(struct.pack("<Q", 70_000) + json.dumps(header).encode().ljust(70_000) + body)
    yield "behind arrays", holding(arrays + b"x")
    yield "shorter arrays", holding(arrays[:-1])
    yield "dtype", other(first, dtype="I8")
    yield "unknown dtype", other(first, dtype="X")
    yield "shape", other(last, shape=[1, 1, 1])
    yield "negative shape", other(last, shape=[-3])
    yield "offsets", other(first, data_offsets=[begin + 1, end + 1])
    yield "overlap", other(last, data_offsets=[begin, end], shape=header[first]["shape"], dtype=header[first]["dtype"])
    yield "no lengths", holding(with_arrays({name: told for name, told in header.items() if name != last}, body))


MALFORMED = dict(malformed())


@pytest.mark.parametrize("wrong", MALFORMED)
def test_malformed_container_is_refused_by_both(wrong, by_fluidmol, by_verify):
    told = {"kind": "packed value"}
    assert by_fluidmol(MALFORMED[wrong], told) == "refused"
    assert by_verify(MALFORMED[wrong], told) == "refused"


def test_same_containers_are_read_where_nothing_is_wrong(by_fluidmol, by_verify):
    for name in ("values/declined.fluid", "place/transfer.fluid", "values/labels.fluid"):
        with zipfile.ZipFile(VECTORS / name) as archive:
            data = zipped([(member, archive.read(member)) for member in archive.namelist()])
        assert by_fluidmol(data, FILES[name]) == by_verify(data, FILES[name]) == FILES[name]["says"]


def test_round_is_good_and_a_changed_one_isnt(tmp_path):
    def run(*words):
        environ = {**os.environ, "FLUID_PASSPHRASE": PASSPHRASE}
        done = subprocess.run(
            [sys.executable, SCRIPT, *words], capture_output=True, text=True, env=environ, check=False, timeout=60
        )
        return done.returncode, done.stdout

    place, key = VECTORS / "place", VECTORS / "keys" / "hub.key"
    code, said = run(place, "--key", key, "--ledger", VECTORS / "ledger.jsonl")
    assert code == 0, said
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert {line.split()[1].rstrip(":") for line in said.splitlines()[:-1]} == {*files, "hub.key", "ledger.jsonl"}
    for who in ((), ("--key", VECTORS / "keys" / "acme.key")):
        assert run(place, *who)[0] == 0

    # A reply of another place, a signature that is gone.
    for file in place.rglob("*"):
        if file.is_file():
            (tmp_path / file.relative_to(place)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file.relative_to(place)).write_bytes(file.read_bytes())
    (tmp_path / "agreements" / "beta.json").unlink()
    replies = sorted(tmp_path.glob("replies/*/*"))
    replies[0].write_bytes(replies[1].read_bytes())
    code, said = run(tmp_path, "--key", key)
    assert code == 1
    wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 2
    assert "a signature that it accepts isn't there" in said


def test_script_has_nothing_of_fluidmol():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imported = {
        name.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    imported |= {node.module.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.mark.parametrize("kind", ["agreement", "ledger", "closing", "private keys", "statement"])
def test_a_name_that_stands_twice_is_refused_by_both(kind, by_fluidmol, by_verify):
    name, told = next((name, told) for name, told in FILES.items() if told["kind"] == kind)
    data = (VECTORS / name).read_bytes()
    at = data.index(b"{") + 1
    first = data[at : data.index(b",", at)]
    twice = data[:at] + first + b"," + data[at:]
    assert by_fluidmol(twice, told) == "refused"
    assert by_verify(twice, told) == "refused"
