"""Run folders: nothing of anybody else's is ever touched."""

import json
import os

import attrs
import pytest

from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import MissingFileError, OutputError
from fluidmol.studies.folders import LAST, MARK, OURS, identity, open_folder, spare_inputs, still_ours, wanted
from fluidmol.studies.prepare import Sources
from fluidmol.studies.simulate import Setup
from fluidmol.values.charter import Charter

RUN, OTHER = "a" * 64, "b" * 64


def content(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def finish(folder, run=RUN):
    open_folder(folder, run)
    for name in OURS:
        if name != MARK:
            (folder / name).write_text(name)


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_is_taken(there, tmp_path):
    folder = tmp_path / "deep" / "run" if not there else tmp_path
    assert open_folder(folder, RUN) is False
    assert json.loads((folder / MARK).read_text()) == {"run": RUN}
    assert [path.name for path in folder.iterdir()] == [MARK]


def test_an_interrupted_run_goes_on(tmp_path):
    open_folder(tmp_path, RUN)
    (tmp_path / "metrics.csv").write_text("begun")
    assert open_folder(tmp_path, RUN) is True
    assert (tmp_path / "metrics.csv").read_text() == "begun"


@pytest.mark.parametrize("overwrite", [False, True])
def test_overwrite_does_not_keep_one_from_going_on(overwrite, tmp_path):
    open_folder(tmp_path, RUN)
    assert open_folder(tmp_path, RUN, overwrite=overwrite) is True


REFUSED = {
    "foreign": (lambda folder: (folder / "thesis.docx").write_text("mine"), r"isn't empty \(thesis.docx\)"),
    "foreign, many": (lambda folder: [(folder / n).write_text("x") for n in "abcdef"], r"\(a, b, c, \.\.\.\)"),
    "another run": (lambda folder: open_folder(folder, OTHER), "holds another run"),
    "another run, finished": (lambda folder: finish(folder, OTHER), "holds another run"),
    "this run, finished": (finish, "this very run, finished.*report.html"),
    "a mark that is none": (lambda folder: (folder / MARK).write_text("{"), "isn't empty"),
    "a mark that is a list": (lambda folder: (folder / MARK).write_text("[]"), "isn't empty"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_and_left_alone(case, tmp_path):
    fill, words = REFUSED[case]
    fill(tmp_path)
    before = content(tmp_path)
    with pytest.raises(OutputError, match=f"{words}.*--overwrite"):
        open_folder(tmp_path, RUN)
    assert content(tmp_path) == before


def test_overwrite_removes_our_files_and_no_others(tmp_path):
    finish(tmp_path, OTHER)
    (tmp_path / "thesis.docx").write_text("mine")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "metrics.csv").write_text("mine too")
    assert open_folder(tmp_path, RUN, overwrite=True) is False
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([MARK, "more", "thesis.docx"])
    assert (tmp_path / "thesis.docx").read_text() == "mine"
    assert (tmp_path / "more" / "metrics.csv").read_text() == "mine too"
    assert json.loads((tmp_path / MARK).read_text()) == {"run": RUN}


def test_overwrite_removes_the_mark_of_completion_first(tmp_path, monkeypatch):
    finish(tmp_path, OTHER)
    removed = []
    monkeypatch.setattr("pathlib.Path.unlink", lambda path, missing_ok=False: removed.append(path.name))
    open_folder(tmp_path, RUN, overwrite=True)
    assert removed[0] == LAST


def test_a_file_instead_of_a_folder(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(OutputError, match="is a file"):
        open_folder(tmp_path / "run", RUN, overwrite=True)
    assert (tmp_path / "run").read_text() == "mine"


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="can't be written"):
        open_folder(tmp_path / "file" / "run", RUN)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="can't be written"):
        open_folder(tmp_path / "run", RUN)


@pytest.fixture
def sources(tmp_path):
    for name in ("source.csv", "transfer.csv", "external.csv"):
        (tmp_path / name).write_text(name)
    return Sources(
        source=tmp_path / "source.csv", transfer=tmp_path / "transfer.csv", external=tmp_path / "external.csv"
    )


CHARTER = Charter.from_preset("open")


def test_a_run_is_known_by_content_and_options(sources, tmp_path):
    plain = identity(wanted(sources, CHARTER, Setup()))
    assert identity(wanted(sources, CHARTER, Setup())) == plain
    (tmp_path / "elsewhere.csv").write_text("source.csv")  # the same bytes, another place
    assert identity(wanted(attrs.evolve(sources, source=tmp_path / "elsewhere.csv"), CHARTER, Setup())) == plain
    others = {
        identity(wanted(sources, attrs.evolve(CHARTER, seed=1), Setup())),
        identity(wanted(sources, CHARTER, Setup(n_partners=3))),
        identity(wanted(sources, CHARTER, Setup(split="random"))),
        identity(wanted(attrs.evolve(sources, transfer_size=5), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, external=None), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, columns=OutcomeColumns(smiles_column="s")), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, columns=OutcomeColumns(active_column="y")), CHARTER, Setup())),
    }
    (tmp_path / "transfer.csv").write_text("changed")
    others.add(identity(wanted(sources, CHARTER, Setup())))
    assert len(others - {plain}) == 8


def test_a_file_that_is_not_there(sources, tmp_path):
    with pytest.raises(MissingFileError, match=r"none.csv can't be read: No such file"):
        wanted(attrs.evolve(sources, external=tmp_path / "none.csv"), CHARTER, Setup())


def test_another_programs_mark_does_not_make_a_folder_ours(tmp_path):
    (tmp_path / MARK).write_text('{"run": "nightly build"}')
    (tmp_path / "metrics.csv").write_text("precious")
    with pytest.raises(OutputError, match="no run wrote"):
        open_folder(tmp_path, RUN, overwrite=True)
    assert (tmp_path / "metrics.csv").read_text() == "precious"


def test_a_run_does_not_remove_its_own_input(tmp_path):
    finish(tmp_path, OTHER)
    with pytest.raises(OutputError, match="is an input"):
        spare_inputs(tmp_path, (tmp_path / "labels.parquet", None))
    spare_inputs(tmp_path, (tmp_path / "source.csv", tmp_path.parent / "labels.parquet"))


def test_a_run_whose_folder_was_taken_does_not_finish(tmp_path):
    open_folder(tmp_path, RUN)
    still_ours(tmp_path, RUN)
    open_folder(tmp_path, OTHER, overwrite=True)
    with pytest.raises(OutputError, match="another run has taken"):
        still_ours(tmp_path, RUN)


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    (tmp_path / ".metrics.csv.0123456789ab").write_text("half")
    (tmp_path / ".bashrc").write_text("mine")
    with pytest.raises(OutputError, match="bashrc"):
        open_folder(tmp_path, RUN)
    (tmp_path / ".bashrc").unlink()
    open_folder(tmp_path, RUN)
    assert [path.name for path in tmp_path.iterdir()] == [MARK]
