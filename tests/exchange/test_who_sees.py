"""Labels and experts are for the parties: nobody else reads them, and no partner reads whose opinions they are."""

import json

import attrs
import numpy as np
import pytest
from rounds import to_the_end

from fluidmol.errors import AwaitingError, SignatureError
from fluidmol.exchange.contents import read_request, requests
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import LABELS, OPEN_LABELS, SUMMARY, is_request, open_name, request_name
from fluidmol.exchange.status import standing
from fluidmol.rounds.coordinator.coordinating import Round, conduct
from fluidmol.rounds.coordinator.postal import PostalChannel
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.partner_round import PartnerRound
from fluidmol.trust.sealing import is_sealed, seal
from fluidmol.trust.signed import opened, signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Learn

NAMES = ("ada", "bob", "cleo")


@pytest.fixture
def published(answered, hub):
    """A place in which labels are, and no scorecard yet; the names of both files that hold them."""
    hub.go()
    (name,) = (name for name in answered.names("requests") if "2-learn" in name)
    return name, LABELS


def learn_of(mailbox, charter, keys):
    return next(request for request in requests(mailbox, charter, keys) if isinstance(request, Learn))


class TestSealing:
    def test_who_cannot_open_them_is_told(self, published, answered, charter, keys, companies, hub, capsys):
        name, bob = published[0], companies["bob"]
        path, inside = answered.path / name, keys["hub"].unseal(answered.read(name))
        visit = PartnerRound(answered, charter, bob.desk(answered), bob.home, said=print)
        assert bob.desk(answered).unopened() == []
        path.write_bytes(seal(inside, [keys["hub"].public.sealing, keys["ada"].public.sealing]))
        assert bob.desk(answered).unopened() == [name]
        list(visit.asked(dry_run=False, ledger=bob.gate.ledger, remark=lambda _: ""))
        assert f"{name} can't be read with your key" in capsys.readouterr().out
        path.unlink()
        hub.go()
        assert bob.desk(answered).unopened() == []
        assert keys["bob"].unseal(answered.read(name)) == inside

    def test_every_party_can_open_them(self, published, answered, charter, keys):
        for party in ("hub", *NAMES):
            values = [
                opened(keys[party].unseal(answered.read(name)), [charter.coordinator]).value for name in published
            ]
            assert isinstance(values[1], FederatedLabels)
            assert values[0].labels == values[1]

    def test_nobody_else_can(self, published, answered, charter, keys):
        for name in published:
            assert is_sealed(answered.read(name))
            with pytest.raises(SignatureError, match="sealed to somebody else"):
                keys["mallory"].unseal(answered.read(name))
        with pytest.raises(SignatureError, match="sealed to the charter's parties"):
            read_request(answered, published[0], charter)
        for key in (None, keys["mallory"]):
            assert [type(request) for request in requests(answered, charter, key)] == [Annotate]

    def test_no_byte_of_the_place_tells_a_label(self, published, answered, charter, keys):
        labels = learn_of(answered, charter, keys["ada"]).labels
        told = [labels.value.tobytes()[:64], labels.contribution[0].tobytes()[:64], labels.partners[0].encode()]
        told += [] if labels.experts is None else [labels.experts.opinion.tobytes()[:64]]
        for name in answered.names():
            assert not any(words in answered.read(name) for words in told), name

    def test_who_was_left_out_can_open_them(self, folder, hub, companies, charter, keys):
        for _ in range(2):
            hub.go()
            for name in ("ada", "cleo"):
                companies[name].visit(folder)
            hub.go(without=["bob"])
        assert learn_of(folder, charter, keys["bob"]).labels.value.shape == (charter.transfer_size, 1)

    def test_the_same_labels_are_never_sealed_twice(self, published, answered, hub, companies):
        before = {name: answered.read(name) for name in published}
        for _ in range(3):
            hub.go()
            assert {name: answered.read(name) for name in published} == before
        to_the_end(hub, companies, answered)
        assert {name: answered.read(name) for name in published} == before
        assert not answered.names("quarantine")

    @pytest.mark.parametrize("place", [0, 1])
    @pytest.mark.parametrize("how", ["in the open", "to the coordinator's key, by a stranger"])
    def test_others_in_their_place_are_set_aside(self, how, place, published, answered, hub, charter, keys):
        name = published[place]
        inside = keys["ada"].unseal(answered.read(name))
        value = opened(inside, [charter.coordinator]).value
        other = inside
        if how != "in the open":
            fake = signed(value, "", attrs.evolve(keys["mallory"], name="hub"))
            other = seal(fake, [keys["hub"].public.sealing])
        answered.path.joinpath(name).write_bytes(other)
        hub.go()
        assert keys["bob"].unseal(answered.read(name)) == inside
        assert len([n for n in answered.names("quarantine") if n.endswith(".txt")]) == 1


