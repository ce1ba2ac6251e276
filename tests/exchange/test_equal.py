"""All engines come to the same labels, to the byte; nothing depends on how the parties met."""

import uuid

import pytest
from drops import Drop

from fluidmol.coordinator.federate import federate
from fluidmol.errors import AwaitingError
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.local import LocalChannel
from fluidmol.exchange.mailbox import CHARTER
from fluidmol.exchange.places import open_place
from fluidmol.partner.partner import Partner
from fluidmol.rounds.coordinator.coordinating import Round, conduct


@pytest.fixture(scope="session")
def expected(charter, transfer, assays):
    """Labels and scorecards of the plainest engine."""
    return federate(charter, transfer, LocalChannel([Partner(n, a, transfer) for n, a in assays.items()]))


@pytest.fixture(params=["folder", "drop", "s3", "sftp"])
def seen_by(request, tmp_path, monkeypatch):
    """For each kind of place, what a party sees of it: ``seen_by("ada")``."""
    if request.param == "folder":
        (tmp_path / "place").mkdir()
        yield lambda _party: FolderMailbox(tmp_path / "place")
    elif request.param == "drop":
        with Drop(tmp_path / "drop").running() as drop:
            yield drop.mailbox
    else:
        server = request.getfixturevalue(request.param)
        server.settings(monkeypatch, tmp_path)
        url = server.bucket(f"b{uuid.uuid4().hex}")
        yield lambda _party: open_place(url)


def by_mail(seen_by, charter, transfer, keys, companies, order):
    """Everybody comes in turn until the round is finished."""
    for _ in range(8):
        try:
            return conduct(Round(seen_by("hub"), charter, keys["hub"], transfer))
        except AwaitingError:
            for name in order:
                companies[name].visit(seen_by(name))
    raise AssertionError("the round doesn't come to an end")


@pytest.mark.parametrize("order", [("ada", "bob", "cleo"), ("cleo", "ada", "bob")])
def test_equal_labels(order, seen_by, charter, transfer, keys, companies, expected):
    outcome = by_mail(seen_by, charter, transfer, keys, companies, order)
    assert outcome.labels.digest == expected.labels.digest
    assert outcome.student.n_train == expected.student.n_train
    assert outcome.declined == expected.declined == ()
    assert [card.partner for card in outcome.scorecards] == ["ada", "bob", "cleo"]
    published = companies["bob"].desk(seen_by("bob")).questions()[1].request.labels
    assert published == outcome.published == expected.labels.renamed(outcome.pseudonyms)
    assert published.renamed({known: name for name, known in outcome.pseudonyms.items()}) == expected.labels


def test_every_run_after_the_last_says_the_same(seen_by, charter, transfer, keys, companies):
    first = by_mail(seen_by, charter, transfer, keys, companies, ("ada", "bob", "cleo"))
    mailbox = seen_by("hub")
    before = {name: mailbox.read(name) for name in mailbox.names()}
    again = conduct(Round(mailbox, charter, keys["hub"]))
    assert again.labels.digest == first.labels.digest
    assert {name: mailbox.read(name) for name in mailbox.names()} == before
    assert CHARTER in before


class ByHand:
    """Each partner has a copy of the folder; files are carried over under other names and into other places."""

    def __init__(self, folder):
        self.folder = folder
        self.hub = folder / "hub"
        self.hub.mkdir()
        self.turn = 0

    def handed_to(self, name):
        """A new stick with what the partner is given; every other time its questions lie at the top."""
        self.turn += 1
        stick = self.folder / f"{name}-{self.turn}"
        for path in sorted(self.hub.rglob("*")):
            blob = path.relative_to(self.hub).as_posix()
            if path.is_file() and blob.startswith(("charter", "transfer", "requests")):
                target = stick / (blob if self.turn % 2 else path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        return stick

    def taken_from(self, name, stick):
        """The partner's files get into the inbox, or to the top."""
        place = self.hub if self.turn % 2 else self.hub / "inbox"
        place.mkdir(exist_ok=True)
        for path in sorted(stick.rglob("*")):
            if path.is_file() and path.relative_to(stick).parts[0] in ("agreements", "replies"):
                (place / f"From {name} {self.turn} ({path.parent.name}).{path.name.partition('.')[2]}").write_bytes(
                    path.read_bytes()
                )


def test_files_carried_by_hand(tmp_path, charter, transfer, keys, companies, expected):
    hands = ByHand(tmp_path)
    hub = FolderMailbox(hands.hub)

    outcome = None
    for _ in range(4):
        try:
            outcome = conduct(Round(hub, charter, keys["hub"], transfer))
            break
        except AwaitingError:
            for name, company in companies.items():
                stick = hands.handed_to(name)
                company.visit(FolderMailbox(stick))
                hands.taken_from(name, stick)
    assert outcome is not None, "the round doesn't come to an end"
    assert outcome.labels.digest == expected.labels.digest
    assert hub.names("quarantine") == hub.loose() == []
    assert len(hub.names("replies")) == 6
