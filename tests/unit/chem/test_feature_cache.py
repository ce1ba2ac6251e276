"""The cache of features never changes one, never stops the work, and keeps what it may and no more."""

import logging
import os
import sqlite3
import stat
import subprocess
import sys

import attrs
import numpy as np
import pytest
from typer.testing import CliRunner

from fluidmol.chem import feature_cache as module
from fluidmol.chem import featurising
from fluidmol.chem.feature_cache import FeatureCache
from fluidmol.chem.features import features, forget, kept_on_disk
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.featurisers.morgan import Fcfp
from fluidmol.chem.packed_rows import packed, unpacked
from fluidmol.cli.caches import caches
from fluidmol.cli.main import app
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

ADDITIVE = Part("additive", {"bits": 256})


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def parsed(monkeypatch):
    """Molecules that are parsed, in this process."""
    found = []
    parse = featurising._parse
    monkeypatch.setattr(featurising, "_parse", lambda smiles: found.append(smiles) or parse(smiles))
    return found


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


def through(cache, compounds, part=ADDITIVE):
    """Compute as a new process would, with this cache."""
    forget()
    with kept_on_disk(cache):
        return features(compounds, part)


def same_bytes(one, other):
    pairs = ((one.indptr, other.indptr), (one.indices, other.indices), (one.data, other.data))
    return one.shape == other.shape and all(np.array_equal(a, b) for a, b in pairs) and one.dtype == other.dtype


@pytest.mark.parametrize("name", [name for name in FEATURISERS if name != "directions"])
def test_what_is_read_is_what_was_computed(name, compounds, parsed, tmp_path):
    expected = features(compounds, Part(name))
    written = through(FeatureCache(tmp_path), compounds, Part(name))
    del parsed[:]
    read = through(FeatureCache(tmp_path), compounds, Part(name))
    assert parsed == []
    assert same_bytes(written, expected)
    assert same_bytes(read, expected)


def test_only_what_lacks_is_computed(compounds, parsed, tmp_path):
    expected = features(compounds, ADDITIVE)
    half = compounds.take(list(range(0, len(compounds), 2)))
    through(FeatureCache(tmp_path), half)
    del parsed[:]
    turned = compounds.take(list(range(len(compounds) - 1, -1, -1)))
    assert same_bytes(through(FeatureCache(tmp_path), turned), expected[::-1])
    assert set(parsed) == set(compounds.smiles) - set(half.smiles)


def test_blocks_are_shared_between_featurisers(compounds, parsed, tmp_path):
    through(FeatureCache(tmp_path), compounds, Part("combined"))
    del parsed[:]
    through(FeatureCache(tmp_path), compounds, Part("fcfp"))
    assert parsed == []


def test_more_molecules_than_memory_keeps(compounds, parsed, tmp_path, monkeypatch):
    monkeypatch.setattr("fluidmol.chem.features.LARGEST_STORE", 10)
    monkeypatch.setattr("fluidmol.chem.features._LOOKED_UP", 7)
    monkeypatch.setattr(featurising, "CHUNK", 9)
    expected = features(compounds, ADDITIVE)
    through(FeatureCache(tmp_path), compounds.take([3, 50, 8]))
    del parsed[:]
    assert same_bytes(through(FeatureCache(tmp_path), compounds), expected)
    assert len(parsed) == len(compounds) - 3


