"""Releases that add up: what the gate knows of earlier ones, and what it makes of that."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import PolicyError
from fluidmol.partner.earlier import Archive, SavedRelease, earlier_releases
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Errand
from fluidmol.partner.summary import summarised
from fluidmol.rounds.partner.archive import HomeArchive
from fluidmol.rounds.partner.home import Home
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate

KEYS = {name: PrivateKeys.generate(name) for name in ("hub", "rival", "ada", "bob")}


class Remembered(Archive):
    """Remembers in memory."""

    def __init__(self):
        self.known = {}

    def keep(self, said, errand):
        self.known[said.digest] = SavedRelease(said, errand.charter, errand.transfer)
        return said

    def find(self, digest):
        return self.known.get(digest)


@pytest.fixture
def archive():
    return Remembered()


@pytest.fixture
def errand(transfer):
    def made(hub="hub", molecules=None, preset="open", **changes):
        found = transfer if molecules is None else transfer.take(molecules)
        parties = (KEYS[hub].public.party("coordinator"), *(KEYS[n].public.party("partner") for n in ("ada", "bob")))
        charter = attrs.evolve(
            Charter.from_preset(preset), name="pilot", transfer_digest=found.digest, transfer_size=len(found),
            parties=parties, **changes,
        )  # fmt: skip
        return Errand(Annotate(charter), transfer=found)

    return made


def opinions(errand, value=0.5, changed=()):
    n = len(errand.transfer)
    values, weights = np.full((n, 1), value), np.full((n, 1), 0.25)
    for row, weight in changed:
        weights[row] = weight
    return Annotations(errand.charter.digest, "ada", values, weights)


def released(gate, archive, said, errand):
    return archive.keep(gate.release(said, errand), errand)


def gate_of(archive, policy=None, **more):
    return Gate(policy or Policy(), Ledger(clock=lambda: "2026-03-01T09:30:00Z"), archive=archive, **more)


def test_a_second_release_needs_a_person_who_sees_the_figures(archive, errand):
    gate = gate_of(archive)
    first, second = errand(), errand(seed=7)
    released(gate, archive, opinions(first), first)
    said = opinions(second, changed=[(3, 1.0), (4, 0.5)])
    with pytest.raises(PolicyError, match="compared with earlier ones, and there is nobody to ask") as caught:
        gate.release(said, second)
    assert (
        f"On 2026-03-01T09:30:00Z opinions left for hub under the charter pilot, {first.charter.digest}: of 40"
        " molecules in common the weight of 2 changed (by 0.75 at most) and the probability of 0 (by 0 at most)"
    ) in caught.value.message
    assert "which of your compounds are new" in caught.value.message
    assert len(gate.ledger.entries) == 1
    seen = []
    asking = attrs.evolve(gate, approve=lambda summary: seen.append(summary) or "Dr. Ada")
    asking.release(said, second)
    assert gate.ledger.entries[1].approver == "Dr. Ada"
    (earlier,) = seen[0].earlier
    assert (earlier.compared.weights, earlier.compared.largest_weight, earlier.consortium) == (2, 0.75, "pilot")
    gate.release(said, second)  # approved once
    assert len(gate.ledger.entries) == 2


@pytest.mark.parametrize("rule", ["approve", "refuse", "allow"])
def test_what_leaves_while_a_person_looks_is_noticed(archive, errand, rule):
    gate, first, second = gate_of(archive, Policy(repeated_releases=rule, approval=True)), errand(), errand(seed=7)

    def late(_summary):
        released(attrs.evolve(gate, approve=lambda _: "Bob"), archive, opinions(first), first)
        return "Dr. Ada"

    asking = attrs.evolve(gate, approve=late)
    if rule == "allow":
        asking.release(opinions(second, changed=[(3, 1.0)]), second)
    else:
        with pytest.raises(PolicyError, match=r"has left while this was looked at: On 2026.* the weight of 1 changed"):
            asking.release(opinions(second, changed=[(3, 1.0)]), second)
    assert [entry.approver for entry in gate.ledger.entries] == ["Bob", "Dr. Ada"][: 1 + (rule == "allow")]


def test_asking_again_for_the_same_is_no_new_release(archive, errand):
    gate, first = gate_of(archive), errand()
    for _ in range(2):
        released(gate, archive, opinions(first), first)
    assert len(gate.ledger.entries) == 1


def test_other_content_for_the_same_question_is_one(archive, errand):
    gate, first = gate_of(archive), errand()
    released(gate, archive, opinions(first), first)
    with pytest.raises(PolicyError, match="the weight of 1 changed"):
        gate.release(opinions(first, changed=[(0, 0.5)]), first)


def test_what_left_goes_out_again_whatever_left_since_then(archive, errand):
    gate, first, second = gate_of(archive, Policy(repeated_releases="allow")), errand(), errand(seed=7)
    for each in (first, second):
        released(gate, archive, opinions(each, value=0.1 * each.charter.seed % 1), each)
    for rule in ("refuse", "approve"):
        strict = attrs.evolve(gate, policy=Policy(repeated_releases=rule))
        strict.release(opinions(first, value=0.1 * 42 % 1), first)
    assert len(gate.ledger.entries) == 2


def test_the_policy_may_refuse_or_allow(archive, errand):
    gate, first, second = gate_of(archive), errand(), errand(seed=7)
    released(gate, archive, opinions(first), first)
    said = opinions(second, value=0.75)
    strict = attrs.evolve(gate, policy=Policy(repeated_releases="refuse"), approve=lambda _: "Ada")
    with pytest.raises(PolicyError, match=r"repeated_releases\).*the probability of 40 \(by 0.25 at most\)"):
        strict.examine(said, second)
    loose = attrs.evolve(gate, policy=Policy(repeated_releases="allow"))
    release = loose.examine(said, second)
    assert summarised(release).earlier
    assert loose.let_out(release) == said


def test_numbers_that_are_the_same_tell_nothing(archive, errand):
    gate, first, second = gate_of(archive, Policy(repeated_releases="refuse")), errand(), errand(seed=7)
    for each in (first, second):
        released(gate, archive, opinions(each), each)
    assert len(gate.ledger.entries) == 2


def test_somebody_else_cant_compare(archive, errand):
    gate = gate_of(archive, Policy(repeated_releases="refuse"))
    for each in (errand(), errand("rival")):
        released(gate, archive, opinions(each, value=0.1 * len(each.charter.coordinator.name)), each)
    assert len(gate.ledger.entries) == 2


def test_only_molecules_in_common_count(archive, errand):
    gate = gate_of(archive, Policy(repeated_releases="refuse"))
    first, apart, overlapping = (
        errand(molecules=range(20)),
        errand(molecules=range(20, 40)),
        errand(molecules=range(19, 40)),
    )
    released(gate, archive, opinions(first), first)
    released(gate, archive, opinions(apart, value=0.75), apart)
    with pytest.raises(
        PolicyError, match=r"of 1 molecules in common .* of 1 \(by 0.25 at most\); 20 molecules are new"
    ):
        gate.release(opinions(overlapping, value=0.75), overlapping)


def test_what_isnt_at_hand_is_taken_for_the_same_molecules(errand):
    gate = Gate(ledger=Ledger())
    first, second = errand(), errand(seed=7)
    gate.release(opinions(first), first)
    with pytest.raises(PolicyError, match="isn't at hand here"):
        gate.release(opinions(second), second)


def test_abstentions_count_as_changes(archive, errand):
    gate, first, second = gate_of(archive), errand(), errand(seed=7)
    released(gate, archive, opinions(first), first)
    value = np.full((40, 1), 0.5)
    value[0] = math.nan
    weight = np.where(np.isnan(value), 0, 0.25)
    (earlier,) = gate.examine(Annotations(second.charter.digest, "ada", value, weight), second).earlier
    assert (earlier.compared.values, earlier.compared.largest_value, earlier.compared.weights) == (1, 1.0, 1)


def test_under_privacy_the_budget_counts(archive, errand):
    gate, first, second = gate_of(archive), errand(), errand(preset="private")
    released(gate, archive, opinions(first), first)
    (earlier,) = earlier_releases(opinions(second, value=0.75), second, gate.ledger.entries, archive)
    assert not earlier.tells
    assert "the budget counts" in earlier.words


def test_in_a_simulation_there_is_nobody_to_compare():
    gate = Gate(Policy(repeated_releases="refuse"))
    for seed in (1, 2):
        charter = attrs.evolve(Charter.from_preset("open"), seed=seed)
        gate.release(Annotations(charter.digest, "ada", [[seed / 10]], [[0.5]]), Errand(Annotate(charter)))
    assert len(gate.ledger.entries) == 2


class TestHomes:
    @pytest.fixture
    def homes(self, tmp_path, errand):
        """Homes of two charters, side by side; the first has sent something."""
        first, second = errand(), errand(seed=7)
        old, new = (Home(tmp_path / name) for name in ("first", "second"))
        old.accept(first.charter, agree(first.charter, KEYS["ada"]))
        old.save_opinions(opinions(first), first.charter, first.transfer)
        return HomeArchive(new, "ada", second.charter), old, opinions(first), first

    def test_they_find_what_left(self, homes):
        archive, _, said, errand = homes
        found = archive.find(said.digest)
        assert (found.said, found.charter, found.transfer) == (said, errand.charter, errand.transfer)
        assert archive.find("sha256:" + "0" * 64) is None
        assert archive.signed() == (errand.charter,)

    @pytest.mark.parametrize("name", ["opinions.fluid", "transfer.fluid", "charter.toml"])
    @pytest.mark.parametrize("content", [b"", b"garbage"])
    def test_what_is_damaged_isnt_here(self, homes, name, content):
        archive, home, said, _ = homes
        (home.opinions(said.digest) / name).write_bytes(content)
        assert archive.find(said.digest) is None

    def test_what_was_put_there_instead_isnt_here(self, homes):
        archive, home, said, first = homes
        other = opinions(first, value=0.75)
        home.save_opinions(other, first.charter, first.transfer)
        forged = (home.opinions(other.digest) / "opinions.fluid").read_bytes()
        (home.opinions(said.digest) / "opinions.fluid").write_bytes(forged)
        assert archive.find(said.digest) is None

    def test_charters_that_others_signed_dont_count(self, homes):
        archive, home, _, first = homes
        home.agreement.write_text(agree(first.charter, KEYS["bob"]))
        assert archive.signed() == ()
