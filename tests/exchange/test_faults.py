"""What may lie in a place and mustn't count: each is named and set aside, and the rest goes on."""

import contextlib
import shutil
from collections import Counter

import attrs
import numpy as np
import pytest

from fluidmol.errors import AwaitingError, CharterError, InputError, QuorumError, UsageError
from fluidmol.exchange.contents import reasons, requests
from fluidmol.exchange.layout import LABELS, reply_name, request_name
from fluidmol.exchange.mailbox import short
from fluidmol.rounds.coordinator.coordinating import Round, conduct
from fluidmol.rounds.coordinator.gathering import Gatherer
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.partner_round import PartnerRound
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed, seal
from fluidmol.trust.signed import opened, signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard

ZEROS = "sha256:" + "0" * 64


def question(charter):
    return Annotate(charter).digest


def opinion(charter, name, *, level=0.5, weight=0.5, rows=None):
    shape = (rows or charter.transfer_size, 1)
    return Annotations(charter.digest, name, np.full(shape, level), np.full(shape, weight))


def reply_of(folder, name):
    """Path of a partner's opinion."""
    return next(p for p in sorted((folder.path / "replies").rglob(f"{name}-*")))


def put(folder, name, data):
    path = folder.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def expect_aside(folder, words):
    """Exactly one thing was set aside, for a reason that says these words."""
    found = reasons(folder)
    assert len(found) == 1, found
    assert words in found[0][1]
    return found[0][0]


def truncated(folder, charter, keys):
    path = reply_of(folder, "bob")
    path.write_bytes(path.read_bytes()[:-40])
    return {"bob"}, "can't be opened"


def unsealed_and_flipped(folder, charter, keys):
    path = reply_of(folder, "bob")
    data = bytearray(keys["hub"].unseal(path.read_bytes()))
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    return {"bob"}, ""


def forged(folder, charter, keys):
    fake = signed(opinion(charter, "bob"), question(charter), attrs.evolve(keys["mallory"], name="bob"))
    put(folder, f"replies/{short(question(charter))}/bob-aaaaaaaaaaaa.fluid", fake)
    return set(), "isn't that of bob"


def of_a_stranger(folder, charter, keys):
    fake = signed(opinion(charter, "mallory"), question(charter), keys["mallory"])
    put(folder, f"replies/{short(question(charter))}/mallory-aaaaaaaaaaaa.fluid", fake)
    return set(), "signed by mallory"


def in_another_name(folder, charter, keys):
    fake = signed(opinion(charter, "bob"), question(charter), keys["ada"])
    put(folder, f"replies/{short(question(charter))}/bob-aaaaaaaaaaaa.fluid", fake)
    return set(), "speaks for bob, and ada signed it"


def of_another_charter(folder, charter, keys):
    fake = signed(opinion(attrs.evolve(charter, seed=1), "ada"), question(charter), keys["ada"])
    put(folder, f"replies/{short(question(charter))}/ada-aaaaaaaaaaaa.fluid", fake)
    return set(), "another charter"


def to_another_question(folder, charter, keys):
    put(folder, "replies/000000000000/ada-aaaaaaaaaaaa.fluid", signed(opinion(charter, "ada"), ZEROS, keys["ada"]))
    return set(), "a question that wasn't asked here"


def of_the_wrong_kind(folder, charter, keys):
    fake = signed(Scorecard(charter.digest, "ada"), question(charter), keys["ada"])
    put(folder, f"replies/{short(question(charter))}/ada-aaaaaaaaaaaa.fluid", fake)
    return set(), "wrong kind"


def no_reply_at_all(folder, charter, keys):
    put(folder, "inbox/a charter.fluid", signed(charter, question(charter), keys["ada"]))
    return set(), "holds a Charter"


def of_too_few_molecules(folder, charter, keys):
    fake = signed(opinion(charter, "ada", rows=3), question(charter), keys["ada"])
    put(folder, f"replies/{short(question(charter))}/ada-aaaaaaaaaaaa.fluid", fake)
    return set(), "3 molecules"


def oversized(folder, charter, keys):
    path = put(folder, f"replies/{short(question(charter))}/ada-aaaaaaaaaaaa.fluid", b"")
    with path.open("wb") as file:
        file.truncate(1 << 40)  # holes: nothing that reads it would come to an end
    return set(), "bytes"


