"""A transfer set on disk: what is read is what was written, and nothing else."""

import json
import shutil

import pytest

from fluidmol.chem.pool import shards
from fluidmol.chem.pool.shards import check_set, is_built, read_manifest, read_set, write_set
from fluidmol.errors import CodecError, MissingFileError, OutputError
from fluidmol.values import pieces
from fluidmol.values.codec import pack


@pytest.fixture
def built(chemistry, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 50)
    write_set(tmp_path / "set", chemistry.compounds, {"seed": 1})
    return tmp_path / "set"


def test_what_is_read_is_what_was_written(built, chemistry):
    assert is_built(built)
    assert read_set(built) == chemistry.compounds
    manifest = check_set(built)
    assert manifest.digest == chemistry.compounds.digest
    assert [shard.size for shard in manifest.shards] == [50, 50, 30]
    assert manifest.made == {"seed": 1}


def test_shards_are_named_by_their_content(built, chemistry):
    names = {f"{chemistry.compounds.take(list(rows)).digest[7:]}.fluid"
             for rows in (range(50), range(50, 100), range(100, 130))}  # fmt: skip
    assert {path.name for path in built.iterdir()} == names | {"manifest.json"}


def test_a_foreign_shard_under_the_name_of_another_is_refused(built, transfer):
    manifest = read_manifest(built)
    (built / manifest.shards[1].file).write_bytes(pack(transfer))
    for read in (read_set, check_set):
        with pytest.raises(CodecError, match=r"shard 2 .* holds other molecules"):
            read(built)


def test_a_damaged_shard_is_refused(built):
    path = built / read_manifest(built).shards[0].file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CodecError):
        check_set(built)


def test_a_missing_shard_is_named(built):
    path = built / read_manifest(built).shards[2].file
    path.unlink()
    with pytest.raises(MissingFileError, match=path.name):
        read_set(built)


def test_a_shard_that_no_manifest_names_is_found_by_check(built, transfer):
    (built / f"{transfer.digest[7:]}.fluid").write_bytes(pack(transfer))
    with pytest.raises(CodecError, match="a shard that its manifest doesn't name"):
        check_set(built)


def changed(built, change):
    table = json.loads((built / "manifest.json").read_text())
    change(table)
    (built / "manifest.json").write_text(json.dumps(table))


@pytest.mark.parametrize(
    "change",
    [lambda t: t["shards"].reverse(), lambda t: t.update(digest="sha256:" + "0" * 64)],
)
def test_shards_put_together_otherwise_are_refused(built, change):
    changed(built, change)
    with pytest.raises(CodecError, match="its manifest says"):
        read_set(built)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.update(shards=[], size=0), "it names no shard"),
        (lambda t: t.update(shards=[t["shards"][0]] * 2, size=100), "it names a shard twice"),
        (lambda t: t["shards"][0].update(size=50.0), "a shard has 50.0 molecules"),
        (lambda t: (t["shards"][0].update(size=-50), t.update(size=30)), "a shard has -50 molecules"),
    ],
)
def test_what_no_set_can_be_is_no_manifest(built, change, reason):
    changed(built, change)
    with pytest.raises(CodecError, match=reason):
        read_manifest(built)


@pytest.mark.parametrize(
    "change",
    [lambda t: t.update(format=2), lambda t: t.pop("shards"), lambda t: t["shards"].pop(), lambda t: t.update(size=1),
     lambda t: t["shards"][0].update(digest="../../secret"), lambda t: t.update(digest=5),
     lambda t: t["shards"][0].update(size="50")],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(built, change):
    changed(built, change)
    with pytest.raises(CodecError):
        read_set(built)


def test_a_folder_without_manifest_is_none(tmp_path):
    assert not is_built(tmp_path)
    with pytest.raises(MissingFileError, match="has no manifest"):
        read_set(tmp_path)


def test_nothing_is_overwritten(built, chemistry, tmp_path):
    with pytest.raises(OutputError, match="is there already"):
        write_set(built, chemistry.compounds, {})
    (tmp_path / "empty").mkdir()
    write_set(tmp_path / "empty", chemistry.compounds, {})
    assert read_set(tmp_path / "empty") == chemistry.compounds


def test_an_interrupted_writing_leaves_no_set(chemistry, tmp_path, monkeypatch):
    real = shards.write_whole

    def full(path, content):
        if path.name == "manifest.json":
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(shards, "write_whole", full)
    with pytest.raises(OutputError, match="No space left"):
        write_set(tmp_path / "set", chemistry.compounds, {})
    assert not (tmp_path / "set").exists()
    monkeypatch.undo()
    write_set(tmp_path / "set", chemistry.compounds, {})
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    shutil.rmtree(tmp_path / "set")
