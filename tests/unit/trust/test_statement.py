"""Statements: what was signed is what is read, and nothing else passes."""

import json

import pytest

from fluidmol.errors import SignatureError
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.statement import read_statement, stated

KEYS = PrivateKeys.generate("acme")
PARTIES = [KEYS.public.party("partner")]
FACTS = {"largest_auc": 0.61, "rules": {"decimals": 4}, "words": "weiß"}


def test_facts_come_back_with_the_name_of_who_signed():
    found = read_statement(stated("audit", FACTS, KEYS), "audit", PARTIES)
    assert (found.party, dict(found.facts)) == ("acme", FACTS)


def test_the_same_each_time():
    assert stated("audit", FACTS, KEYS) == stated("audit", FACTS, KEYS)


@pytest.mark.parametrize(
    "change",
    [{"facts": {**FACTS, "largest_auc": 0.51}}, {"facts": {}}, {"signature": "AAAA"}, {"party": "bob"}, {"kind": "x"},
     {"format": "fluidmol statement 2"}, {"more": 1}, {"facts": [1]}, {"signature": "é"}],
)  # fmt: skip
def test_what_was_altered_is_refused(change):
    text = json.dumps({**json.loads(stated("audit", FACTS, KEYS)), **change})
    with pytest.raises(SignatureError):
        read_statement(text, "audit", [*PARTIES, PrivateKeys.generate("bob").public.party("partner")])


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"', "[" * 100_000, " " * 100_000, '{"facts": NaN}'])
def test_what_is_no_statement(text):
    with pytest.raises(SignatureError, match="no statement"):
        read_statement(text, "audit", PARTIES)


def test_strangers_and_other_kinds():
    text = stated("audit", FACTS, KEYS)
    with pytest.raises(SignatureError, match="signed by acme"):
        read_statement(text, "audit", [])
    with pytest.raises(SignatureError, match="isn't that of acme"):
        read_statement(text, "audit", [PrivateKeys.generate("acme").public.party("partner")])
    with pytest.raises(SignatureError, match="nothing of the kind"):
        read_statement(text, "promise", PARTIES)