def test_without_it_nothing_is_written(compounds, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path))
    features(compounds, Part("fcfp"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wanted", [True, False])
def test_commands_open_both_caches_or_neither(wanted, compounds, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path))

    assert (caches(wanted=wanted) is not None) is wanted
    features(compounds, Part("fcfp"))
    assert (tmp_path / "features.sqlite").exists() is wanted
    assert CliRunner().invoke(app, ["policy", "--help"]).exit_code == 0  # a command ends
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    forget()
    features(compounds, Part("descriptors"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_only_the_owner_can_read_it(compounds, tmp_path):
    if os.name != "posix":
        pytest.skip("modes are a POSIX matter")
    before = os.umask(0)
    try:
        cache = FeatureCache(tmp_path / "new" / "fluidmol")
        through(cache, compounds, Part("fcfp"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.path.parent.stat().st_mode) == 0o700


def test_structures_are_not_stored(compounds, tmp_path):
    through(FeatureCache(tmp_path), compounds)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(smiles.encode() in written for smiles in compounds.smiles if len(smiles) > 8)


@pytest.mark.parametrize("place", [0, 5, 8, -1])
def test_a_damaged_row_is_computed_again(place, compounds, parsed, tmp_path):
    expected = through(FeatureCache(tmp_path), compounds)
    with sqlite3.connect(tmp_path / "features.sqlite") as base:
        ((key, body),) = base.execute("SELECT key, body FROM young LIMIT 1").fetchall()
        damaged = bytearray(body)
        damaged[place] ^= 1
        base.execute("UPDATE young SET body = ? WHERE key = ?", (bytes(damaged), key))
    base.close()
    del parsed[:]
    assert same_bytes(through(FeatureCache(tmp_path), compounds), expected)
    assert len(parsed) == 1
    del parsed[:]
    through(FeatureCache(tmp_path), compounds)
    assert parsed == []  # it was mended


def test_rows_of_another_molecule_are_not_taken(compounds, parsed, tmp_path):
    through(FeatureCache(tmp_path), compounds, Part("fcfp"))
    with sqlite3.connect(tmp_path / "features.sqlite") as base:
        (one, _), (_, other) = base.execute("SELECT key, body FROM young LIMIT 2").fetchall()
        base.execute("UPDATE young SET body = ? WHERE key = ?", (other, one))
    base.close()
    del parsed[:]
    through(FeatureCache(tmp_path), compounds, Part("fcfp"))
    assert len(parsed) == 1


@pytest.mark.parametrize("body", [b"", b"s", b"s\xff\xff\x00", b"s\x00\x00\xff", b"s\x00", b"l\x00\x00"])
def test_whole_rows_that_make_no_sense(body, compounds, tmp_path):
    cache, text = FeatureCache(tmp_path), compounds.smiles[0]
    cache.put([text], [Fcfp(2, 64)], [bits_set([3])])
    names = module._molecule_name(text), module._block_name(Fcfp(2, 64))
    with sqlite3.connect(cache.path) as base:
        base.execute("UPDATE young SET body = ?", (module._check(body, *names) + body,))
    base.close()
    known, (rows,) = cache.get([text], [Fcfp(2, 64)])
    assert len(known) == len(rows[0])
    assert rows[1].max(initial=0) < 64
    assert rows[0].sum() == len(rows[1]) == len(rows[2])


def bits_set(columns):
    return np.array([len(columns)], np.int32), np.array(columns, np.int32), np.ones(len(columns), np.float32)


def test_usual_and_unusual_rows_side_by_side():
    lengths, columns = np.array([2, 0, 3, 1], np.int32), np.array([0, 65535, 3, 4, 9, 1], np.int32)
    values = np.array([1, np.log2(np.float32(4)), 0.5, 127, np.log2(np.float32(3)), 1e-9], np.float32)
    pieces = packed((lengths, columns, values))
    assert [len(piece) for piece in pieces] == [1 + 2 * 3, 1, 1 + 3 * 3, 1 + 6]
    for found, expected in zip(unpacked(pieces, 65536), (lengths, columns, values), strict=True):
        assert found.tobytes() == expected.tobytes()
    with pytest.raises(ValueError, match="65535"):
        unpacked(pieces, 65535)


def test_a_damaged_file_is_set_aside(compounds, tmp_path, caplog):
    path = tmp_path / "features.sqlite"
    path.write_bytes(b"this is no database, " * 500)
    expected = features(compounds, ADDITIVE)
    with caplog.at_level(logging.WARNING):
        assert same_bytes(through(FeatureCache(tmp_path), compounds), expected)
    assert "damaged" in caplog.text
    assert path.with_name("features.sqlite.damaged").exists()


def test_where_nothing_can_be_written_it_works_without(compounds, tmp_path, caplog):
    # A file in the place of the folder: not even the superuser can write below it.
    (tmp_path / "occupied").write_text("")
    with caplog.at_level(logging.WARNING):
        assert features(compounds, ADDITIVE).nnz == through(FeatureCache(tmp_path / "occupied"), compounds).nnz
    assert caplog.text.count("features are computed without a cache") == 1


@pytest.mark.parametrize("what", ["rdkit", "numpy"])
def test_another_version_knows_nothing(what, compounds, parsed, tmp_path, monkeypatch):
    through(FeatureCache(tmp_path), compounds, Part("fcfp"))
    real = module.version
    module.features_version.cache_clear()
    monkeypatch.setattr(module, "version", lambda name: "0" if name == what else real(name))
    del parsed[:]
    through(FeatureCache(tmp_path), compounds, Part("fcfp"))
    module.features_version.cache_clear()
    assert len(parsed) == len(compounds)


def test_blocks_of_others_are_not_kept(compounds, parsed, tmp_path):
    @attrs.frozen
    class Theirs(Fcfp):
        """A block whose code may change without our knowing."""

    cache, rows = FeatureCache(tmp_path), bits_set([3])
    cache.put(["CO"], [Theirs(2, 64)], [rows])
    assert not cache.path.exists()
    cache.put(["CO"], [Theirs(2, 64), Fcfp(2, 64)], [rows, rows])
    assert cache.get(["CO"], [Theirs(2, 64), Fcfp(2, 64)])[0] == []
    assert cache.get(["CO"], [Fcfp(2, 64)])[0] == [0]


def test_it_is_bounded_and_keeps_what_was_asked_for_last(tmp_path, monkeypatch):
    cache, block = FeatureCache(tmp_path), [Fcfp(2, 64)]
    monkeypatch.setattr(module, "LARGEST", 2 * 50 * 24)  # halves of some fifty rows
    names = [f"C{'C' * i}O" for i in range(600)]
    for start in range(0, 600, 10):
        batch = names[start : start + 10]
        lengths, columns, values = bits_set([1, 2, 3, 4, 5])
        cache.put(batch, block, [(np.repeat(lengths, 10), np.tile(columns, 10), np.tile(values, 10))])
        assert cache.get(names[:10], block)[0] == list(range(10))  # asked for again and again
    kept = cache.get(names, block)[0]
    assert set(range(590, 600)) <= set(kept)
    assert 50 <= len(kept) <= 120
    assert not set(range(100, 400)) & set(kept)


def test_processes_may_write_at_once(tmp_path):
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from fluidmol.chem import feature_cache as module\n"
        "from fluidmol.chem.featurisers.morgan import Fcfp\n"
        "module.LARGEST = 100_000\n"
        "cache = module.FeatureCache(Path(sys.argv[1]))\n"
        "rows = np.array([300], np.int32), np.arange(300, dtype=np.int32), np.ones(300, np.float32)\n"
        "for i in range(60):\n"
        "    cache.put([sys.argv[2] + str(i)], [Fcfp()], [rows])\n"
        "    assert cache.get([sys.argv[2] + str(i)], [Fcfp()])[0] == [0]\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name], stderr=subprocess.PIPE) for name in "ab"
    ]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [b"", b""]


def test_an_interruption_loses_at_most_a_chunk(compounds, parsed, tmp_path, monkeypatch):
    monkeypatch.setattr(featurising, "CHUNK", 20)
    parse = featurising._parse

    def stop(smiles):
        if len(parsed) == 50:
            raise KeyboardInterrupt
        return parse(smiles)

    monkeypatch.setattr(featurising, "_parse", stop)
    with pytest.raises(KeyboardInterrupt):
        through(FeatureCache(tmp_path), compounds)
    monkeypatch.setattr(featurising, "_parse", parse)
    del parsed[:]
    through(FeatureCache(tmp_path), compounds)
    assert len(parsed) == len(compounds) - 40


def test_no_compounds(tmp_path):
    assert through(FeatureCache(tmp_path), CompoundSet((), ()), Part("fcfp")).shape == (0, 2048)
