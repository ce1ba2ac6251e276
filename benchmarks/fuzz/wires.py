"""Hostile requests to a drop: malformed, reordered, too large, to names that lead elsewhere, without a certificate."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import ssl
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from corpus import corpus
from cryptography.x509 import load_pem_x509_certificate
from mutate import TOKENS, mutated

sys.path.append(str(Path(__file__).parents[1] / "chaos"))

from lives import live
from server import Drop

from fluidmol.errors import FluidError
from fluidmol_drop.identity import Identity, trusting
from fluidmol_drop.server.access import Member, may_write
from fluidmol_drop.server.audit_log import verify
from fluidmol_drop.server.founding import found
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.settings import Settings

PATIENCE = 10
MOST_MEMORY = 500
"""Megabytes that the server may take."""

PATHS = (
    "/", "/healthz", "/metrics", "/v1/names", "/v1/names?under=replies", "/v1/openapi.json", "/v1/items/charter.toml",
    "/v1/blobs/charter.toml", "/v1/blobs/replies/000000000000/bob-aaaaaaaaaaaa.fluid", "/v1/set-aside", "/v1/uploads",
    "/v1/uploads/" + "0" * 32, "/v1/uploads/" + "0" * 32 + "?offset=0", "/v1/uploads/" + "0" * 32 + "/commit",
    "/v1/blobs/../drop.toml", "/v1/blobs/..%2f..%2fdrop.sqlite", "/v1/blobs/%2e%2e/ca.key", "//v1/names", "/v1/enrol",
    "/v1/blobs//etc/passwd", "/v1/blobs/charter.toml%00", "/v1/items/" + "a/" * 50, "/v1/names?after=%ff", "*",
    "/v1/names?under=" + "a" * 5000, "/v1/blobs/\xff", "http://elsewhere/v1/names",
)  # fmt: skip
METHODS = ("GET", "GET", "HEAD", "POST", "PUT", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "G E T", "")
HEADERS = (
    "Content-Length: 0", "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999",
    "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 3", "Range: bytes=0-", "Range: bytes=-1", "Range: bytes=5-1",
    "Range: bytes=0-,1-", "Range: bytes=99999999999999999-", "Expect: 100-continue", "Connection: close",
    "Connection: upgrade\r\nUpgrade: websocket", "Content-Type: application/json", "Content-Type: text/xml",
    "X: " + "y" * 20_000, "\r\n".join(f"X{i}: y" for i in range(300)), "X\0: y", ": y", "no colon", " folded: y",
    "Authorization: Basic aHViOmh1Yg==", "X-Forwarded-For: 127.0.0.1", "X-SSL-Client-CN: hub", "Host: a\r\nHost: b",
)  # fmt: skip
NAMES = (
    "charter.toml", "transfer.fluid", "agreements/ada.json", "agreements/bob.json", "agreements/hub.json",
    "requests/1-annotate-000000000000.fluid", "outcome/labels.fluid.age", "quarantine/a.txt", "../a", "a/../../b",
    "/etc/x", "replies/000000000000/bob-aaaaaaaaaaaa.fluid", "replies/000000000000/ada-aaaaaaaaaaaa.fluid.age",
    "aux.json", "a\0b", "replies/000000000000/ada-2-aaaaaaaaaaaa.fluid",
    "REPLIES/000000000000/bob-aaaaaaaaaaaa.fluid", "é", "a" * 300,
)  # fmt: skip


class Fuzzed(Drop):
    """A drop that ada and strangers attack; hub has put a charter there, and bob a reply."""

    def __init__(self) -> None:
        root = Path(mkdtemp(prefix="fuzz-drop-"))
        (root / "charter.toml").write_bytes(corpus().charters[0])
        super().__init__(_Charter(root / "charter.toml"), root / "files")
        self.start()
        self.good = {
            "charter.toml": ("hub", corpus().charters[0]),
            "replies/000000000000/bob-aaaaaaaaaaaa.fluid": ("bob", corpus().signed[0]),
            "agreements/ada.json": ("ada", corpus().agreements[1]),
        }
        for name, (who, data) in self.good.items():
            self.mailbox(who).write(name, data)
        self.context = Identity(self.root / "ada").context()
        self.stranger = trusting(self.home / "ca.pem")

    def alive(self) -> None:
        """Refuse to go on with a drop that doesn't answer, or is too large."""
        assert self.mailbox("hub").read("charter.toml") == self.good["charter.toml"][1]
        assert self._life is not None
        status = Path(f"/proc/{self._life.pid}/status").read_text()
        peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1000
        assert peak < MOST_MEMORY, f"the server took {peak} MB"

    def unharmed(self) -> list[str]:
        """Kill it, and say what has been written that mustn't have been."""
        self.kill()
        ending = live(self._check, self.root / "checked")
        return [] if ending.code == 0 else [ending.said[-1000:]]

    def _check(self) -> None:
        service = Service.open(Settings.load(self.home))
        verify(service.database)
        there = {item.name: item for item in service.shelf.items(Member("hub", "coordinator"), most=1_000_000)}
        for name, (who, data) in self.good.items():
            assert (there[name].owner, there[name].digest) == (who, hashlib.sha256(data).hexdigest()), name
        for name, item in there.items():
            assert name in self.good or (item.owner == "ada" and may_write(Member("ada", "partner"), name)), item
        places = {path.relative_to(self.root).parts[0] for path in self.root.rglob("*")}
        assert places <= {"home", "hub", "ada", "bob", "cleo", "served", "checked"}, places


class _Charter:
    """As much of a consortium's files as a drop needs."""

    def __init__(self, charter: Path) -> None:
        self.charter = charter


@cache
def drop() -> Fuzzed:
    """Start the drop, once."""
    return Fuzzed()


