"""``fluid inspect``: every kind of file is explained, and nothing that it is given makes it stumble."""

import math
import random

import attrs
import numpy as np
import pytest

from fluidmol.cli.inspect import explained
from fluidmol.cli.inspection.shown import print_shown
from fluidmol.errors import FluidError, InputError, SignatureError
from fluidmol.exchange.closing import Closing
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.policy_file import NEW, to_toml
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.grids import Grid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.parts import Part
from fluidmol.values.provenance import Provenance, Source
from fluidmol.values.representation import Branch, Layer, Output, Representation

TRANSFER = CompoundSet(("Oc1ccccc1", "C"), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "VNWKTOKETHGBQD-UHFFFAOYSA-N"))
KEYS = {name: PrivateKeys.generate(name) for name in ("hub", "acme", "eve")}
CHARTER = attrs.evolve(
    Charter.from_preset("open"), name="pilot", quorum=1, transfer_digest=TRANSFER.digest, transfer_size=2,
    parties=(KEYS["hub"].public.party("coordinator"), KEYS["acme"].public.party("partner")),
)  # fmt: skip
D = CHARTER.digest
OPINION = Annotations(D, "acme", [[0.9], [math.nan]], [[0.5], [0.0]])
LABELS = FederatedLabels(D, ("acme",), [[0.9], [0.2]], [[0.0], [0.1]], [[[1.0], [1.0]]])
EXPERTS = attrs.evolve(LABELS, experts=Experts(("acme",), [[0.1, 0.2]], [[0.1, 0.2]], [0.9], [1.0]))
CARD = Scorecard(D, "acme", [Score("teacher", "external", "mcc", 0.25), Score("hybrid", "external", "mcc", math.nan)])
REFUSAL = Declined(D, "acme", "on holiday\x1b[2J\n" + "x" * 1000)
PUBLIC = Representation(
    Part("additive", {"bits": 128}),
    [Branch([Output(0, Layer(Grid([[1, 0], [0, 4]], (0, 0)), Grid([[0, 0]], (0, 0))), 0.5)])],
    Provenance(Part("principal", {"directions": 2}), [Source("transfer set\u202e", TRANSFER.digest, 2)], 1, D),
)
VALUES = {
    "opinions": (OPINION, ["Opinions of a partner", "abstained  1 times", "probability", "0.9 - 1.0"]),
    "labels": (LABELS, ["Federated labels", "acme, mean share 100.0%", "spread"]),
    "experts": (EXPERTS, ["experts", "1 columns"]),
    "molecules": (TRANSFER, ["Public molecules", "Oc1ccccc1"]),
    "charter": (CHARTER, ["A charter", "pilot", "fluid charter show"]),
    "question": (Annotate(CHARTER), ["A question to partners", "the 2 public molecules"]),
    "labels and question": (Learn(CHARTER, LABELS), ["The consortium's labels, and a question"]),
    "figures": (CARD, ["external: mcc 0.25", "external: mcc nan"]),
    "representation": (
        PUBLIC,
        [
            "A representation",
            "principal (directions 2)",
            "2 directions of the features, 50%",
            "stretched 1 to 4 times",
            "transfer set\\u202e, 2 compounds used",
            "1 skeletons",
        ],
    ),
    "refusal": (REFUSAL, ["A refusal", "on holiday\\x1b[2J\\nxxx", "..."]),
}


