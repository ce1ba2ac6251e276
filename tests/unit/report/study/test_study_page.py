"""The page of the studies' report."""

import re

import pytest

from fluidmol.errors import OutputError
from fluidmol.report.study import write_study_report
from fluidmol.report.study.folder import read_studies
from fluidmol.report.study.page import render


@pytest.fixture(scope="module")
def page(studies):
    return render(studies)


def without_scripts(page):
    return re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)


def test_all_sections_are_there_and_linked(page):
    body = without_scripts(page)
    linked = re.findall(r'<a href="#([^"]+)">', body)
    assert linked == re.findall(r'<section id="([^"]+)"', body)
    assert len(linked) == 18
    plots = re.findall(r'class="plot" id="([^"]+)"', body)
    assert len(plots) == len(set(plots)) == 16


def test_it_needs_nothing_but_itself(page):
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#)', without_scripts(page))
    assert page.count("<script") == 3


def test_names_are_shown_as_they_are(page):
    assert "<b>A&Co</b>" not in page
    assert "&lt;b&gt;A&amp;Co&lt;/b&gt;" in page


def test_the_same_files_give_the_same_bytes(folder):
    path = write_study_report(folder)
    first = path.read_bytes()
    assert path == folder / "report.html"
    assert write_study_report(folder).read_bytes() == first


def test_what_is_missing_is_left_out(make_studies, tmp_path):
    bare = make_studies(tmp_path / "DIR", without=("malicious", "contribution", "student-size"))
    body = without_scripts(render(read_studies(bare)))
    assert 'id="malicious"' not in body
    assert "not run, or not finished" in body


def test_a_quick_look_says_so(folder):
    path = folder / "paper.json"
    path.write_text(path.read_text().replace('"quick": false', '"quick": true'))
    assert "A quick look" in render(read_studies(folder))


def test_a_folder_that_cannot_be_written(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fluidmol.report.study.page.write_whole", full)
    with pytest.raises(OutputError, match="No space left"):
        write_study_report(folder)
