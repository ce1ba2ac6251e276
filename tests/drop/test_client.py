"""The mailbox on a drop: what it promises, over lines that break and servers that die."""

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from cryptography import x509
from drops import PAUSES, Drop

from fluidmol.errors import InputError, MissingFileError, OutputError, UnavailableError, UsageError
from fluidmol.exchange.mailbox import aside, reason_text
from fluidmol.exchange.places import open_place
from fluidmol_drop import identity
from fluidmol_drop.client import HttpMailbox
from fluidmol_drop.enrolling import enrol
from fluidmol_drop.identity import trusting
from fluidmol_drop.server import authority
from fluidmol_drop.server.audit_log import records
from fluidmol_drop.server.tables import entries
from fluidmol_drop.wire import RefusedError, Wire

DATA = random.Random(1).randbytes(300_000)


def reply(number, who="ada"):
    return f"replies/aaaaaaaaaaaa/{who}-{number:012x}.fluid"


def test_a_mailbox_keeps_its_promises(drop):
    hub, ada, bob = (drop.mailbox(name) for name in ("hub", "ada", "bob"))
    hub.write("charter.toml", b"charter")
    hub.write("charter.toml", b"charter")
    ada.write(reply(1), DATA)
    assert (ada.read("charter.toml"), hub.read(reply(1))) == (b"charter", DATA)
    assert hub.names() == ["charter.toml", reply(1)]
    assert hub.names("replies") == ada.names("replies/aaaaaaaaaaaa") == [reply(1)]
    assert hub.names("replies/nobody") == bob.names("replies") == []
    entry = hub.entry(reply(1))
    assert (entry.name, entry.size, entry.arriving) == (reply(1), len(DATA), False)
    assert abs(entry.when.timestamp() - time.time()) < 60
    with pytest.raises(OutputError, match="other content"):
        hub.write("charter.toml", b"another")
    with pytest.raises(RefusedError, match="bob may not write"):
        bob.write(reply(2), b"forged")
    for absent in (lambda: bob.read(reply(1)), lambda: bob.entry(reply(1)), lambda: hub.set_aside("outcome/no", "x")):
        with pytest.raises(MissingFileError):
            absent()
    with pytest.raises(InputError):
        hub.write("../up", b"")
    hub.set_aside(reply(1), "damaged")
    target = aside(reply(1), hashlib.sha256(DATA).hexdigest())
    assert hub.names("quarantine") == ada.names("quarantine") == [target, f"{target}.txt"]
    assert ada.read(f"{target}.txt").decode() == reason_text(reply(1), "damaged")
    assert hub.names("replies") == []


def test_many_names_come_page_by_page(drop):
    hub = drop.mailbox("hub")
    with drop.service.database.engine.begin() as connection:
        rows = [
            {"name": f"outcome/n{n:04d}", "digest": "0", "size": 0, "owner": "hub", "at": "2026"} for n in range(1203)
        ]
        connection.execute(entries.insert(), rows)
    assert hub.names("outcome") == [f"outcome/n{n:04d}" for n in range(1203)]


class Breaking(httpx.BaseTransport):
    """A line that breaks: before the request, within its body, before the answer, or within it."""

    def __init__(self, inner, seed):
        self.inner, self.random, self.broken = inner, random.Random(seed), 0

    def handle_request(self, request):
        how = self.random.choice(["fine", "fine", "fine", "before", "body", "answer", "within"])
        self.broken += how != "fine"
        if how == "before":
            raise httpx.ConnectError("broken")
        if how == "body":
            content = request.read()
            cut = self.random.randrange(len(content) + 1)

            def stream():
                yield content[:cut]
                raise httpx.WriteError("broken")

            request = httpx.Request(request.method, request.url, headers=request.headers, content=stream())
            request.headers["content-length"] = str(len(content))
            if "transfer-encoding" in request.headers:
                del request.headers["transfer-encoding"]
        answer = self.inner.handle_request(request)
        if how == "answer":
            answer.read()
            answer.close()
            raise httpx.ReadError("broken")
        if how == "within":
            content = answer.read()
            answer.close()
            cut = self.random.randrange(len(content) + 1)

            def torn():
                yield content[:cut]
                raise httpx.ReadError("broken")

            return httpx.Response(answer.status_code, headers=answer.headers, content=torn())
        return answer

    def close(self):
        self.inner.close()


