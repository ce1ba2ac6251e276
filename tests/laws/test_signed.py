"""Signed files: what was signed comes out, or nothing does."""

import base64
import io
import json
import random
import zipfile

import attrs
import numpy as np
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from fluidmol.errors import CodecError, SignatureError
from fluidmol.partner.assay import Assay
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import MEMBER, claimed, opened, signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Declined

HUB, ACME, EVE = PrivateKeys.generate("hub"), PrivateKeys.generate("acme"), PrivateKeys.generate("acme")
PARTIES = (HUB.public.party("coordinator"), ACME.public.party("partner"))
D, E = "sha256:" + "0" * 64, "sha256:" + "e" * 64
_RNG = np.random.default_rng(1)
OPINION = Annotations(D, "acme", _RNG.random((60, 1)), _RNG.random((60, 1)))
FILE = signed(OPINION, D, ACME)
abouts = st.one_of(st.just(""), strategies.digests)


@given(strategies.values, abouts, st.sampled_from((HUB, ACME)))
def test_what_was_signed_comes_out(value, about, keys):
    data = signed(value, about, keys)
    found = opened(data, PARTIES)
    assert type(found.value) is type(value)
    assert (found.value.digest, found.about, found.signer) == (value.digest, about, keys.name)
    assert signed(value, about, keys) == data


@given(strategies.values, strategies.values, abouts, abouts)
def test_a_signature_is_of_one_value_and_one_question(one, other, about, another):
    signature = claimed(signed(one, about, ACME)).signature
    same = (type(one), one.digest, about) == (type(other), other.digest, another)
    assert (claimed(signed(other, another, ACME)).signature == signature) == same


@settings(max_examples=400)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_changes_nothing(place, flip):
    data = bytearray(FILE)
    data[place] ^= flip
    try:
        found = opened(bytes(data), PARTIES)
    except SignatureError:
        return
    assert (found.value, found.about, found.signer) == (OPINION, D, "acme")


@given(st.integers(0, len(FILE) - 1), st.binary(max_size=40))
def test_a_cut_file_is_refused_and_an_overwritten_one_changes_nothing(place, other):
    with pytest.raises(SignatureError):
        opened(FILE[:place], PARTIES)
    try:
        found = opened(FILE[:place] + other + FILE[place + len(other) :], PARTIES)
    except SignatureError:
        return
    assert (found.value, found.about, found.signer) == (OPINION, D, "acme")


@given(st.binary(max_size=200))
def test_other_bytes_are_no_signed_file(data):
    with pytest.raises(SignatureError, match="no signed file"):
        opened(data, PARTIES)


