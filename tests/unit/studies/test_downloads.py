"""Downloads, against a server on the loopback that fails on command."""

import csv
import hashlib
import json
import socket
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from fluidmol.errors import InputError, OutputError, UnavailableError, UsageError
from fluidmol.studies import sources as manifest
from fluidmol.studies import web
from fluidmol.studies.chembl import COLUMNS, fetch_activities
from fluidmol.studies.downloads import download
from fluidmol.studies.sources import SourceFile, chosen, data_folder, sources
from fluidmol.studies.web import Patience

QUICK = Patience(timeout=5, attempts=3, first_wait=0.001)
CONTENT = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Gives ``content``, honours ranges, and before that does what ``script`` says, one act a request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.etag, self.ranges, self.lengths = CONTENT, '"one"', True, True
        self.script = deque()
        self.requests = []
        self.release = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/file.csv"

    def handle_error(self, request, client_address):
        """Say nothing where the client hangs up."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.requests.append((self.path, dict(self.headers)))
        act = server.script.popleft() if server.script else None
        if isinstance(act, int) and 400 <= act < 600:
            self.send_response(act)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif act == "hang":
            server.release.wait(10)
        else:
            self.give(act)

    def give(self, cut):
        server, start = self.server, 0
        asked = self.headers.get("Range")
        if asked and server.ranges and self.headers.get("If-Range") in (None, server.etag):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(server.content):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        else:
            self.send_response(200)
        if server.lengths:
            self.send_header("Content-Length", str(len(server.content) - start))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        self.wfile.write(server.content[start:] if cut is None else server.content[start:][:cut])


def serve(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    return thread


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    made = Server()
    thread = serve(made)
    yield made
    made.release.set()
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "cache" / "file.csv"


def names(target):
    return sorted(file.name for file in target.parent.iterdir())


def ranges(server):
    return [headers.get("Range") for _, headers in server.requests]


def test_a_file_comes_whole_with_its_hash_beside_it(server, target):
    fetched = download(server.url, target, patience=QUICK)
    assert target.read_bytes() == CONTENT
    assert (fetched.path, fetched.sha256, fetched.new, fetched.checked) == (target, SHA256, True, False)
    assert target.with_name("file.csv.sha256").read_text() == f"{SHA256}  file.csv\n"
    assert names(target) == ["file.csv", "file.csv.sha256"]


def test_progress_is_told(server, target):
    told = []
    download(server.url, target, progress=lambda *args: told.append(args), patience=QUICK)
    assert told[-1] == ("file.csv", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert len(told) > 1


def test_what_is_there_is_not_asked_for(server, target):
    download(server.url, target, patience=QUICK)
    fetched = download(server.url, target, patience=QUICK)
    assert len(server.requests) == 1
    assert (fetched.new, fetched.checked) == (False, True)


def test_what_was_put_there_by_hand_is_taken(target):
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    fetched = download("http://127.0.0.1:1/file.csv", target, SHA256)
    assert (fetched.new, fetched.checked) == (False, True)


def test_what_was_put_there_by_hand_must_be_the_expected(target):
    target.parent.mkdir()
    target.write_bytes(b"something else")
    with pytest.raises(InputError, match=f"expected {SHA256}.*Move it away"):
        download("http://127.0.0.1:1/file.csv", target, SHA256)
    assert target.read_bytes() == b"something else"


def test_a_file_that_changed_since_it_was_fetched_is_told(server, target):
    download(server.url, target, patience=QUICK)
    target.write_bytes(b"edited")
    with pytest.raises(InputError, match="changed or replaced"):
        download(server.url, target, patience=QUICK)


def test_a_cut_connection_is_taken_up_where_it_ended(server, target):
    server.script.extend([100_000, 50_000])
    download(server.url, target, SHA256, patience=QUICK)
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=100000-", "bytes=150000-"]
    assert server.requests[1][1]["If-Range"] == '"one"'
    assert names(target) == ["file.csv", "file.csv.sha256"]


def test_a_later_run_goes_on(server, target):
    server.script.extend([100_000, 503, 503])
    with pytest.raises(UnavailableError, match="HTTP 503"):
        download(server.url, target, patience=QUICK)
    assert not target.exists()
    assert target.with_name("file.csv.part").stat().st_size == 100_000
    download(server.url, target, SHA256, patience=QUICK)
    assert ranges(server)[-1] == "bytes=100000-"
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_again(server, target):
    server.ranges = False
    server.script.append(100_000)
    download(server.url, target, SHA256, patience=QUICK)
    assert target.read_bytes() == CONTENT
    assert ranges(server)[1] == "bytes=100000-"


def test_a_file_that_changed_on_the_server_starts_again(server, target):
    server.script.append(100_000)
    with pytest.raises(UnavailableError):
        download(server.url, target, patience=Patience(attempts=1))
    server.content, server.etag = CONTENT[::-1], '"two"'
    download(server.url, target, patience=QUICK)
    assert target.read_bytes() == CONTENT[::-1]


def test_a_server_that_goes_on_with_another_version_is_not_believed(server, target, monkeypatch):
    server.script.append(100_000)
    with pytest.raises(UnavailableError):
        download(server.url, target, patience=Patience(attempts=1))
    server.content = CONTENT[::-1]
    # This one ignores If-Range: it answers 206, with the new version's name.
    send = Handler.send_header
    monkeypatch.setattr(
        Handler, "send_header", lambda self, key, value: send(self, key, '"two"' if key == "ETag" else value)
    )
    download(server.url, target, patience=QUICK)
    assert target.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_version_one_starts_again(server, target, etag):
    server.etag = etag
    server.script.append(100_000)
    download(server.url, target, SHA256, patience=QUICK)
    assert ranges(server) == [None, None]


def test_another_mirror_starts_again(server, target):
    server.script.append(100_000)
    with pytest.raises(UnavailableError):
        download(server.url, target, patience=Patience(attempts=1))
    download(server.url + "?mirror", target, SHA256, patience=QUICK)
    assert ranges(server) == [None, None]


def test_a_part_that_is_longer_than_the_file_starts_again(server, target):
    server.script.append(100_000)
    with pytest.raises(UnavailableError):
        download(server.url, target, patience=Patience(attempts=1))
    server.content = CONTENT[:50_000]
    download(server.url, target, patience=QUICK)
    assert target.read_bytes() == CONTENT[:50_000]
    assert len(server.requests) == 3


def test_a_spoilt_note_starts_again(server, target):
    target.parent.mkdir()
    target.with_name("file.csv.part").write_bytes(b"junk")
    target.with_name("file.csv.part.json").write_text("[]")
    download(server.url, target, SHA256, patience=QUICK)
    assert ranges(server) == [None]


def test_a_server_that_states_no_length(server, target):
    server.lengths = False
    told = []
    download(server.url, target, SHA256, progress=lambda *args: told.append(args), patience=QUICK)
    assert told[-1] == ("file.csv", len(CONTENT), None)


def test_an_unexpected_file_is_refused_and_deleted(server, target):
    with pytest.raises(InputError, match=f"SHA-256 {SHA256}, expected {'0' * 64}"):
        download(server.url, target, "0" * 64, patience=QUICK)
    assert names(target) == []


def test_a_new_version_is_not_taken_for_the_recorded_one(server, target):
    download(server.url, target, patience=QUICK)
    target.unlink()
    server.content = b"new version"
    with pytest.raises(InputError, match=r"delete .*file\.csv\.sha256"):
        download(server.url, target, patience=QUICK)
    assert names(target) == ["file.csv.sha256"]


def test_not_found_is_told_at_once(server, target):
    server.script.append(404)
    with pytest.raises(UnavailableError, match="HTTP 404 Not Found") as caught:
        download(server.url, target, patience=QUICK)
    assert len(server.requests) == 1
    assert caught.value.exit_code == 69
    assert str(target) in str(caught.value)


def test_a_passing_failure_is_waited_through(server, target, monkeypatch):
    pauses = []
    monkeypatch.setattr(web.time, "sleep", pauses.append)
    server.script.extend([503, 429])
    download(server.url, target, SHA256, patience=Patience(timeout=5, attempts=3, first_wait=1))
    assert pauses == [1, 2]


def test_the_server_may_ask_for_longer_up_to_a_minute(monkeypatch):
    pauses = []
    monkeypatch.setattr(web.time, "sleep", pauses.append)
    patience = Patience()
    patience.pause(1, "7")
    patience.pause(1, "99999")
    patience.pause(3, "Wed, 21 Oct 2015 07:28:00 GMT")
    assert pauses == [7, 60, 4]


def test_a_refused_connection_says_what_to_do(target, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file.csv"
        with pytest.raises(UnavailableError) as caught:
            download(url, target, patience=QUICK)
    text = str(caught.value)
    assert caught.value.exit_code == 69
    for part in (url, "refused", "tried 3 times", str(target), "by hand"):
        assert part in text


def test_an_unknown_host_is_told(target, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnavailableError, match=r"Name or service not known.*tried once"):
        download("https://nowhere.invalid/file.csv", target, patience=Patience(attempts=1))


def test_silence_is_not_waited_for_without_end(server, target):
    server.script.append("hang")
    with pytest.raises(UnavailableError, match="no answer in time"):
        download(server.url, target, patience=Patience(timeout=0.2, attempts=1))


def test_an_interrupted_run_keeps_what_has_come(server, target):
    def interrupt(_name, done, _total):
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(server.url, target, progress=interrupt, patience=QUICK)
    assert not target.exists()
    kept = target.with_name("file.csv.part").stat().st_size
    assert kept > 100_000
    download(server.url, target, SHA256, patience=QUICK)
    assert ranges(server)[-1] == f"bytes={kept}-"
    assert target.read_bytes() == CONTENT


def test_only_web_addresses_are_opened(target):
    with pytest.raises(UsageError, match="isn't a web address"):
        download("file:///etc/passwd", target, patience=QUICK)


def test_a_folder_that_is_a_file_is_refused(target):
    target.parent.write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        download("http://127.0.0.1:1/file.csv", target)


def test_a_full_disk_is_not_taken_for_a_broken_network(server, target, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fluidmol.studies.resume.write_whole", full)
    with pytest.raises(OutputError, match="No space left"):
        download(server.url, target, patience=QUICK)
    assert len(server.requests) == 1


# ChEMBL


def activity(number):
    row = dict.fromkeys(COLUMNS)
    row.update(canonical_smiles="C" * (number + 1), standard_relation="=", standard_value=f"{number}.5")
    return {
        **row,
        "standard_units": "nM",
        "molecule_chembl_id": f"CHEMBL{number}",
        "assay_chembl_id": "CHEMBL9",
    }


class ChemblHandler(Handler):
    """Gives three activities at a time, however many are asked for, with the API's own form of next."""

    def give(self, cut):
        asked = {key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()}
        start, total = int(asked["offset"]), self.server.total
        after = start + 3
        following = f"/chembl/api/data/activity.json?limit=3&offset={after}" if after < total else None
        body = {
            "activities": [activity(number) for number in range(start, min(after, total))],
            "page_meta": {"limit": 3, "next": following, "offset": start, "total_count": total},
        }
        data = self.server.spoil or json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:cut] if cut else data)


