"""Files that were whole once and are damaged now, in the place or at home: repaired by who has them, or refused."""

import hashlib
import shutil

import attrs
import pytest
from rounds import to_the_end

from fluidmol.errors import CharterError, InputError, PolicyError
from fluidmol.exchange.closing import Closing
from fluidmol.exchange.contents import reasons
from fluidmol.exchange.layout import LABELS, closing_name
from fluidmol.exchange.mailbox import CHARTER, TRANSFER
from fluidmol.partner.ledger import Ledger
from fluidmol.rounds.coordinator.coordinating import Round, conduct


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def only(folder, pattern):
    (found,) = folder.rglob(pattern)
    return found


@pytest.fixture
def expected(answered, hub, companies):
    """Labels that the round comes to, sealed."""
    hub.go()
    return answered.read(LABELS)


@pytest.mark.parametrize("lost", ["damaged", "gone"])
def test_an_accepted_reply_is_put_back_from_home(lost, expected, answered, hub, companies):
    path = only(answered.path / "replies", "bob-*")
    if lost == "gone":
        path.unlink()
    else:
        damage(path)
    assert hub.go() == "awaiting the opinion of bob"
    desk, ledger = companies["bob"].desk(answered), companies["bob"].gate.ledger
    first, second = desk.questions()
    assert desk.put_back(first, ledger) == path.relative_to(answered.path).as_posix()
    assert desk.put_back(second, ledger) == ""
    assert desk.put_back(desk.questions()[0], ledger) == ""
    assert len(ledger.entries) == 1  # it had left before
    assert to_the_end(hub, companies, answered)
    assert answered.read(LABELS) == expected


def test_what_nobody_accepted_is_not_put_back(answered, companies):
    path = only(answered.path / "replies", "bob-*")
    path.unlink()
    desk = companies["bob"].desk(answered)
    assert desk.put_back(desk.questions()[0], companies["bob"].gate.ledger) == ""
    assert not path.exists()


class TestWhatWasOnlyShown:
    """Never leaves by being put back, whatever the coordinator says."""

    def test_in_another_form_than_it_left(self, folder, hub, companies, charter):
        bob = companies["bob"]
        hub.go()
        for company in companies.values():
            company.visit(folder)
        hub.go()
        desk, partner = bob.desk(folder), lambda: bob.partner(folder, charter)
        desk.prepare(desk.questions()[0], bob.gate, partner, sealed=False)
        for company in companies.values():
            company.visit(folder)
        hub.go()
        only(folder.path / "replies", "bob-*").unlink()
        shutil.rmtree(bob.home.path / "releases")
        assert desk.put_back(desk.questions()[0], bob.gate.ledger) == ""
        shutil.copytree(bob.home.path / "prepared", bob.home.path / "releases")
        with pytest.raises(PolicyError, match=r"bob-\w+\.fluid is lost in the place and isn't put back: the ledger"):
            desk.put_back(desk.questions()[0], bob.gate.ledger)
        assert not [name for name in folder.names("replies") if "bob-" in name]

    def test_of_which_the_coordinator_says_that_it_counts(self, answered, hub, companies, charter, keys):
        hub.go()
        bob = companies["bob"]
        desk = bob.desk(answered)
        learn = desk.questions()[1]
        shown = desk.prepare(learn, bob.gate, lambda: None, declined="no public set")
        digest = learn.request.digest
        guess = Closing(charter.digest, "learn", digest, {"bob": shown.release.digest}, [])
        answered.write(closing_name("learn", digest), guess.to_text(keys["hub"]).encode())
        assert desk.put_back(desk.questions()[1], bob.gate.ledger) == ""
        assert not answered.names(f"replies/{digest[7:19]}")

    def test_with_a_ledger_that_does_not_know_it(self, answered, hub, companies):
        hub.go()
        path = only(answered.path / "replies", "bob-*")
        path.unlink()
        desk = companies["bob"].desk(answered)
        with pytest.raises(PolicyError, match="ledger doesn't say that it has left"):
            desk.put_back(desk.questions()[0], Ledger())
        assert not path.exists()


def test_a_damaged_copy_at_home_never_replaces_what_is_in_the_place(answered, hub, companies):
    damage(only(companies["bob"].home.path / "releases", "*.age"))
    before = only(answered.path / "replies", "bob-*").read_bytes()
    assert companies["bob"].visit(answered) == []
    assert only(answered.path / "replies", "bob-*").read_bytes() == before
    assert to_the_end(hub, companies, answered).labels.partners == ("ada", "bob", "cleo")
    assert reasons(answered) == []


@pytest.mark.parametrize("what", ["*.age", "*.sha256"])
def test_damaged_in_the_place_and_at_home(what, answered, hub, companies):
    damage(only(companies["bob"].home.path / "releases", what))
    damage(only(answered.path / "replies", "bob-*"))
    assert hub.go() == "awaiting the opinion of bob"
    assert len(companies["bob"].visit(answered)) == 1
    assert to_the_end(hub, companies, answered).labels.partners == ("ada", "bob", "cleo")


def test_checksums_at_home_are_such_as_other_tools_check(answered, companies):
    path = only(companies["ada"].home.path / "releases", "*.age")
    assert path.with_name(f"{path.name}.sha256").read_text() == (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
    )


def test_a_damaged_charter_is_written_anew_where_our_signature_is(answered, hub, companies, charter):
    path = answered.path / CHARTER
    before = path.read_bytes()
    for changed in (b"\xff" + before, before.replace(b"seed = 42", b"seed = 43"), b""):
        assert changed != before
        path.write_bytes(changed)
        hub.go()
        assert path.read_bytes() == before
    assert [name for name, _ in reasons(answered)] == [CHARTER] * 3
    assert to_the_end(hub, companies, answered)


def test_another_charter_stays(answered, hub, charter):
    path = answered.path / CHARTER
    before = path.read_bytes()
    with pytest.raises(CharterError, match="another charter in this place"):
        hub.go(charter=attrs.evolve(charter, seed=1))
    assert path.read_bytes() == before


def test_a_damaged_transfer_set_is_put_there_anew(answered, hub, companies):
    path = answered.path / TRANSFER
    before = path.read_bytes()
    damage(path)
    assert hub.go() == "awaiting the scorecards of ada, bob, cleo"
    assert path.read_bytes() == before
    assert [name for name, _ in reasons(answered)] == [TRANSFER]


def test_a_damaged_transfer_set_that_is_not_given_is_set_aside(answered, hub, charter, keys):
    damage(answered.path / TRANSFER)
    with pytest.raises(InputError, match="it was set aside"):
        conduct(Round(answered, charter, keys["hub"]))
    assert not (answered.path / TRANSFER).exists()
