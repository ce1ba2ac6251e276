"""Uploads and names, without the network."""

import hashlib
import os
import time

import attrs
import pytest

from fluidmol_drop.server.access import Member
from fluidmol_drop.server.audit_log import records
from fluidmol_drop.server.blobs import open_blobs
from fluidmol_drop.server.refusals import RequestRefusedError
from fluidmol_drop.server.settings import Limits
from fluidmol_drop.server.shelf import Shelf
from fluidmol_drop.server.tables import Database
from fluidmol_drop.server.upload_routes import append
from fluidmol_drop.server.uploads import Uploads

HUB, ADA, BOB = Member("hub", "coordinator"), Member("ada", "partner"), Member("bob", "partner")
LIMITS = Limits(largest=1000, quota=250, names=4, uploads=2)


def reply(number, who="ada"):
    return f"replies/aaaaaaaaaaaa/{who}-{number:012x}.fluid"


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Store:
    def __init__(self, folder, blobs):
        folder.mkdir()
        (folder / "staging").mkdir()
        self.database = Database(f"sqlite:///{folder / 'db'}")
        store = open_blobs(blobs)
        self.shelf = Shelf(self.database, store, folder / "staging")
        self.uploads = Uploads(self.database, store, folder / "staging", LIMITS)

    def begin(self, name, data, who=ADA):
        return self.uploads.begin(who, name, len(data), sha(data))

    def put(self, name, data, who=ADA):
        upload = self.begin(name, data, who)
        if not upload.done:
            append(self.uploads.part(upload), self.uploads.offset(upload), data)
            upload = self.uploads.commit(who, upload.id)
        return upload

    def content(self, name, who=HUB):
        item = self.shelf.find(who, name)
        return b"".join(self.shelf.blobs.pieces(item.digest, 0, item.size))

    def log(self):
        return [(r.who, r.what, r.name) for r in records(self.database)]


@pytest.fixture(params=["folder", "fsspec"])
def store(tmp_path, request):
    store = Store(
        tmp_path / "store", str(tmp_path / "blobs") if request.param == "folder" else f"file://{tmp_path}/far"
    )
    yield store
    store.database.close()


def status(attempt, *args, **kwargs):
    with pytest.raises(RequestRefusedError) as refused:
        attempt(*args, **kwargs)
    return refused.value.status


def test_what_is_put_is_there(store):
    assert store.put(reply(1), b"content").done
    assert store.content(reply(1)) == b"content"
    assert store.log() == [("ada", "store", reply(1))]


def test_a_replay_has_no_effect(store):
    first = store.put(reply(1), b"content")
    assert store.begin(reply(1), b"content").done
    assert store.uploads.commit(ADA, first.id).done
    assert store.log() == [("ada", "store", reply(1))]


def test_a_name_is_given_once(store):
    store.put(reply(1), b"content")
    assert status(store.begin, reply(1), b"other") == 409
    assert store.content(reply(1)) == b"content"


def test_of_two_contents_for_one_name_the_first_to_be_complete_has_it(store):
    slow = store.begin(reply(1), b"slow")
    store.put(reply(1), b"fast")
    append(store.uploads.part(slow), 0, b"slow")
    assert status(store.uploads.commit, ADA, slow.id) == 409
    assert store.content(reply(1)) == b"fast"


def test_an_upload_is_found_again_where_it_was(store):
    upload = store.begin(reply(1), b"content")
    append(store.uploads.part(upload), 0, b"cont")
    again = store.begin(reply(1), b"content")
    assert (again.id, store.uploads.offset(again)) == (upload.id, 4)


def test_half_an_upload_is_not_committed(store):
    upload = store.begin(reply(1), b"content")
    append(store.uploads.part(upload), 0, b"cont")
    with pytest.raises(RequestRefusedError) as refused:
        store.uploads.commit(ADA, upload.id)
    assert (refused.value.status, refused.value.facts) == (409, {"offset": 4})


def test_other_content_than_announced_starts_anew(store):
    upload = store.begin(reply(1), b"content")
    append(store.uploads.part(upload), 0, b"c0ntent")
    assert status(store.uploads.commit, ADA, upload.id) == 422
    assert store.uploads.offset(upload) == 0
    assert store.shelf.items(HUB) == []
    assert store.put(reply(1), b"content").done


def test_uploads_of_others_are_not_to_be_found(store):
    upload = store.begin(reply(1), b"content")
    for act in (store.uploads.find, store.uploads.commit, store.uploads.forget):
        assert status(act, BOB, upload.id) == 404


def test_nobody_writes_for_another(store):
    assert status(store.begin, reply(1, "bob"), b"forged") == 403
    assert status(store.begin, "charter.toml", b"forged") == 403