QUERY = {"target_chembl_id": "CHEMBL240", "standard_type": "IC50"}


@pytest.fixture
def chembl(server):
    server.RequestHandlerClass = ChemblHandler
    server.total, server.spoil = 8, b""
    return server


def api(server):
    return f"http://127.0.0.1:{server.server_port}/mirror/data"


def offsets(server):
    return [parse_qs(urlsplit(path).query)["offset"][0] for path, _ in server.requests]


def test_activities_become_one_table(chembl, target):
    told = []
    fetched = fetch_activities(api(chembl), QUERY, target, lambda *args: told.append(args), QUICK)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["molecule_chembl_id"] for row in rows] == [f"CHEMBL{number}" for number in range(8)]
    assert [done for _, done, _ in told] == [3, 6, 8]
    assert fetched.new
    assert names(target) == ["file.csv", "file.csv.sha256"]
    asked = parse_qs(urlsplit(chembl.requests[0][0]).query)
    assert asked["target_chembl_id"] == ["CHEMBL240"]
    assert asked["order_by"] == ["activity_id"]
    assert all(path.startswith("/mirror/data/activity.json?") for path, _ in chembl.requests)


def test_finished_pages_are_kept(chembl, target):
    chembl.script.extend([None, None, 503, 503, 503])
    with pytest.raises(UnavailableError, match="HTTP 503"):
        fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert not target.exists()
    chembl.requests.clear()
    fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert offsets(chembl) == ["6"]
    assert len(target.read_text().splitlines()) == 9
    chembl.requests.clear()
    assert not fetch_activities(api(chembl), QUERY, target, patience=QUICK).new
    assert chembl.requests == []


