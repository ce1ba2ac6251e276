"""A folder into which others write: nothing is followed out of it, nothing overwritten, nothing half-written."""

import contextlib
import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.errors import InputError, MissingFileError, OutputError, UsageError
from fluidmol.exchange import disk, mailbox
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.places import open_place


@pytest.fixture
def box(tmp_path):
    (tmp_path / "place").mkdir()
    return FolderMailbox(tmp_path / "place")


def files(box):
    return sorted(p.relative_to(box.path).as_posix() for p in box.path.rglob("*") if p.is_file())


def test_what_is_written_is_there(box):
    box.write("replies/0123/ada-4567.fluid", b"said")
    assert box.names() == box.names("replies") == box.names("replies/0123") == ["replies/0123/ada-4567.fluid"]
    assert box.names("replies/012") == []
    assert box.read("replies/0123/ada-4567.fluid") == b"said"
    entry = box.entry("replies/0123/ada-4567.fluid")
    assert (entry.size, entry.arriving, entry.when.tzinfo is not None) == (4, True, True)


def test_the_same_again_changes_nothing_and_other_content_is_refused(box):
    box.write("a.fluid", b"one")
    before = (box.path / "a.fluid").stat().st_mtime_ns
    box.write("a.fluid", b"one")
    assert (box.path / "a.fluid").stat().st_mtime_ns == before
    with pytest.raises(OutputError, match="already, with other content"):
        box.write("a.fluid", b"two")
    assert box.read("a.fluid") == b"one"


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a/b/c/d/e", ".hidden", "a.", "nul.fluid", "a\n", "ä",
        "a b", "x" * 201,
    ],
)  # fmt: skip
def test_names_that_could_be_something_else_are_refused(box, name):
    with pytest.raises(InputError, match="can't be a name"):
        box.write(name, b"")
    assert files(box) == []


@given(st.text(max_size=30))
def test_no_name_leads_out(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("outer") / "place"
    path.mkdir()
    box = FolderMailbox(path)
    for attempt in (lambda: box.write(name, b"x"), lambda: box.read(name), lambda: box.set_aside(name, "why")):
        with contextlib.suppress(InputError, MissingFileError, OutputError):
            attempt()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "inbox/../../secret", "inbox\\..\\secret", "a\0b"])
def test_nothing_outside_is_read(box, tmp_path, name):
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(InputError, match="leads out"):
        box.read(name)


class TestLinksAndPipes:
    @pytest.fixture(autouse=True)
    def outside(self, tmp_path):
        folder = tmp_path / "outside"
        folder.mkdir()
        (folder / "secret.fluid").write_bytes(b"secret")
        return folder

    def test_files_are_not_followed(self, box, outside):
        (box.path / "link.fluid").symlink_to(outside / "secret.fluid")
        assert box.names() == box.loose() == []
        with pytest.raises(MissingFileError):
            box.read("link.fluid")

    def test_folders_are_not_followed(self, box, outside):
        (box.path / "replies").symlink_to(outside, target_is_directory=True)
        assert box.names() == []
        with pytest.raises(MissingFileError):
            box.read("replies/secret.fluid")
        with pytest.raises(OutputError, match="link"):
            box.write("replies/more.fluid", b"x")
        assert sorted(p.name for p in outside.iterdir()) == ["secret.fluid"]

    def test_a_file_that_becomes_a_link_is_not_read(self, box, outside, monkeypatch):
        (box.path / "a.fluid").symlink_to(outside / "secret.fluid")
        monkeypatch.setattr(disk, "plain", lambda *_: True)
        with pytest.raises(MissingFileError, match="can't be read"):
            box.read("a.fluid")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
    def test_pipes_do_not_make_us_wait(self, box):
        os.mkfifo(box.path / "a.fluid")
        assert box.names() == []
        with pytest.raises(MissingFileError):
            box.read("a.fluid")


def test_a_stick_from_another_system(box):
    (box.path / "Replies").mkdir()
    (box.path / "Replies" / "ADA-1.FLUID").write_bytes(b"said")
    (box.path / "CHARTER.TOML").write_bytes(b"charter")
    assert box.names() == ["charter.toml", "replies/ADA-1.fluid"]
    assert box.read("replies/ADA-1.fluid") == b"said"
    box.write("replies/bob-1.fluid", b"said")
    assert files(box) == ["CHARTER.TOML", "Replies/ADA-1.FLUID", "Replies/bob-1.fluid"]


