"""Who may write where in the folder of a lab."""

import json
import os

import attrs
import pytest

from fluidmol.errors import OutputError
from fluidmol.studies.lab.folder import ACROSS, FINISHED, LAB, LAST, RESULTS, RUN, StudyFolder


@pytest.fixture
def folder(tmp_path):
    return StudyFolder(tmp_path / "LAB", "benchmark", "a" * 64, "b" * 64)


@pytest.fixture(params=["lab", "study"])
def other(request, folder):
    """A study of another consortium, or the same one with other settings."""
    changes = {"study": "c" * 64} | ({"lab": "d" * 64} if request.param == "lab" else {})
    return attrs.evolve(folder, **changes)


def with_results(folder):
    folder.claim()
    (folder.path / "results.csv").write_text("figures")
    return folder


def test_a_folder_that_another_run_took_after_the_check_is_refused_and_left_as_it_is(folder, other):
    folder.check([])
    with_results(other)
    with pytest.raises(OutputError, match=r"another charter|other settings"):
        folder.claim()
    other.still_ours()
    assert (other.path / "results.csv").read_text() == "figures"


def test_what_may_be_overwritten_is_removed(folder, other):
    with_results(other)
    folder.claim(overwrite=True)
    folder.still_ours()
    assert not (folder.path / "results.csv").exists()
    with pytest.raises(OutputError, match="has taken"):
        other.still_ours()


def content(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def finish(folder):
    """A finished simulation: a study, and what follows from it."""
    with_results(folder)
    (folder.path / LAST).write_text("{}")
    for name in ACROSS:
        (folder.out / name).write_text(name)


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_is_taken(there, folder):
    if there:
        folder.out.mkdir()
    folder.check([])
    assert list(folder.out.iterdir()) == []
    folder.claim()
    assert sorted(path.name for path in folder.out.iterdir()) == ["benchmark", LAB]
    assert json.loads((folder.path / RUN).read_text()) == {"digest": folder.study}


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_interrupted_study_goes_on(overwrite, folder):
    with_results(folder)
    folder.check([], overwrite=overwrite)
    folder.claim(overwrite=overwrite)
    assert (folder.path / RESULTS).read_text() == "figures"


def _fill(folder, *names):
    folder.out.mkdir()
    for name in names:
        (folder.out / name).write_text("mine")


REFUSED = {
    "foreign": (lambda folder: _fill(folder, "thesis.docx"), r"isn't empty \(thesis.docx\).*`overwrite`"),
    "foreign, many": (lambda folder: _fill(folder, *"abcdef"), r"\(a, b, c, \.\.\.\).*`overwrite`"),
    "another lab": (
        lambda folder: with_results(attrs.evolve(folder, lab="d" * 64)), "another charter, of other inputs.*`overwrite`"
    ),
    "another study": (
        lambda folder: with_results(attrs.evolve(folder, study="d" * 64)), "with other settings.*`overwrite`"
    ),
    "a mark that is none": (lambda folder: _fill(folder, LAB), "isn't empty"),
    "somebody's results": (lambda folder: _fill(folder, "metrics.csv"), "metrics.csv that no run wrote"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_is_refused_is_left_alone(case, folder):
    fill, words = REFUSED[case]
    fill(folder)
    before = content(folder.out)
    with pytest.raises(OutputError, match=words):
        folder.check([])
    assert content(folder.out) == before


def test_overwrite_removes_our_files_and_no_others(folder):
    finish(attrs.evolve(folder, lab="d" * 64, study="e" * 64))
    (folder.out / "thesis.docx").write_text("mine")
    (folder.out / "more").mkdir()
    (folder.out / "more" / "metrics.csv").write_text("mine too")
    folder.check([], overwrite=True)
    folder.claim(overwrite=True)
    assert sorted(path.name for path in folder.out.iterdir()) == sorted(["benchmark", LAB, "more", "thesis.docx"])
    assert [path.name for path in folder.path.iterdir()] == [RUN]
    assert (folder.out / "thesis.docx").read_text() == "mine"
    assert (folder.out / "more" / "metrics.csv").read_text() == "mine too"


def test_the_mark_of_completion_of_a_run_is_removed_before_its_tables():
    assert ACROSS[0] == FINISHED


def test_another_programs_results_are_not_overwritten(folder):
    _fill(folder, "metrics.csv")
    with pytest.raises(OutputError, match="no run wrote"):
        folder.check([], overwrite=True)
    assert (folder.out / "metrics.csv").read_text() == "mine"


def test_a_file_instead_of_a_folder(folder):
    folder.out.write_text("mine")
    with pytest.raises(OutputError, match="is a file"):
        folder.check([], overwrite=True)
    assert folder.out.read_text() == "mine"


def test_a_folder_below_a_file(folder, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="can't be written"):
        attrs.evolve(folder, out=tmp_path / "file" / "run").check([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(folder, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="can't be written"):
        folder.check([])


def test_an_input_is_not_overwritten_by_results(folder):
    finish(folder)
    for path in (folder.out / "labels.parquet", folder.path / "results.csv"):
        with pytest.raises(OutputError, match="is an input"):
            folder.check([path, None])
    folder.check([folder.out / "source.csv", folder.out.parent / "labels.parquet"])


def test_what_a_killed_run_left_is_cleared_away(folder):
    folder.claim()
    for name in (".metrics.csv.0123456789ab", ".bashrc"):
        (folder.out / name).write_text("half")
    (folder.path / ".study.json.0123456789ab").write_text("half")
    folder.claim()
    assert sorted(path.name for path in folder.out.iterdir()) == [".bashrc", "benchmark", LAB]
    assert [path.name for path in folder.path.iterdir()] == [RUN]