def certified(rng: random.Random) -> None:
    """Send a hostile request as a partner."""
    if not _sent(rng, _request(rng), 0.1):
        raise FluidError("refused, or not answered")


def uploading(rng: random.Random) -> None:
    """Send uploads announced with hostile facts, sent in the wrong order, twice, or too long."""
    name = rng.choice(NAMES)
    if rng.random() < 0.5:
        name = f"replies/000000000000/ada-{rng.getrandbits(48):012x}.fluid"
    data = rng.randbytes(rng.choice((0, 1, 1000, 70_000)))
    digest = hashlib.sha256(data).hexdigest()
    key = hashlib.sha256("\n".join(("ada", name, str(len(data)), digest)).encode("utf-8", "replace")).hexdigest()[:32]
    facts = json.dumps({"name": name, "size": len(data), "sha256": digest}).encode()
    steps = [
        _http("POST", "/v1/uploads", facts if rng.random() < 0.7 else mutated(rng, facts)),
        *(
            _http("PUT", f"/v1/uploads/{key}?offset={offset}", data[offset : offset + rng.choice((1, 65536, 131072))])
            for offset in (0, rng.choice((0, 1, 65536, -1, 1 << 40)), 65536)
        ),
        _http("POST", f"/v1/uploads/{key}/commit"),
        _http("DELETE", f"/v1/uploads/{key}"),
        _http("POST", "/v1/set-aside", json.dumps({"name": rng.choice(NAMES), "reason": "x"}).encode()),
    ]  # fmt: skip
    rng.shuffle(steps) if rng.random() < 0.5 else None
    results = [_sent(rng, step, 2.0) for step in steps]
    if not all(results):
        raise FluidError("some of it refused")


def stranger(rng: random.Random) -> None:
    """Send a hostile request without a certificate, or without TLS: no word of an answer."""
    if rng.random() < 0.3:
        said = _talk(None, _request(rng))
        assert not said.startswith(b"HTTP/1.1 2"), said[:80]
        return
    said = _talk(drop().stranger, _request(rng))
    assert said == b"", said[:200]


@cache
def _enrolment() -> tuple[Service, str, str]:
    """Found another drop, and invite ada."""
    root = Path(mkdtemp(prefix="fuzz-enrol-"))
    settings = Settings(root / "home", "fuzz", parties=(("ada", "partner"),))
    found(settings)
    service = Service.open(settings)
    return service, service.members.invite("ada", "partner"), Identity(root / "ada").request("ada")


def enrolling(rng: random.Random) -> None:
    """Names, codes and requests for a certificate that are almost right."""
    service, code, request = _enrolment()
    name = "ada" if rng.random() < 0.8 else rng.choice(NAMES)
    changed = code if rng.random() < 0.5 else mutated(rng, code.encode()).decode("utf-8", "replace")
    asked = mutated(rng, request.encode()).decode("utf-8", "replace")
    text = service.members.enrol(service.authority(), name, changed, asked)
    assert name == "ada", name
    assert _letters(changed) == _letters(code), "another code"
    subject = load_pem_x509_certificate(text.encode()).subject.rfc4514_string()
    assert subject.startswith("CN=ada") or "CN=ada" in subject.split(","), subject


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


CASES = {
    "enrolment": (enrolling, 1_000),
    "certified": (certified, 4_000),
    "uploads": (uploading, 600),
    "strangers": (stranger, 1_400),
}


def _request(rng: random.Random) -> bytes:
    method, path = rng.choice(METHODS), rng.choice(PATHS)
    if rng.random() < 0.3:
        path += rng.choice(TOKENS)[:3000].decode("latin-1")
    head = [f"{method} {path} HTTP/{rng.choice(('1.1', '1.1', '1.0', '2.0', '9'))}", "Host: 127.0.0.1"]
    head += rng.sample(HEADERS, rng.choice((0, 1, 1, 2)))
    body = rng.choice((b"", b"{}", b"5\r\nhello\r\n0\r\n\r\n", b"fffffffffffffffff\r\n", rng.randbytes(300), *TOKENS))
    if rng.random() < 0.4:  # as it should be, but for what follows
        head = [f"{rng.choice(METHODS[:3])} {rng.choice(PATHS[:9])} HTTP/1.1", "Host: 127.0.0.1"]
        body = b""
    data = "\r\n".join((*head, "", "")).encode("latin-1", "replace") + body
    data = mutated(rng, data) if rng.random() < 0.5 else data
    return data * rng.choice((1, 1, 1, 3))


def _http(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode("utf-8", "replace") + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _sent(rng: random.Random, data: bytes, patience: float) -> bool:
    """Send bytes as ada, and look at the answers; say whether there was one, and no refusal."""
    said = _talk(drop().context, data, patience)
    statuses = [int(answer[:3]) for answer in said.split(b"HTTP/1.1 ")[1:]]
    assert not set(statuses) & {500, 501, 502}, f"{statuses} to {data[:300]!r}"
    if rng.random() < 0.02:
        drop().alive()
    return bool(statuses) and max(statuses) < 400


def _talk(context: ssl.SSLContext | None, data: bytes, patience: float = 0.1) -> bytes:
    """Send bytes, and give what comes back until the other side hangs up or waits."""
    plain = socket.create_connection(("127.0.0.1", drop().port), timeout=PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    said = b""
    try:
        line = context.wrap_socket(plain, server_hostname="127.0.0.1") if context else plain
        line.sendall(data)
        line.settimeout(patience)
        while len(said) < 1 << 20:
            piece = line.recv(1 << 16)
            if not piece:
                break
            said += piece
            if b"\r\n\r\n" in said:
                line.settimeout(0.01)
    except (OSError, ssl.SSLError):
        pass
    finally:
        plain.close()
    return said
