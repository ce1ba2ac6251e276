"""Full disks and lost databases: refused in words, nothing accepted is lost, and it goes on afterwards."""

import errno
import hashlib
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from fluidmol.errors import OutputError
from fluidmol_drop.server import blobs, upload_routes
from fluidmol_drop.server.blobs import FolderBlobs
from fluidmol_drop.server.members import Members
from fluidmol_drop.server.tables import Database

DATA = bytes(range(256)) * 1000


def reply(number):
    return f"replies/aaaaaaaaaaaa/ada-{number:012x}.fluid"


def test_a_full_disk_is_said_and_what_came_is_gone_on_with(drop, monkeypatch):
    append, full = upload_routes.append, [True]

    def scarce(path, offset, data):
        if full[0] and offset + len(data) > 100_000:
            append(path, offset, data[: 100_000 - offset])
            raise OSError(errno.ENOSPC, "No space left on device", "/secret/path")
        append(path, offset, data)

    monkeypatch.setattr(upload_routes, "append", scarce)
    mailbox = drop.mailbox("ada")
    with pytest.raises(OutputError, match="disk is full") as refused:
        mailbox.write(reply(1), DATA)
    assert "/secret/path" not in str(refused.value)
    full[0] = False
    mailbox.write(reply(1), DATA)
    assert mailbox.read(reply(1)) == DATA


def test_a_store_that_fails_leaves_no_name(drop, monkeypatch):
    monkeypatch.setattr(
        type(drop.service.shelf.blobs), "take", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "broken"))
    )
    with drop.as_member("ada") as client:
        announced = {"name": reply(2), "size": 4, "sha256": hashlib.sha256(b"data").hexdigest()}
        upload = client.post("/v1/uploads", json=announced).json()["id"]
        client.put(f"/v1/uploads/{upload}", params={"offset": 0}, content=b"data")
        assert client.post(f"/v1/uploads/{upload}/commit").status_code == 503
        assert client.get(f"/v1/blobs/{reply(2)}").status_code == 404
        monkeypatch.undo()
        assert client.post(f"/v1/uploads/{upload}/commit").json()["done"]
        assert client.get(f"/v1/blobs/{reply(2)}").content == b"data"


def test_blobs_on_another_file_system_are_copied_there(drop, tmp_path, monkeypatch):
    def moved(path, target, move=Path.replace):
        if path.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", moved)
    mailbox = drop.mailbox("ada")
    mailbox.write(reply(4), DATA)
    assert mailbox.read(reply(4)) == DATA
    part = tmp_path / "part"
    part.write_bytes(b"content")
    store = FolderBlobs(tmp_path / "blobs")
    monkeypatch.setattr(blobs, "_sync", lambda path: _full() if path.name.startswith(".") else None)
    with pytest.raises(OSError, match="disk"):
        store.take(part, "ab12")
    assert part.exists()
    assert not store.has("ab12")
    monkeypatch.undo()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [part]


def _full():
    raise OSError(errno.ENOSPC, "the disk is full")


def test_a_lost_database_is_said_without_its_address(drop, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)

    def lost(*_):
        raise sa.exc.OperationalError("SELECT", {}, Exception("password=hunter2"))

    with drop.as_member("ada") as client:
        monkeypatch.setattr(Members, "who", lost)
        answer = client.get("/v1/names")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        monkeypatch.undo()
        monkeypatch.setattr(Database, "writing", lost)
        begun = client.post("/v1/uploads", json={"name": reply(3), "size": 1, "sha256": "0" * 64})
        assert begun.status_code == 503
        assert client.get("/metrics").status_code == 403  # though that can't be noted
        monkeypatch.undo()
        assert client.get("/v1/names").status_code == 200
    assert "hunter2" not in caplog.text + answer.text + begun.text
