"""Readers of files and texts, each with hostile ones made from good ones; whoever isn't refused must be the same."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from corpus import as_json, boxed, corpus, members
from mutate import mutated, mutated_json

from fluidmol.errors import CodecError
from fluidmol.exchange.closing import read_closing
from fluidmol.partner.ledger_lines import read_lines
from fluidmol.partner.policy_file import from_toml
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PrivateKeys, PublicKeys
from fluidmol.trust.signed import MEMBER, Claim, claimed, opened
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.tensors import read_columns

Case = Callable[[random.Random], None]


def codec_bytes(rng: random.Random) -> None:
    """Packed values with changed bytes."""
    good = corpus()
    found = unpack(mutated(rng, rng.choice(good.packed), good.packed))
    assert found in good.values, "another value than any that was packed"


def codec_members(rng: random.Random) -> None:
    """Packed values whose members were changed below right checksums."""
    good = corpus()
    content = members(rng.choice(good.packed))
    name = rng.choice(sorted(content))
    if name == "facts.json" and rng.random() < 0.7:
        content[name] = as_json(mutated_json(rng, json.loads(content[name])))
    else:
        content[name] = mutated(rng, content[name], good.arrays)
    found = unpack(boxed(content))
    assert found.digest in good.digests, "another value than any that was packed"


def tensors(rng: random.Random) -> None:
    """Arrays whose header, or whose first bytes, were changed, with the right length before them."""
    good = corpus()
    data = rng.choice(good.arrays)
    end = 8 + int.from_bytes(data[:8], "little")
    header, content = data[8:end], data[end:]
    if rng.random() < 0.5:
        header = as_json(mutated_json(rng, json.loads(header)))
    elif rng.random() < 0.5:
        header = mutated(rng, header, good.arrays)
    else:
        content = mutated(rng, content[:80], good.arrays) + content[80:]
    try:
        found = read_columns(len(header).to_bytes(8, "little") + header + content, 1 << 20)
    except ValueError as problem:
        raise CodecError(str(problem)) from problem
    assert sum(np.size(column) for column in found.values()) < 1 << 20


def signed_bytes(rng: random.Random) -> None:
    """Signed files with changed bytes."""
    good = corpus()
    found = opened(mutated(rng, rng.choice(good.signed), good.signed), good.charter.parties)
    assert found.value.digest in good.digests, "a signature under something else"


def signed_by_a_malicious_party(rng: random.Random) -> None:
    """Signed files whose members were changed, and signed again by a party of the charter."""
    good = corpus()
    content = members(rng.choice(good.signed))
    name = rng.choice(sorted(set(content) - {MEMBER}))
    if name == "facts.json" and rng.random() < 0.7:
        content[name] = as_json(mutated_json(rng, json.loads(content[name])))
    else:
        content[name] = mutated(rng, content[name], good.packed)
    try:
        manifest = json.loads(content["facts.json"])
        claim = Claim(str(manifest["type"]), str(manifest["digest"]), "", "ada", b"")
        signature = good.keys["ada"].sign(claim.message)
    except (ValueError, KeyError, TypeError, RecursionError):
        signature = b"0" * 64
    note = {"format": "fluidmol signed 1", "signer": "ada", "about": "", "signature": base64.b64encode(signature)}
    content[MEMBER] = json.dumps(note, default=bytes.decode).encode()
    data = boxed(content)
    found = opened(data, good.charter.parties, 1 << 20)
    assert found.value.digest == claimed(data).digest, "not what was signed"


def sealed(rng: random.Random) -> None:
    """Sealed files with changed bytes."""
    good = corpus()
    found = good.keys["hub"].unseal(mutated(rng, rng.choice(good.sealed), good.sealed))
    assert found in good.signed, "something else came out"


def charters(rng: random.Random) -> None:
    """Charters with changed texts."""
    good = corpus()
    if rng.random() < 0.5:
        found = Charter.from_toml(_text(rng, good.charters), "charter.toml")
    else:
        found = Charter.from_table(mutated_json(rng, good.charter.to_table()))
    assert Charter.from_toml(found.to_toml(), "again").digest == found.digest, "written and read it is another"


def agreements(rng: random.Random) -> None:
    """Agreements with changed texts: what isn't refused is somebody's own."""
    good = corpus()
    name = check(_json_text(rng, good.agreements), good.charter)
    assert name in {"hub", "ada", "bob", "cleo"}, name


def closings(rng: random.Random) -> None:
    """Read closings with changed texts."""
    good = corpus()
    found = read_closing(_json_text(rng, good.closings), good.charter)
    again = [read_closing(text.decode(), good.charter) for text in good.closings]
    assert found in again, "the coordinator didn't say so"


def policies(rng: random.Random) -> None:
    """Policies with changed texts; whatever they say is stated."""
    found = from_toml(_text(rng, corpus().policies), "policy.toml")
    assert found.digest
    assert found.as_table()


def ledgers(rng: random.Random) -> None:
    """Ledgers with changed bytes: nothing but what was written is believed, in its order."""
    good = corpus()
    whole = b"".join(good.ledger)
    found = read_lines(mutated(rng, whole, good.ledger))
    assert found.entries == good.entries[: len(found.entries)], "an entry that nobody wrote"


def public_keys(rng: random.Random) -> None:
    """Public key files with changed texts."""
    assert PublicKeys.from_toml(_text(rng, corpus().public), "ada.pub").fingerprint


def private_keys(rng: random.Random) -> None:
    """Private key files with changed bytes."""
    keys = corpus().keys["ada"]
    with TemporaryDirectory() as folder:
        path = Path(folder, "ada.key")
        keys.save(path, None)
        path.write_bytes(mutated(rng, path.read_bytes()))
        found = PrivateKeys.load(path, None)
    same = (found.public.signing, found.public.sealing) == (keys.public.signing, keys.public.sealing)
    assert same, "other keys"


CASES: dict[str, tuple[Case, int]] = {
    "codec: changed bytes": (codec_bytes, 18_000),
    "codec: changed members": (codec_members, 12_000),
    "codec: changed arrays": (tensors, 8_000),
    "signed: changed bytes": (signed_bytes, 10_000),
    "signed: by a malicious party": (signed_by_a_malicious_party, 8_000),
    "sealed": (sealed, 4_000),
    "charter": (charters, 8_000),
    "agreements": (agreements, 5_000),
    "closings": (closings, 4_000),
    "policies": (policies, 4_000),
    "ledgers": (ledgers, 3_000),
    "public keys": (public_keys, 2_000),
    "private keys": (private_keys, 1_000),
}
"""By kind of file: the case, and how many of 100 000 there are."""


def _text(rng: random.Random, texts: list[bytes]) -> str:
    return mutated(rng, rng.choice(texts), texts).decode("utf-8", "replace")


def _json_text(rng: random.Random, texts: list[bytes]) -> str:
    if rng.random() < 0.5:
        return _text(rng, texts)
    return json.dumps(mutated_json(rng, json.loads(rng.choice(texts))))
