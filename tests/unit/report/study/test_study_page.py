"""The page of the studies' report."""

import re

import pytest

from fluidmol.cli.report import report
from fluidmol.errors import OutputError
from fluidmol.report import write_report
from fluidmol.report.page import render
from fluidmol.report.read.result_files import Results, read_results
from fluidmol.report.read.studies import UNNAMED, read_studies


@pytest.fixture(scope="module")
def page(studies):
    return render(Results(None, studies))


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
    path = write_report(folder)
    first = path.read_bytes()
    assert path == folder / "report.html"
    assert write_report(folder).read_bytes() == first


def test_what_is_missing_is_left_out(make_studies, tmp_path):
    bare = make_studies(tmp_path / "DIR", without=("malicious", "contribution", "student-size"))
    body = without_scripts(render(read_results(bare)))
    assert 'id="malicious"' not in body
    assert "not run, or not finished" in body


def test_a_quick_look_says_so(folder):
    path = folder / "paper.json"
    path.write_text(path.read_text().replace('"quick": false', '"quick": true'))
    assert "A quick look" in render(read_results(folder))


def test_comparisons_are_made_again_with_the_report(make_studies, tmp_path):
    lab = make_studies(tmp_path / "DIR", arms=("open",), seeds=(1, 2)) / "open"
    rename_preset(lab, "")
    moved = lab.rename(tmp_path / "LAB")
    report(moved)
    rows = [row for row in read_studies(moved).comparisons if not row["partner"]]
    assert {(row["study"], row["first_arm"], row["n_seeds"]) for row in rows} == {("benchmark", UNNAMED, "2")}
    page = without_scripts((moved / "report.html").read_text(encoding="utf-8"))
    assert "Student less T0: " in page
    assert "were studied under one charter." in page
    # A lab that has another name shows the same, and one whose predictions have changed something else.
    again = moved.rename(tmp_path / "renamed")
    assert without_scripts(render(read_results(again))) == page
    (again / "benchmark" / "predictions" / "seed-2.parquet").unlink()
    report(again)
    assert {row["n_seeds"] for row in read_studies(again).comparisons} == {"1"}


def rename_preset(lab, preset):
    for path in lab.glob("*/study.json"):
        path.write_text(path.read_text().replace('"preset": "open"', f'"preset": "{preset}"'))


def test_tables_are_left_alone_where_predictions_are_gone(folder):
    for path in folder.rglob("*.parquet"):
        path.unlink()
    before = {name: (folder / name).read_bytes() for name in ("comparisons.csv", "thresholds.csv")}
    report(folder)
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_labs_of_a_folder_are_compared_with_the_first(make_studies, tmp_path, monkeypatch):
    folder = make_studies(tmp_path / "DIR", seeds=(1,))
    made = []
    monkeypatch.setattr("fluidmol.studies.lab.comparisons.write_comparisons", lambda *args: made.append(args))
    monkeypatch.setattr("fluidmol.studies.lab.operating.write_thresholds", lambda *args: made.append(args))
    report(folder)
    assert made == [(folder, {name: folder / name for name in ("paper-2025", "open")})] * 2


def test_a_folder_that_cannot_be_written(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fluidmol.report.page.write_whole", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(folder)
