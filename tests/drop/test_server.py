"""The service over real TLS: who gets in, what is refused, and that nothing harmful has an effect."""

import hashlib
import logging
import re
import socket
import ssl
import time

import attrs
import httpx
import pytest
from drops import LIMITS, Drop, connected

from fluidmol_drop.identity import Identity
from fluidmol_drop.server.access import Member
from fluidmol_drop.server.app import bare_app
from fluidmol_drop.server.audit_log import records, verify
from fluidmol_drop.server.authority import Authority, pem, read_request

REPLY = "replies/aaaaaaaaaaaa/ada-bbbbbbbbbbbb.fluid"
KEY = "0" * 32


def routes(service):
    """Every method and path of the OpenAPI document, filled in."""
    document = bare_app(service).openapi()
    return [
        (method.upper(), path.replace("{name}", REPLY).replace("{key}", KEY))
        for path, methods in document["paths"].items()
        for method in methods
    ] + [("GET", "/v1/openapi.json"), ("GET", "/nothing"), ("POST", "/v1/enrol")]


def put(client, name, data, announced):
    """Upload in one part."""
    state = client.post("/v1/uploads", json=announced(name, data))
    if state.status_code == 200 and not state.json()["done"]:
        client.put(f"/v1/uploads/{state.json()['id']}", params={"offset": 0}, content=data).raise_for_status()
        return client.post(f"/v1/uploads/{state.json()['id']}/commit")
    return state


def test_there_are_routes_to_refuse(drop):
    assert len(routes(drop.service)) >= 14


def test_nobody_gets_in_without_a_certificate(drop):
    with drop.client(drop.stranger()) as client:
        for method, path in routes(drop.service):
            with pytest.raises(httpx.TransportError):
                client.request(method, path)


def test_a_certificate_of_another_authority_is_refused(drop, tmp_path):
    other = Authority.new("other")
    identity = Identity(tmp_path / "mallory")
    text = pem(other.for_member("hub", "coordinator", read_request(identity.request("hub"))))
    (identity.folder / "certificate.pem").write_text(text)
    (identity.folder / "ca.pem").write_text((drop.home / "ca.pem").read_text())
    with drop.client(identity.context()) as client, pytest.raises(httpx.TransportError):
        client.get("/v1/names")


def test_a_certificate_that_the_database_does_not_know_is_refused(drop, tmp_path):
    identity = Identity(tmp_path / "ghost")
    text = pem(drop.service.authority().for_member("hub", "coordinator", read_request(identity.request("hub"))))
    identity.keep(text, (drop.home / "ca.pem").read_text())
    with drop.client(identity.context()) as client:
        assert client.get("/v1/names").status_code == 403


def test_the_servers_own_certificate_lets_nobody_in(drop):
    context = drop.stranger()
    context.load_cert_chain(drop.home / "server.pem", drop.home / "server.key")
    with drop.client(context) as client, pytest.raises(httpx.TransportError):
        client.get("/v1/names")


def test_revocation_counts_from_the_next_request_on_the_same_connection(drop):
    with drop.as_member("dora") as client:
        assert client.get("/v1/names").status_code == 200
        drop.service.members.revoke("dora")
        for method, path in routes(drop.service):
            answer = client.request(method, path)
            assert answer.status_code == 403, (method, path)
            assert method == "HEAD" or "revoked" in answer.json()["message"]


def test_monitors_see_health_and_metrics_only(drop):
    with drop.as_member("watch") as client:
        assert client.get("/healthz").text == "ok\n"
        assert re.search(
            r"^fluid_drop_requests_total\{status=\"\d+\"\} \d+$", client.get("/metrics").text, re.MULTILINE
        )
        for method, path in routes(drop.service):
            if path not in ("/healthz", "/metrics"):
                assert client.request(method, path).status_code == 403, (method, path)


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_pages_in_a_browser_change_nothing(drop, announced, header):
    with drop.as_member("hub") as client:
        for method, path in routes(drop.service):
            answer = client.request(method, path, headers={header: "https://evil.example"})
            assert method in ("GET", "HEAD") or answer.status_code == 403, (method, path)


