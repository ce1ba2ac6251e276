"""``fluid transfer``: what it prints and writes, what it refuses, and that a built set is a transfer set."""

import pytest
from typer.testing import CliRunner

from fluidmol.chem.pool.shards import read_manifest, read_set
from fluidmol.cli.transfer import app
from fluidmol.cli.transfer_file import read_transfer
from fluidmol.errors import CharterError, CodecError, InputError, MissingFileError, OutputError, UsageError
from fluidmol.partner import publication
from fluidmol.values.codec import pack

runner = CliRunner()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pool(chemistry, tmp_path):
    path = tmp_path / "pool.smi"
    path.write_text("\n".join(chemistry.compounds.smiles) + "\n")
    return path


@pytest.fixture
def few(chemistry, tmp_path):
    path = tmp_path / "test.csv"
    path.write_text("\n".join(["smiles", *chemistry.compounds.smiles[:10]]) + "\n")
    return path


def run(*words):
    return runner.invoke(app, [str(word) for word in words])


def build(pool, tmp_path, *words):
    return run("build", pool, "--out", tmp_path / "set", "--quiet", "--workers", 1, *words)


def test_a_set_is_built_shown_and_checked(pool, few, tmp_path):
    result = build(pool, tmp_path, "--size", 40, "--method", "near", "--set", "share=0.5", "--near", few, "--seed", 2)
    assert result.exit_code == 0, result.exception
    manifest = read_manifest(tmp_path / "set")
    assert f"Digest: {manifest.digest}" in result.stdout
    assert "(40 of 130 molecules, picked by near)" in result.stdout
    shown = run("show", tmp_path / "set").stdout
    for text in (manifest.digest, "name near, share 0.5", "rows 130", "test.csv (10 molecules)", "pool.smi: 130 rows"):
        assert text in shown
    checked = run("check", tmp_path / "set")
    assert checked.exit_code == 0
    assert f"is whole: 40 molecules in 1 shard, {manifest.digest}" in checked.stdout


def test_the_page_says_what_was_picked(pool, few, tmp_path):
    build(pool, tmp_path, "--size", 40, "--exclude", few, "--near", few)
    page = (tmp_path / "set" / "report.html").read_text()
    for text in ("40 molecules of 130 rows", "pool.smi", "Near to test.csv", "property-0", "Out as near duplicates"):
        assert text in page
    assert str(tmp_path) not in page


def test_prepared_molecules_are_kept_only_where_a_folder_is_given(pool, tmp_path):
    build(pool, tmp_path, "--size", 40)
    assert not (tmp_path / "set.work").exists()
    run("build", pool, "--out", tmp_path / "other", "--quiet", "--size", 5, "--work", tmp_path / "work")
    assert list((tmp_path / "work").glob("*.parquet"))


def test_excluded_and_unusable_are_told(pool, few, chemistry, tmp_path):
    (tmp_path / "empty.smi").write_text("")
    result = run("build", pool, tmp_path / "empty.smi", "--out", tmp_path / "set", "--quiet", "--size", 40,
                 "--exclude", few)  # fmt: skip
    assert result.exit_code == 0
    assert "Left out: empty.smi" in result.stdout
    assert not set(chemistry.compounds.inchikeys[:10]) & set(read_set(tmp_path / "set").inchikeys)
    assert "test.csv: 10 by key" in run("show", tmp_path / "set").stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [(["--size", 131], InputError), (["--size", 0], UsageError), (["--size", 5, "--method", "near"], UsageError),
     (["--size", 5, "--method", "best"], CharterError), (["--size", 5, "--set", "share=much"], UsageError),
     (["--size", 5, "--exclude", "absent.csv"], MissingFileError), (["--size", 5, "--elements", "C Q"], UsageError),
     (["--size", 5, "--charter", "charter.toml"], UsageError),
     (["--size", 5, "--min-atoms", 9, "--max-atoms", 3], UsageError)],
)  # fmt: skip
def test_what_cant_be_done_is_refused(pool, tmp_path, words, error):
    result = build(pool, tmp_path, *words)
    assert isinstance(result.exception, error)
    assert not (tmp_path / "set").exists()


def test_fewer_are_taken_where_that_is_allowed(pool, tmp_path):
    assert build(pool, tmp_path, "--size", 131, "--allow-fewer").exit_code == 0
    assert len(read_set(tmp_path / "set")) == 130


def test_a_set_isnt_overwritten(pool, tmp_path):
    build(pool, tmp_path, "--size", 5)
    assert isinstance(build(pool, tmp_path, "--size", 5).exception, OutputError)


def test_a_built_set_is_read_as_a_transfer_set(pool, tmp_path):
    build(pool, tmp_path, "--size", 40)
    digest = read_manifest(tmp_path / "set").digest
    found = read_transfer(tmp_path / "set", None, 0, None, cached=False, quiet=True)
    assert found.digest == digest
    assert publication.read_transfer(tmp_path / "set").digest == digest


def test_a_foreign_shard_is_refused_wherever_it_is_read(pool, transfer, tmp_path):
    build(pool, tmp_path, "--size", 40)
    (tmp_path / "set" / read_manifest(tmp_path / "set").shards[0].file).write_bytes(pack(transfer))
    assert isinstance(run("check", tmp_path / "set").exception, CodecError)
    for read in (publication.read_transfer, lambda path: read_transfer(path, None, 0, None, cached=False, quiet=True)):
        with pytest.raises(CodecError, match="holds other molecules"):
            read(tmp_path / "set")