def test_a_cut_page_is_asked_for_again(chembl, target):
    chembl.script.append(40)
    fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert offsets(chembl) == ["0", "0", "3", "6"]


def test_an_interrupted_run_keeps_its_pages(chembl, target):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_activities(api(chembl), QUERY, target, interrupt, QUICK)
    assert names(target) == ["file.csv.pages"]
    chembl.requests.clear()
    fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert offsets(chembl) == ["3", "6"]


def test_a_new_release_in_between_starts_again(chembl, target):
    chembl.script.extend([None, 503, 503, 503])
    with pytest.raises(UnavailableError):
        fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    chembl.total = 9
    with pytest.raises(InputError, match="changed between pages"):
        fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert len(target.read_text().splitlines()) == 10


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Log in</html>", "doesn't give JSON"),
        (b"[]", "doesn't give activities"),
        (b'{"page_meta": {"total_count": 0, "next": null}, "activities": []}', "doesn't give activities"),
        (b'{"page_meta": {"total_count": 1, "next": null}, "activities": [{}]}', "doesn't give activities"),
    ],
)
def test_an_answer_that_is_not_chembl_is_refused(chembl, target, body, message):
    chembl.spoil = body
    with pytest.raises(InputError, match=message):
        fetch_activities(api(chembl), QUERY, target, patience=QUICK)
    assert not target.exists()


