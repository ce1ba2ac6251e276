"""Check a finished round, a ledger or a key file without fluidmol: docs/formats, read a second time, in plain Python.

    python examples/verify.py PLACE [--key NAME.key] [--ledger FILE]

PLACE is the folder that lay between the parties. With a private key file, what is sealed to it is opened and checked as
well; its passphrase is taken from FLUID_PASSPHRASE, or asked for. One line a file; exit status 0 if all are good, 1 if
something is wrong. Needs Python 3.11 and cryptography, nothing of fluidmol's.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import io
import json
import math
import os
import re
import struct
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

DIGEST = re.compile("sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_-])?")
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


class WrongError(Exception):
    """What is wrong with a file."""


MALFORMED = (
    WrongError, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError, EOFError,
    NotImplementedError, RuntimeError, OSError, struct.error, zipfile.BadZipFile, zlib.error, InvalidSignature,
    InvalidTag,
)  # fmt: skip
"""What reading a file that is no good may raise."""


def require(holds: object, problem: str) -> None:
    """Raise if something doesn't hold."""
    if not holds:
        raise WrongError(problem)


# Digests: docs/formats/digests.md


class Floats(NamedTuple):
    """An array of 32-bit floats, in canonical form."""

    shape: tuple[int, ...]
    numbers: list[float]

    def rows(self) -> list[list[float]]:
        """Return the numbers by the first axis."""
        width = math.prod(self.shape[1:])
        return [self.numbers[i * width : (i + 1) * width] for i in range(self.shape[0])]


def digest(kind: str, texts: Iterable[str], arrays: Iterable[Floats] = ()) -> str:
    """Hash a kind, texts and arrays, each part after its length."""
    parts = [kind.encode(), *(text.encode() for text in texts)]
    for array in arrays:
        parts += [repr(array.shape).encode(), struct.pack(f"<{len(array.numbers)}f", *array.numbers)]
    state = hashlib.sha256()
    for part in parts:
        state.update(struct.pack("<Q", len(part)) + part)
    return "sha256:" + state.hexdigest()


# Charter: docs/formats/charter.md

HEAD = {"name": "consortium", "preset": "", "seed": 42, "quorum": 2, "transfer_digest": "", "transfer_size": 0}
ENDPOINT = {"name": "active", "kind": "classification", "description": ""}
MEASURE = ("quantity", "unit", "threshold", "direction", "relations")
LOGARITHM = re.compile("p(?:potency|inhibition|k[bdim]|mic|(?:ac|cc|dc|ec|ed|gi|ic|lc|ld|mic|tc|xc)[59]0)")
PARTY = ("name", "role", "signing", "sealing")
SCALE = ("unit", "lowest", "highest", "transformation")
PARTS = (
    "featuriser", "teacher", "proximity", "weighting", "aggregation", "selection", "distillation", "student", "hybrid",
    "union",
)  # fmt: skip


class Charter(NamedTuple):
    """What a charter says, as far as it is needed here."""

    digest: str
    parties: dict[str, dict[str, str]]
    head: dict[str, Any]
    featuriser: dict[str, Any]

    def of_role(self, role: str) -> dict[str, dict[str, str]]:
        """Return the parties of a role."""
        return {name: party for name, party in self.parties.items() if party["role"] == role}


def charter_of(table: Mapping[str, Any]) -> Charter:
    """Bring a charter's tables into canonical form, and hash them."""
    require(set(table) <= {"charter", "endpoint", "party", "privacy", *PARTS}, "it has unknown tables")
    head = {**HEAD, **table.get("charter", {})}
    version = head.pop("format", 2)
    require(version in (1, 2, 3, 4, 5, 6), f"its format is {version!r}")
    require(set(head) == set(HEAD), "[charter] has unknown keys")
    for key, value in head.items():
        require(type(value) is type(HEAD[key]), f"{key} is {value!r}")
    require(head["seed"] >= 0 and head["quorum"] >= 1 and head["transfer_size"] >= 0, "a number is out of range")
    require(not head["transfer_digest"] or DIGEST.fullmatch(head["transfer_digest"]), "transfer_digest is no digest")
    if version == 1:
        require("distillation" not in table, "format 1 has no [distillation]")
        table = {**table, "distillation": {"name": "labels"}}
    endpoint = _endpoint(table.get("endpoint", [ENDPOINT]))
    parties = _parties(table.get("party", []), head["quorum"])
    regression = endpoint["kind"] == "regression"
    expected = 6 if regression else 5 if "privacy" in table else 4 if "quantity" in endpoint else 3 if parties else 2
    require(max(version, 2) == expected, f"format {version} isn't that of what it says")
    blocks = [("[charter]", {"format": expected, **head}), ("[[endpoint]]", endpoint)]
    blocks += [("[[party]]", party) for party in parties]
    blocks += [(f"[{name}]", _part(table[name])) for name in (*(("privacy",) if "privacy" in table else ()), *PARTS)]
    lines = (
        f"{title}\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in block.items()) for title, block in blocks
    )
    canonical = f"fluidmol charter {expected}\n" + "\n".join(lines)
    found = "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
    return Charter(found, {party["name"]: party for party in parties}, head, table["featuriser"])


def read_charter(data: bytes) -> Charter:
    """Read ``charter.toml``."""
    return charter_of(tomllib.loads(data.decode("utf-8-sig")))


