"""A consortium of three companies, each with keys and a home, and a coordinator."""

import os
import time
from types import SimpleNamespace

import attrs
import pytest
from stores import served

from fluidmol.errors import AwaitingError
from fluidmol.exchange.contents import read_charter
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.partner.gate import Gate
from fluidmol.partner.partner import Partner
from fluidmol.rounds.coordinator.coordinating import Round, conduct
from fluidmol.rounds.coordinator.postal import Decision
from fluidmol.rounds.partner.answering import Desk
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.questions import OPEN
from fluidmol.rounds.public import read_transfer
from fluidmol.trust.keys import PrivateKeys


@pytest.fixture(scope="session")
def keys():
    """Everybody's keys; mallory is nobody's party."""
    return {name: PrivateKeys.generate(name) for name in ("hub", "ada", "bob", "cleo", "mallory")}


@pytest.fixture(scope="session")
def charter(quick_charter, keys):
    """Of hub and the three."""
    parties = (
        keys["hub"].public.party("coordinator"),
        *(keys[n].public.party("partner") for n in ("ada", "bob", "cleo")),
    )
    return attrs.evolve(quick_charter, parties=parties)


class Company:
    """One partner with its own home: ``visit`` does what ``fluid answer --accept`` does."""

    def __init__(self, name, assay, keys, home):
        self.name, self.assay, self.keys, self.gate = name, assay, keys, Gate()
        self.home = Home(home)

    def desk(self, mailbox):
        return Desk(mailbox, read_charter(mailbox), self.keys, self.home)

    def visit(self, mailbox, *, sealed=True):
        charter, desk = read_charter(mailbox), self.desk(mailbox)
        desk.accept()
        desk.sort_in()
        sent = []
        for question in desk.questions():
            if question.state == OPEN:
                prepared = desk.prepare(question, self.gate, lambda: self.partner(mailbox, charter), sealed=sealed)
                desk.send(prepared, self.gate)
                sent.append(prepared.name)
        return sent

    def partner(self, mailbox, charter):
        return Partner(self.name, self.assay, read_transfer(mailbox, charter), gate=self.gate)


@pytest.fixture
def companies(assays, keys, tmp_path):
    """Ada, bob and cleo."""
    return {name: Company(name, assay, keys[name], tmp_path / "homes" / name) for name, assay in assays.items()}


@pytest.fixture
def folder(tmp_path):
    """A folder in which nothing is waited for as if somebody still wrote it."""
    path = tmp_path / "place"
    path.mkdir()
    return FolderMailbox(path, patience=0)


@pytest.fixture
def hub(folder, charter, transfer, keys):
    """The coordinator: ``hub.go()`` does what ``fluid federate`` does, and says whom it awaits."""

    def go(mailbox=folder, *, without=(), close=False, charter=charter):
        said.clear()
        decision = Decision(frozenset(without), close)
        try:
            return conduct(Round(mailbox, charter, keys["hub"], transfer, decision), said.append)
        except AwaitingError as awaiting:
            return awaiting.message

    said = []
    return SimpleNamespace(go=go, said=said)


@pytest.fixture
def answered(folder, hub, companies):
    """A folder in which all have signed and sent their opinions, and nobody has read them yet."""
    hub.go()
    for company in companies.values():
        company.visit(folder)
    hub.go()
    for company in companies.values():
        company.visit(folder)
    return folder


@pytest.fixture
def age():
    """Make a file look as if it had lain there for an hour."""

    def make(path, seconds=3600):
        when = time.time() - seconds
        os.utime(path, (when, when))

    return make


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """An S3 server on loopback."""
    with served("s3", tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def sftp(tmp_path_factory):
    """An SFTP server on loopback."""
    with served("sftp", tmp_path_factory.mktemp("sftp")) as server:
        yield server
