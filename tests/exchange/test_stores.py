"""Stores that are denied, full, away, somebody else's, or can't promise anything; nothing half-written counts."""

import os
import uuid
from pathlib import Path

import pytest
from stores import DENIED, FULL, UNKNOWN_KEY, Cutter

from fluidmol.errors import MissingFileError, OutputError, UnavailableError, UsageError
from fluidmol.exchange.mailbox import RefusedError
from fluidmol.exchange.places import open_place
from fluidmol.exchange.stores import opening
from fluidmol.exchange.stores.mailbox import StoreMailbox

NAME = "requests/1-annotate-0123456789ab.fluid"
LARGE = os.urandom(1 << 20)


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open a new place on a server, without pauses between tries."""

    def make(server, create=False, url=None, **settings):
        server.settings(monkeypatch, tmp_path, **settings)
        url = url or server.bucket(f"b{uuid.uuid4().hex}")
        said = []
        box = open_place(url, create=create, said=said.append)
        box._pauses, box.heard = (0, 0, 0), said
        return box

    return make


@pytest.fixture
def cutter():
    """Put a line that breaks before a server."""
    made = []

    def make(server):
        made.append(Cutter(server.port))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(params=["s3", "sftp"])
def server(request):
    return request.getfixturevalue(request.param)


class TestLinesThatBreak:
    def test_an_upload_that_breaks_leaves_nothing_and_is_done_again(self, server, opened, cutter):
        line = cutter(server)
        box = opened(server, port=line.port)
        box.names()
        line.after, line.cuts = 300_000, 1
        box.write(NAME, LARGE)
        assert (line.cuts, box.names(), box.read(NAME)) == (0, [NAME], LARGE)

    def test_a_line_that_always_breaks_ends_as_unavailable_and_nothing_counts(self, server, opened, cutter):
        line = cutter(server)
        url = opened(server).url
        box = opened(server, port=line.port, url=url)
        line.after, line.cuts = 300_000, 1000
        with pytest.raises(UnavailableError, match="can't be reached"):
            box.write(NAME, LARGE)
        line.cuts = 0
        assert box.names() == []
        box.write(NAME, LARGE)
        assert box.read(NAME) == LARGE

    def test_a_server_that_is_away_is_unavailable(self, server, opened, cutter):
        line = cutter(server)
        box = opened(server, port=line.port)
        line.cuts = 1000
        with pytest.raises(UnavailableError, match=r"can't be reached: .*the same command goes on later"):
            box.names()


class TestS3:
    @pytest.fixture
    def box(self, s3, opened):
        yield opened(s3)
        s3.trouble = lambda environ: None

    def test_a_bucket_that_is_not_there_is_named(self, s3, opened):
        box = opened(s3, url="s3://no-such-bucket/place")
        for use in (box.names, lambda: box.read(NAME), lambda: box.write(NAME, b"x"), lambda: box.names(NAME)):
            with pytest.raises(MissingFileError, match="no bucket for s3://no-such-bucket/place"):
                use()

    def test_the_top_of_a_bucket_is_a_place(self, s3, opened):
        url = opened(s3).url.rpartition("/")[0]
        box = opened(s3, url=url)
        box.write(NAME, b"asked")
        assert (box.names(), box.read(NAME)) == ([NAME], b"asked")

    @pytest.mark.parametrize("body", [DENIED, UNKNOWN_KEY], ids=["denied", "unknown key"])
    def test_who_may_not_is_told_so(self, s3, box, body):
        s3.trouble = lambda environ: ("403 Forbidden", body)
        for use, what in ((box.names, "read"), (lambda: box.write(NAME, b"x"), "written")):
            with pytest.raises(RefusedError, match=rf"can't be {what}: the store says: .*docs/stores\.md"):
                use()

    def test_who_may_only_read_is_told_so(self, s3, box):
        s3.put(box.url, NAME, b"asked")
        s3.trouble = lambda environ: ("403 Forbidden", DENIED) if environ["REQUEST_METHOD"] == "PUT" else None
        assert box.read(NAME) == b"asked"
        with pytest.raises(RefusedError, match=r"agreements/ada\.json can't be written"):
            box.write("agreements/ada.json", b"{}")

    def test_no_credentials_are_told(self, s3, opened, monkeypatch):
        config = pytest.importorskip("fsspec.config")
        box = opened(s3)
        monkeypatch.setitem(config.conf, "s3", {"endpoint_url": s3.endpoint})
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        with pytest.raises(RefusedError, match="credentials"):
            box.write(NAME, b"x")

    def test_a_full_store_is_told(self, s3, box):
        s3.trouble = lambda environ: ("403 Forbidden", FULL) if environ["REQUEST_METHOD"] == "PUT" else None
        with pytest.raises(OutputError, match=r"can't be written: .*The quota is used up.*Is the store full"):
            box.write(NAME, b"x")

    def test_a_busy_store_is_asked_again(self, s3, box):
        answers = [("503 Slow Down", b"<Error><Code>SlowDown</Code><Message>Wait.</Message></Error>")] * 2

        def busy(environ):
            return answers.pop() if answers and environ["REQUEST_METHOD"] == "PUT" else None

        s3.trouble = busy
        box.write(NAME, b"asked")
        assert (answers, box.read(NAME)) == ([], b"asked")
        assert box.heard == [f"no answer from {box.url} yet; trying again for a while"]

    def test_new_objects_are_written_on_condition_that_there_is_none(self, s3, box):
        seen = []

        def watch(environ):
            if environ["REQUEST_METHOD"] == "PUT":
                seen.append(environ.get("HTTP_IF_NONE_MATCH"))

        s3.trouble = watch
        box.write(NAME, b"asked")
        assert (seen, box.caution) == (["*"], "")

    def test_an_object_that_comes_first_is_not_replaced(self, s3, box):
        def overtake(environ):
            if environ["REQUEST_METHOD"] == "PUT":
                environ["REQUEST_METHOD"] = "GET"  # from now on there is one, as the store sees it
                return "412 Precondition Failed", b"<Error><Code>PreconditionFailed</Code></Error>"
            return None

        s3.trouble = overtake
        with pytest.raises(UnavailableError, match="neither free nor there"):
            box.write(NAME, b"mine")

    def test_what_consoles_leave_in_a_bucket_is_passed_over(self, s3, box):
        for name in ("", "requests/", "read me.txt", "requests/a b.fluid", "a/b/c/d/e.fluid", ".hidden"):
            s3.put(box.url, name, b"")
        box.write(NAME, b"asked")
        assert box.names() == box.names("requests") == [NAME]


class TestSftp:
    def test_a_folder_that_is_not_there_is_made_for_who_may(self, sftp, opened):
        url = f"{opened(sftp).url}/new/place"
        with pytest.raises(MissingFileError, match=rf"no {url}"):
            opened(sftp, url=url).names()
        assert opened(sftp, url=url, create=True).names() == []
        assert opened(sftp, url=url).names() == []

    def test_a_server_with_another_key_is_not_talked_to(self, sftp, opened):
        with pytest.raises(UnavailableError, match="isn't known to be the server that it says it is"):
            opened(sftp, host="other-host").names()

    def test_a_server_without_a_known_key_is_not_talked_to(self, sftp, opened, tmp_path):
        box = opened(sftp)
        (tmp_path / "ssh-home" / ".ssh" / "known_hosts").unlink()
        with pytest.raises(UnavailableError, match="connect once with ssh"):
            box.names()

    def test_a_stranger_is_refused(self, sftp, opened):
        with pytest.raises(RefusedError, match="Check the key or account"):
            opened(sftp, key="stranger").names()

    def test_who_may_only_read_is_told_so(self, sftp, opened):
        url = opened(sftp).url
        sftp.put(url, NAME, b"asked")
        box = opened(sftp, url=url, key="reader")
        assert box.read(NAME) == b"asked"
        with pytest.raises(RefusedError, match=r"agreements/ada\.json can't be written"):
            box.write("agreements/ada.json", b"{}")

    def test_a_full_store_is_told_and_nothing_half_written_is_left(self, sftp, opened):
        box = opened(sftp, key="cramped")
        box.write("small.fluid", b"x")
        with pytest.raises(OutputError, match=r"can't be written: .*Is the store full"):
            box.write(NAME, LARGE)
        folder = Path(box.url.removeprefix("sftp://pharma"))
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["small.fluid"]

    def test_links_are_not_followed(self, sftp, opened, tmp_path):
        box = opened(sftp)
        folder = Path(box.url.removeprefix("sftp://pharma"))
        (tmp_path / "secret.fluid").write_bytes(b"secret")
        (folder / "link.fluid").symlink_to(tmp_path / "secret.fluid")
        (folder / "replies").symlink_to(tmp_path)
        assert box.names() == []
        with pytest.raises(MissingFileError):
            box.read("link.fluid")

    def test_leftovers_are_swept_after_an_hour(self, sftp, opened):
        box = opened(sftp)
        left = Path(box.url.removeprefix("sftp://pharma")) / ".a.fluid.0123456789ab"
        for age, kept in ((0, True), (7200, False)):
            left.write_bytes(b"half")
            os.utime(left, (left.stat().st_mtime - age,) * 2)
            box.write(f"b{age}.fluid", b"x")
            assert left.exists() == kept
        assert box.names() == ["b0.fluid", "b7200.fluid"]

    def test_a_rename_onto_a_name_that_is_taken_replaces_nothing(self, sftp, opened):
        box = opened(sftp)
        store = box._connected()
        assert store.put_new(NAME, b"first") is True
        assert store.put_new(NAME, b"second") is False
        folder = Path(box.url.removeprefix("sftp://pharma"))
        assert [path.read_bytes() for path in folder.rglob("*") if path.is_file()] == [b"first"]

    def test_a_file_that_others_still_write_is_said_to_be_arriving(self, sftp, opened):
        box = opened(sftp)
        sftp.put(box.url, NAME, b"half")
        assert box.entry(NAME).arriving
        path = Path(box.url.removeprefix("sftp://pharma")) / NAME
        os.utime(path, (0, path.stat().st_mtime - 3600))
        assert not box.entry(NAME).arriving


class TestStoresThatPromiseNothing:
    @pytest.fixture
    def box(self, tmp_path):
        objects = pytest.importorskip("fluidmol.exchange.stores.objects")
        (tmp_path / "place").mkdir()
        store = objects.FsspecStore("file", f"file://{tmp_path}/place")
        return StoreMailbox("file://place", lambda: store, caution=objects.CAUTION, pauses=())

    def test_they_are_checked_before_and_after(self, box):
        box.write(NAME, b"asked")
        box.write(NAME, b"asked")
        with pytest.raises(OutputError, match="other content"):
            box.write(NAME, b"else")
        assert (box.names(), box.read(NAME)) == ([NAME], b"asked")
        box.set_aside(NAME, "damaged")
        assert len(box.names("quarantine")) == 2

    def test_a_file_that_another_replaced_meanwhile_is_seen(self, box, monkeypatch):
        store = box._connected()
        moved = store._system.mv

        def overtaken(source, target):
            moved(source, target)
            store._system.pipe_file(target, b"the other's")

        monkeypatch.setattr(store._system, "mv", overtaken)
        with pytest.raises(OutputError, match="other content"):
            box.write(NAME, b"mine")

    def test_their_leftovers_are_swept(self, box, tmp_path):
        left = tmp_path / "place" / ".a.fluid.0123456789ab"
        left.write_bytes(b"half")
        os.utime(left, (0, left.stat().st_mtime - 7200))
        box.write("b.fluid", b"x")
        assert (left.exists(), box.names()) == (False, ["b.fluid"])

    def test_status_and_whoever_opens_one_is_told(self, monkeypatch):
        objects = pytest.importorskip("fluidmol.exchange.stores.objects")
        monkeypatch.setattr(objects, "is_conditional", lambda scheme: False)
        said = []
        assert open_place("webdav://host/place", said=said.append).caution == said[0] == objects.CAUTION


class TestAddresses:
    def test_a_password_in_an_address_is_refused_and_not_repeated(self):
        with pytest.raises(UsageError, match="password in it") as caught:
            open_place("sftp://ada:hunter2@host/place")
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize("place", ["memory://place", "zip://a.zip", "data://x"])
    def test_no_consortium_meets_in_a_memory_or_an_archive(self, place):
        with pytest.raises(UsageError, match="can't meet at"):
            open_place(place)

    @pytest.mark.parametrize("place", ["simplecache::s3://bucket/place", "://x"])
    def test_what_only_looks_like_an_address_makes_no_folder(self, place, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="neither a folder nor an address"):
            open_place(place, create=True)
        assert list(tmp_path.iterdir()) == []

    def test_an_address_without_a_bucket_is_refused(self):
        with pytest.raises(UsageError, match=r"names no bucket or host\. Expected s3://NAME"):
            open_place("s3:///place")

    def test_an_unknown_scheme_is_refused(self):
        pytest.importorskip("fsspec")
        with pytest.raises(UnavailableError, match="opens moon://"):
            open_place("moon://crater")

    def test_a_missing_package_is_named_with_what_to_install(self, monkeypatch):
        objects = pytest.importorskip("fluidmol.exchange.stores.objects")

        def missing(scheme):
            raise ImportError("Install s3fs to access S3")

        monkeypatch.setattr(objects, "is_conditional", missing)
        with pytest.raises(UnavailableError, match=r"s3:// isn't installed: .*pip install 'fluidmol\[s3\]'"):
            open_place("s3://bucket/place")
        assert set(opening.PACKAGES) >= {"s3", "sftp", "gs", "abfs", "webdav"}
