"""The gate and its ledger: what leaves a partner, and what is known of it afterwards."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import InputError, OutputError, PolicyError
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.ledger import Entry, Ledger
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.release import Errand
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Score, Scorecard
from fluidmol.values.parties import Party, signing_text

D = "sha256:" + "0" * 64
OPINION = Annotations(D, "acme", [[0.123456], [math.nan]], [[0.98765432], [0.0]])
CARD = Scorecard(D, "acme", [Score("teacher", "external", "mcc", 0.123456), Score("hybrid", "external", "mcc", 1 / 3)])
REFUSAL = Declined(D, "acme", "too few compounds")
CHARTER = Charter.from_preset("open")


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
    "wrong",
    [
        {"decimals": 0}, {"decimals": 8}, {"decimals": True}, {"decimals": 2.0}, {"fewest_compounds": 1},
        {"scorecards": 1}, {"approval": "yes"}, {"labels": "firm"}, {"surest": 0.5}, {"surest": -0.1},
        {"surest": math.nan}, {"surest": True}, {"surest": 0.05, "decimals": 1}, {"surest": 0.1, "labels": "hard"},
        {"proximity_levels": -1}, {"proximity_levels": 12, "decimals": 1}, {"nearest_only": 1.0},
        {"nearest_only": "far"}, {"withheld": "herg"}, {"recipients": [1]}, {"recipients": None},
    ],
    ids=str,
)  # fmt: skip
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
    for reply, request in ((REFUSAL, ""), (OPINION, ""), (CARD, ""), (REFUSAL, "again")):
        ledger.add(reply, request=request)
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


def party(name, role, number):
    return Party(name, role, signing_text(bytes([number]) * 32), "age1" + "qpzry9x8gf"[number] * 58)


HUB, ACME, SPY = party("hub", "coordinator", 1), party("acme", "partner", 2), party("spy", "coordinator", 3)
ASKED = Annotate(attrs.evolve(CHARTER, quorum=1, endpoints=(Endpoint("herg"),), parties=(HUB, ACME)))
ANSWER = Annotations(ASKED.charter.digest, "acme", [[0.123456], [math.nan]], [[0.98765432], [0.0]])
ERRAND = Errand(ASKED)


def test_an_answer_goes_to_the_coordinator_whom_the_charter_names():
    gate = Gate()
    gate.release(ANSWER, ERRAND)
    assert gate.ledger.entries[0].recipients == (f"hub {HUB.signing}",)
    assert gate.ledger.entries[0].request == ASKED.digest


@pytest.mark.parametrize("reply", [ANSWER, CARD, REFUSAL], ids=lambda reply: type(reply).__name__)
@pytest.mark.parametrize("recipients", [(SPY,), (HUB, SPY), (ACME,)], ids=str)
def test_nobody_else_gets_anything(reply, recipients):
    gate = Gate()
    with pytest.raises(PolicyError, match="may not receive"):
        gate.release(reply, Errand(ASKED, recipients=recipients))
    assert gate.ledger.entries == ()


@pytest.mark.parametrize("named", ["hub", HUB.fingerprint, HUB.fingerprint.replace(" ", "").upper(), HUB.signing])
def test_a_policy_may_name_who_gets_it(named):
    gate = Gate(Policy(recipients=["another", named]))
    gate.release(ANSWER, ERRAND)
    assert len(gate.ledger.entries) == 1


@pytest.mark.parametrize("named", ["", "hu", "HUB", "acme", SPY.fingerprint, HUB.fingerprint[:-1], SPY.signing])
def test_a_coordinator_whom_the_policy_does_not_name_gets_nothing(named):
    with pytest.raises(PolicyError, match=r"hub .* may not receive"):
        Gate(Policy(recipients=[named])).release(ANSWER, ERRAND)


@pytest.mark.parametrize("errand", [None, Errand(ASKED, recipients=()), Errand(Annotate(CHARTER))], ids=str)
def test_named_recipients_and_nobody_to_compare(errand):
    with pytest.raises(PolicyError, match="it isn't said who"):
        Gate(Policy(recipients=["hub"])).release(ANSWER, errand)


def test_withheld_endpoints():
    gate = Gate(Policy(withheld=["cyp3a4", "herg"]))
    for reply in (ANSWER, CARD):
        with pytest.raises(PolicyError, match="withholds the endpoint herg"):
            gate.release(reply, ERRAND)
    with pytest.raises(PolicyError, match="isn't said which"):
        gate.release(ANSWER)
    assert gate.ledger.entries == ()
    assert gate.release(REFUSAL, ERRAND) == REFUSAL
    assert Gate(Policy(withheld=["cyp3a4"])).release(ANSWER, ERRAND)


def test_too_few_compounds_are_not_spoken_of():
    phenol = Assay(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)), [1])
    gate = Gate(Policy(fewest_compounds=2))
    with pytest.raises(PolicyError, match="knows 1 compounds"):
        gate.release(ANSWER, Errand(ASKED, assay=phenol))
    assert gate.ledger.entries == ()


def test_examining_lets_nothing_out():
    asked = []
    gate = Gate(Policy(approval=True), approve=asked.append)
    release = gate.examine(ANSWER, ERRAND)
    assert release.reply != ANSWER  # rounded
    assert (gate.ledger.entries, asked) == ((), [])


def test_a_person_sees_what_leaves_and_approves_it_by_name():
    seen = []

    def approve(summary):
        seen.append(summary)
        return " Dr. Ada "

    gate = Gate(Policy(approval=True), approve=approve)
    released = gate.release(ANSWER, ERRAND)
    (summary,), (entry,) = seen, gate.ledger.entries
    assert summary.digest == released.digest == entry.digest
    assert summary.recipients == (("hub", HUB.fingerprint),)
    assert entry.approver == "Dr. Ada"
    assert entry.policy == gate.policy.digest


@pytest.mark.parametrize("answer", [None, "", "  ", "Ada\nEntry", "\x1b[2J", "\ud800"], ids=repr)
def test_nothing_leaves_that_nobody_approves(answer):
    gate = Gate(Policy(approval=True), approve=lambda _summary: answer)
    with pytest.raises(PolicyError, match=r"nobody approved|approver's name"):
        gate.release(ANSWER, ERRAND)
    assert gate.ledger.entries == ()


def test_nobody_to_ask_is_nobody_who_approves():
    gate = Gate(Policy(approval=True))
    with pytest.raises(PolicyError, match="person to approve") as caught:
        gate.release(ANSWER, ERRAND)
    assert "`approve`" in caught.value.hint
    assert gate.ledger.entries == ()


def test_the_same_release_is_noted_once_and_approved_once():
    answers = iter(["Ada"])
    gate = Gate(Policy(approval=True), approve=lambda _summary: next(answers))
    assert gate.release(ANSWER, ERRAND) == gate.release(ANSWER, ERRAND)
    assert [entry.approver for entry in gate.ledger.entries] == ["Ada"]


def test_the_same_content_for_somebody_else_is_another_release():
    gate = Gate(Policy(recipients=["hub", "spy"]))
    for recipients in ((HUB,), (SPY,), (HUB, SPY)):
        gate.release(ANSWER, Errand(ASKED, recipients=recipients))
    assert len({entry.recipients for entry in gate.ledger.entries}) == len(gate.ledger.entries) == 3


def test_an_approval_is_of_one_content_for_one_question():
    answers = iter(["Ada", None, None])
    gate = Gate(Policy(approval=True), approve=lambda _summary: next(answers))
    gate.release(ANSWER, ERRAND)
    with pytest.raises(PolicyError, match="nobody approved"):
        gate.release(attrs.evolve(ANSWER, value=[[0.9], [math.nan]]), ERRAND)
    with pytest.raises(PolicyError, match="nobody approved"):
        gate.release(ANSWER, Errand(Annotate(attrs.evolve(ASKED.charter, seed=1))))


def test_a_release_examined_by_another_policy_stays_here():
    loose, strict = Gate(Policy(decimals=7)), Gate(Policy(decimals=1))
    with pytest.raises(PolicyError, match="another policy"):
        strict.let_out(loose.examine(ANSWER, ERRAND))
    assert strict.ledger.entries == ()


def test_nothing_leaves_without_an_entry(tmp_path):
    with pytest.raises(OutputError, match="Nothing has left"):
        Gate(ledger=LedgerFile(tmp_path / "missing" / "ledger.jsonl")).release(ANSWER, ERRAND)
    broken = LedgerFile(tmp_path / "ledger.jsonl")
    gate = Gate(ledger=broken)
    gate.release(ANSWER, ERRAND)
    broken.path.write_bytes(broken.path.read_bytes().replace(b"Annotations", b"annotations"))
    with pytest.raises(InputError, match="line 1"):
        gate.release(REFUSAL, ERRAND)
