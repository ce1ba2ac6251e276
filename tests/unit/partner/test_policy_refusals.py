"""What a policy refuses of charters, transfer sets and keys, and what the default lets pass."""

import attrs
import numpy as np
import pytest

from fluidmol.errors import PolicyError
from fluidmol.partner.charter_check import check_charter
from fluidmol.partner.earlier import Archive
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Errand
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, presets
from fluidmol.values.messages import Annotate, Declined
from fluidmol.values.parties import Party, signing_text
from fluidmol.values.parts import Part


def party(name, role, number):
    return Party(name, role, signing_text(bytes([number]) * 32), "age1" + "qpzry9x8gf"[number] * 58)


HUB, NEW_HUB = party("hub", "coordinator", 1), party("hub", "coordinator", 2)
ADA, BOB = party("ada", "partner", 3), party("bob", "partner", 4)


def asked(coordinator=HUB, **changes):
    return Annotate(attrs.evolve(Charter.from_preset("open"), parties=(coordinator, ADA, BOB), **changes))


def opinions(question, value=0.5):
    return Annotations(question.charter.digest, "ada", np.full((40, 1), value), np.full((40, 1), 0.5))


class TestCharters:
    @pytest.mark.parametrize("name", presets())
    def test_the_default_lets_all_presets_pass(self, name):
        check_charter(Charter.from_preset(name), Policy())

    @pytest.mark.parametrize("proximity", ["tanimoto-neighbours", "euclidean-neighbours"])
    @pytest.mark.parametrize("neighbours", [1, 2])
    def test_the_default_refuses_proximity_to_nearly_single_compounds(self, proximity, neighbours):
        question = asked(proximity=Part(proximity, {"neighbours": neighbours}))
        gate = Gate()
        with pytest.raises(PolicyError, match=r"the policy wants means over 3 .*min_neighbours.* presets have 8"):
            gate.release(opinions(question), Errand(question))
        assert gate.ledger.entries == ()
        assert Gate(Policy(min_neighbours=1)).release(opinions(question), Errand(question))

    @pytest.mark.parametrize("proximity", ["uniform", "resemblance"])
    def test_other_proximities_have_no_neighbours(self, proximity):
        check_charter(attrs.evolve(Charter.from_preset("open"), proximity=Part(proximity)), Policy(min_neighbours=200))

    def test_the_default_refuses_a_teacher_that_is_hardly_held_back(self):
        question = asked(teacher=Part("logistic", {"strength": 1000}))
        gate = Gate()
        with pytest.raises(PolicyError, match=r"strength = 1000.* wants a strength of 1 at most \(max_strength\)"):
            gate.release(opinions(question), Errand(question))
        assert gate.ledger.entries == ()
        assert Gate(Policy(max_strength=1000)).release(opinions(question), Errand(question))

    @pytest.mark.parametrize(
        "changes",
        [
            {"teacher": Part("logistic", {"strength": 1})},
            {"teacher": Part("random-forest")},
            {"teacher": Part("logistic", {"strength": 1000}), "privacy": Part("gaussian")},
        ],
        ids=str,
    )
    def test_what_has_no_such_strength(self, changes):
        check_charter(attrs.evolve(Charter.from_preset("private"), **({"privacy": None} | changes)), Policy())

    def test_a_small_quorum(self):
        with pytest.raises(PolicyError, match="quorum is 2, and the policy wants 3"):
            check_charter(Charter.from_preset("open"), Policy(min_quorum=3))

    def test_experts(self):
        with pytest.raises(PolicyError, match=r"experts_allowed.*labels"):
            check_charter(Charter.from_preset("open"), Policy(experts_allowed=False))
        check_charter(Charter.from_preset("paper-2025"), Policy(experts_allowed=False))

    def test_a_refusal_may_leave_all_the_same(self):
        question = asked(quorum=1)
        refusal = Declined(question.charter.digest, "ada", "the quorum is too small")
        assert Gate(Policy(min_quorum=2)).release(refusal, Errand(question)) == refusal


