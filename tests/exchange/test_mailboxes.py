"""What every kind of place keeps to: the folder, the drop, S3 and SFTP. And what stores do when they can't."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from drops import Drop

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.exchange import mailbox
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.places import open_place

QUESTION, OTHER = "requests/1-annotate-0123456789ab.fluid", "requests/2-learn-0123456789ab.fluid.age"
KINDS = ("folder", "drop", "s3", "sftp")
WRITERS = 8


@pytest.fixture(params=KINDS)
def place(request, tmp_path, monkeypatch):
    """Opens one place anew each time, as another process of the coordinator would."""
    if request.param == "folder":
        (tmp_path / "place").mkdir()
        yield lambda: FolderMailbox(tmp_path / "place")
    elif request.param == "drop":
        with Drop(tmp_path / "drop").running() as drop:
            yield lambda: drop.mailbox("hub")
    else:
        server = request.getfixturevalue(request.param)
        server.settings(monkeypatch, tmp_path)
        url = server.bucket(f"b{uuid.uuid4().hex}")
        yield lambda: open_place(url)


class TestEveryMailbox:
    def test_a_blob_that_was_written_is_there_for_all(self, place):
        writer, reader = place(), place()
        assert reader.names() == []
        writer.write(QUESTION, b"asked")
        for under in ("", "requests", QUESTION):
            assert reader.names(under) == [QUESTION]
        for under in ("requests/1-annotate", "replies", OTHER):
            assert reader.names(under) == []
        entry = reader.entry(QUESTION)
        assert (entry.name, entry.size, entry.when.tzinfo is not None) == (QUESTION, 5, True)
        assert reader.read(QUESTION) == b"asked"
        writer.write(OTHER, b"asked again")
        assert reader.names() == [QUESTION, OTHER]

    @pytest.mark.parametrize("data", [b"", b"one", bytes(range(256)) * 1500], ids=["empty", "small", "large"])
    def test_the_same_again_changes_nothing_and_other_content_is_refused(self, place, data):
        box = place()
        box.write(QUESTION, data)
        before = box.entry(QUESTION)
        box.write(QUESTION, data)
        assert (box.entry(QUESTION).when, box.read(QUESTION)) == (before.when, data)
        with pytest.raises(OutputError, match="with other content"):
            place().write(QUESTION, data + b"!")
        with pytest.raises(OutputError, match="with other content"):
            place().write(QUESTION, b"x" * len(data) + b"y" * (not data))
        assert place().read(QUESTION) == data

    @pytest.mark.parametrize(
        "name", ["", "/etc/passwd", "../x", "a//b", "a\\b", "a/b/c/d/e", ".hidden", "a b", "a.", "ä"]
    )
    def test_improper_names_are_refused(self, place, name):
        with pytest.raises(InputError, match="can't be a name"):
            place().write(name, b"x")
        assert place().names() == []

    def test_a_missing_blob_is_missing_to_each_method(self, place):
        box = place()
        box.write(OTHER, b"something else")
        for use in (box.read, box.entry, lambda name: box.set_aside(name, "why")):
            with pytest.raises(MissingFileError):
                use(QUESTION)

    def test_setting_aside_keeps_content_and_reason_and_frees_the_name(self, place):
        box = place()
        box.write(QUESTION, b"bad")
        box.set_aside(QUESTION, "it is damaged")
        aside, text = place().names("quarantine")
        assert (box.read(aside), box.read(text)) == (b"bad", f"{QUESTION}\nit is damaged\n".encode())
        assert box.names("requests") == []
        box.write(QUESTION, b"good")
        assert box.read(QUESTION) == b"good"

    def test_a_blob_above_the_bound_is_not_read(self, place, monkeypatch):
        box = place()
        box.write(QUESTION, b"four")
        monkeypatch.setattr(mailbox, "LARGEST", 3)
        monkeypatch.setattr("fluidmol_drop.client.LARGEST", 3)
        with pytest.raises(InputError, match=r"4 bytes|too large"):
            box.read(QUESTION)

    def test_of_many_who_write_one_name_one_succeeds(self, place):
        def write(number):
            try:
                place().write(QUESTION, b"%d" % number * 50_000)
            except OutputError as problem:
                return str(problem)
            return number

        place()  # who comes to a server enrols once
        with ThreadPoolExecutor(WRITERS) as pool:
            done = list(pool.map(write, range(WRITERS)))
        (winner,) = [number for number in done if isinstance(number, int)]
        assert all("with other content" in told for told in done if told is not winner)
        assert place().names() == [QUESTION]
        assert place().read(QUESTION) == b"%d" % winner * 50_000

    def test_many_who_write_the_same_all_succeed(self, place):
        place()  # who comes to a server enrols once
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda _: place().write(QUESTION, b"asked" * 10_000), range(WRITERS)))
        assert place().read(QUESTION) == b"asked" * 10_000