def test_setting_aside_keeps_file_and_reason(box):
    box.write("replies/a.fluid", b"bad")
    box.set_aside("replies/a.fluid", "it is damaged")
    aside, text = box.names("quarantine")
    assert (box.read(aside), box.read(text)) == (b"bad", b"replies/a.fluid\nit is damaged\n")
    assert box.names("replies") == []
    box.write("replies/a.fluid", b"worse")
    box.set_aside("replies/a.fluid", "it is damaged, too")
    assert len(box.names("quarantine")) == 4


def test_setting_aside_what_has_no_proper_name(box):
    (box.path / "inbox").mkdir()
    (box.path / "inbox" / "Ädä (2).fluid").write_bytes(b"bad")
    (loose,) = box.loose()
    box.set_aside(loose, "it is damaged")
    assert [mailbox.is_proper(name) for name in box.names("quarantine")] == [True, True]
    assert box.loose() == []


def test_loose_files_are_settled_once(box):
    for name in ("From ada.fluid", "inbox/From ada (2).fluid"):
        (box.path / name).parent.mkdir(exist_ok=True)
        (box.path / name).write_bytes(b"said")
    for name in box.loose():
        box.settle(name, "replies/ada-1.fluid")
    assert files(box) == ["replies/ada-1.fluid"]
    (box.path / "other.fluid").write_bytes(b"something else")
    with pytest.raises(OutputError, match="other content"):
        box.settle("other.fluid", "replies/ada-1.fluid")
    assert (box.path / "other.fluid").exists()


def test_a_full_disk_leaves_nothing_half_written(box, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left.*Once it can be written"):
        box.write("a.fluid", b"said")
    assert files(box) == []


def test_a_stick_without_links(box, monkeypatch):
    def never(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(disk.os, "link", never)
    box.write("a.fluid", b"said")
    assert files(box) == ["a.fluid"]


def test_leftovers_of_killed_writers_are_swept_after_a_while(box):
    left = box.path / ".a.fluid.0123456789ab"
    for age, kept in ((0, True), (7200, False)):
        left.write_bytes(b"half")
        os.utime(left, (left.stat().st_mtime - age,) * 2)
        box.write(f"b{age}.fluid", b"x")
        assert left.exists() == kept
    assert box.names() == ["b0.fluid", "b7200.fluid"]


def test_too_large_to_be_ours(box, monkeypatch):
    monkeypatch.setattr(mailbox, "LARGEST", 3)
    (box.path / "a.fluid").write_bytes(b"four")
    with pytest.raises(InputError, match="4 bytes"):
        box.read("a.fluid")


def test_places(tmp_path):
    with pytest.raises(MissingFileError, match="no folder"):
        open_place(str(tmp_path / "new"))
    assert open_place(str(tmp_path / "new"), create=True).names() == []
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        open_place(str(tmp_path / "file"))
    with pytest.raises(UsageError, match="asks for a certificate"):
        open_place("https://127.0.0.1:9/")


@pytest.mark.parametrize("name", ["inbox/half \ud99d.fluid", "inbox/\udcff.fluid", "\0", ""])
def test_whatever_a_file_is_called_it_can_be_set_aside(name):
    assert mailbox.is_proper(mailbox.aside(name, "mark"))
    assert mailbox.reason_text(name, "damaged").encode().endswith(b"damaged\n")


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("a folder", Path.mkdir),
        ("a pipe", os.mkfifo),
        ("a link", lambda path: path.symlink_to("nowhere")),
    ],
)
def test_what_is_in_the_way_is_named(kind, make, box):
    make(box.path / "charter.toml")
    with pytest.raises(OutputError, match=rf"charter\.toml is {kind}: expected a file, or nothing\. Look"):
        box.write("charter.toml", b"a charter")


def test_a_file_in_place_of_a_folder_is_named(box):
    (box.path / "requests").write_text("mine")
    with pytest.raises(OutputError, match="requests is a file: expected a folder"):
        box.write("requests/1.fluid", b"a question")
