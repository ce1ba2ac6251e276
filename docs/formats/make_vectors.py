"""Make the test vectors of the formats anew: ``python docs/formats/make_vectors.py``.

Whenever a format changes, the files in ``vectors`` are made again by this and committed with the change; otherwise they
stay, for whoever reads the formats must read files of years ago. Sealed files and key files have randomness in them and
differ each time. All keys are made from public texts: they are for tests alone.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import attrs
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fluidmol.exchange.closing import Closing
from fluidmol.exchange.layout import LABELS, SUMMARY, agreement_name, closing_name, reply_name, request_name
from fluidmol.partner.budget import Spend
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.ledger_lines import line_of
from fluidmol.trust import keyfile
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.trust.statement import stated
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.grids import Grid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.measure import Measure
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.parts import Part
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.provenance import Provenance, Source
from fluidmol.values.representation import Branch, Layer, Output, Representation

HERE = Path(__file__).with_name("vectors")
PASSPHRASE = "for tests only"  # noqa: S105 - it is public
NAMES = ("hub", "acme", "beta")
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def keys_of(name: str) -> PrivateKeys:
    """Make a party's test keys from its name."""
    signing, sealing = (
        hashlib.sha256(f"fluidmol test vectors: {what} of {name}, for tests only".encode()).digest()
        for what in ("signing key", "sealing key")
    )
    identity = pyrage.x25519.Identity.from_str(_identity(sealing))
    return PrivateKeys(name, Ed25519PrivateKey.from_private_bytes(signing), identity)


def _identity(raw: bytes) -> str:
    """Write 32 bytes as age writes a secret key: Bech32, in capitals."""
    prefix, number = "age-secret-key-", int.from_bytes(raw, "big") << 4
    values = [number >> 5 * i & 31 for i in reversed(range(52))]
    check = 1
    for value in (*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *values, *[0] * 6):
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> i & 1 else 0
    check ^= 1
    values += [check >> 5 * i & 31 for i in reversed(range(6))]
    return f"{prefix}1{''.join(_BECH32[value] for value in values)}".upper()


class Vectors:
    """The files, and what is to be read in them."""

    def __init__(self) -> None:
        self.facts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes, kind: str, says: str, within: bytes, **more: str) -> None:
        """Write a file; ``within`` is a piece of it of which a bit is turned over, for that must be refused."""
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        flip = data.index(within) + len(within) - 1
        self.facts[name] = {"kind": kind, "says": says, **more, "flip": flip}


def main() -> None:
    """Write all vectors."""
    keyfile.WORK = 1 << 10  # the least there is: the tests' passphrase is no secret
    keys = {name: keys_of(name) for name in NAMES}
    vectors = Vectors()
    _keys(vectors, keys)
    _place(vectors, keys)
    _elsewhere(vectors, keys)
    content = {
        "note": "For tests only: every secret in this folder is public.",
        "passphrase": PASSPHRASE, "charter": "place/charter.toml", "files": vectors.facts,
    }  # fmt: skip
    (HERE / "vectors.json").write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