@pytest.mark.parametrize("seed", range(5))
def test_whatever_breaks_content_arrives_whole(drop, seed):
    wire = drop.wire("ada")
    wire.client._transport = broken = Breaking(wire.client._transport, seed)
    mailbox = HttpMailbox(drop.url, drop.identity("ada").folder, wire=wire)
    name = reply(1000 + seed)
    mailbox.write(name, DATA)
    assert mailbox.read(name) == DATA
    assert broken.broken > 3
    stored = [r for r in records(drop.service.database) if (r.what, r.name) == ("store", name)]
    assert len(stored) == 1


def test_a_server_that_is_away(drop):
    said = []
    wire = Wire("https://127.0.0.1:9", drop.identity("ada").context(), pauses=(0.01, 0.01), said=said.append)
    with pytest.raises(UnavailableError, match="can't be reached"):
        wire.ask("GET", "/v1/names")
    wire.client.close()
    assert said == ["no answer from https://127.0.0.1:9 yet; trying again for a minute or more"]


def test_visitors_and_who_enrols_are_told_that_a_server_is_away(drop, tmp_path, monkeypatch):
    monkeypatch.setattr(Wire, "patiently", lambda self, _: self.said("no answer") or httpx.Response(404))
    said = []
    mailbox = open_place("https://127.0.0.1:9", identity=drop.identity("ada").folder, said=said.append)
    with pytest.raises(UnavailableError, match="isn't a drop"):
        mailbox.names()
    with pytest.raises(UnavailableError, match="no drop's enrolment"):
        enrol("https://127.0.0.1:9", "ada", "code", drop.home / "ca.pem", tmp_path, said.append)
    assert said == ["no answer", "no answer"]


def test_an_expired_certificate_is_told_from_others(drop, tmp_path, monkeypatch):
    monkeypatch.setattr(authority, "MEMBER_DAYS", -1)
    old = drop.identity("otto")
    with pytest.raises(UnavailableError, match=r"certificate\.pem expired on .*fluid enrol"):
        open_place(drop.url, identity=old.folder)
    monkeypatch.setattr(authority, "SERVER_DAYS", -1)
    with Drop(tmp_path).running() as other:
        wire = Wire(other.url, trusting(other.home / "ca.pem"), pauses=PAUSES)
        with pytest.raises(UnavailableError, match=r"certificate of https://\S+ has expired.*fluid drop renew"):
            wire.ask("GET", "/v1/names")
        wire.client.close()


def test_each_comes_with_its_own_certificate(drop):
    folder = drop.identity("ada").folder
    assert open_place(drop.url, identity=folder, who="ada").asker == "ada"
    with pytest.raises(UsageError, match="is that of ada, and not of bob"):
        open_place(drop.url, identity=folder, who="bob")


def test_another_server_is_not_talked_to(drop, tmp_path):
    with Drop(tmp_path).running() as other:
        waits = []
        wire = Wire(other.url, drop.identity("ada").context(), pauses=PAUSES, sleep=waits.append)
        with pytest.raises(UnavailableError, match="isn't the one"):
            wire.ask("GET", "/v1/names")
        assert not waits, "it is of no use to try again"
        wire.client.close()


def test_a_revoked_party_is_told_so(drop):
    mailbox = drop.mailbox("dora")
    drop.service.members.revoke("dora")
    with pytest.raises(RefusedError, match="revoked") as refused:
        mailbox.names()
    assert refused.value.exit_code == 77