def test_nobody_takes_all_connections(drop):
    context = drop.identity("ada").context()
    lines = [connected(drop.url, context) for _ in range(LIMITS.lines + 1)]
    try:
        lines[-1].settimeout(10)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            lines[-1].recv(1) or _gone()
        with drop.as_member("bob") as client:
            assert client.get("/v1/names").status_code == 200
    finally:
        for line in lines:
            line.close()
    deadline = time.monotonic() + 10
    with drop.as_member("ada") as client:
        while time.monotonic() < deadline:
            try:
                assert client.get("/v1/names").status_code == 200
                return
            except httpx.TransportError:
                time.sleep(0.1)
    raise AssertionError("the connections are still counted")


def _gone():
    raise ConnectionError


def test_partners_do_not_see_the_metrics(drop):
    with drop.as_member("ada") as client:
        assert client.get("/metrics").status_code == 403


def test_partners_can_not_touch_what_is_others(drop, announced):
    name = "replies/cccccccccccc/ada-bbbbbbbbbbbb.fluid"
    with drop.as_member("ada") as ada, drop.as_member("bob") as bob:
        assert put(ada, name, b"of ada", announced).status_code == 200
        begun = ada.post("/v1/uploads", json=announced(name.replace("ccc", "ddd"), b"begun")).json()["id"]
        for path in (f"/v1/blobs/{name}", f"/v1/items/{name}", f"/v1/uploads/{begun}"):
            assert bob.get(path).status_code == 404
        assert bob.head(f"/v1/blobs/{name}").status_code == 404
        assert bob.get("/v1/names", params={"under": "replies/cccccccccccc"}).json()["items"] == []
        assert bob.post("/v1/uploads", json=announced(name, b"forged")).status_code == 403
        assert bob.put(f"/v1/uploads/{begun}", params={"offset": 0}, content=b"forge").status_code == 404
        assert bob.post(f"/v1/uploads/{begun}/commit").status_code == 404
        assert bob.delete(f"/v1/uploads/{begun}").status_code == 404
        assert bob.post("/v1/set-aside", json={"name": name, "reason": "envy"}).status_code == 403
        assert ada.get(f"/v1/blobs/{name}").content == b"of ada"


def test_replayed_and_reordered_parts_have_no_effect(drop, announced):
    data = bytes(range(256)) * 512
    with drop.as_member("ada") as client:
        name = "replies/111111111111/ada-bbbbbbbbbbbb.fluid"
        path = f"/v1/uploads/{client.post('/v1/uploads', json=announced(name, data)).json()['id']}"

        def part(start, stop):
            return client.put(path, params={"offset": start}, content=data[start:stop])

        late = part(65536, 131072)
        assert (late.status_code, late.json()["offset"]) == (409, 0)
        assert part(0, 65536).json()["offset"] == 65536
        again = part(0, 65536)
        assert (again.status_code, again.json()["offset"]) == (409, 65536)
        half = client.post(f"{path}/commit")
        assert (half.status_code, half.json()["offset"]) == (409, 65536)
        assert part(65536, 131072).json()["offset"] == 131072
        assert client.post(f"{path}/commit").json()["done"]
        assert client.post(f"{path}/commit").json()["done"]
        assert part(65536, 131072).status_code == 409
        assert client.get(f"/v1/blobs/{name}").content == data


def test_more_than_announced(drop, announced):
    with drop.as_member("ada") as client:
        wanted = announced("replies/222222222222/ada-bbbbbbbbbbbb.fluid", b"short")
        path = f"/v1/uploads/{client.post('/v1/uploads', json=wanted).json()['id']}"
        assert client.put(path, params={"offset": 0}, content=b"longer than that").status_code == 413
        assert client.get(path).json()["offset"] == 0
        client.delete(path)