def _endpoint(entries: list[dict[str, Any]]) -> dict[str, Any]:
    require(len(entries) == 1, f"it has {len(entries)} endpoints")
    given = entries[0]
    numbers = SCALE if given.get("kind") == "regression" else MEASURE
    require(set(given) <= {*ENDPOINT, *numbers} and "name" in given, "the endpoint has unknown keys, or no name")
    found = {key: given.get(key, default) for key, default in ENDPOINT.items()}
    require(re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", found["name"]), "the endpoint's name is none")
    require(isinstance(found["description"], str), "the endpoint's description is no text")
    if numbers is SCALE:
        return found | _scale(given)
    require(found["kind"] == "classification", "the endpoint is another kind")
    if set(given) & set(MEASURE):
        require(set(MEASURE) <= set(given), "the endpoint's measure isn't whole")
        quantity = given["quantity"]
        require(1 <= len(quantity) <= 40 and quantity == quantity.strip(), f"the quantity is {quantity!r}")
        require(quantity.isprintable() and any(map(str.isalnum, quantity)), f"the quantity is {quantity!r}")
        unit = given["unit"].replace("\u00b5", "u").replace("\u03bc", "u")
        threshold, potency = given["threshold"], unit == "p"
        require(isinstance(threshold, int | float) and not isinstance(threshold, bool), "the threshold is no number")
        threshold = float(threshold) + 0.0
        require(unit in ("M", "mM", "uM", "nM", "pM", "p"), f"the unit is {unit!r}")
        logarithm = LOGARITHM.fullmatch("".join(filter(str.isalnum, quantity.lower())))
        require(potency or not logarithm, f"{quantity} is a logarithm, and the unit is {unit}")
        require(abs(threshold) <= 50 if potency else 0 < threshold < math.inf, f"the threshold is {threshold}")
        require(given["direction"] == ("at-or-above" if potency else "at-or-below"), "the direction is another")
        require(given["relations"] in ("judge", "exclude"), f"relations is {given['relations']!r}")
        found |= {key: given[key] for key in MEASURE} | {"unit": unit, "threshold": threshold}
    return found


def _scale(given: Mapping[str, Any]) -> dict[str, Any]:
    require(set(SCALE) <= set(given), "the endpoint's scale isn't whole")
    unit, how = given["unit"], given["transformation"]
    require(1 <= len(unit) <= 40 and unit == unit.strip() and unit.isprintable(), f"the unit is {unit!r}")
    ends = [given["lowest"], given["highest"]]
    require(not any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends), "an end is no number")
    low, high = (float(end) + 0.0 for end in ends)
    above, below = {"none": (-math.inf, math.inf), "log10": (0.0, math.inf), "logit": (0.0, 1.0)}[how]
    require(above < low < high < below, f"the scale goes from {low} to {high}")
    return {"unit": unit, "lowest": low, "highest": high, "transformation": how}


def _parties(entries: list[dict[str, str]], quorum: int) -> list[dict[str, str]]:
    for entry in entries:
        require(set(entry) == set(PARTY) and entry["role"] in ("coordinator", "partner"), "a party isn't whole")
        require(is_name(entry["name"]), f"{entry['name']!r} is no party's name")
        signing_key(entry["signing"])
        require(re.fullmatch("age1[02-9ac-hj-np-z]{58}", entry["sealing"]), "a sealing key is none")
    for key in ("name", "signing", "sealing"):
        require(
            len({entry[key].lower() if key == "name" else entry[key] for entry in entries}) == len(entries),
            f"a {key} occurs twice",
        )
    partners = sum(entry["role"] == "partner" for entry in entries)
    require(not entries or (len(entries) - partners == 1 and quorum <= partners), "these parties make no consortium")
    return sorted(({key: entry[key] for key in PARTY} for entry in entries), key=lambda e: (e["role"], e["name"]))


def _part(table: dict[str, Any]) -> dict[str, Any]:
    require(isinstance(table["name"], str), "a part has no name")
    for key, value in table.items():
        require(
            re.fullmatch("[A-Za-z0-9_-]+", key) and isinstance(value, bool | int | float | str), f"{key} is no option"
        )
        require(not isinstance(value, float) or math.isfinite(value), f"{key} isn't finite")
    return {"name": table["name"], **{key: table[key] for key in sorted(table) if key != "name"}}


