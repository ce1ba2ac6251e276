"""Good files of every kind, from which hostile ones are made."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from types import SimpleNamespace

import attrs
import numpy as np

from fluidmol.exchange.closing import Closing
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.ledger_lines import line_of
from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.codec import Value, pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.measure import Measure
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard

NAMES = ("ada", "bob", "cleo")
MOLECULES = 40


@cache
def corpus() -> SimpleNamespace:
    """Make keys, a charter, every value, and every file."""
    keys = {name: PrivateKeys.generate(name) for name in ("hub", *NAMES, "mallory")}
    parties = (keys["hub"].public.party("coordinator"), *(keys[name].public.party("partner") for name in NAMES))
    rng = np.random.default_rng(1)
    compounds = CompoundSet(
        tuple("C" * (index + 1) for index in range(MOLECULES)),
        tuple(f"ABCDEFGHIJKL{chr(65 + index // 26)}{chr(65 + index % 26)}-UHFFFAOYSA-N" for index in range(MOLECULES)),
    )
    charter = attrs.evolve(
        Charter.from_preset("open"), name="fuzz", quorum=2, parties=parties, transfer_digest=compounds.digest,
        transfer_size=MOLECULES,
    )  # fmt: skip
    measured = attrs.evolve(charter, endpoints=(Endpoint("herg", measure=Measure("IC50", "uM", 10.0)),))
    values = _values(charter, compounds, rng)
    packed = [pack(value) for value in values]
    question = Annotate(charter)
    replies = [value for value in values if isinstance(value, Annotations | Scorecard | Declined)]
    signeds = [signed(value, question.digest, keys["ada"]) for value in replies]
    signeds += [signed(value, "", keys["hub"]) for value in (question, values[1], Learn(charter, values[1]))]
    ledger = Ledger()
    for reply in replies:
        ledger.add(reply, request=question.digest, recipients=("hub ed25519:x",), policy="sha256:" + "1" * 64)
    accepted = dict.fromkeys(NAMES, "sha256:" + "2" * 64)
    return SimpleNamespace(
        keys=keys, charter=charter, values=values, packed=packed, arrays=_arrays(packed),
        question=question, replies=replies, signed=signeds,
        sealed=[seal(data, [keys["hub"].public.sealing]) for data in signeds[:3]]
        + [seal(signeds[-1], [keys[name].public.sealing for name in ("hub", *NAMES)])],
        digests={value.digest for value in values}, compounds=compounds,
        charters=[each.to_toml().encode() for each in (charter, Charter.from_preset("paper-2025"), measured)],
        agreements=[agree(charter, keys[name]).encode() for name in ("hub", *NAMES)],
        closings=[
            Closing(charter.digest, "annotate", question.digest, accepted, ()).to_text(keys["hub"]).encode(),
            Closing(charter.digest, "agree", charter.digest, accepted, ("bob",)).to_text(keys["hub"]).encode(),
        ],
        policies=[to_toml(Policy(withheld=("herg",), recipients=("hub",))).encode(), b'labels = "hard"\n'],
        ledger=[line_of(entry) for entry in ledger.entries], entries=ledger.entries,
        public=[key.public.to_toml().encode() for key in keys.values()],
    )  # fmt: skip


def _values(charter: Charter, compounds: CompoundSet, rng: np.random.Generator) -> list[Value]:
    shape = (MOLECULES, 1)
    experts = Experts(("bob",), rng.normal(size=(1, 30)), rng.normal(size=(1, 30)), [0.5], [1.0])
    shares = np.full((2, *shape), 0.5)
    labels = FederatedLabels(charter.digest, ("ada", "bob"), rng.random(shape), rng.random(shape) / 4, shares, experts)
    return [
        Annotations(charter.digest, "ada", rng.random(shape), rng.random(shape)),
        labels,
        compounds,
        charter,
        Annotate(charter),
        Learn(charter, labels),
        Scorecard(charter.digest, "ada", (Score("teacher", "external", "mcc", 0.5),)),
        Declined(charter.digest, "ada", "too few compounds"),
    ]


def _arrays(packed: list[bytes]) -> list[bytes]:
    return [found["arrays.safetensors"] for found in map(members, packed) if "arrays.safetensors" in found]


def members(data: bytes) -> dict[str, bytes]:
    """Take a container apart."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def boxed(content: dict[str, bytes]) -> bytes:
    """Put a container together, right checksums included."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return target.getvalue()


def as_json(value: object) -> bytes:
    """Write JSON as bytes, lone surrogates included."""
    return json.dumps(value).encode()