# The manifest


def test_the_manifest_is_complete():
    for name, source in sources().items():
        assert source.name == name
        assert source.address.startswith("https://")
        assert "doi 10." in source.citation
        assert source.licence
        assert source.files
        assert all(len(file.sha256) in (0, 64) for file in source.files)
        assert len({file.name for file in source.files}) == len(source.files)
    assert [source.name for source in chosen("herg")] == ["herg-chembl", "herg-ctoxpred"]
    assert [source.name for source in chosen("herg-ctoxpred")] == ["herg-ctoxpred"]


def test_an_unknown_name_is_told():
    with pytest.raises(UsageError, match="Did you mean herg"):
        chosen("hergg")


def test_files_of_a_source_come_from_a_mirror(server, tmp_path):
    source = sources()["herg-ctoxpred"]
    base = server.url.removesuffix("/file.csv") + "/mirror/"
    fetched = source.fetch(tmp_path, base, patience=QUICK)
    assert [file.path for file in fetched] == [tmp_path / "herg-ctoxpred" / file.name for file in source.files]
    assert [path for path, _ in server.requests] == [f"/mirror/{file.path}" for file in source.files]


def test_activities_of_a_source_come_from_a_mirror(chembl, tmp_path):
    (fetched,) = sources()["herg-chembl"].fetch(tmp_path, api(chembl), patience=QUICK)
    assert fetched.path == tmp_path / "herg-chembl" / "chembl-herg-ic50.csv"


def test_files_go_to_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path))
    assert data_folder() == tmp_path / "data"
    assert SourceFile("a/b/c.csv").name == "c.csv"
    assert manifest.DataSource("n", "t", "files", "l", "c", "http://x", ()).fetch() == []