def test_who_is_asked_to_wait_waits_as_long(drop):
    waited = []
    wire = Wire(drop.url, drop.identity("ada").context(), pauses=(0.5, 0.5), sleep=waited.append)
    answers = iter([httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(503), httpx.Response(200)])
    assert wire.patiently(lambda: next(answers)).status_code == 200
    assert waited == [7.0, 0.5]
    wire.client.close()


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:1", "https://", "https://host/path", "https://host?x=1", "https://[::1"]
)
def test_what_is_no_address(drop, place):
    with pytest.raises(InputError):
        open_place(place, identity=drop.identity("ada").folder)


def test_a_server_needs_an_identity(tmp_path):
    with pytest.raises(UsageError, match="`identity`"):
        open_place("https://127.0.0.1:1")
    with pytest.raises(MissingFileError, match="fluid enrol"):
        open_place("https://127.0.0.1:1", identity=tmp_path)


def test_enrolling_by_the_network(drop, tmp_path):
    code = drop.service.members.invite("frank", "partner")
    arguments = (drop.enrolment, "frank", code, drop.home / "ca.pem", tmp_path / "frank")
    assert enrol(*arguments) == enrol(*arguments)
    assert open_place(drop.url, identity=tmp_path / "frank").names("agreements") == []
    with pytest.raises(UsageError, match="the name ''"):
        enrol(drop.enrolment, "", code, drop.home / "ca.pem", tmp_path / "nobody")
    with pytest.raises(RefusedError, match="doesn't count"):
        enrol(drop.enrolment, "frank", code, drop.home / "ca.pem", tmp_path / "thief")


@pytest.fixture
def process(tmp_path):
    """A drop in a process of its own, that can be killed and started again at the same address."""
    made = Drop(tmp_path)
    for name in ("ada", "hub"):
        made.identity(name)
    made.service.database.close()
    children = []

    def start(port=0):
        command = [
            sys.executable,
            "-c",
            "from fluidmol.cli.main import main; main()",
            "serve",
            "--home",
            str(made.home),
        ]
        child = subprocess.Popen(
            [*command, "--listen", f"127.0.0.1:{port}", "--enrol-listen", "off", "--quiet"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        children.append(child)
        made.url = re.search(r"https://\S+", child.stdout.readline())[0]
        return child

    yield made, start
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_server_killed_within_an_upload_loses_nothing(process):
    made, start = process
    child = start()
    port = int(made.url.rpartition(":")[2])
    # On a busy machine the server takes long to come back: a minute's patience.
    patient = Wire(made.url, made.identity("ada").context(), pauses=(0.1,) * 600)
    mailbox = HttpMailbox(made.url, made.identity("ada").folder, wire=patient)
    data = random.Random(2).randbytes(3_000_000)
    parts = []
    original = mailbox._wire.client.stream

    def slow(method, *args, **more):
        if method == "PUT":
            parts.append(more["params"]["offset"])
            time.sleep(0.02)
        return original(method, *args, **more)

    mailbox._wire.client.stream = slow  # type: ignore[method-assign]
    writing = threading.Thread(target=mailbox.write, args=(reply(1), data))
    writing.start()
    while len(parts) < 10 and writing.is_alive():
        time.sleep(0.005)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert writing.is_alive()
    child = start(port)
    writing.join(120)
    assert not writing.is_alive()
    assert parts.count(0) <= 2  # it went on, and didn't begin again
    assert made.mailbox("hub").read(reply(1)) == data
    child.terminate()
    assert child.wait(20) == 0


def test_of_several_that_enrol_at_once_one_makes_the_key(tmp_path, monkeypatch):
    both = threading.Barrier(2, timeout=10)
    generate = identity.ec.generate_private_key

    def together(curve):
        both.wait()
        return generate(curve)

    monkeypatch.setattr(identity.ec, "generate_private_key", together)
    asked = []
    threads = [
        threading.Thread(target=lambda: asked.append(identity.Identity(tmp_path / "me").request("ada")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = {x509.load_pem_x509_csr(text.encode()).public_key().public_numbers() for text in asked}
    assert len(asked) == 2
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "me").iterdir()] == ["key.pem"]
    assert (tmp_path / "me" / "key.pem").stat().st_mode & 0o777 == 0o600