class TestStatus:
    """Needs no key, and says the same as if it had one."""

    def test_it_goes_with_the_round(self, published, answered, hub, companies):
        seen = standing(answered)
        assert (seen.asked, seen.closed, seen.labels, seen.finished) == (
            ("annotate", "learn"), ("agree", "annotate"), True, False,
        )  # fmt: skip
        assert seen.following == ("To send scorecards: ada, bob, cleo, with: fluid answer.",)
        companies["bob"].visit(answered)
        assert standing(answered).following == ("To send scorecards: ada, cleo, with: fluid answer.",)
        to_the_end(hub, companies, answered)
        seen = standing(answered)
        assert seen.finished
        assert {member.answers["learn"].state for member in seen.members[1:]} == {"answered"}

    def test_a_name_alone_asks_nothing(self, folder, hub, companies):
        hub.go()
        folder.path.joinpath("requests").mkdir(exist_ok=True)
        folder.path.joinpath("requests/2-learn-000000000000.fluid.age").write_bytes(b"age-encryption.org/v1\nno")
        assert standing(folder).asked == ()
        for company in companies.values():
            company.visit(folder)
        hub.go()
        assert standing(folder).asked == ("annotate",)
        assert not folder.names("requests/2-learn-000000000000.fluid.age")  # the coordinator has set it aside

    def test_a_closing_tells_which_of_two_it_is(self, published, answered, hub, companies):
        answered.path.joinpath("requests/2-learn-000000000000.fluid.age").write_bytes(b"age-encryption.org/v1\nno")
        answered.path.joinpath("requests/2-learn-ffffffffffff.fluid.age").write_bytes(b"age-encryption.org/v1\nno")
        for company in companies.values():
            assert len(company.visit(answered)) == 1
        to_the_end(hub, companies, answered)
        answered.path.joinpath("requests/2-learn-000000000000.fluid.age").write_bytes(b"age-encryption.org/v1\nno")
        assert standing(answered).finished


class TestPseudonyms:
    def test_labels_name_nobody(self, published, answered, charter, keys):
        labels = learn_of(answered, charter, keys["ada"]).labels
        assert len(labels.partners) == 3
        assert all(name.startswith("anon-") and len(name) == 21 for name in labels.partners)
        assert list(labels.partners) == sorted(labels.partners)

    def test_each_partner_finds_itself_and_nobody_else(self, published, answered, hub, charter, companies):
        outcome = to_the_end(hub, companies, answered)
        labels = outcome.published
        found = {name: company.home.own_in(labels, name) for name, company in companies.items()}
        assert found == outcome.pseudonyms
        assert len(set(found.values())) == 3
        assert companies["ada"].home.pseudonyms.read_text() == f"{found['ada']}\n"
        for name, known in found.items():
            assert np.array_equal(
                labels.contribution[labels.partners.index(known)],
                outcome.labels.contribution[outcome.labels.partners.index(name)],
            )

    def test_what_a_place_tells_is_not_enough_to_work_one_out(self, charter):
        said = Annotations(charter.digest, "ada", [[0.5]], [[0.5]])
        assert said.pseudonym == Annotations(charter.digest, "ada", [[0.5]], [[0.5]]).pseudonym
        others = [
            Annotations(charter.digest, "bob", [[0.5]], [[0.5]]),
            Annotations(charter.digest, "ada", [[0.5]], [[0.4]]),
            Annotations("sha256:" + "0" * 64, "ada", [[0.5]], [[0.5]]),
        ]
        assert said.pseudonym not in {other.pseudonym for other in others}
        assert said.pseudonym.removeprefix("anon-") not in said.digest

    def test_outcome_and_terminal_give_no_shares_by_name(self, answered, hub, companies):
        outcome = to_the_end(hub, companies, answered)
        told = json.loads(answered.read(SUMMARY))
        assert told["partners"] == list(NAMES)
        assert told["labels"] == outcome.published.digest
        assert not any(known in answered.read(SUMMARY).decode() for known in outcome.pseudonyms.values())

    def test_own_share_is_told_at_home(self, published, answered, charter, companies, capsys):
        bob = companies["bob"]
        visit = PartnerRound(answered, charter, bob.desk(answered), bob.home, said=print)
        list(visit.asked(dry_run=False, ledger=bob.gate.ledger, remark=lambda _: ""))
        said = capsys.readouterr().out
        (known,) = bob.home.pseudonyms.read_text().split()
        assert f"In the labels you are {known}; your mean share in them is " in said
        assert "Caution" not in said

    def test_labels_of_opinions_that_were_not_asked_for_here_are_not_published(
        self, published, answered, charter, keys
    ):
        labels = learn_of(answered, charter, keys["ada"]).labels
        with pytest.raises(ValueError, match="have no pseudonym"):
            PostalChannel(answered, charter, keys["hub"]).ask(Learn(charter, labels))

    def test_a_home_that_was_lost_learns_it_again_where_models_are_judged(
        self, published, answered, charter, companies, tmp_path
    ):
        bob = companies["bob"]
        known = bob.home.pseudonyms.read_text()
        bob.home = Home(tmp_path / "new")
        question = bob.desk(answered).questions()[1]
        bob.desk(answered).prepare(question, bob.gate, lambda: bob.partner(answered, charter), scored=True)
        assert bob.home.pseudonyms.read_text() == known

    def test_a_scorecard_answers_what_was_published(self, published, answered, charter, companies):
        bob = companies["bob"]
        desk = bob.desk(answered)
        question = desk.questions()[1]
        partner = bob.partner(answered, charter)
        asked = []
        examine = partner.examine
        partner.examine = lambda request, **more: asked.append(request) or examine(request, **more)
        prepared = desk.prepare(question, bob.gate, lambda: partner, scored=True)
        assert prepared.release.errand.request == question.request
        (learnt,) = (request for request in asked if isinstance(request, Learn))
        assert "bob" in learnt.labels.partners
        assert len(set(learnt.labels.partners) & set(question.request.labels.partners)) == 2