def _toml(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    short = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(short.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in value) + '"'


# Packed values: docs/formats/packed-values.md

FACTS, ARRAYS, SIGNATURE = "facts.json", "arrays.safetensors", "signature.json"
LIMITS = {FACTS: 1 << 22, ARRAYS: 1 << 30, SIGNATURE: 1 << 12}


class Value(NamedTuple):
    """A packed value: its type, digest, facts and arrays."""

    type: str
    digest: str
    facts: dict[str, Any]
    arrays: dict[str, Any]


def members(data: bytes, *more: str) -> dict[str, bytes]:
    """Read the members of a container: nothing may be there that they don't account for."""
    end = data[-22:]
    require(end[:4] == b"PK\5\6" and end[20:] == b"\0\0", "it doesn't end as a zip file does")
    require(data[-42:-38] != b"PK\6\7" and int.from_bytes(end[12:16], "little") <= 1 << 12, "its list is too long")
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        require(len(set(names)) == len(names) and {FACTS, *more} <= set(names), f"its members are {names}")
        require(set(names) <= {FACTS, ARRAYS, *more}, f"its members are {names}")
        size = sum(info.compress_size + 2 * len(info.filename.encode()) + 76 for info in infos) + 22
        require(size == len(data), "there is something before, between or behind its members")
        for info in infos:
            name = info.filename
            require(info.compress_type in ((0, 8) if name == ARRAYS else (0,)), f"{name} is compressed")
            require(info.file_size <= LIMITS[name], f"{name} is too large")
            with archive.open(info) as file:
                found[name] = file.read(info.file_size)
            require(len(found[name]) == info.file_size, f"{name} is shorter than it says")
    return found


def read_arrays(data: bytes) -> dict[str, Any]:
    """Read safetensors: arrays of floats, and texts."""
    size = int.from_bytes(data[:8], "little")
    require(len(data) >= 8 and size <= 1 << 16, "the header of its arrays is too long")
    header, body = read_json(data[8 : 8 + size]), data[8 + size :]
    header.pop("__metadata__", None)
    raw, place = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        (begin, end), shape = entry["data_offsets"], tuple(entry["shape"])
        width = {"F32": 4, "U32": 4, "U8": 1}[entry["dtype"]]
        require(all(type(n) is int and n >= 0 for n in (begin, end, *shape)), f"{name} has an impossible shape")
        require(begin == place and end - begin == width * math.prod(shape) <= len(body) - begin, f"{name} has a gap")
        raw[name], place = (entry["dtype"], shape, body[begin:end]), end
    require(place == len(body), "there is something behind its arrays")
    found: dict[str, Any] = {}
    for name, (dtype, shape, content) in raw.items():
        if dtype == "F32":
            numbers = struct.unpack(f"<{len(content) // 4}f", content)
            # One zero and one NaN.
            found[name] = Floats(shape, [0.0 if x == 0 else math.nan if math.isnan(x) else x for x in numbers])
        elif dtype == "U8":
            kind, lengths_shape, packed = raw[name + ".lengths"]
            require(kind == "U32" and len(shape) == len(lengths_shape) == 1, f"{name} has no lengths")
            found[name] = _texts(content, struct.unpack(f"<{len(packed) // 4}I", packed))
        else:
            require(raw.get(name.removesuffix(".lengths"), ("",))[0] == "U8", f"{name} is of no text")
    return found


def _texts(content: bytes, lengths: Iterable[int]) -> tuple[str, ...]:
    found, place = [], 0
    for length in lengths:
        found.append(content[place : place + length].decode())
        place += length
    require(place == len(content), "its texts have other lengths than stated")
    return tuple(found)


def read_value(parts: Mapping[str, bytes]) -> Value:
    """Read a value from the members of its container, and compare digests."""
    manifest = read_json(parts[FACTS])
    require(manifest["format"] == 2, f"its container has format {manifest['format']!r}")
    require(manifest["type"] in KINDS, f"its type is {manifest['type']!r}")
    arrays = read_arrays(parts[ARRAYS]) if ARRAYS in parts else {}
    found = KINDS[manifest["type"]](manifest["facts"], arrays)
    require(found == manifest["digest"], f"its content has the digest {found}, it says {manifest['digest']}")
    return Value(manifest["type"], found, manifest["facts"], arrays)


def _refused(constant: str) -> NoReturn:
    raise WrongError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    require(len({name for name, _ in pairs}) == len(pairs), "a name stands twice in a JSON object")
    return dict(pairs)


def read_json(text: str | bytes) -> Any:
    """Read JSON that every reader reads alike: docs/formats/digests.md."""
    return json.loads(text, parse_constant=_refused, object_pairs_hook=_once)


def _only(facts: Mapping[str, Any], *names: str) -> None:
    require(set(facts) == set(names), f"its facts are {sorted(facts)}")


def _compounds(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts)
    smiles, keys = arrays["smiles"], arrays["inchikeys"]
    require(all(re.fullmatch("[A-Z]{14}-[A-Z]{10}-[A-Z]", key) for key in keys), "an InChIKey is none")
    require(len(smiles) == len(keys) == len(set(keys)), "InChIKeys occur twice, or aren't as many as SMILES")
    return digest("fluidmol compounds 1", (str(len(smiles)), *smiles, *keys))


def _annotations(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts, "charter", "partner")
    value, weight = arrays["value"], arrays["weight"]
    require(value.shape == weight.shape and len(value.shape) == 2, "shapes don't fit")
    for v, w in zip(value.numbers, weight.numbers, strict=True):
        require(w == 0 if math.isnan(v) else 0 <= v <= 1 and 0 <= w <= 1, "an opinion or weight is out of range")
    return digest("fluidmol annotations 1", (facts["charter"], facts["partner"]), (value, weight))


def pseudonym(value: Value) -> str:
    """Compute what labels call the partner of an opinion."""
    texts = (value.facts["charter"], value.facts["partner"])
    made = digest("fluidmol pseudonym 1", texts, (value.arrays["value"], value.arrays["weight"]))
    return f"anon-{made[7:23]}"


def _experts(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts, "partners")
    names = facts["partners"]
    found = [arrays[f"experts.{name}"] for name in ("opinion", "proximity", "fidelity", "trust")]
    opinion, proximity, fidelity, trust = found
    n, width = opinion.shape
    require(proximity.shape == (n, width) and fidelity.shape == trust.shape == (n,), "experts' shapes don't fit")
    require(n == len(names) >= 1 and width >= 2 and names == sorted(set(names)), "experts' partners don't fit")
    require(all(abs(x) <= 1e4 for x in (*opinion.numbers, *proximity.numbers)), "a coefficient is out of range")
    require(all(-math.inf < x <= 1 for x in fidelity.numbers), "a fidelity is out of range")
    require(all(0 <= x <= 1 for x in trust.numbers), "a trust is out of range")
    return digest("fluidmol experts 1", names, found)


def _labels(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts, "charter", "partners", *(("experts",) if "experts" in facts else ()))
    names = facts["partners"]
    value, spread, contribution = (arrays[name] for name in ("value", "spread", "contribution"))
    require(len(value.shape) == 2 and spread.shape == value.shape, "shapes don't fit")
    require(contribution.shape == (len(names), *value.shape) and len(set(names)) == len(names), "partners don't fit")
    require(all(0 <= x <= 1 for x in contribution.numbers), "a contribution is out of range")
    shares = contribution.rows()
    for place, label in enumerate(value.numbers):
        total = sum(row[place] for row in shares)
        spoken = 0 <= label <= 1 and abs(total - 1) <= 1.1e-4
        require(total == 0 if math.isnan(label) else spoken, "a label is out of range, or its contributions aren't 1")
    understood = (f"experts {_experts(facts['experts'], arrays)}",) if "experts" in facts else ()
    return digest("fluidmol labels 1", (facts["charter"], *names, *understood), (value, spread, contribution))


def _scorecard(facts: dict[str, Any], _arrays: dict[str, Any]) -> str:
    _only(facts, "charter", "partner", "scores")
    for model, _, _, number in facts["scores"]:
        require(model in ("teacher", "hybrid"), f"a score is of the model {model!r}")
        require(number is None or math.isfinite(number), "a score is infinite")
    rows = (f"{m}\t{d}\t{k}\t{'nan' if x is None else repr(float(x))}" for m, d, k, x in facts["scores"])
    return digest("fluidmol scorecard 1", (facts["charter"], facts["partner"], *rows))


def _declined(facts: dict[str, Any], _arrays: dict[str, Any]) -> str:
    _only(facts, "charter", "partner", "reason")
    return digest("fluidmol declined 1", (facts["charter"], facts["partner"], facts["reason"]))


def _annotate(facts: dict[str, Any], _arrays: dict[str, Any]) -> str:
    return digest("fluidmol annotate 1", (charter_of(facts["charter"]).digest,))


def _learn(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    return digest("fluidmol learn 1", (charter_of(facts["charter"]).digest, _labels(facts["labels"], arrays)))


def _representation(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts, "featuriser", "branches", "provenance")
    steps, size = arrays["numbers"], 0
    for branch in facts["branches"]:
        _only(branch, "columns", "length", "layers", "outputs", "grids")
        size += sum(rows * columns for rows, columns, _ in branch["grids"])
    require(len(steps.shape) == 1 and size == len(steps.numbers), "it has more or fewer numbers than it says")
    require(all(abs(x) <= 32767 and x == int(x) for x in steps.numbers), "a step is no whole number")
    return digest("fluidmol representation 1", (json.dumps(facts, sort_keys=True, allow_nan=False),), (steps,))


def _private_model(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    _only(facts, "count", "epsilon", "delta", "multiplier")
    opinion, total = arrays["opinion"], arrays["total"]
    require(len(opinion.shape) == len(total.shape) == 1 and opinion.shape[0] == total.shape[0] + 1, "shapes don't fit")
    count, epsilon, delta, multiplier = numbers = [
        float(facts[name]) for name in ("count", "epsilon", "delta", "multiplier")
    ]
    require(0 < count <= 1e9 and 0 < epsilon < math.inf, "count or epsilon is out of range")
    require(0 < delta < 1 and 0 < multiplier < math.inf, "delta or multiplier is out of range")
    require(all(abs(x) <= 1e4 for x in opinion.numbers), "a coefficient is out of range")
    require(all(abs(x) <= 1e9 for x in total.numbers), "a sum is out of range")
    return digest("fluidmol private model 1", map(float.hex, numbers), (opinion, total))


KINDS: dict[str, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    "Annotate": _annotate, "Annotations": _annotations, "Charter": lambda facts, _: charter_of(facts).digest,
    "CompoundSet": _compounds, "Declined": _declined, "FederatedLabels": _labels, "Learn": _learn,
    "PrivateModel": _private_model, "Representation": _representation, "Scorecard": _scorecard,
}  # fmt: skip


# Signatures: docs/formats/signed-files.md, agreement.md, closing.md


class Signed(NamedTuple):
    """A value whose signature is right."""

    value: Value
    signer: str
    about: str


def is_name(name: object) -> bool:
    """Whether this can be a party's name."""
    return isinstance(name, str) and bool(NAME.fullmatch(name)) and not DEVICE.fullmatch(name)


def signing_key(text: str) -> Ed25519PublicKey:
    """Read a public signing key."""
    raw = base64.b64decode(text.removeprefix("ed25519:"), validate=True)
    require(len(raw) == 32 and text == "ed25519:" + base64.b64encode(raw).decode(), "a signing key is none")
    return Ed25519PublicKey.from_public_bytes(raw)


def check_signature(party: Mapping[str, str], signature: str, message: str) -> None:
    """Check a signature in base64 over a text."""
    try:
        signing_key(party["signing"]).verify(base64.b64decode(signature, validate=True), message.encode())
    except InvalidSignature:
        raise WrongError(f"the signature isn't that of {party['name']}") from None


def read_signed(data: bytes, parties: Mapping[str, Mapping[str, str]]) -> Signed:
    """Read a packed value that one of these parties has signed."""
    parts = members(data, SIGNATURE)
    note, manifest = read_json(parts[SIGNATURE]), read_json(parts[FACTS])
    _only(note, "format", "signer", "about", "signature")
    signer, about = note["signer"], note["about"]
    require(note["format"] == "fluidmol signed 1", f"its signature has the format {note['format']!r}")
    require(not about or DIGEST.fullmatch(about), "its question is no digest")
    require(signer in parties, f"it is signed by {signer!r}, who may not say this")
    message = "\n".join(("fluidmol signed 1", manifest["type"], manifest["digest"], about, signer, ""))
    check_signature(parties[signer], note["signature"], message)
    return Signed(read_value(parts), signer, about)


def check_agreement(data: bytes, charter: Charter) -> str:
    """Check a signature under a charter, and return whose it is."""
    require(len(data) <= 1 << 12, "it is too long")
    note = read_json(data.decode("utf-8-sig"))
    _only(note, "format", "charter", "party", "signature")
    require(note["format"] == "fluidmol agreement 1", f"its format is {note['format']!r}")
    require(note["charter"] == charter.digest, f"it is under another charter, {note['charter']}")
    require(note["party"] in charter.parties, f"{note['party']} is no party of the charter")
    message = f"fluidmol agreement 1\n{charter.digest}\n{note['party']}\n"
    check_signature(charter.parties[note["party"]], note["signature"], message)
    return str(note["party"])


def check_closing(data: bytes, charter: Charter) -> dict[str, Any]:
    """Check the coordinator's word on whose replies count, and return it."""
    note = read_json(data.decode("utf-8-sig"))
    _only(note, "format", "charter", "stage", "question", "accepted", "without", "signer", "signature")
    require(note["format"] == "fluidmol closing 1", f"its format is {note['format']!r}")
    require(note["charter"] == charter.digest, "it is about another charter")
    said = {key: note[key] for key in ("charter", "stage", "question", "accepted", "without")}
    said["without"] = sorted(said["without"])
    (coordinator,) = charter.of_role("coordinator").values()
    require(note["signer"] == coordinator["name"], "it isn't the coordinator's")
    check_signature(coordinator, note["signature"], f"fluidmol closing 1\n{json.dumps(said, sort_keys=True)}\n")
    partners = set(charter.of_role("partner"))
    require({*said["accepted"], *said["without"]} <= partners, "it names somebody who is no partner")
    require(not set(said["accepted"]) & set(said["without"]), "it accepts and leaves out the same partner")
    return said


def check_statement(data: bytes, charter: Charter) -> str:
    """Check what a party states, and return who states what kind of thing."""
    require(len(data) <= 1 << 16, "it is too long")
    note = read_json(data)
    _only(note, "format", "kind", "party", "facts", "signature")
    require(note["format"] == "fluidmol statement 1" and isinstance(note["facts"], dict), "it is no statement")
    require(note["party"] in charter.parties, f"{note['party']} is no party of the charter")
    facts = json.dumps(note["facts"], sort_keys=True, separators=(",", ":"), allow_nan=False)
    message = "\n".join(("fluidmol statement 1", note["kind"], note["party"], facts, ""))
    check_signature(charter.parties[note["party"]], note["signature"], message)
    return f"{note['party']} {note['kind']}"


# Keys and sealed files: docs/formats/keys.md, sealed-files.md

BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Keys(NamedTuple):
    """A party's public keys, and the secret that opens what is sealed to it."""

    public: dict[str, str]
    secret: X25519PrivateKey


def fingerprint(public: Mapping[str, str]) -> str:
    """Compute what people compare on the telephone."""
    text = f"fluidmol keys 1\n{public['signing']}\n{public['sealing']}\n"
    digits = hashlib.sha256(text.encode()).hexdigest()
    return " ".join(digits[i : i + 4] for i in range(0, 32, 4))


def read_public_keys(data: bytes) -> dict[str, str]:
    """Read ``NAME.pub``."""
    table = tomllib.loads(data.decode("utf-8-sig"))
    _only(table, "format", "name", "signing", "sealing")
    require(table.pop("format") == "fluidmol public keys 1" and is_name(table["name"]), "it is no public key file")
    signing_key(table["signing"])
    bech32_bytes("age", table["sealing"])
    return table


def read_private_keys(data: bytes, passphrase: str | None) -> Keys:
    """Read ``NAME.key``, and check that its public keys are those of its secrets."""
    require(len(data) <= 1 << 16, "it is too long")
    note = read_json(data)
    _only(note, "format", "facts", "scrypt", "secret")
    require(note["format"] == "fluidmol private keys 1", f"its format is {note['format']!r}")
    facts, scrypt, secret = note["facts"], note["scrypt"], base64.b64decode(note["secret"], validate=True)
    if scrypt is not None:
        require(passphrase is not None, "it is protected by a passphrase")
        n, salt = scrypt["n"], base64.b64decode(scrypt["salt"], validate=True)
        require(type(n) is int and 1 << 10 <= n <= 1 << 20 and not n & (n - 1), "its cost is out of range")
        bound = json.dumps([note["format"], facts, scrypt], sort_keys=True).encode()
        key = Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(str(passphrase).encode())
        try:
            secret = ChaCha20Poly1305(key).decrypt(secret[:12], secret[12:], bound)
        except InvalidTag:
            raise WrongError("the passphrase is wrong, or the file was altered") from None
    signing = Ed25519PrivateKey.from_private_bytes(secret[:32]).public_key().public_bytes_raw()
    identity = secret[32:].decode()
    require(identity == identity.upper(), "its sealing key isn't in capitals")
    sealing = X25519PrivateKey.from_private_bytes(bech32_bytes("age-secret-key-", identity.lower()))
    public = {
        "name": facts["name"], "signing": "ed25519:" + base64.b64encode(signing).decode(),
        "sealing": bech32_text("age", sealing.public_key().public_bytes_raw()),
    }  # fmt: skip
    require(public == facts and is_name(facts["name"]), "its public keys aren't those of its secrets")
    return Keys(public, sealing)


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> i & 1 else 0
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def bech32_bytes(prefix: str, text: str) -> bytes:
    """Read 32 bytes in Bech32."""
    require(text.startswith(prefix + "1") and len(text) == len(prefix) + 59, "it is no key of age's")
    values = [BECH32.index(c) for c in text[len(prefix) + 1 :]]
    require(_polymod(_expanded(prefix) + values) == 1, "a key of age's is damaged")
    number = int("".join(f"{v:05b}" for v in values[:-6]), 2)
    require(number & 15 == 0, "a key of age's is padded in another way")
    return (number >> 4).to_bytes(32, "big")


def bech32_text(prefix: str, raw: bytes) -> str:
    """Write 32 bytes in Bech32."""
    number = int.from_bytes(raw, "big") << 4
    values = [number >> 5 * i & 31 for i in reversed(range(52))]
    check = _polymod(_expanded(prefix) + values + [0] * 6) ^ 1
    return prefix + "1" + "".join(BECH32[v] for v in values + [check >> 5 * i & 31 for i in reversed(range(6))])


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def _unpadded(text: bytes) -> bytes:
    raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    require(base64.b64encode(raw).rstrip(b"=") == text, "base64 that is written in another way")
    return raw


def _stanzas(header: bytes) -> Iterator[tuple[list[bytes], bytes]]:
    lines = header.split(b"\n")[1:-1]
    while lines:
        words, body = lines.pop(0).split(b" "), b""
        require(words[0] == b"->" and len(words) > 1, "its header is none of age's")
        while True:
            line = lines.pop(0)
            body += line
            if len(line) < 64:
                break
        yield words[1:], _unpadded(body)


def unseal(data: bytes, keys: Keys) -> bytes | None:
    """Open an age file; None if it is sealed to others."""
    require(data.startswith(b"age-encryption.org/v1\n"), "it isn't sealed")
    cut = data.index(b"\n---") + 1
    header, (mac, payload) = data[: cut + 3], data[cut + 3 :].split(b"\n", 1)
    own, file_key = keys.secret.public_key().public_bytes_raw(), None
    for words, body in _stanzas(data[:cut]):
        if words[0] == b"X25519":
            require(len(words) == 2 and len(body) == 32, "a stanza is malformed")
            share = _unpadded(words[1])
            secret = keys.secret.exchange(X25519PublicKey.from_public_bytes(share))
            wrap = _hkdf(secret, share + own, b"age-encryption.org/v1/X25519")
            try:
                file_key = file_key or ChaCha20Poly1305(wrap).decrypt(bytes(12), body, None)
            except InvalidTag:
                continue
    if file_key is None:
        return None
    expected = hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")
    require(mac[:1] == b" " and hmac.compare_digest(_unpadded(mac[1:]), expected), "its header was altered")
    stream = ChaCha20Poly1305(_hkdf(file_key, payload[:16], b"payload"))
    rest, size, found = payload[16:], (1 << 16) + 16, []
    chunks = [rest[i : i + size] for i in range(0, len(rest), size)]
    for number, chunk in enumerate(chunks, start=1):
        last = number == len(chunks)
        require(len(chunk) > 16 or number == 1, "it ends with an empty chunk")
        found.append(stream.decrypt((number - 1).to_bytes(11, "big") + bytes([last]), chunk, None))
    require(chunks, "its content is missing")
    return b"".join(found)


# Ledger: docs/formats/ledger.md

ENTRY = ("time", "kind", "charter", "request", "digest", "recipients", "form", "policy", "approver")
ENTRIES = {2: (*ENTRY, "chain"), 3: (*ENTRY, "private", "chain"), 4: (*ENTRY, "private", "audit", "chain")}


def check_ledger(data: bytes) -> tuple[int, str]:
    """Check a ledger's chain; return the number of entries, and the chain of the last."""
    *lines, torn = data.split(b"\n")
    require(not torn, "its last line is torn")
    chain = ""
    for number, line in enumerate(lines, start=1):
        entry = read_json(line)
        require(json.dumps(entry).encode() == line, f"line {number} is written in another way")
        version = entry.pop("format")
        require(version in ENTRIES and tuple(entry) == ENTRIES[version], f"line {number} has other entries")
        people = entry.pop("recipients")
        require(all(isinstance(text, str) for text in (*entry.values(), *people)), f"line {number} holds no texts")
        require(version < 3 or entry[("private", "audit")[version - 3]], f"line {number} has the format of others")
        stated = entry.pop("chain")
        chain = digest(f"fluidmol ledger {version + 1}", (chain, *entry.values(), *people))
        require(chain == stated, f"line {number} doesn't follow from the line before")
    return len(lines), chain


# A place: docs/formats/place.md

STAGES = ("agree", "annotate", "learn")
SEALED = "sealed: only its name was looked at"


def _given(check: Callable[..., str], words: Iterable[str], data: bytes) -> str:
    return check(data, *words)


class Place:
    """Checks the files of a place, those first on which others depend."""

    def __init__(self, folder: Path, keys: Keys | None) -> None:
        self.folder, self.keys = folder, keys
        self.agreed: dict[str, str] = {}
        self.questions: dict[str, str] = {}
        self.replies: dict[tuple[str, str], dict[str, Value | None]] = {}
        self.accepted: dict[str, dict[str, str]] = {}
        self.labels: Value | None = None

    def checks(self) -> Iterator[tuple[str, Callable[[bytes], str]]]:
        """List the files with what checks each, in order."""
        names = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        kinds: tuple[tuple[str, Callable[..., str]], ...] = (
            (r"charter\.toml", self.charter_file), (r"transfer\.fluid", self.transfer),
            (r"representation\.fluid", self.representation), (r"agreements/(.+)\.json", self.agreement),
            (r"requests/([12])-(annotate|learn)-([0-9a-f]{12})\.fluid(?:\.age)?", self.question),
            (r"replies/([0-9a-f]{12})/(.+)-([0-9a-f]{12})\.fluid(?:\.age)?", self.reply),
            (r"requests/([012])-(agree|annotate|learn)-([0-9a-f]{12})\.closed\.json", self.closing),
            (r"outcome/labels\.fluid(?:\.age)?", self.outcome_labels), (r"outcome/outcome\.json", self.summary),
        )  # fmt: skip
        require("charter.toml" in names, "there is no charter.toml")
        for pattern, check in kinds:
            for name in list(names):
                if match := re.fullmatch(pattern, name):
                    names.remove(name)
                    yield name, partial(_given, check, match.groups())
        for name in names:
            yield name, partial(_given, lambda _: "no part of a round: not looked at", ())

    def charter_file(self, data: bytes) -> str:
        """Check the charter."""
        self.charter = read_charter(data)
        require(self.charter.parties, "it names no parties")
        if self.keys is not None:
            public = self.keys.public
            known = self.charter.parties.get(public["name"], {})
            require({**known, **public} == known, f"the key is of no party: {public['name']}")
        return f"charter {self.charter.digest} of {', '.join(self.charter.parties)}"

    def transfer(self, data: bytes) -> str:
        """Check the transfer set against the charter."""
        value = read_value(members(data))
        require(value.type == "CompoundSet", f"it holds a {value.type}")
        self._same("transfer set", value.digest, self.charter.head["transfer_digest"])
        n = len(value.arrays["smiles"])
        require(n == self.charter.head["transfer_size"], f"it has {n} molecules, and the charter says others")
        return f"{n} molecules, the charter's transfer set"

    def representation(self, data: bytes) -> str:
        """Check the public directions against the charter."""
        value = read_value(members(data))
        require(value.type == "Representation", f"it holds a {value.type}")
        self._same("directions", value.digest, self.charter.featuriser.get("digest"))
        return "the charter's public directions"

    def agreement(self, data: bytes, name: str) -> str:
        """Check a signature under the charter."""
        party = check_agreement(data, self.charter)
        require(party == name, f"it is {party}'s")
        self.agreed[party] = "sha256:" + hashlib.sha256(data.decode("utf-8-sig").encode()).hexdigest()
        return f"{party} has signed the charter"

    def question(self, data: bytes, number: str, stage: str, short: str) -> str:
        """Check a question."""
        require(STAGES[int(number)] == stage, "its number isn't that of its stage")
        self.questions.setdefault(short, "")
        if (opened := self._opened(data, all_parties=True)) is None:
            return SEALED
        found = read_signed(opened, self.charter.of_role("coordinator"))
        require(found.value.type.lower() == stage and not found.about, f"it holds a {found.value.type}")
        self._named(found.value, short)
        self._same("charter", charter_of(found.value.facts["charter"]).digest, self.charter.digest)
        self.questions[short] = found.value.digest
        if stage == "learn":
            self.labels = Value(
                "FederatedLabels",
                _labels(found.value.facts["labels"], found.value.arrays),
                found.value.facts["labels"],
                found.value.arrays,
            )
        return f"{found.signer} asks to {stage}"

    def reply(self, data: bytes, question: str, partner: str, short: str) -> str:
        """Check a reply."""
        require(question in self.questions, "it answers no question of this place")
        kept = self.replies.setdefault((question, partner), {})
        kept[short] = None
        if (opened := self._opened(data)) is None:
            return SEALED
        found = read_signed(opened, self.charter.of_role("partner"))
        value = found.value
        require(value.type in ("Annotations", "Scorecard", "Declined"), f"it holds a {value.type}")
        require(
            found.signer == value.facts["partner"] == partner, f"{found.signer} signed for {value.facts['partner']}"
        )
        self._named(value, short)
        self._same("charter", value.facts["charter"], self.charter.digest)
        self._same("question", found.about, self.questions[question])
        if value.type == "Annotations":
            expected = (self.charter.head["transfer_size"], 1)
            require(value.arrays["value"].shape == expected, "it speaks of another number of molecules")
        kept[short] = value
        return f"{value.type} of {partner}"

    def closing(self, data: bytes, number: str, stage: str, short: str) -> str:
        """Check whose replies count, and that they are there."""
        said = check_closing(data, self.charter)
        require(STAGES[int(number)] == stage == said["stage"], "its stage isn't that of its name")
        require(said["question"][7:19] == short, "its question isn't that of its name")
        if stage == "agree":
            self._same("charter", said["question"], self.charter.digest)
            require(said["accepted"].items() <= self.agreed.items(), "a signature that it accepts isn't there")
        else:
            known = self.questions.get(short)
            require(known is not None and known in ("", said["question"]), "its question isn't there")
            for partner, accepted in said["accepted"].items():
                require(accepted[7:19] in self.replies.get((short, partner), {}), f"the reply of {partner} isn't there")
        self.accepted[stage] = said["accepted"]
        return f"{stage}: {', '.join(said['accepted'])} count"

    def outcome_labels(self, data: bytes) -> str:
        """Check the labels."""
        if (opened := self._opened(data, all_parties=True)) is None:
            return SEALED
        found = read_signed(opened, self.charter.of_role("coordinator"))
        require(found.value.type == "FederatedLabels", f"it holds a {found.value.type}")
        self._same("charter", found.value.facts["charter"], self.charter.digest)
        require(found.about in self.questions.values(), "they belong to no question of this place")
        if self.labels is not None:
            self._same("labels", found.value.digest, self.labels.digest)
        self.labels = found.value
        opinions = [v for kept in self.replies.values() for v in kept.values() if v and v.type == "Annotations"]
        names = {*map(pseudonym, opinions), *(v.facts["partner"] for v in opinions)}
        require(not opinions or set(found.value.facts["partners"]) <= names, "they name somebody who gave no opinion")
        return f"labels {found.value.digest}"

    def summary(self, data: bytes) -> str:
        """Check the summary, which nobody signs, against the rest."""
        note = read_json(data)
        names = ("format", "charter", "labels", "learn", "molecules", "partners", "declined", "left_out", "student")
        _only(note, *names)
        require(note["format"] == 1, f"its format is {note['format']!r}")
        self._same("charter", note["charter"], self.charter.digest)
        require(note["molecules"] == self.charter.head["transfer_size"], "it speaks of other molecules")
        require(set(note["partners"]) <= set(self.accepted.get("annotate", ())), "it names partners who don't count")
        short = note["learn"][7:19]
        require(self.questions.get(short) in ("", note["learn"]), "its question isn't there")
        if self.labels is None:
            return f"says that labels are {note['labels']}"
        self._same("labels", note["labels"], self.labels.digest)
        require(
            len(note["partners"]) == len(self.labels.facts["partners"]), "it names more or fewer than shaped labels"
        )
        return f"labels are those of {', '.join(note['partners'])}"

    def _opened(self, data: bytes, *, all_parties: bool = False) -> bytes | None:
        if not data.startswith(b"age-encryption.org/"):
            return data
        if self.keys is None:
            return None
        found = unseal(data, self.keys)
        role = self.charter.parties[self.keys.public["name"]]["role"]
        require(found or not (all_parties or role == "coordinator"), "it isn't sealed to the key, but should be")
        return found

    @staticmethod
    def _named(value: Value, short: str) -> None:
        require(value.digest[7:19] == short, f"its content is {value.digest[7:19]}, and its name says {short}")

    @staticmethod
    def _same(what: str, found: str, expected: str | None) -> None:
        require(found == expected, f"the {what} is {found}, expected {expected}")


def main() -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description="Check a finished round, a ledger or a key file without fluidmol.")
    parser.add_argument("place", type=Path, nargs="?", help="folder that lay between the parties")
    parser.add_argument("--key", type=Path, help="private key file; FLUID_PASSPHRASE, or a prompt, opens it")
    parser.add_argument("--ledger", type=Path, action="append", default=[], help="a partner's ledger")
    given = parser.parse_args()
    bad = 0

    def checked(path: Path, name: str, check: Callable[[bytes], str]) -> None:
        nonlocal bad
        try:
            print(f"good   {name}: {check(path.read_bytes())}")
        except MALFORMED as problem:
            print(f"WRONG  {name}: {problem or type(problem).__name__}")
            bad += 1

    opened: list[Keys] = []

    def key(data: bytes) -> str:
        needed = read_json(data)["scrypt"] is not None
        passphrase = os.environ.get("FLUID_PASSPHRASE") or (getpass.getpass() if needed else None)
        opened.append(read_private_keys(data, passphrase))
        return f"keys of {opened[0].public['name']}, {fingerprint(opened[0].public)}"

    if given.key is not None:
        checked(given.key, given.key.name, key)
    if given.place is not None:
        for name, check in Place(given.place, opened[0] if opened else None).checks():
            checked(given.place / name, name, check)
    for path in given.ledger:
        checked(path, path.name, lambda data: "{} entries, head {}".format(*check_ledger(data)))
    print(f"{bad} wrong" if bad else "all good")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
