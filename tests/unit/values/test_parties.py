"""Parties in charters, and charters without any, which stay what they were."""

import base64
import tomllib

import attrs
import pytest
import strategies
from hypothesis import given

from fluidmol.errors import CharterError
from fluidmol.exchange.layout import agreement_name, reply_name
from fluidmol.exchange.mailbox import is_proper
from fluidmol.values.changes import changes
from fluidmol.values.charter import Charter, Endpoint, Party, presets
from fluidmol.values.parties import check_name, signing_text
from fluidmol.values.parts import Part

OPEN = Charter.from_preset("open")


def party(name, role="partner", number=None):
    number = sum(name.encode()) % 256 if number is None else number
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    return Party(name, role, signing_text(bytes([number] * 32)), "age1" + letters[number % 32] * 58)


HUB, ACME, BETA = party("hub", "coordinator", 1), party("acme", number=2), party("beta", number=3)
CHARTER = attrs.evolve(OPEN, parties=(HUB, ACME, BETA))

# Digests of version 0.1.0: naming parties must not make other charters of those that name none. The preset ``open`` was
# called ``default`` then, and that name is part of the text: see the test of its old name.
PINNED = {
    "open": "sha256:9d03f0d308887bd35df346858d46b5482e16bf8a0d3f5407cc153bc5e0dda7f5",
    "private": "sha256:bcd19f44b60e235c2ba68de08ea708379808043cf1d5a2a7f69007b21a9fa48f",
    "paper-2025": "sha256:fa2e61c92ac7a09f333ebea3ff0f2696d009fe84d7e4cf89d26778c8bbbd84e6",
}


def test_all_presets_are_pinned():
    assert set(PINNED) == set(presets())


def test_a_charter_that_names_the_preset_by_its_old_name_is_what_it_was():
    old = Charter.from_toml(OPEN.to_toml().replace('preset = "open"', 'preset = "default"'))
    assert old.digest == "sha256:47fc2a507e203ea5f98c45a42117a9885a4a9c65ebc2b8ee7f0f788709fd4b00"
    assert attrs.evolve(old, preset="open") == OPEN


def test_the_old_name_of_a_preset_is_refused_with_the_new_one_and_why():
    with pytest.raises(CharterError, match=r"'default' has another name now.*'open', for it is: .* gives single comp"):
        Charter.from_preset("default")


@pytest.mark.parametrize("name", PINNED)
def test_charters_without_parties_are_what_they_were(name):
    charter = Charter.from_preset(name)
    assert charter.digest == PINNED[name]
    assert charter.format == tomllib.loads(charter.to_toml())["charter"]["format"] == (5 if name == "private" else 2)
    assert "party" not in charter.to_table()


def test_the_form_of_charters_with_parties_has_not_drifted():
    old = attrs.evolve(CHARTER, preset="default")  # the name of its recipe then; names are part of the text
    assert old.digest == "sha256:d118fec8b55e4bb9fc754b38f2b14d48a146252f13a44382a0a50b8406aaa103"
    assert tomllib.loads(CHARTER.to_toml())["charter"]["format"] == 3


@given(strategies.charters_with_parties)
def test_parties_are_read_as_they_were_written(charter):
    again = Charter.from_toml(charter.to_toml())
    assert again.parties == charter.parties
    assert again.digest == charter.digest
    assert [again.coordinator, *again.partners] == list(again.parties)
    assert {one.role for one in again.partners} == {"partner"}


@given(strategies.charters_with_parties)
def test_the_order_of_parties_does_not_count(charter):
    assert attrs.evolve(charter, parties=charter.parties[::-1]).digest == charter.digest


@pytest.mark.parametrize("change", [
    {"name": "gamma"}, {"signing": party("x", number=9).signing}, {"sealing": party("x", number=9).sealing},
])  # fmt: skip
def test_everything_of_a_party_is_part_of_the_digest(change):
    assert attrs.evolve(CHARTER, parties=(HUB, ACME, attrs.evolve(BETA, **change))).digest != CHARTER.digest


def test_without_parties_nobody_coordinates():
    assert OPEN.partners == ()
    with pytest.raises(CharterError, match="names no parties"):
        _ = OPEN.coordinator