class TestPlacesOfEarlierVersions:
    """Labels lay there by name, and unsealed."""

    @pytest.fixture
    def old(self, published, answered, hub, companies, charter, keys):
        labels = learn_of(answered, charter, keys["hub"]).labels
        known = {company.home.own_in(labels, name): name for name, company in companies.items()}
        learn = Learn(charter, labels.renamed(known))
        for name in published:
            answered.path.joinpath(name).unlink()
        answered.write(open_name(learn), signed(learn, "", keys["hub"]))
        answered.write(OPEN_LABELS, signed(learn.labels, learn.digest, keys["hub"]))
        return learn

    def test_a_partner_reads_them_and_is_told(self, old, answered, charter, companies, capsys):
        bob = companies["bob"]
        visit = PartnerRound(answered, charter, bob.desk(answered), bob.home, said=print)
        list(visit.asked(dry_run=False, ledger=bob.gate.ledger, remark=lambda _: ""))
        said = capsys.readouterr().out
        assert "In the labels you go by your name; your mean share" in said
        assert "Caution: an earlier version put these labels there." in said

    def test_the_round_comes_to_its_end(self, old, answered, hub, companies):
        outcome = to_the_end(hub, companies, answered)
        assert outcome.published == outcome.labels == old.labels
        assert json.loads(answered.read(SUMMARY))["learn"] == old.digest
        assert not [name for name in answered.names() if name == LABELS or name == request_name(old)]
        assert not answered.names("quarantine")
        assert standing(answered).finished

    def test_status_knows_them(self, old, answered):
        seen = standing(answered)
        assert seen.asked == ("annotate", "learn")
        assert seen.labels


def test_sealed_labels_are_carried_by_hand(published, answered, companies, charter, keys, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    for name in ("charter.toml", "transfer.fluid"):
        (stick / name).write_bytes(answered.read(name))
    (stick / "From the hub.fluid.age").write_bytes(answered.read(published[0]))
    box = FolderMailbox(stick, patience=0)
    assert companies["ada"].desk(box).sort_in() == [published[0]]
    assert is_request(published[0])
    assert learn_of(box, charter, keys["ada"]) == learn_of(answered, charter, keys["hub"])


def test_the_coordinator_needs_no_transfer_set_again(published, answered, charter, keys):
    with pytest.raises(AwaitingError, match="awaiting the scorecards"):
        conduct(Round(answered, charter, keys["hub"]))