def sealed_to_another(folder, charter, keys):
    fake = seal(signed(opinion(charter, "ada"), question(charter), keys["ada"]), [keys["mallory"].public.sealing])
    put(folder, f"replies/{short(question(charter))}/ada-aaaaaaaaaaaa.fluid.age", fake)
    return set(), "sealed to somebody else"


def a_copy(folder, charter, keys):
    data = reply_of(folder, "ada").read_bytes()
    put(folder, f"replies/{short(question(charter))}/ada (conflicted copy 2026-02-03).fluid.age", data)
    return set(), "says the same as"


def garbage(folder, charter, keys):
    put(folder, "replies/x.fluid", b"PK\x03\x04 and nothing more")
    return set(), "no signed file"


FAULTS = (
    truncated, unsealed_and_flipped, forged, of_a_stranger, in_another_name, of_another_charter, to_another_question,
    of_the_wrong_kind, no_reply_at_all, of_too_few_molecules, oversized, sealed_to_another, a_copy, garbage,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_is_set_aside_and_the_rest_goes_on(fault, answered, hub, charter, keys, companies):
    missing, words = fault(answered, charter, keys)
    said = hub.go()
    expect_aside(answered, words)
    assert any("aside" in sentence for sentence in hub.said)
    if missing:
        assert said == f"awaiting the opinion of {', '.join(missing)}"
        for name in missing:  # who asks where it stands is told, and sends it again
            assert companies[name].desk(answered).set_aside()
            assert companies[name].visit(answered)
        said = hub.go()
    assert said == "awaiting the scorecards of ada, bob, cleo"
    assert LABELS in answered.names("outcome")


def test_a_file_that_is_still_being_copied_is_waited_for(answered, hub, age, tmp_path):
    path = reply_of(answered, "bob")
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    patient = type(answered)(answered.path)
    assert hub.go(patient).startswith("awaiting the opinion of bob; replies/")
    assert not reasons(answered)
    path.write_bytes(whole)
    assert hub.go(patient) == "awaiting the scorecards of ada, bob, cleo"


def test_one_that_stays_half_is_not(answered, hub, age):
    path = reply_of(answered, "bob")
    path.write_bytes(path.read_bytes()[:-40])
    age(path)
    assert hub.go(type(answered)(answered.path)) == "awaiting the opinion of bob"
    expect_aside(answered, "damaged")


@pytest.mark.parametrize(
    "litter", ["~$bob.fluid", ".bob.fluid.tmp", "bob.fluid.part", "desktop.ini", "bob.fluid.crdownload"]
)
def test_what_synchronisers_leave_is_passed_over(litter, answered, hub):
    put(answered, f"replies/{litter}", b"half a file")
    assert hub.go() == "awaiting the scorecards of ada, bob, cleo"
    assert not reasons(answered)
    assert (answered.path / "replies" / litter).exists()


def test_other_files_at_the_top_are_left_alone(answered, hub, charter, keys):
    mine = [put(answered, name, b"mine") for name in ("notes.json", "labels.fluid", "report.age", "readme.txt")]
    assert hub.go() == "awaiting the scorecards of ada, bob, cleo"
    assert all(path.exists() for path in mine)
    assert not reasons(answered)


def test_copies_cost_one_reading_each_and_no_look_around(answered, hub, charter, keys, monkeypatch):
    data, many = reply_of(answered, "ada").read_bytes(), 40
    for number in range(many):
        put(answered, f"inbox/{number}.fluid.age", data)
    done = Counter()

    def counted(cls, name):
        real = getattr(cls, name)

        def call(self, *words):
            done[name] += 1
            return real(self, *words)

        monkeypatch.setattr(cls, name, call)

    for cls, name in ((type(answered), "names"), (type(answered), "read"), (PrivateKeys, "unseal")):
        counted(cls, name)
    gathered = Gatherer(answered, charter, keys["hub"]).gather(Annotate(charter))
    assert [len(found) for found in gathered.valid.values()] == [1, 1, 1]
    assert (done["unseal"], done["read"]) == (3, 3 + many)
    assert done["names"] < 5
    assert all("says the same as replies/" in reason for _, reason in reasons(answered))
    assert len(reasons(answered)) == many


def test_a_good_copy_takes_the_place_of_a_damaged_one_at_once(answered, hub):
    path = reply_of(answered, "bob")
    put(answered, "inbox/bob.fluid.age", path.read_bytes())
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert hub.go() == "awaiting the scorecards of ada, bob, cleo"
    assert path.read_bytes() == whole


class TestTwoAnswers:
    """Of two different answers of one partner none counts, until one is accepted."""

    def test_both_are_set_aside_and_it_settles(self, answered, hub, charter, keys, companies):
        put(answered, "inbox/again.fluid", signed(opinion(charter, "bob"), question(charter), keys["bob"]))
        assert hub.go() == "awaiting the opinion of bob"
        assert ["different answers" in reason for _, reason in reasons(answered)] == [True, True]
        first = companies["bob"].visit(answered)
        assert len(first) == 1
        assert hub.go() == "awaiting the scorecards of ada, bob, cleo"

    def test_the_accepted_one_stays(self, answered, hub, charter, keys):
        hub.go()
        before = answered.read(LABELS)
        put(answered, "inbox/again.fluid", signed(opinion(charter, "bob"), question(charter), keys["bob"]))
        assert hub.go() == "awaiting the scorecards of ada, bob, cleo"
        expect_aside(answered, "another answer was accepted before")
        assert answered.read(LABELS) == before

    def test_an_accepted_one_that_is_lost_is_asked_for(self, answered, hub, charter, keys, companies):
        hub.go()
        reply_of(answered, "bob").unlink()
        assert hub.go() == "awaiting the opinion of bob"
        other = signed(opinion(charter, "bob"), question(charter), keys["bob"])
        put(answered, reply_name(question(charter), "bob", opinion(charter, "bob").digest, sealed=False), other)
        assert hub.go() == "awaiting the opinion of bob"


def test_it_is_not_closed_with_too_few_who_say_anything(answered, hub, charter, keys):
    for name in ("bob", "cleo"):
        reply_of(answered, name).unlink()
        silent = opinion(charter, name, level=np.nan, weight=0)
        put(answered, f"inbox/{name}.fluid", signed(silent, question(charter), keys[name]))
    with pytest.raises(QuorumError, match=r"1 of 3 partners gave an opinion \(bob, cleo: no opinion of any molecule\)"):
        hub.go()
    assert not [name for name in answered.names("requests") if "1-annotate" in name and name.endswith(".json")]
    assert LABELS not in answered.names("outcome")


class TestGoingOnWithout:
    """The coordinator needn't wait for ever, and everybody sees who was left out."""

    @pytest.fixture
    def two(self, folder, hub, companies):
        hub.go()
        for company in companies.values():
            company.visit(folder)
        hub.go()
        for name in ("ada", "cleo"):
            companies[name].visit(folder)
        return folder

    @pytest.mark.parametrize("decision", [{"without": ["bob"]}, {"close": True}])
    def test_two_of_three(self, decision, two, hub, companies):
        assert hub.go() == "awaiting the opinion of bob"
        assert hub.go(**decision) == "awaiting the scorecards of ada, cleo"
        # Without repeating the decision: it is written down.
        assert hub.go() == "awaiting the scorecards of ada, cleo"
        assert companies["bob"].visit(two) == []
        assert [q.state for q in companies["bob"].desk(two).questions()] == ["closed", "closed"]
        for name in ("ada", "cleo"):
            companies[name].visit(two)
        outcome = hub.go()
        assert outcome.labels.partners == ("ada", "cleo")
        assert b'"left_out": [\n  "bob"\n ]' in two.read("outcome/outcome.json")

    def test_who_comes_late_is_set_aside_by_name(self, two, hub, companies, tmp_path, charter, keys):
        hub.go(close=True)
        before = two.read(LABELS)
        put(two, "inbox/late.fluid", signed(opinion(charter, "bob"), question(charter), keys["bob"]))
        assert hub.go() == "awaiting the scorecards of ada, cleo"
        expect_aside(two, "bob: it came too late")
        assert two.read(LABELS) == before

    def test_it_does_not_close_what_is_asked_only_now(self, two, hub):
        assert hub.go(close=True) == "awaiting the scorecards of ada, cleo"
        assert not isinstance(hub.go(close=True), str)

    def test_not_below_the_quorum(self, two, hub, charter):
        reply_of(two, "ada").unlink()
        with pytest.raises(QuorumError, match=r"without ada, bob the number of opinions is 1.*quorum is 2"):
            hub.go(close=True)
        assert not [name for name in two.names("requests") if "1-annotate" in name and name.endswith(".json")]

    def test_not_without_a_stranger(self, two, hub):
        with pytest.raises(UsageError, match="bobby is no partner"):
            hub.go(without=["bobby"])

    def test_not_signing_leaves_out_of_all(self, folder, hub, companies):
        hub.go()
        for name in ("ada", "cleo"):
            companies[name].visit(folder)
        assert hub.go() == "awaiting the signature of bob under the charter"
        assert hub.go(without=["bob"]) == "awaiting the opinions of ada, cleo"
        assert companies["bob"].visit(folder) == []
        assert hub.go() == "awaiting the opinions of ada, cleo"

    def test_a_forged_closing_decides_nothing(self, two, hub, charter, keys, companies):
        name = f"requests/1-annotate-{short(question(charter))}.closed.json"
        put(two, name, (two.path / f"requests/0-agree-{short(charter.digest)}.closed.json").read_bytes())
        assert [q.state for q in companies["bob"].desk(two).questions()] == ["open"]
        assert hub.go() == "awaiting the opinion of bob"
        expect_aside(two, "another question")


class TestWhatTheCoordinatorPublished:
    """Is looked at again at each run."""

    def test_a_forged_question_is_set_aside_by_the_coordinator_and_passed_over_by_partners(
        self, answered, hub, charter, keys, companies
    ):
        other = attrs.evolve(charter, seed=9)
        put(answered, request_name(Annotate(other)), signed(Annotate(other), "", keys["hub"]))
        put(answered, "requests/3-more.fluid", signed(Annotate(charter), "", keys["mallory"]))
        assert [type(request) for request in requests(answered, charter)] == [Annotate]
        hub.go()
        assert len(reasons(answered)) == 2

    @pytest.mark.parametrize("name", ["requests", "outcome"])
    def test_altered_ones_are_written_anew(self, name, answered, hub, keys):
        hub.go()
        path = next(p for p in (answered.path / name).iterdir() if p.suffixes in ([".fluid"], [".fluid", ".age"]))
        whole = path.read_bytes()
        path.write_bytes(whole[:-9])
        hub.go()
        again = path.read_bytes()
        if is_sealed(whole):  # sealed anew: other bytes, the same content
            whole, again = keys["hub"].unseal(whole), keys["ada"].unseal(again)
        assert again == whole
        assert len(reasons(answered)) == 1

    def test_published_labels_stand(self, answered, hub, charter, keys):
        hub.go()
        for path in (answered.path / "requests").glob("1-annotate-*.closed.json"):
            path.unlink()
        reply_of(answered, "cleo").unlink()
        with pytest.raises(InputError, match="other labels were published already"):
            hub.go(without=["cleo"])

    def test_labels_that_were_taken_home_are_not_exchanged(self, answered, hub, charter, keys, companies):
        hub.go()
        ada = companies["ada"]
        first = next(r for r in requests(answered, charter, keys["ada"]) if isinstance(r, Learn)).labels
        ada.home.learn(first)
        before = ada.home.labels.read_bytes()
        ada.home.learn(first)
        other = Learn(charter, attrs.evolve(first, value=1 - first.value))
        answered.path.joinpath(request_name(Learn(charter, first))).unlink()
        put(answered, request_name(other), signed(other, "", keys["hub"]))
        with pytest.raises(InputError, match=f"{other.labels.digest}, and those that you took home.*{first.digest}"):
            ada.visit(answered)
        with pytest.raises(InputError, match="those at home stay"):
            ada.home.learn(other.labels)
        assert ada.home.labels.read_bytes() == before
        assert not answered.names(f"replies/{short(other.digest)}")

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_labels_are_home_before_an_answer_leaves(self, dry_run, answered, hub, charter, companies):
        hub.go()
        ada = companies["ada"]
        visit = PartnerRound(answered, charter, ada.desk(answered), ada.home)
        asked = visit.asked(dry_run=dry_run, ledger=ada.gate.ledger, remark=lambda _: "")
        assert isinstance(next(asked).request, Learn)
        assert ada.home.labels.exists() != dry_run

    def test_damaged_labels_at_home_are_not_replaced(self, answered, hub, charter, companies, keys):
        hub.go()
        (learn,) = (r for r in requests(answered, charter, keys["ada"]) if isinstance(r, Learn))
        companies["ada"].home.learn(learn.labels)
        companies["ada"].home.labels.write_bytes(b"PK")
        with pytest.raises(InputError, match=r"labels\.fluid can't be read"):
            companies["ada"].visit(answered)

    def test_another_charter_needs_another_place(self, answered, hub, charter):
        with pytest.raises(CharterError, match=r"another charter in this place.*seed 42 -> 7"):
            hub.go(charter=attrs.evolve(charter, seed=7))

    @pytest.mark.parametrize(
        ("changed", "said"),
        [({"quorum": 1}, "quorum 2 -> 1"), ({"name": "other"}, "name 'quick' -> 'other'")],
    )
    def test_a_changed_charter_is_not_answered(self, changed, said, answered, hub, charter, companies):
        far = attrs.evolve(charter, seed=1, quorum=3, name="far")
        Home(companies["ada"].home.path.parent / "a-far").accept(far, "signed")
        (answered.path / "charter.toml").write_text(attrs.evolve(charter, **changed).to_toml())
        desk = companies["ada"].desk(answered)
        with pytest.raises(CharterError, match=rf"hasn't accepted this charter.*accepted: [^;]*{said}\."):
            desk.check_accepted()

    def test_charters_of_others_are_not_compared(self, answered, charter, companies, keys):
        others = [p for p in charter.parties if p.name != "cleo"]
        changed = attrs.evolve(charter, name="other", parties=(*others, keys["mallory"].public.party("partner")))
        assert companies["ada"].home.changes_since(changed) == ()
        assert companies["ada"].home.changes_since(attrs.evolve(changed, name="quick"))


def test_a_refusal_is_an_answer(folder, hub, companies, charter, keys):
    hub.go()
    for company in companies.values():
        company.visit(folder)
    hub.go()
    for name in ("ada", "cleo"):
        companies[name].visit(folder)
    said = Declined(charter.digest, "bob", "our lawyers are on holiday")
    put(folder, "inbox/no.fluid", signed(said, question(charter), keys["bob"]))
    assert hub.go() == "awaiting the scorecards of ada, bob, cleo"


def test_scorecards_are_for_the_coordinator_only(answered, hub, companies, keys):
    hub.go()
    for company in companies.values():
        company.visit(answered)
    hub.go()
    for name in answered.names("replies"):
        with pytest.raises(Exception, match="no signed file"):
            opened(answered.read(name), [])
    assert "score" not in answered.read("outcome/outcome.json").decode()


class TestWhatIsLost:
    """Comes back by repeating the commands."""

    def test_the_whole_place(self, answered, hub, companies, keys):
        hub.go()
        before = keys["hub"].unseal(answered.read(LABELS))
        shutil.rmtree(answered.path)
        answered.path.mkdir()
        for _ in range(2):
            hub.go()
            for company in companies.values():
                company.visit(answered)
        hub.go()
        assert keys["hub"].unseal(answered.read(LABELS)) == before

    def test_a_home(self, answered, hub, companies):
        shutil.rmtree(companies["bob"].home.path)
        assert companies["bob"].visit(answered) == []
        assert hub.go() == "awaiting the scorecards of ada, bob, cleo"

    def test_an_accepted_reply_comes_from_a_home(self, answered, hub, companies):
        hub.go()
        reply_of(answered, "bob").unlink()
        assert hub.go() == "awaiting the opinion of bob"
        (kept,) = (companies["bob"].home.path / "releases").rglob("*.age")
        put(answered, "inbox/again.age", kept.read_bytes())
        assert hub.go() == "awaiting the scorecards of ada, bob, cleo"


@pytest.fixture
def lying(charter, transfer):
    """A transfer set under false names, and the charter of it."""
    keys = (*transfer.inchikeys[1:], transfer.inchikeys[0])
    false = CompoundSet(transfer.smiles, keys)
    return attrs.evolve(charter, transfer_digest=false.digest), false


def test_a_coordinator_publishes_no_false_names(folder, lying, keys):
    with pytest.raises(CharterError, match="InChIKey"):
        conduct(Round(folder, lying[0], keys["hub"], lying[1]))
    assert not folder.names("")


def test_partners_answer_nothing_about_false_names(folder, lying, keys, companies):
    def go():
        with contextlib.suppress(AwaitingError):
            conduct(Round(folder, lying[0], keys["hub"], lying[1], look=lambda _: None))

    go()
    for company in companies.values():
        company.visit(folder)
    go()
    for company in companies.values():
        with pytest.raises(CharterError, match=r"40 of the 40 molecules .* InChIKey"):
            company.visit(folder)
    assert not folder.names("replies")


def test_a_coordinator_that_comes_back_finds_false_names(folder, lying, keys):
    with contextlib.suppress(AwaitingError):
        conduct(Round(folder, lying[0], keys["hub"], lying[1], look=lambda _: None))
    with pytest.raises(CharterError, match="InChIKey"):
        conduct(Round(folder, lying[0], keys["hub"]))