NO_CONSORTIUM = {
    "no coordinator": ((ACME, BETA), "0 coordinators and 2 partners"),
    "two coordinators": ((HUB, attrs.evolve(BETA, role="coordinator"), ACME), "2 coordinators"),
    "no partner": ((HUB,), "1 coordinators and 0 partners"),
    "one name twice": ((HUB, ACME, attrs.evolve(BETA, name="acme")), "acme and acme have the same name"),
    "one name but for capitals": ((HUB, ACME, attrs.evolve(BETA, name="ACME")), "same name"),
    "one signing key twice": ((HUB, ACME, attrs.evolve(BETA, signing=ACME.signing)), "acme and beta.*signing key"),
    "one sealing key twice": ((HUB, ACME, attrs.evolve(BETA, sealing=HUB.sealing)), "hub and beta.*sealing key"),
    "an unreachable quorum": ((HUB, ACME), "quorum is 2, but there are 1 partners"),
}


@pytest.mark.parametrize("case", NO_CONSORTIUM)
def test_what_makes_no_consortium_is_refused(case):
    parties, words = NO_CONSORTIUM[case]
    with pytest.raises(CharterError, match=words) as caught:
        attrs.evolve(OPEN, parties=parties)
    assert caught.value.hint


BAD_FIELDS = [
    {"name": "a/b"}, {"name": ".."}, {"name": ""}, {"name": "a" * 65}, {"name": "a\n"}, {"name": None},
    {"name": "con"}, {"name": "AUX"}, {"name": "com1.x"}, {"name": "acme."},
    {"role": "server"}, {"signing": "ed25519:"}, {"signing": ACME.signing.removeprefix("ed25519:")},
    {"signing": "ed25519:" + base64.b64encode(bytes(31)).decode()}, {"signing": ACME.signing + "\n"},
    # Another spelling of the same 32 bytes.
    {"signing": ACME.signing[:-2] + "J="}, {"signing": 5}, {"sealing": "age1"}, {"sealing": "AGE1" + "q" * 58},
    {"sealing": "age1" + "b" * 58}, {"sealing": ACME.sealing + "q"}, {"sealing": b"age1"},
]  # fmt: skip


@given(strategies.names)
def test_whatever_has_a_name_can_have_files(name):
    assert is_proper(agreement_name(check_name(name)))
    for sealed in (True, False):
        assert is_proper(reply_name("sha256:" + "a" * 64, name, "sha256:" + "b" * 64, sealed=sealed))


@pytest.mark.parametrize("change", BAD_FIELDS, ids=str)
def test_what_is_no_party_is_refused(change):
    with pytest.raises((ValueError, TypeError)):
        attrs.evolve(ACME, **change)


def with_table(change):
    table = CHARTER.to_table()
    change(table)
    return table


BAD_TABLES = {
    "an unknown key": with_table(lambda t: t["party"][0].update(email="a@b")),
    "a missing key": with_table(lambda t: t["party"][0].pop("sealing")),
    "a party that is no table": with_table(lambda t: t.update(party=["hub"])),
    "no list": with_table(lambda t: t.update(party={"name": "hub"})),
    "a bad name": with_table(lambda t: t["party"][1].update(name="../x")),
    "a number": with_table(lambda t: t["party"][1].update(signing=5)),
    "parties in format 2": with_table(lambda t: t["charter"].update(format=2)),
    "parties in format 1": with_table(lambda t: (t["charter"].update(format=1), t.pop("distillation"))),
    "format 3 without parties": with_table(lambda t: t.pop("party")),
    "an empty list": with_table(lambda t: t.update(party=[])),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_tables_that_are_no_parties_are_refused(case):
    with pytest.raises(CharterError, match=r"pilot\.toml"):
        Charter.from_table(BAD_TABLES[case], "pilot.toml")


@given(strategies.charters, strategies.charters)
def test_there_are_changes_exactly_between_different_charters(one, other):
    assert changes(one, one) == ()
    assert bool(changes(one, other)) == (one.digest != other.digest)


def test_changes_are_named():
    other = attrs.evolve(
        CHARTER, weighting=Part("powered", {"power": 4.0}), seed=7, endpoints=(Endpoint("herg", description="new"),),
        parties=(HUB, party("gamma", number=4), BETA), proximity=Part("uniform"),
    )  # fmt: skip
    found = changes(CHARTER, other)
    for line in (
        "[weighting] power 6.0 -> 4.0", "[charter] seed 42 -> 7", "[endpoint] name 'active' -> 'herg'",
        "[party acme] name 'acme' is gone", "[party gamma] name 'gamma' is new", "[proximity] neighbours 8 is gone",
    ):  # fmt: skip
        assert line in found
    assert not any("beta" in line or "[student]" in line for line in found)


def test_a_whole_number_is_another_text():
    whole = attrs.evolve(CHARTER, weighting=Part("powered", {"power": 6}))
    assert changes(CHARTER, whole) == ("[weighting] power 6.0 -> 6",)
