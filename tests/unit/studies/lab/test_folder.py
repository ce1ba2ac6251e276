"""Who may write where in the folder of a lab."""

import attrs
import pytest

from fluidmol.errors import OutputError
from fluidmol.studies.lab.folder import StudyFolder


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
