"""The gate and its ledger: what leaves a partner, and what is known of it afterwards."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import PolicyError
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.ledger import Entry, Ledger
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Score, Scorecard

D = "sha256:" + "0" * 64
OPINION = Annotations(D, "acme", [[0.123456], [math.nan]], [[0.98765432], [0.0]])
CARD = Scorecard(D, "acme", [Score("teacher", "external", "mcc", 0.123456), Score("hybrid", "external", "mcc", 1 / 3)])
REFUSAL = Declined(D, "acme", "too few compounds")
CHARTER = Charter.from_preset("default")


def heir(cls, *arguments):
    return type(cls.__name__, (cls,), {})(*arguments)


FORBIDDEN = {
    "assay": Assay(CompoundSet(("C",), ("VNWKTOKETHGBQD-UHFFFAOYSA-N",)), [1]),
    "compounds": CompoundSet(("C",), ("VNWKTOKETHGBQD-UHFFFAOYSA-N",)),
    "labels": FederatedLabels(D, ("a",), [[0.5]], [[0.0]], [[[1.0]]]),
    "charter": CHARTER,
    "question": Annotate(CHARTER),
    "heir of annotations": heir(Annotations, D, "acme", [[0.5]], [[0.5]]),
    "heir of a refusal": heir(Declined, D, "acme", "C1CCCCC1"),
    "array": np.zeros(3),
    "text": "C1CCCCC1",
    "nothing": None,
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_refuses_all_but_the_three_replies(name):
    gate = Gate()
    with pytest.raises(PolicyError, match="may not leave the partner"):
        gate.release(FORBIDDEN[name])
    assert gate.ledger.entries == ()


@pytest.mark.parametrize("decimals", [1, 2, 4, 7])
def test_rounds_annotations(decimals):
    released = Gate(Policy(decimals=decimals)).release(OPINION)
    assert released.value[0, 0] == np.float32(round(0.123456, decimals))
    assert released.weight[0, 0] == np.float32(round(0.98765432, decimals))
    assert released.abstained.ravel().tolist() == [False, True]


def test_rounds_scorecards():
    released = Gate(Policy(decimals=2)).release(CARD)
    assert [score.value for score in released.scores] == [0.12, 0.33]


def test_rounding_hides_what_is_finer():
    finer = attrs.evolve(OPINION, value=OPINION.value + np.float32(0.00001))
    assert finer != OPINION
    assert Gate().release(finer) == Gate().release(OPINION)


def test_releasing_twice_changes_nothing_more():
    gate = Gate(Policy(decimals=3))
    assert gate.release(gate.release(OPINION)) == gate.release(OPINION)


def test_scorecards_forbidden():
    gate = Gate(Policy(scorecards=False))
    with pytest.raises(PolicyError, match="no scorecard"):
        gate.release(CARD)
    assert gate.ledger.entries == ()
    assert gate.release(Scorecard(D, "acme")).scores == ()


@pytest.mark.parametrize(
    "wrong", [{"decimals": 0}, {"decimals": 8}, {"fewest_compounds": 1}, {"scorecards": 1}], ids=str
)
def test_policy_out_of_range(wrong):
    with pytest.raises((ValueError, TypeError)):
        Policy(**wrong)


def test_ledger_names_exactly_what_left():
    gate = Gate(Policy(decimals=2))
    released = [gate.release(reply) for reply in (OPINION, CARD, REFUSAL)]
    entries = gate.ledger.entries
    assert [entry.kind for entry in entries] == ["Annotations", "Scorecard", "Declined"]
    assert [entry.digest for entry in entries] == [reply.digest for reply in released]
    assert released[0].digest != OPINION.digest  # rounded
    assert {entry.charter for entry in entries} == {D}
    assert gate.ledger.intact


def ledger_of_four():
    ledger = Ledger()
    for reply in (REFUSAL, OPINION, CARD, REFUSAL):
        ledger.add(reply)
    assert ledger.intact
    return ledger


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("field", [field.name for field in attrs.fields(Entry)])
def test_ledger_shows_a_changed_entry(place, field):
    ledger = ledger_of_four()
    changed = ("another",) if field == "recipients" else "another"
    ledger._entries[place] = attrs.evolve(ledger._entries[place], **{field: changed})
    assert not ledger.intact


@pytest.mark.parametrize("place", range(3))
def test_ledger_shows_a_removed_entry(place):
    ledger = ledger_of_four()
    del ledger._entries[place]
    assert not ledger.intact


def test_ledger_shows_swapped_and_inserted_entries():
    ledger = ledger_of_four()
    ledger._entries[1:3] = ledger._entries[2:0:-1]
    assert not ledger.intact
    ledger = ledger_of_four()
    ledger._entries.insert(1, ledger._entries[3])
    assert not ledger.intact


def test_ledger_gives_no_way_to_its_entries():
    ledger = ledger_of_four()
    assert isinstance(ledger.entries, tuple)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ledger.entries[0].digest = "another"