def rebuilt(change, data=FILE):
    """Write the file's members anew, after a change to their contents by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def noted(**changes):
    def change(members):
        members[MEMBER] = json.dumps({**json.loads(members[MEMBER]), **changes}).encode()

    return rebuilt(change)


def of_facts(**changes):
    def change(members):
        members["facts.json"] = json.dumps({**json.loads(members["facts.json"]), **changes}).encode()

    return rebuilt(change)


def grafted():
    """The signature of one value at another."""
    other = signed(Annotations(D, "acme", [[0.5]], [[0.5]]), D, EVE)
    with zipfile.ZipFile(io.BytesIO(FILE)) as archive:
        note = archive.read(MEMBER)
    return rebuilt(lambda members: members.update({MEMBER: note}), other)


def twice(name):
    data = io.BytesIO(FILE)
    with zipfile.ZipFile(data, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(zipfile.ZipInfo(name), archive.read(name))
    return data.getvalue()


def squeezed():
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILE)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target.getvalue()


FORGERIES = {
    "signed by another key": signed(OPINION, D, EVE),
    "signed by nobody whom we know": signed(OPINION, D, PrivateKeys.generate("eve")),
    "signed by another party": noted(signer="hub"),
    "about another question": noted(about=E),
    "about nothing": noted(about=""),
    "about no digest": noted(about="\n"),
    "of another type": of_facts(type="Declined"),
    "of another digest": of_facts(digest=E),
    "of a type that is none": of_facts(type="../Annotations"),
    "of other facts": of_facts(facts={"charter": E, "partner": "acme"}),
    "signature of another value": grafted(),
    "without signature": pack(OPINION),
    "without facts": rebuilt(lambda members: members.pop("facts.json")),
    "without arrays": rebuilt(lambda members: members.pop("arrays.safetensors")),
    "with another member": rebuilt(lambda members: members.update({"run.py": b"import os"})),
    "with two signatures": twice(MEMBER),
    "with arrays twice": twice("arrays.safetensors"),
    "compressed": squeezed(),
    "signature that is no JSON": rebuilt(lambda members: members.update({MEMBER: b"{"})),
    "signature that is no table": rebuilt(lambda members: members.update({MEMBER: b"[]"})),
    "signature that is too long": rebuilt(lambda members: members.update({MEMBER: b" " * 5000})),
    "signature that is too deep": rebuilt(lambda members: members.update({MEMBER: b"[" * 4000})),
    "signature with more": noted(more=1),
    "signature of another format": noted(format="fluidmol agreement 1"),
    "signature that is no base64": noted(signature="µ"),
    "signature that is empty": noted(signature=""),
    "signer who is no text": noted(signer=5),
    "signer who could move the cursor": noted(signer="\x1b[2J"),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_forgeries_are_refused(case):
    with pytest.raises(SignatureError) as caught:
        opened(FORGERIES[case], PARTIES)
    assert str(caught.value).isprintable()


def test_only_those_who_may_say_it_are_heard():
    with pytest.raises(SignatureError, match="Expected a signature of: hub"):
        opened(FILE, PARTIES[:1])
    with pytest.raises(SignatureError, match="nobody"):
        opened(FILE, ())


def test_what_nobody_signed_is_never_unpacked(monkeypatch):
    """Arrays of unknown origin aren't even looked into."""
    monkeypatch.setattr("fluidmol.trust.signed.unpack", lambda *_, **__: pytest.fail("unpacked"))
    for case in ("signed by another key", "about another question", "of another digest", "signature of another value"):
        with pytest.raises(SignatureError):
            opened(FORGERIES[case], PARTIES)


def test_a_signed_file_is_no_packed_value_by_itself():
    with pytest.raises(CodecError, match=r"signature\.json"):
        unpack(FILE)
    assert unpack(FILE, beside=(MEMBER,)) == OPINION


def test_any_tool_can_open_it():
    with zipfile.ZipFile(io.BytesIO(FILE)) as archive:
        assert archive.namelist() == ["facts.json", "arrays.safetensors", MEMBER]
        note = json.loads(archive.read(MEMBER))
    assert (note["signer"], note["about"]) == ("acme", D)
    # What docs and other programs may rely on.
    message = f"fluidmol signed 1\nAnnotations\n{OPINION.digest}\n{D}\nacme\n"
    assert ACME.public.verifies(message.encode(), base64.b64decode(note["signature"]))


def test_private_things_can_not_be_signed():
    assay = Assay(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)), [1])
    with pytest.raises(CodecError, match="Assay"):
        signed(assay, "", ACME)
    with pytest.raises(ValueError, match="about"):
        signed(OPINION, "the question", ACME)


def test_a_long_random_damage_never_breaks_anything_else():
    draw = random.Random(5)
    whole = signed(Declined(D, "acme", "no"), "", ACME)
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(draw.randrange(1, 6)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            found = opened(bytes(data), PARTIES)
        except SignatureError:
            continue
        assert found.value == Declined(D, "acme", "no")


def test_claims_are_only_claims():
    claim = claimed(FORGERIES["signed by another key"])
    assert (claim.type, claim.signer, claim.about, claim.digest) == ("Annotations", "acme", D, OPINION.digest)
    assert attrs.asdict(claim)["signature"] != claimed(FILE).signature