TRANSFER = CompoundSet(
    ("CCO", "c1ccccc1", "CC(=O)O"),
    ("LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "UHOVQNZJYSORNB-UHFFFAOYSA-N", "QTBSBXVTEAMEQO-UHFFFAOYSA-N"),
)


def charter_of(keys: dict[str, PrivateKeys]) -> Charter:
    """Make the charter: with a measure, parties, and a name that isn't plain."""
    roles = {"hub": "coordinator"}
    return attrs.evolve(
        Charter.from_preset("open"),
        name='test "vectors" µ\t', quorum=2, transfer_digest=TRANSFER.digest, transfer_size=len(TRANSFER),
        endpoints=[Endpoint("herg", description="for tests", measure=Measure("IC50", "uM", 10))],
        parties=[held.public.party(roles.get(name, "partner")) for name, held in keys.items()],
    )  # fmt: skip


def opinions_under(charter: Charter) -> dict[str, Annotations]:
    """Make two opinions, with an abstention."""
    nan = float("nan")
    return {
        "acme": Annotations(charter.digest, "acme", [[0.9], [0.25], [nan]], [[1.0], [0.5], [0.0]]),
        "beta": Annotations(charter.digest, "beta", [[0.75], [0.0], [0.125]], [[0.25], [1.0], [1.0]]),
    }


def labels_under(charter: Charter) -> FederatedLabels:
    """Make labels with experts, by the partners' names."""
    return FederatedLabels(
        charter.digest, ("acme", "beta"), [[0.87], [0.0833], [0.125]], [[0.06], [0.12], [0.0]],
        [[[0.8], [0.3333], [0.0]], [[0.2], [0.6667], [1.0]]],
        Experts(("acme", "beta"), [[1.5, -0.25], [0.5, 0.0]], [[0.0, -1.0], [0.25, -2.0]], [0.9, -0.1], [1.0, 0.5]),
    )  # fmt: skip


def _keys(vectors: Vectors, keys: dict[str, PrivateKeys]) -> None:
    for name, held in keys.items():
        public, path = held.public, HERE / "keys" / f"{name}.key"
        text = public.to_toml().encode()
        vectors.add(f"keys/{name}.pub", text, "public keys", public.fingerprint, public.signing.encode()[:20])
        path.unlink(missing_ok=True)
        held.save(path, None if name == "beta" else PASSPHRASE)
        data = path.read_bytes()
        within = json.loads(data)["secret"][:60].encode()
        vectors.add(f"keys/{name}.key", data, "private keys", public.fingerprint, within)


def _place(vectors: Vectors, keys: dict[str, PrivateKeys]) -> None:
    hub, charter, place = keys["hub"], charter_of(keys), "place/"
    text = charter.to_toml().encode()
    vectors.add(place + "charter.toml", text, "charter", charter.digest, charter.transfer_digest.encode())
    _packed(vectors, place + "transfer.fluid", TRANSFER)
    agreements = {name: agree(charter, held) for name, held in keys.items()}
    for name, agreement in agreements.items():
        _noted(vectors, place + agreement_name(name), agreement, "agreement", name)

    asked, opinions = Annotate(charter), opinions_under(charter)
    labels = labels_under(charter).renamed({name: opinion.pseudonym for name, opinion in opinions.items()})
    told = Learn(charter, labels)
    scores = [Score("teacher", "external", "auc", 0.8125), Score("hybrid", "external", "auc", float("nan"))]
    after = {
        "acme": Scorecard(charter.digest, "acme", scores),
        "beta": Declined(charter.digest, "beta", "no public set was measured by us: 5 µM"),
    }
    all_parties = [party.sealing for party in charter.parties]
    _signed(vectors, place + request_name(asked), asked, "", hub)
    _signed(vectors, place + request_name(told), told, "", hub, all_parties)
    for question, replies in ((asked, opinions), (told, after)):
        for name, reply in replies.items():
            path = reply_name(question.digest, name, reply.digest, sealed=True)
            _signed(vectors, place + path, reply, question.digest, keys[name], [hub.public.sealing])
    texts = {name: agreements[name].encode() for name in ("acme", "beta")}
    hashes = {name: "sha256:" + hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    for stage, digest, accepted in (
        ("agree", charter.digest, hashes),
        ("annotate", asked.digest, {name: reply.digest for name, reply in opinions.items()}),
        ("learn", told.digest, {name: reply.digest for name, reply in after.items()}),
    ):
        text = Closing(charter.digest, stage, digest, accepted).to_text(hub)
        _noted(vectors, place + closing_name(stage, digest), text, "closing", f"{stage} acme beta")
    _signed(vectors, place + LABELS, labels, told.digest, hub, all_parties)
    summary = {
        "format": 1, "charter": charter.digest, "labels": labels.digest, "learn": told.digest, "molecules": 3,
        "partners": ["acme", "beta"], "declined": [], "left_out": [], "student": {"molecules": 3},
    }  # fmt: skip
    (HERE / place / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", newline="\n")


def _elsewhere(vectors: Vectors, keys: dict[str, PrivateKeys]) -> None:
    hub, acme, charter = keys["hub"], keys["acme"], charter_of(keys)
    asked, opinion = Annotate(charter), opinions_under(charter)["acme"]
    without = Closing(charter.digest, "annotate", asked.digest, {"acme": opinion.digest}, ["beta"])
    _noted(vectors, "without.closed.json", without.to_text(hub), "closing", "annotate acme")
    _noted(
        vectors, "statement.json", stated("audit", {"largest_auc": 0.61, "of": "µ"}, acme), "statement", "acme audit"
    )
    _packed(vectors, "values/charter.fluid", charter)
    _packed(vectors, "values/labels.fluid", labels_under(charter))
    declined = Declined(charter.digest, "beta", "too few compounds")
    _packed(vectors, "values/declined.fluid", declined)
    half = Output(0, Layer(Grid([[1, 0], [0, -3]], (-1, 0)), Grid([[0, 2]], (0, -2))), share=0.5)
    made = Provenance(Part("by-hand"), [Source("transfer set", TRANSFER.digest, 3)])
    _packed(vectors, "values/representation.fluid", Representation(Part("fcfp", {"bits": 2}), [Branch([half])], made))
    private = PrivateModel([2.0, 0.0, -1.0], [30.0, 4.0], 812.5, 4.0, 1e-5, 1.0812)
    _packed(vectors, "values/private-model.fluid", private)

    ledger, policy = Ledger(clock=lambda: "2026-03-01T09:30:00Z"), "sha256:" + "1" * 64
    to = [f"hub {hub.public.signing}"]
    ledger.add(opinion, request=asked.digest, recipients=to, form="sealed", policy=policy, approver="Zoë")
    spend = Spend(1.0812, private.digest).text
    ledger.add(opinion, request=asked.digest, recipients=to, form="sealed", policy=policy, private=spend)
    ledger.add(declined, form="open", audit="largest AUC 0.61")
    data = b"".join(map(line_of, ledger.entries))
    vectors.add("ledger.jsonl", data, "ledger", ledger.head, ledger.entries[0].chain.encode())


def _noted(vectors: Vectors, name: str, text: str, kind: str, says: str) -> None:
    vectors.add(name, text.encode(), kind, says, json.loads(text)["signature"].encode()[:40])


def _packed(vectors: Vectors, name: str, value: Any) -> None:
    vectors.add(name, pack(value), "packed value", value.digest, value.digest.encode(), type=type(value).__name__)


def _signed(
    vectors: Vectors, name: str, value: Any, about: str, keys: PrivateKeys, recipients: list[str] | None = None
) -> None:
    data = signed(value, about, keys)
    within = value.digest.encode()
    if recipients:
        data = seal(data, recipients)
        within = data[-40:]
    kind = "sealed file" if recipients else "signed file"
    more = {"type": type(value).__name__, "signer": keys.name, "about": about}
    vectors.add(name, data, kind, value.digest, within, **more)


if __name__ == "__main__":
    main()
