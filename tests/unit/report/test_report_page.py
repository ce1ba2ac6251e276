"""The page is one file, escapes everything, and is written whole or not at all."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fluidmol.errors import InputError, OutputError
from fluidmol.report import write_report
from fluidmol.report.page import render
from fluidmol.report.read.result_files import read_results
from fluidmol.report.read.run import read_run
from fluidmol.report.sections.run_tables import inputs, metrics, rejected, rejections, stages


class _Page(HTMLParser):
    """Collects tags with attributes, and text outside of scripts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self._inside = [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data):
        if self._inside not in {"script", "style"}:
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def written(make_run, tmp_path_factory):
    return write_report(make_run(tmp_path_factory.mktemp("page") / "run"))


@pytest.fixture(scope="module")
def page(written):
    return _Page(written.read_text(encoding="utf-8"))


def test_it_is_one_file_of_reasonable_size(written):
    assert written.name == "report.html"
    assert 4e6 < written.stat().st_size < 7e6


def test_nothing_is_fetched(page):
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        if "href" in attributes:
            assert attributes["href"].startswith("#")
    assert not page.all("link")
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert policy.count("'sha256-") == 2
    assert "script-src 'unsafe" not in policy


def test_every_content_link_has_a_target(page):
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [attributes["href"].removeprefix("#") for attributes in page.all("a")]
    assert len(links) == 11
    assert set(links) <= ids


def test_every_chart_box_has_its_plot_and_words(written, page):
    boxes = [a for a in page.all("div") if a.get("class") == "plot"]
    data = re.search(r'<script type="application/json" id="plots">(.*?)</script>', written.read_text("utf-8"), re.S)
    assert {box["id"] for box in boxes} == set(json.loads(data[1]))
    assert all(box["role"] == "img" and box["aria-label"] for box in boxes)


def test_strangers_text_is_escaped(page, nasty):
    assert nasty in page.text
    assert "C1CC<b>(" in page.text
    assert "hERG blockade <8 partners>" in page.text
    assert len(page.all("script")) == 3
    assert not page.all("b") or all("<script" not in str(attributes) for attributes in page.all("b"))


def test_partner_names_cannot_end_the_script(folder):
    text = (folder / "metrics.csv").read_text()
    (folder / "metrics.csv").write_text(text.replace("partner-1", "</script><script>alert(1)</script>"))
    assert len(_Page(write_report(folder).read_text("utf-8")).all("script")) == 3


def test_synthetic_data_is_announced(page, folder):
    assert "Synthetic data." in page.text
    facts = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").write_text(json.dumps(facts | {"synthetic": False}))
    assert "Synthetic data." not in _Page(write_report(folder).read_text("utf-8")).text


def test_the_same_run_gives_the_same_bytes(written):
    before = written.read_bytes()
    assert write_report(written.parent).read_bytes() == before


def test_a_run_that_knows_little_still_gives_a_page(make_run, tmp_path):
    folder = make_run(tmp_path / "run", external=False, n_rejected=0, n_points=0)
    (folder / "provenance.json").write_text("{}")
    text = _Page(write_report(folder).read_text("utf-8")).text
    assert "No row was rejected." in text
    assert "The map holds no point." in text
    assert "External set" not in text


def test_a_failed_report_leaves_the_old_one(folder):
    (folder / "report.html").write_text("old")
    (folder / "map.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"map\.parquet"):
        write_report(folder)
    assert (folder / "report.html").read_text() == "old"


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing_behind(folder, monkeypatch, problem):
    (folder / "report.html").write_text("old")
    before = sorted(file.name for file in folder.iterdir())

    def fail(self, target):
        raise problem

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
        write_report(folder)
    assert isinstance(problem, KeyboardInterrupt) or "No space left" in str(caught.value)
    assert (folder / "report.html").read_text() == "old"
    assert sorted(file.name for file in folder.iterdir()) == before


def test_metrics_keep_three_decimals_and_their_interval(run):
    table = metrics(run, "external")
    score = run.of("external")[0]
    assert table.sortable
    assert [row[0].text for row in table.rows] == [score.model for score in run.of("external")]
    assert table.rows[0][3].text.startswith(f"{score.mcc:.3f}\u00a0({score.figures['mcc_low']:.3f}")
    assert float(table.rows[0][3].sort) == score.mcc
    assert table.columns[-1].name == "Matched MCC"
    assert table.rows[0][-1].text == f"{score.figures['mcc_matched']:.3f}"


def test_rejected_rows_are_counted_whole_and_shown_in_part(run):
    assert sum(float(row[2].sort) for row in rejections(run).rows) == 250
    assert len(rejected(run).rows) == 200
    assert rejected(run).title == "The first 200 of 250 rejected rows"


def test_removed_overlaps_are_listed(run):
    assert inputs(run).rows[1][-1].text.replace("\u202f", "") == "1204 of train, 61 of external: removed"
    assert inputs(run).rows[0][-1].text == "none"


def test_near_duplicates_are_shown_where_they_were_counted(folder):
    assert "Near duplicates" not in render(read_results(folder))
    facts = json.loads((folder / "provenance.json").read_text())
    told = {"n": 61, "share_near": 0.125, "share_same": 0.0}
    facts["overlap"] = {"at_least": 0.9, "sets": {"external": {"training": told}, "training": {}}}
    (folder / "provenance.json").write_text(json.dumps(facts))
    page = render(read_results(folder)).replace("\u00a0", " ")
    assert "12.5 % (0.0 %)" in page
    assert "Tanimoto similarity of ECFP4 at least 0.9" in page


def test_numbers_that_are_no_numbers_become_dashes(folder):
    facts = json.loads((folder / "provenance.json").read_text())
    facts["stages"] = [{"stage": "read", "seconds": "soon"}, {"seconds": None, "peak_mb": True}]
    (folder / "provenance.json").write_text(json.dumps(facts))
    shown = [[cell.text for cell in row] for row in stages(read_run(folder)).rows]
    assert shown[:2] == [["read", "–", "–"], ["–", "–", "–"]]
