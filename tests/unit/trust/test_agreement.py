"""Agreements: of whom, to which charter, and to no other."""

import base64
import json

import attrs
import pytest

from fluidmol.errors import CharterError, SignatureError
from fluidmol.trust.agreement import agree, check, standing
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

KEYS = {name: PrivateKeys.generate(name) for name in ("hub", "acme", "beta")}
ROLES = {"hub": "coordinator", "acme": "partner", "beta": "partner"}
CHARTER = attrs.evolve(
    Charter.from_preset("open"), parties=[keys.public.party(ROLES[name]) for name, keys in KEYS.items()]
)
CHANGED = attrs.evolve(CHARTER, weighting=Part("powered", {"power": 4.0}))
EVE = PrivateKeys.generate("acme")  # only the name is the same


@pytest.mark.parametrize("name", KEYS)
def test_each_party_can_agree(name):
    text = agree(CHARTER, KEYS[name])
    assert check(text, CHARTER) == name
    assert text == agree(CHARTER, KEYS[name])
    assert check(json.dumps(json.loads(text)), CHARTER) == name
    assert check(f"\ufeff{text}", CHARTER) == name


def test_nobody_else_can():
    with pytest.raises(CharterError, match="eve is no party"):
        agree(CHARTER, PrivateKeys.generate("eve"))
    with pytest.raises(CharterError, match="other keys for acme"):
        agree(CHARTER, EVE)
    with pytest.raises(CharterError, match="nobody"):
        agree(Charter.from_preset("open"), KEYS["acme"])


def test_an_agreement_to_one_charter_is_none_to_another():
    text = agree(CHARTER, KEYS["acme"])
    with pytest.raises(SignatureError) as caught:
        check(text, CHANGED)
    for part in ("acme", CHARTER.digest, CHANGED.digest, "another charter"):
        assert part in str(caught.value)


def forged(**changes):
    return json.dumps({**json.loads(agree(CHARTER, KEYS["acme"])), **changes})


FORGED = {
    "moved to another charter": forged(charter=CHANGED.digest),
    "of another party": forged(party="beta"),
    "of nobody": forged(party="eve"),
    "by other keys": agree(attrs.evolve(CHARTER, parties=[
        KEYS["hub"].public.party("coordinator"), EVE.public.party("partner"), KEYS["beta"].public.party("partner"),
    ]), EVE),
    "without signature": forged(signature=""),
    "with a signature that is no base64": forged(signature="µ"),
    "of another format": forged(format="fluidmol signed 1"),
    "with more": forged(more=1),
    "with a name that could move the cursor": forged(party="\x1b[2J"),
    "of no party's name": forged(party=5),
    "to no digest": forged(charter="\nCharter"),
    "of no JSON": "{",
    "of a list": "[]",
    "of nothing": "",
    "too long": " " * 5000,
    "too deep": "[" * 4000,
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
@pytest.mark.parametrize("charter", [CHARTER, CHANGED], ids=["signed", "changed"])
def test_forgeries_are_refused(case, charter):
    with pytest.raises(SignatureError):
        check(FORGED[case], charter)


def test_standing_says_who_has_signed_and_which_files_are_none():
    texts = {
        "b.json": agree(CHARTER, KEYS["beta"]),
        "a.json": FORGED["by other keys"],
        "h.json": agree(CHARTER, KEYS["hub"]),
    }
    found = standing(texts, CHARTER)
    assert (found.signed, found.missing) == (("hub", "beta"), ("acme",))
    assert [where for where, _ in found.refused] == ["a.json"]
    assert standing({}, CHARTER).missing == ("hub", "acme", "beta")


def test_what_is_signed_has_not_drifted():
    """A promise between versions: what acme signed with an older one must stay valid."""
    signature = KEYS["acme"].sign(f"fluidmol agreement 1\n{CHARTER.digest}\nacme\n".encode())
    assert json.loads(agree(CHARTER, KEYS["acme"]))["signature"] == base64.b64encode(signature).decode()