@pytest.fixture
def inspect(tmp_path, capsys):
    """Print what is said about some bytes; give it with the error that it ends with."""

    def look(data, charter=None, name="file"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        problem = None
        try:
            print_shown(explained(path, charter))
        except FluidError as found:
            problem = found
        return capsys.readouterr().out, problem

    return look


@pytest.mark.parametrize("name", VALUES)
def test_values(inspect, name):
    value, words = VALUES[name]
    said, problem = inspect(pack(value))
    assert problem is None
    assert "\x1b" not in said
    for word in (*words, value.digest, "none: anybody may have written this"):
        assert word in said


@pytest.mark.parametrize("name", VALUES)
def test_signatures(inspect, name):
    value, words = VALUES[name]
    signer = "acme" if hasattr(value, "partner") else "hub"
    data = signed(value, D, KEYS[signer])
    said, problem = inspect(data)
    assert problem is None
    assert "not checked: give the charter with --charter" in said
    assert f"the question {D}" in said
    said, problem = inspect(data, CHARTER)
    assert problem is None
    assert f"valid: {signer}, " in said
    assert KEYS[signer].public.fingerprint in said
    assert words[0] in said


def test_forged_files_say_nothing_but_what_they_claim(inspect):
    impostor = attrs.evolve(KEYS["eve"], name="acme")
    for keys in (impostor, KEYS["eve"]):
        said, problem = inspect(signed(OPINION, D, keys), CHARTER)
        assert isinstance(problem, SignatureError)
        assert "NOT VALID" in said
        assert "probability" not in said


def test_a_file_signed_in_anothers_name(inspect):
    said, problem = inspect(signed(attrs.evolve(OPINION, partner="bob"), D, KEYS["acme"]), CHARTER)
    assert isinstance(problem, SignatureError)
    assert "'bob'" in str(problem)
    assert "valid: acme" in said


def test_whether_it_belongs_to_the_charter(inspect):
    for value in (OPINION, LABELS, Annotate(CHARTER), CHARTER):
        assert "to ANOTHER" not in inspect(pack(value), CHARTER)[0]
        assert "to ANOTHER charter" in inspect(pack(value), attrs.evolve(CHARTER, seed=1))[0] or value is CHARTER
    assert "to this charter: its transfer set" in inspect(pack(TRANSFER), CHARTER)[0]


def test_sealed(inspect):
    data = seal(b"anything", [KEYS["hub"].public.sealing, KEYS["acme"].public.sealing])
    said, problem = inspect(data, CHARTER)
    assert problem is None
    assert "2 of kind X25519" in said
    assert "can't be told" in said
    assert isinstance(inspect(data[:60])[1], InputError)


def test_sealed_and_opened(tmp_path, capsys):
    path = tmp_path / "labels.fluid.age"
    path.write_bytes(seal(signed(LABELS, D, KEYS["hub"]), [KEYS["hub"].public.sealing, KEYS["acme"].public.sealing]))
    print_shown(explained(path, CHARTER, lambda: KEYS["acme"]))
    said = capsys.readouterr().out
    assert "yes; opened by the key of acme" in said
    assert "valid: hub, coordinator" in said
    with pytest.raises(SignatureError, match="can't be opened by the keys of eve"):
        explained(path, CHARTER, lambda: KEYS["eve"])


def test_charters_and_policies(inspect):
    said, problem = inspect(CHARTER.to_toml())
    assert problem is None
    assert D in said
    assert f"hub, fingerprint {KEYS['hub'].public.fingerprint}" in said
    assert "none: it is a recipe" in inspect(Charter.from_preset("open").to_toml())[0]
    said, problem = inspect(to_toml(NEW))
    assert problem is None
    assert NEW.digest in said
    assert isinstance(inspect("decimals = 3\nwitheld = []")[1], InputError)


def test_keys(inspect, tmp_path):
    public = KEYS["acme"].public
    said, problem = inspect(public.to_toml())
    assert problem is None
    assert public.fingerprint in said
    KEYS["acme"].save(tmp_path / "acme.key", None)
    content = (tmp_path / "acme.key").read_bytes()
    said, problem = inspect(content, name="copy.key")
    assert problem is None
    assert "PRIVATE" in said
    assert public.fingerprint in said
    secret = content.split(b'"secret": "')[1].split(b'"')[0].decode()
    assert secret not in said


def test_agreements_and_closings(inspect):
    closing = Closing(D, "annotate", D, {"acme": D}).to_text(KEYS["hub"])
    for text, word in ((agree(CHARTER, KEYS["acme"]), "acme has signed"), (closing, "valid")):
        said, problem = inspect(text)
        assert problem is None
        assert "not checked" in said
        said, problem = inspect(text, CHARTER)
        assert problem is None
        assert word in said
        said, problem = inspect(text, attrs.evolve(CHARTER, seed=1))
        assert isinstance(problem, SignatureError)
        assert "NOT VALID for this charter" in said


def test_ledgers(inspect, tmp_path):
    ledger = LedgerFile(tmp_path / "ledger.jsonl")
    for reply in (OPINION, CARD):
        ledger.add(reply)
        said, problem = inspect(ledger.path.read_bytes(), name="copy.jsonl")
        assert problem is None
        assert ledger.head in said
    said, problem = inspect(ledger.path.read_bytes().replace(b"Scorecard", b"scorecard"), name="copy.jsonl")
    assert isinstance(problem, InputError)
    assert "NOT intact" in said
    assert "1 before the fault" in said


GARBAGE = {
    "nothing": b"", "space": b" \n", "text": b"hello", "zeros": bytes(100), "photo": b"\x89PNG\r\n\x1a\n",
    "half a zip": b"PK\x03\x04", "json": b"{}", "list": b"[1, 2]", "number": b"7", "toml": b"a = 1",
    "deep json": b"[" * 100_000, "deep toml": b"a = " + b"[" * 100_000, "digits": b"a = " + b"9" * 5000,
    "key": b'{"format": "fluidmol private keys 1"}', "agreement": b'{"format": "fluidmol agreement 1"}',
    "closing": b'{"format": "fluidmol closing 1", "signer": {}}', "public": b'format = "fluidmol public keys 1"',
    "charter": b"charter = 7", "charters": b"[[charter]]", "policy": b"decimals = 99",
    "sealed": b"age-encryption.org/v1\n",
    "odd stanza": b"age-encryption.org/v1\n-> \xff\n-> \n", "line": b'{"chain": 1, "digest": 2, "kind": 3}\n',
    "csv": b"smiles,active\nCCO,1\n",
}  # fmt: skip


@pytest.mark.parametrize("text", [
    CHARTER.to_toml(), to_toml(NEW), KEYS["acme"].public.to_toml(), agree(CHARTER, KEYS["acme"]),
], ids=["charter", "policy", "keys", "agreement"])  # fmt: skip
def test_a_mark_before_the_text_changes_nothing(inspect, text):
    said, problem = inspect(text, CHARTER)
    assert inspect("\ufeff" + text, CHARTER) == (said, problem)
    assert problem is None


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("charter", [None, CHARTER], ids=["alone", "with charter"])
def test_garbage_is_refused_with_a_word(inspect, name, charter):
    _, problem = inspect(GARBAGE[name], charter)
    # Without the charter, an agreement's words are only repeated.
    if name in ("agreement", "closing") and charter is None:
        assert problem is None
    else:
        assert problem.exit_code in (65, 76, 78)
        assert str(problem)


def test_damage_never_makes_it_stumble(inspect, tmp_path):
    keys, rng = KEYS["acme"], random.Random(1)
    ledger = LedgerFile(tmp_path / "ledger.jsonl")
    ledger.add(OPINION)
    large = Annotations(D, "acme", np.linspace(0, 1, 300)[:, None], np.ones((300, 1)))
    wholes = [
        signed(large, D, keys), pack(EXPERTS), seal(b"x", [keys.public.sealing]), CHARTER.to_toml().encode(),
        agree(CHARTER, keys).encode(), to_toml(NEW).encode(), keys.public.to_toml().encode(),
        ledger.path.read_bytes(),
    ]  # fmt: skip
    for round_ in range(800):
        data = bytearray(wholes[round_ % len(wholes)])
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(data))
            match rng.randrange(3):
                case 0:
                    data[place] = rng.randrange(256)
                case 1:
                    del data[place : place + rng.randrange(1, 50)]
                case 2:
                    data[place:place] = rng.randbytes(5)
            if not data:
                break
        _, problem = inspect(bytes(data), CHARTER)
        assert problem is None or problem.exit_code in (65, 76, 78)