def test_ranges(drop, announced):
    with drop.as_member("hub") as client:
        put(client, "outcome/ranges", b"0123456789", announced)

        def asked(header):
            answer = client.get("/v1/blobs/outcome/ranges", headers={"range": header})
            return answer.status_code, answer.content if answer.status_code < 400 else b""

        assert asked("bytes=4-") == (206, b"456789")
        assert asked("bytes=2-4") == (206, b"234")
        assert asked("bytes=5-99") == (206, b"56789")
        assert asked("bytes=0-") == (200, b"0123456789")
        assert asked("lines=1-2") == (200, b"0123456789")
        assert asked("bytes=10-")[0] == asked("bytes=5-4")[0] == 416
        head = client.head("/v1/blobs/outcome/ranges")
        assert (head.headers["content-length"], head.content) == ("10", b"")
        assert head.headers["etag"].strip('"') == hashlib.sha256(b"0123456789").hexdigest()


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "..%2f..%2fetc/passwd", "%2e%2e/ca.key", "replies/..%5c..%5cca.key", "%00", "/ca.key"]
)
def test_paths_lead_nowhere(drop, path):
    with connected(drop.url, drop.identity("hub").context()) as line:
        line.sendall(f"GET /v1/blobs/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in line.recv(100)


@pytest.mark.parametrize(
    "name", ["../charter.toml", "outcome/../../x", "/etc/passwd", "outcome\\x", "outcome/a\0b", "a" * 500]
)
def test_names_lead_nowhere(drop, announced, name):
    with drop.as_member("hub") as client:
        assert client.post("/v1/uploads", json=announced(name, b"")).status_code in (403, 422)
        assert client.get("/v1/names", params={"under": name}).status_code in (200, 422)
        assert client.post("/v1/set-aside", json={"name": name, "reason": "x"}).status_code in (403, 404, 422)
    assert sorted(path.name for path in drop.folder.iterdir() if path.is_file()) == []


def test_oversized_headers(drop):
    with connected(drop.url, drop.identity("hub").context()) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")


def test_oversized_bodies(drop):
    with drop.as_member("ada") as client:
        assert client.post("/v1/uploads", content=b" " * 20_000).status_code == 413
        assert client.post("/v1/uploads", content=(b" " * 1000 for _ in range(20))).status_code in (400, 413)
        assert client.put(f"/v1/uploads/{KEY}?offset=0", content=bytes(LIMITS.chunk + 1)).status_code == 413


def test_what_was_sent_is_not_sent_back(drop):
    with drop.as_member("ada") as client:
        answer = client.post("/v1/uploads", json={"name": "marker-of-ours", "size": -1, "sha256": "marker-of-ours"})
        assert answer.status_code == 422
        assert "marker-of-ours" not in answer.text


def test_only_tls_1_3_is_spoken(drop):
    context = drop.identity("hub").context()
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        connected(drop.url, context)
    for url in (drop.url, drop.enrolment):
        with connected(url, drop.identity("hub").context()) as line:
            assert line.version() == "TLSv1.3"


def test_plain_text_gets_no_answer(drop):
    host, port = drop.url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in line.recv(100)


def test_enrolment_gives_a_certificate_and_nothing_else(drop, tmp_path):
    code = drop.service.members.invite("erin", "partner")
    with httpx.Client(base_url=drop.enrolment, verify=drop.stranger(), trust_env=False) as client:
        identity = Identity(tmp_path / "erin")
        wrong = {"name": "erin", "code": "a" * 32, "request": identity.request("erin")}
        assert client.post("/v1/enrol", json=wrong).status_code == 403
        answer = client.post("/v1/enrol", json=wrong | {"code": code})
        assert answer.status_code == 200
        identity.keep(answer.json()["certificate"], (drop.home / "ca.pem").read_text())
        assert client.get("/v1/names").status_code == 404
        tries = [client.post("/v1/enrol", json=wrong) for _ in range(5)]
        assert tries[-1].status_code == 429
        assert int(tries[-1].headers["retry-after"]) >= 1
    with drop.client(identity.context()) as client:
        assert client.get("/v1/names").status_code == 200


@pytest.fixture
def strict(tmp_path):
    """A drop with little patience."""
    limits = attrs.evolve(LIMITS, rate=1, burst=3, patience=1)
    with Drop(tmp_path, limits).running() as running:
        yield running


def test_who_asks_too_often_waits_and_others_do_not(strict):
    with strict.as_member("ada") as ada, strict.as_member("bob") as bob:
        answers = [ada.get("/v1/names") for _ in range(5)]
        assert [answer.status_code for answer in answers].count(429) >= 1
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert bob.get("/v1/names").status_code == 200


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost:", b"POST /v1/uploads HTTP/1.1\r\nHost: x\r\n"])
def test_who_says_nothing_is_hung_up_on(strict, begun):
    with connected(strict.url, strict.identity("ada").context()) as line:
        if begun:
            line.sendall(begun)
        start = time.monotonic()
        assert line.recv(1000) == b""
        assert time.monotonic() - start > 0.5


def test_who_stops_within_a_part_is_hung_up_on_and_what_came_is_kept(strict, announced):
    with strict.as_member("ada") as client:
        upload = client.post("/v1/uploads", json=announced(REPLY, b"0123456789")).json()["id"]
    with connected(strict.url, strict.identity("ada").context()) as line:
        head = f"PUT /v1/uploads/{upload}?offset=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
        line.sendall(head.encode() + b"0123")
        assert b" 408 " in line.recv(1000)
    uploads = strict.service.uploads
    assert uploads.offset(uploads.find(Member("ada", "partner"), upload)) == 4


def test_a_newer_request_goes_on_where_an_older_one_hangs(drop, announced):
    name = "replies/333333333333/ada-bbbbbbbbbbbb.fluid"
    with drop.as_member("ada") as client:
        path = f"/v1/uploads/{client.post('/v1/uploads', json=announced(name, b'0123456789')).json()['id']}"
        with connected(drop.url, drop.identity("ada").context()) as line:
            line.sendall(f"PUT {path}?offset=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01".encode())
            time.sleep(0.2)
            assert client.put(path, params={"offset": 0}, content=b"0123456789").status_code == 200
            assert client.post(f"{path}/commit").json()["done"]
            line.sendall(b"23456789")
            assert b" 409 " in line.recv(1000)
        assert client.get(f"/v1/blobs/{name}").content == b"0123456789"


def test_secrets_are_not_in_logs_and_refusals_are_noted(tmp_path, caplog, announced):
    caplog.set_level(logging.DEBUG)
    with Drop(tmp_path).running() as drop:
        code = drop.service.members.invite("ada", "partner")
        identity = Identity(tmp_path / "ada")
        asked = {"name": "ada", "code": code, "request": identity.request("ada")}
        with httpx.Client(base_url=drop.enrolment, verify=drop.stranger(), trust_env=False) as client:
            identity.keep(
                client.post("/v1/enrol", json=asked).json()["certificate"], (drop.home / "ca.pem").read_text()
            )
        with drop.client(identity.context()) as client:
            put(client, REPLY, b"very-secret-content", announced)
            assert client.post("/v1/uploads", json=announced("charter.toml", b"")).status_code == 403
        assert ("ada", "refuse", "/v1/uploads") in [(r.who, r.what, r.name) for r in records(drop.service.database)]
        verify(drop.service.database)
        logged = caplog.text + "".join(map(str, records(drop.service.database)))
    keys = [
        (drop.home / "ca.key").read_text(),
        (drop.home / "server.key").read_text(),
        (identity.folder / "key.pem").read_text(),
    ]
    secrets = [code, code.replace("-", ""), "very-secret-content", *(key.splitlines()[1] for key in keys)]
    assert "POST /v1/uploads" in logged
    for secret in secrets:
        assert secret not in logged
