"""``fluid representation``: what it prints and writes, and what it refuses."""

import pytest
from typer.testing import CliRunner

from fluidmol.chem.representation import known
from fluidmol.cli.representation import app
from fluidmol.errors import CodecError, InputError, MissingFileError, OutputError, UsageError
from fluidmol.values.codec import pack, unpack

runner = CliRunner()
SMALL = ("--set", "bits=256", "--set", "directions=8")


@pytest.fixture(autouse=True)
def own_shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    known.forget()
    yield
    known.forget()


@pytest.fixture
def transfer(chemistry, tmp_path):
    path = tmp_path / "transfer.fluid"
    path.write_bytes(pack(chemistry.compounds))
    return path


@pytest.fixture
def tables(chemistry, tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, n in (("amines.csv", 130), ("herg.csv", 90)):
        rows = zip(chemistry.compounds.smiles[:n], chemistry.compounds.inchikeys[:n], chemistry.active[:n], strict=True)
        lines = [f"{smiles},{key},{int(active)}" for smiles, key, active in rows]
        (folder / name).write_text("\n".join(["smiles,inchikey,active", *lines]) + "\n")
    return folder


def run(*words):
    return runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def built(transfer, tmp_path):
    path = tmp_path / "directions.fluid"
    result = run("build", "--transfer", transfer, *SMALL, "--out", path)
    assert result.exit_code == 0, result.exception
    return path


def test_what_is_built_is_written_and_kept(built):
    made = unpack(built.read_bytes())
    assert made.n_directions == 8
    known.forget()
    assert known.find(made.digest) == made
    assert [path.name for path in built.parent.iterdir() if path.name.startswith(".")] == []


def test_it_says_what_it_did(transfer, tmp_path):
    result = run("build", "--transfer", transfer, *SMALL, "--out", tmp_path / "x.fluid")
    assert "8 directions" in result.stdout
    assert unpack((tmp_path / "x.fluid").read_bytes()).digest in result.stdout
    assert "8 principal directions of 130 transfer molecules" in result.stderr
    quiet = run("build", "--transfer", transfer, *SMALL, "--out", tmp_path / "y.fluid", "--quiet")
    assert quiet.stderr == ""


def test_nothing_is_replaced_unasked(built, transfer):
    before = built.read_bytes()
    words = "build", "--transfer", transfer, "--set", "bits=128", "--out", built
    assert isinstance(run(*words).exception, OutputError)
    assert built.read_bytes() == before
    assert run(*words, "--overwrite").exit_code == 0
    assert built.read_bytes() != before


def test_show_says_what_it_is(built):
    result = run("show", built)
    plain = " ".join(result.stdout.split())
    for text in (
        "principal (bits 256, directions 8, power 0.4)", "8 directions of the features, 100% of the squared length",
        " variances ", "transfer set, 130 compounds used, sha256:", unpack(built.read_bytes()).digest, "MB",
    ):  # fmt: skip
        assert text in plain


def test_check_makes_it_again(built, transfer, chemistry, tmp_path):
    result = run("check", built, "--transfer", transfer)
    assert result.exit_code == 0
    assert "to the last bit" in result.stdout
    other = tmp_path / "other.fluid"
    other.write_bytes(pack(chemistry.compounds.take(list(range(50)))))
    problem = run("check", built, "--transfer", other).exception
    assert isinstance(problem, InputError)
    assert problem.exit_code == 65
    assert "was made from the transfer set" in str(problem)


def test_a_network_of_a_folder_of_tables(transfer, tables, tmp_path):
    path = tmp_path / "network.fluid"
    options = *SMALL, "--set", "first=8", "--set", "last=4", "--set", "epochs=2", "--set", "rate=0.01"
    result = run(
        "build", "--transfer", transfer, "--tables", tables, "--without-table", "herg", *options, "--out", path
    )
    assert result.exit_code == 0, result.exception
    assert "Left out by name: herg.csv." in result.stderr
    assert "amines.csv: 130 compounds with classes" in result.stderr.replace("Amines", "amines")
    made = unpack(path.read_bytes())
    assert [source.name for source in made.provenance.sources] == ["transfer set", "amines.csv"]
    assert made.provenance.maker.name == "endpoints"
    checked = run("check", path, "--transfer", transfer, "--tables", tables)
    assert checked.exit_code == 0, checked.exception
    assert "aren't read: herg.csv" in checked.stderr
    (tables / "amines.csv").write_text((tables / "herg.csv").read_text())
    assert isinstance(run("check", path, "--transfer", transfer, "--tables", tables).exception, InputError)


def test_what_is_excluded_is_put_down(transfer, chemistry, tmp_path):
    keys, path = tmp_path / "keys.txt", tmp_path / "x.fluid"
    keys.write_text("\n".join([chemistry.compounds.inchikeys[0], chemistry.compounds.skeletons[1]]))
    assert run("build", "--transfer", transfer, *SMALL, "--exclude", keys, "--out", path).exit_code == 0
    assert unpack(path.read_bytes()).provenance.n_excluded == 2
    assert "2 skeletons" in run("show", path).stdout
    assert run("check", path, "--transfer", transfer, "--exclude", keys).exit_code == 0
    assert isinstance(run("check", path, "--transfer", transfer).exception, InputError)
    keys.write_text("CCO\n")
    words = "build", "--transfer", transfer, *SMALL, "--exclude", keys, "--out", tmp_path / "y.fluid"
    assert "has 'CCO'" in str(run(*words).exception)


def test_what_cannot_be_is_refused(built, transfer, tmp_path):
    out = tmp_path / "x.fluid"
    for words, error in (
        (("build", "--transfer", transfer, "--maker", "endpoints", "--out", out), UsageError),
        (("build", "--transfer", transfer, "--set", "bits=wide", "--out", out), UsageError),
        (("build", "--transfer", transfer, "--tables", tmp_path / "none", "--out", out), MissingFileError),
        (("build", "--transfer", tmp_path / "none.csv", "--out", out), MissingFileError),
        (("show", transfer), InputError),
        (("show", tmp_path / "none.fluid"), MissingFileError),
    ):
        assert isinstance(run(*words).exception, error), words
    built.write_bytes(built.read_bytes()[:-100])
    assert isinstance(run("show", built).exception, CodecError)
    assert not out.exists()
