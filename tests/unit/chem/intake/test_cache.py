"""The cache of standardised molecules never loses the work and never stops it."""

import contextlib
import logging
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fluidmol.chem.intake import cache as module
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.standardise import CHUNK, Standardised, standardise

ETHANOL = Standardised("CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "")
BAD = Standardised("", "", "empty SMILES")
NOTED = Standardised("CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "", "racemic at 1 centre (&1)")


def test_what_is_put_is_found_by_another_run(tmp_path: Path) -> None:
    StandardCache(tmp_path).put({"OCC": ETHANOL, "": BAD})
    assert StandardCache(tmp_path).get(["OCC", "", "CCN"]) == {"OCC": ETHANOL, "": BAD}
    assert StandardCache(tmp_path).get([]) == {}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("modes are a POSIX matter")
    before = os.umask(0)
    try:
        cache = StandardCache(tmp_path / "new" / "fluidmol")
        cache.put({"OCC": ETHANOL})
    finally:
        os.umask(before)
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.path.parent.stat().st_mode) == 0o700


def test_raw_smiles_are_not_stored(tmp_path: Path) -> None:
    cache = StandardCache(tmp_path)
    cache.put({"C(C)(O)SECRET": ETHANOL})
    assert b"SECRET" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_default_folder_obeys_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path))
    assert StandardCache().path == tmp_path / "standardised.sqlite"


def test_another_version_of_the_standardiser_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    StandardCache(tmp_path).put({"OCC": ETHANOL})
    monkeypatch.setattr(module, "standardiser_version", lambda: "another")
    assert StandardCache(tmp_path).get(["OCC"]) == {}


def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "standardised.sqlite"
    path.write_bytes(b"this is no database, " * 500)
    cache = StandardCache(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert cache.get(["OCC"]) == {}
    assert "damaged" in caplog.text
    assert path.with_name("standardised.sqlite.damaged").exists()
    cache.put({"OCC": ETHANOL})
    assert cache.get(["OCC"]) == {"OCC": ETHANOL}


def test_a_file_damaged_in_the_middle_does_not_stop_the_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = StandardCache(tmp_path)
    many = {f"x{i}": ETHANOL for i in range(5000)}
    cache.put(many)
    data = bytearray(cache.path.read_bytes())
    data[4096:-4096] = b"\xff" * (len(data) - 8192)
    cache.path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        cache.get(list(many))
    assert "damaged" in caplog.text
    cache.put({"OCC": ETHANOL})
    assert cache.get(["OCC"]) == {"OCC": ETHANOL}


def test_where_nothing_can_be_written_it_works_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # A file in the place of the folder: not even the superuser can write below it.
    (tmp_path / "occupied").write_text("")
    cache = StandardCache(tmp_path / "occupied")
    with caplog.at_level(logging.WARNING):
        assert standardise(["OCC"], cache=cache) == standardise(["OCC"], cache=cache) == [ETHANOL]
    assert caplog.text.count("without a cache") == 1


def test_a_read_only_file_gives_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = StandardCache(tmp_path)

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(module, "_insert", refuse)
    with caplog.at_level(logging.WARNING):
        assert standardise(["OCC", "CCN"], cache=cache)[0] == ETHANOL
    assert "readonly" in caplog.text


def test_an_interruption_loses_at_most_a_chunk(tmp_path: Path) -> None:
    many = ["C" * (1 + i % 60) + "O" + "C" * (i // 60) for i in range(2 * CHUNK)]

    def stop(done: int, _total: int) -> None:
        if done >= CHUNK:
            raise KeyboardInterrupt

    cache = StandardCache(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        standardise(many, cache=cache, progress=stop)
    assert set(cache.get(many)) == set(many[:CHUNK])


def test_processes_may_write_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from fluidmol.chem.intake.cache import StandardCache\n"
        "from fluidmol.chem.intake.standardise import Standardised\n"
        "cache = StandardCache(Path(sys.argv[1]))\n"
        "for i in range(40): cache.put({sys.argv[2] + str(i): Standardised('C', 'K', '')})\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name], stderr=subprocess.PIPE) for name in "ab"
    ]
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [b"", b""]
    names = [name + str(i) for name in "ab" for i in range(40)]
    assert set(StandardCache(tmp_path).get(names)) == set(names)


def test_10_000_lookups_are_a_few_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    real = StandardCache._open

    def traced(self: StandardCache) -> sqlite3.Connection:
        base = real(self)
        base.set_trace_callback(statements.append)
        return base

    cache = StandardCache(tmp_path)
    many = {f"C{i}": ETHANOL for i in range(10_000)}
    cache.put(many)
    monkeypatch.setattr(StandardCache, "_open", traced)
    assert len(cache.get(list(many))) == 10_000
    assert 0 < len(statements) < 20


def test_a_cache_keeps_notes(tmp_path: Path) -> None:
    StandardCache(tmp_path).put({"OCC": NOTED})
    assert StandardCache(tmp_path).get(["OCC"]) == {"OCC": NOTED}


def test_a_cache_from_before_notes_were_kept_is_not_misread(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = StandardCache(tmp_path)
    with contextlib.closing(sqlite3.connect(cache.path)) as base, base:
        base.execute(
            "CREATE TABLE standardised (key BLOB PRIMARY KEY, smiles TEXT NOT NULL, inchikey TEXT NOT NULL, "
            "reason TEXT NOT NULL) WITHOUT ROWID"
        )
        base.execute("INSERT INTO standardised VALUES (?, 'C', 'OLD', '')", (module._key("OCC"),))
    with caplog.at_level(logging.WARNING):
        assert cache.get(["OCC"]) == {}
        cache.put({"OCC": NOTED})
        assert cache.get(["OCC"]) == {"OCC": NOTED}
    assert not caplog.text


def test_a_cache_from_before_sound_sets_were_kept_is_used_on(tmp_path: Path) -> None:
    cache = StandardCache(tmp_path)
    cache.put({"OCC": ETHANOL})
    with contextlib.closing(sqlite3.connect(cache.path)) as base:
        base.execute("DROP TABLE sound")
    assert not cache.is_sound("sha256:0")
    cache.note_sound("sha256:0")
    assert cache.is_sound("sha256:0")
    assert cache.get(["OCC"]) == {"OCC": ETHANOL}