def test_knowing_a_digest_is_not_having_the_content(store):
    store.put(reply(1), b"secret")
    claim = store.uploads.begin(BOB, reply(1, "bob"), 6, sha(b"secret"))
    assert not claim.done
    assert status(store.uploads.commit, BOB, claim.id) == 409


def test_quotas(store):
    assert status(store.begin, reply(9), bytes(1001)) == 413
    store.put(reply(1), bytes(200))
    assert status(store.begin, reply(2), bytes(100)) == 507
    store.begin(reply(3), b"a")
    store.begin(reply(4), b"b")
    assert status(store.begin, reply(5), b"c") == 429
    assert store.begin(reply(3), b"a").id  # going on is no new one
    assert not store.begin(reply(1, "bob"), b"c", BOB).done


def test_most_names(store):
    for number in range(4):
        store.put(reply(number), b"%d" % number)
    assert status(store.begin, reply(5), b"5") == 507


def test_forgetting_gives_the_quota_back(store):
    uploads = [store.begin(reply(n), b"x") for n in range(2)]
    store.uploads.forget(ADA, uploads[0].id)
    assert store.begin(reply(5), b"x").id
    assert status(store.uploads.find, ADA, uploads[0].id) == 404


def test_set_aside_stays_aside(store):
    store.put(reply(1), b"bad")
    moved = store.shelf.set_aside(HUB, reply(1), "forged")
    assert store.content(moved, ADA) == b"bad"
    assert store.content(f"{moved}.txt", ADA) == f"{reply(1)}\nforged\n".encode()
    assert [item.name for item in store.shelf.items(BOB)] == []
    assert status(store.begin, reply(1), b"bad") == 409
    assert store.put(reply(1), b"better").done
    assert ("hub", "set-aside", reply(1)) in store.log()


def test_partners_set_nothing_aside(store):
    store.put(reply(1), b"own")
    for member in (ADA, BOB):
        assert status(store.shelf.set_aside, member, reply(1), "because") == 403
    assert store.content(reply(1)) == b"own"


def test_deletion_leaves_a_trace_and_no_content(store):
    item = store.put(reply(1), b"content")
    assert store.shelf.delete([reply(1), "nothing"], "operator", "delete", "asked for") == [reply(1)]
    assert not store.shelf.blobs.has(item.digest)
    assert store.log()[-1] == ("operator", "delete", reply(1))
    assert store.put(reply(1), b"content").done


def test_content_with_two_names_stays_until_both_are_gone(store):
    item = store.put(reply(1), b"same")
    store.put(reply(1, "bob"), b"same", BOB)
    store.shelf.delete([reply(1)], "operator", "delete")
    assert store.content(reply(1, "bob")) == b"same"
    store.shelf.delete([reply(1, "bob")], "operator", "delete")
    assert not store.shelf.blobs.has(item.digest)


def test_names_are_listed_page_by_page_and_only_ones_own(store):
    for number in range(3):
        store.put(reply(number), b"%d" % number)
    store.put(reply(1, "bob"), b"b", BOB)
    names = [item.name for item in store.shelf.items(ADA, "replies", most=2)]
    assert names == [reply(0), reply(1)]
    assert [i.name for i in store.shelf.items(ADA, "replies", after=names[-1])] == [reply(2)]
    assert len(store.shelf.items(HUB, "replies/aaaaaaaaaaaa")) == 4
    assert store.shelf.items(HUB, "replies/aaaa") == []
    assert [i.name for i in store.shelf.items(ADA, reply(0))] == [reply(0)]


def test_what_nobody_goes_on_with_is_swept(store):
    old, young = store.begin(reply(1), b"old"), store.begin(reply(2), b"young")
    for upload in (old, young):
        append(store.uploads.part(upload), 0, b"x")
        os.utime(store.uploads.part(upload), (time.time() - 7200,) * 2)
    store.uploads.forget(ADA, old.id)
    append(store.uploads.part(old), 0, b"x")
    os.utime(store.uploads.part(old), (time.time() - 7200,) * 2)
    assert store.uploads.sweep() == 1
    assert store.uploads.offset(young) == 1


def test_unfinished_uploads_end_one_day(store, monkeypatch):
    upload = store.begin(reply(1), b"content")
    impatient = attrs.evolve(store.uploads, limits=attrs.evolve(LIMITS, unfinished_days=1))
    later = time.time() + 2 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    impatient.sweep()
    assert status(store.uploads.find, ADA, upload.id) == 404


def test_nothing_at_all_can_be_stored(store):
    assert store.put(reply(1), b"").done
    assert store.content(reply(1)) == b""
