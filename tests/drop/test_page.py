"""The pages: what each party sees, nothing of others, no script, nothing that a name could smuggle in; in a browser."""

import contextlib
import http.server
import re
import shutil
import subprocess
import threading

import pytest
from drops import Drop

from fluidmol_drop.server.access import Member
from fluidmol_drop.server.overview import overview
from fluidmol_drop.server.page import policy, rendered
from fluidmol_drop.server.tables import entries

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUESTION = "requests/1-annotate-aaaaaaaaaaaa.fluid"
PARTIES = (("hub", "coordinator"), ("ada", "partner"), ("bob", "partner"), ("cleo", "partner"))


@pytest.fixture(scope="module")
def drop(tmp_path_factory):
    """A round that has got half-way."""
    with Drop(tmp_path_factory.mktemp("page"), parties=PARTIES).running() as drop:
        hub, ada, bob = (drop.mailbox(name) for name in ("hub", "ada", "bob"))
        hub.write("charter.toml", b"charter")
        hub.write("transfer.fluid", bytes(5_000))
        for name, mailbox in (("hub", hub), ("ada", ada)):
            mailbox.write(f"agreements/{name}.json", b"{}")
        hub.write(QUESTION, b"secret-question")
        ada.write("replies/aaaaaaaaaaaa/ada-bbbbbbbbbbbb.fluid.age", bytes(2_345_678))
        bob.write("replies/aaaaaaaaaaaa/bob-cccccccccccc.fluid", b"forged")
        hub.set_aside("replies/aaaaaaaaaaaa/bob-cccccccccccc.fluid", "<script>alert(1)</script> of another charter")
        yield drop


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def test_the_coordinator_sees_who_has_answered(drop):
    with drop.as_member("hub") as client:
        answer = client.get("/")
    page = text(answer.text)
    assert "You are hub , coordinator" in page
    assert "Charter signed 2 of 4 parties" in page
    assert "Opinions 1 of 3 partners" in page
    assert "2.3 MB, sealed" in page
    assert "cleo partner not invited missing missing" in page
    assert "of another charter" in page
    assert answer.headers["content-security-policy"] == policy()


def test_a_partner_sees_its_own_standing_only(drop):
    with drop.as_member("ada") as client:
        ada = client.get("/").text
    with drop.as_member("bob") as client:
        bob = client.get("/").text
    assert "All that was asked of you is here." in text(ada)
    assert "The consortium waits for you to sign the charter, and to answer: opinions." in text(bob)
    assert "of another charter" in text(bob)
    for name in ("bob", "cleo", "another charter"):
        assert name not in ada
    assert "2.3 MB" not in bob


def test_what_others_wrote_is_text_and_no_content_is_shown(drop):
    page = rendered(overview(drop.service, Member("hub", "coordinator")))
    assert "<script" not in page.lower()
    assert "&lt;script&gt;" in page
    assert "secret-question" not in page


def test_sealed_questions_are_known_by_their_names(still):
    names = (QUESTION, QUESTION.replace(".fluid", ".closed.json"), "requests/2-learn-cccccccccccc.fluid.age")
    rows = [{"name": name, "digest": "0", "size": 0, "owner": "hub", "at": "2026"} for name in ("charter.toml", *names)]
    with still.service.database.writing() as connection:
        connection.execute(entries.insert(), rows)
    found = overview(still.service, Member("hub", "coordinator")).questions
    assert [(question.title, question.digest, question.closed) for question in found] == [
        ("Opinions", "aaaaaaaaaaaa", True), ("Scorecards", "cccccccccccc", False),
    ]  # fmt: skip


def test_an_empty_drop_says_so(still):
    page = text(rendered(overview(still.service, Member("hub", "coordinator"))))
    assert "Nothing yet." in page


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium isn't installed")
@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("name", ["hub", "ada", "bob"])
def test_a_browser_finds_nothing_wrong(drop, tmp_path, name, width):
    with served(drop, name) as (address, asked):
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--enable-logging=stderr", "--v=0",
            f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},1200",
            f"--screenshot={tmp_path / 'page.png'}", address,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert asked["/"] == 200
    assert set(asked) <= {"/", "/favicon.ico"}, "the page asks for more than itself"
    assert b"CONSOLE" not in done.stderr, done.stderr
    assert (tmp_path / "page.png").stat().st_size > 10_000


@contextlib.contextmanager
def served(drop, name):
    """Put a browser before the drop: what it asks of the address is asked of the server with a member's certificate."""
    asked = {}

    class Forward(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with drop.as_member(name) as client:
                answer = client.get(self.path)
            asked[self.path] = answer.status_code
            self.send_response(answer.status_code)
            for key, value in answer.headers.items():
                if key not in ("content-length", "connection", "transfer-encoding", "content-encoding"):
                    self.send_header(key, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
