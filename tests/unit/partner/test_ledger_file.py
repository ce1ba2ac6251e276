"""The ledger as a file: what survives crashes, full disks, other processes and meddling."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.partner.ledger_file import LedgerFile, intact, read_ledger
from fluidmol.partner.locks import held
from fluidmol.values.messages import Declined

D = "sha256:" + "0" * 64
REPLIES = [Declined(D, "acme", reason) for reason in ("too few", "on holiday", "moved away")]


@pytest.fixture
def ledger(tmp_path):
    """Three entries."""
    found = LedgerFile(tmp_path / "ledger.jsonl", clock=lambda: "2026-03-01T09:30:00Z")
    for reply in REPLIES:
        found.add(reply, request=D, recipients=["hub"], policy=D, approver="Dr. Ada")
    return found


def test_entries_are_there_for_whoever_comes_next(ledger):
    again = LedgerFile(ledger.path)
    assert again.entries == ledger.entries
    assert [entry.digest for entry in again.entries] == [reply.digest for reply in REPLIES]
    assert (again.intact, again.head) == (True, ledger.entries[-1].chain)
    assert {(e.time, e.kind, e.charter, e.request, e.recipients, e.policy, e.approver) for e in again.entries} == {
        ("2026-03-01T09:30:00Z", "Declined", D, D, ("hub",), D, "Dr. Ada")
    }


def test_no_file_is_an_empty_ledger_until_something_leaves(tmp_path):
    ledger = LedgerFile(tmp_path / "ledger.jsonl")
    assert (ledger.entries, ledger.head, ledger.intact) == ((), "", True)
    assert not ledger.path.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_may_read_it(ledger):
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", range(3))
def test_a_changed_entry_is_named_and_nothing_is_added(ledger, place):
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    lines[place] = lines[place].replace(b"Dr. Ada", b"Dr. Eve")
    ledger.path.write_bytes(b"".join(lines))
    assert not ledger.intact
    for attempt in (lambda: ledger.entries, lambda: ledger.head, lambda: ledger.add(REPLIES[0]), ledger.mend):
        with pytest.raises(InputError, match=f"isn't intact: line {place + 1} "):
            attempt()
    assert ledger.path.read_bytes() == b"".join(lines)
    assert len(read_ledger(ledger.path).entries) == place


def test_a_torn_line_stops_everything_until_it_is_mended(ledger):
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b'{"format": 1, "ti')
    assert not ledger.intact
    with pytest.raises(InputError, match="torn: it ends after 17 bytes") as caught:
        ledger.add(REPLIES[0])
    assert "fluid ledger mend" in caught.value.hint
    aside = ledger.mend()
    assert (aside.read_bytes(), ledger.path.read_bytes()) == (b'{"format": 1, "ti', whole)
    ledger.add(REPLIES[0])
    assert len(ledger.entries) == 4
    assert ledger.mend() is None


def test_what_was_torn_earlier_is_kept(ledger):
    places = []
    for rest in (b"one", b"another"):
        with ledger.path.open("ab") as file:
            file.write(rest)
        places.append(ledger.mend())
    assert [place.read_bytes() for place in places] == [b"one", b"another"]


def test_zeros_after_a_power_cut_are_a_torn_line(ledger):
    with ledger.path.open("ab") as file:
        file.write(bytes(512))
    ledger.mend()
    assert len(ledger.entries) == 3


def test_a_full_disk_leaves_no_half_line(ledger, monkeypatch):
    whole, write = ledger.path.read_bytes(), os.write

    def full(descriptor, data):
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[: len(data) - 50])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match=r"No space left.*Nothing has left"):
        ledger.add(REPLIES[0])
    monkeypatch.undo()
    assert ledger.path.read_bytes() == whole


def test_another_process_is_waited_for(ledger):
    refused = pytest.raises(OutputError, match="another process has held")
    with ledger.path.open("r+b") as other, held(other, ledger.path), ledger.path.open("r+b") as mine, refused:
        held(mine, ledger.path, patience=0.05).__enter__()
    with ledger.path.open("r+b") as mine, held(mine, ledger.path, patience=0):
        pass


ADD = """
import sys
from pathlib import Path
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.values.messages import Declined
for number in range(20):
    LedgerFile(Path(sys.argv[1])).add(Declined("sha256:" + "0" * 64, sys.argv[2], str(number)))
"""


def test_two_processes_write_one_chain(tmp_path):
    path = tmp_path / "ledger.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", ADD, path, name]) for name in ("ada", "bob")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    expected = {Declined(D, name, str(number)).digest for name in ("ada", "bob") for number in range(20)}
    assert {entry.digest for entry in intact(path).entries} == expected
    assert len(intact(path).entries) == 40


def test_the_same_is_noted_once_whoever_notes_it(ledger):
    given = {"request": D, "recipients": ("hub",), "form": "sealed", "approver": "Dr. Ada"}
    first = ledger.add(REPLIES[0], policy=D, **given)
    assert LedgerFile(ledger.path).add(REPLIES[0], policy="another", **given | {"recipients": iter(["hub"])}) == first
    assert len(ledger.entries) == 4
    for other in ({"request": ""}, {"recipients": ()}, {"form": "open"}, {"approver": "Dr. Bob"}):
        ledger.add(REPLIES[0], policy=D, **given | other)
    assert len(ledger.entries) == 8


SAME = """
import sys, time
from pathlib import Path
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.values.messages import Declined
class Slow(LedgerFile):
    @property
    def entries(self):
        found = super().entries
        print(flush=True)
        sys.stdin.readline()
        return found
Gate(ledger=Slow(Path(sys.argv[1]))).release(Declined("sha256:" + "0" * 64, "ada", "too few"))
"""


def test_two_processes_that_release_the_same_write_one_entry(tmp_path):
    path = tmp_path / "ledger.jsonl"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([sys.executable, "-c", SAME, path], **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for one in both:
        one.stdout.readline()  # each has seen an empty ledger
    for one in both:
        one.communicate("\n", timeout=60)
    assert [one.returncode for one in both] == [0, 0]
    assert len(intact(path).entries) == 1


def test_what_is_no_ledger(tmp_path):
    with pytest.raises(MissingFileError, match="can't be read"):
        read_ledger(tmp_path / "missing")
    with pytest.raises(MissingFileError, match="isn't there"):
        LedgerFile(tmp_path / "missing").mend()
    with pytest.raises(OutputError, match="can't be written"):
        LedgerFile(tmp_path).add(REPLIES[0])
    (tmp_path / "photo").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(InputError, match="is no ledger"):
        intact(tmp_path / "photo")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 1 << 29)  # a hole, which takes no room
    with pytest.raises(InputError, match="bytes"):
        read_ledger(tmp_path / "large")