class TestTransferSets:
    @pytest.fixture
    def errand(self, transfer, assays):
        return Errand(asked(), transfer=transfer, assay=assays["ada"])

    @pytest.fixture
    def with_own(self, errand, assays):
        """The transfer set is of one's own compounds."""
        return attrs.evolve(errand, transfer=assays["ada"].compounds)

    def test_own_compounds(self, errand, with_own):
        policy, said = Policy(max_known=0.5), opinions(errand.request)
        assert Gate(policy).examine(said, errand)
        with pytest.raises(PolicyError, match=r"\(100.0%\) are in the transfer set; .* 50.0% \(max_known\)"):
            Gate(policy).examine(said, with_own)

    def test_analogues(self, errand):
        with pytest.raises(PolicyError, match=r"or have an analogue there; the policy allows 0.0% \(max_near\)"):
            Gate(Policy(max_near=0.0)).examine(opinions(errand.request), errand)

    @pytest.mark.parametrize("missing", ["assay", "transfer"])
    def test_what_cant_be_counted_is_refused(self, errand, missing):
        unknown = attrs.evolve(errand, **{missing: None})
        with pytest.raises(PolicyError, match="aren't known here"):
            Gate(Policy(max_near=0.5)).examine(opinions(errand.request), unknown)
        assert Gate().examine(opinions(errand.request), unknown)


class TestKeys:
    def gate(self, policy=None, signed=()):
        class Signed(Archive):
            def signed(self):
                return signed

        return Gate(policy or Policy(), Ledger(), archive=Signed())

    def test_a_name_with_another_key_gets_nothing(self):
        gate, first = self.gate(), asked()
        gate.release(Declined(first.charter.digest, "ada", "not yet"), Errand(first))
        second = asked(NEW_HUB)
        with pytest.raises(PolicyError, match="hub has another key than before") as caught:
            gate.release(Declined(second.charter.digest, "ada", "not yet"), Errand(second))
        assert HUB.signing in caught.value.message
        assert NEW_HUB.fingerprint in caught.value.message
        assert "recipients" in caught.value.hint
        assert len(gate.ledger.entries) == 1

    @pytest.mark.parametrize("named", [NEW_HUB.fingerprint, NEW_HUB.signing])
    def test_unless_the_policy_names_the_new_key(self, named):
        gate = self.gate()
        for question in (asked(), asked(NEW_HUB)):
            policy = Policy(recipients=[HUB.fingerprint, named])
            refusal = Declined(question.charter.digest, "ada", "not yet")
            assert attrs.evolve(gate, policy=policy).release(refusal, Errand(question))
        # From now on the new one is known, and the old one isn't.
        third = asked(NEW_HUB, seed=7)
        assert gate.release(Declined(third.charter.digest, "ada", "not yet"), Errand(third))
        with pytest.raises(PolicyError, match="another key"):
            gate.release(Declined(third.charter.digest, "ada", "not yet"), Errand(asked(seed=8)))

    def test_a_name_alone_names_no_key(self):
        gate, first, second = self.gate(Policy(recipients=["hub"])), asked(), asked(NEW_HUB)
        gate.release(Declined(first.charter.digest, "ada", "not yet"), Errand(first))
        with pytest.raises(PolicyError, match="another key"):
            gate.release(Declined(second.charter.digest, "ada", "not yet"), Errand(second))

    def test_charters_that_were_signed_count_where_nothing_has_left(self):
        second = asked(NEW_HUB)
        refusal = Declined(second.charter.digest, "ada", "not yet")
        with pytest.raises(PolicyError, match="that you have signed names hub with the key"):
            self.gate(signed=(asked().charter,)).release(refusal, Errand(second))
        assert self.gate(signed=(asked(NEW_HUB, seed=7).charter,)).release(refusal, Errand(second))
