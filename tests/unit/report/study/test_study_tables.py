"""Tables of the studies' report: means over seeds, the paper's figures, verdicts."""

import csv
import json
import math
import re
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.errors import InputError, MissingFileError
from fluidmol.report.findings.studies import findings, what_ran
from fluidmol.report.page import render
from fluidmol.report.read.frame import OWN, Frame, ResultRow
from fluidmol.report.read.result_files import read_results
from fluidmol.report.read.studies import read_studies
from fluidmol.report.sections import (
    applicability,
    beside,
    calibration,
    compared,
    controls,
    curves,
    data,
    domains,
    losses,
    operating,
    partners,
)


def shown(section, title):
    """A table of a section as lists of texts, by the words that its title begins with."""
    tables = [t for part in section.parts for t in (*part.tables, *([part.table] if part.table else []))]
    table = next(t for t in tables if t.title.startswith(title))
    return {row[0].text: [cell.text.replace("\u00a0", " ") for cell in row[1:]] for row in table.rows}


def row(seed, value, model="student", kind="student", dataset="external", **case):
    return ResultRow(seed, case, model, kind, "", dataset, "mcc", value)


def test_means_are_within_seeds_first():
    frame = Frame([row(1, 0.1, "a", "hybrid"), row(1, 0.3, "b", "hybrid"), row(2, 0.6, "a", "hybrid")])
    found = frame.mean("mcc", "external", called="hybrids' mean")
    assert (round(found.mean, 6), found.n) == (0.4, 2)
    assert frame.extreme("mcc", "external", kind="hybrid", highest=True).mean == pytest.approx(0.45)
    assert frame.extreme("mcc", "external", kind="hybrid", highest=False).mean == pytest.approx(0.35)


def test_undefined_figures_and_other_cases_do_not_count():
    frame = Frame([row(1, 0.1, arm="x"), row(1, 0.9, arm="y"), row(2, math.nan, arm="x")])
    found = frame.mean("mcc", "external", called="student", arm="x")
    assert (found.mean, found.n) == (0.1, 1)
    assert math.isnan(found.low)
    assert frame.mean("mcc", OWN).n == 0
    assert math.isnan(frame.mean("mcc", "validation").mean)


def test_the_paper_stands_beside_ours(studies):
    section = beside.beside_the_paper(studies)
    assert "10.1038/s42256-025-00991-2" in section.lead[0]
    assert "another data set" in section.lead[0]
    external = shown(section, "External set")
    assert external["student"] == ["0.524 to 0.539", "0.400 ± 0.025", "0.450 ± 0.025"]
    # The paper's T0 is of the teachers' make: it stands beside ours of that make, and not beside the best of several.
    same_make = "T0-same-make (all data pooled, the teachers' make)"
    assert external["T0 (all data pooled)"] == ["–", "0.500 ± 0.025", "0.500 ± 0.025"]
    assert external[same_make] == ["0.582", "0.480 ± 0.025", "0.480 ± 0.025"]
    assert external["teachers, own 5-fold CV"][0] == "0.486"
    assert external["best hybrid"] == ["0.579", "0.480 ± 0.000", "0.480 ± 0.000"]
    assert shown(section, "Validation set")["teachers' mean"][0] == "0.256"
    assert shown(section, "A domain left out")["hybrids' mean"] == ["0.199", "0.160 ± 0.000", "0.210 ± 0.000"]
    assert shown(section, "Share of the external")[same_make][:2] == ["0.391", "0.300 ± 0.000"]
    brought = shown(section, "MCC on external compounds")
    assert [brought[name][:2] for name in ("teachers' mean", "hybrids' mean")] == [
        ["0.328", "0.250 ± 0.000"],
        ["0.583", "0.450 ± 0.000"],
    ]
    sizes = shown(section, "Student of so many molecules")
    assert sizes["100"][0] == "0.457"
    assert sizes["5\u202f000"][1] == "–"
    assert shown(section, "Student of so many teachers")["3"] == ["0.476", "0.320 ± 0.025", "0.320 ± 0.025"]


def test_the_loss_is_drawn_from_teachers_to_t0(studies):
    section = losses.losses(studies)
    chart = section.drawn[0]
    bars = {trace["name"]: trace for trace in chart.plot["data"]}
    assert bars["Teachers' mean"]["x"] == [0.2, 0.2]
    assert bars["Recovered by the student"]["base"] == [0.2, 0.2]
    assert bars["Recovered by the student"]["x"] == [0.2, 0.25]
    assert bars["Distillation loss"]["x"] == [0.05, 0.0]
    assert bars["Federation loss"]["x"] == [0.03, 0.03]
    assert bars["Learner loss"]["x"] == [0.02, 0.02]
    assert bars["Learner loss"]["base"] == [0.48, 0.48]
    assert bars["T0"]["x"] == [0.5, 0.5]
    split = shown(section, "Split of the loss, external")
    assert split["recovery R"][0] == "0.667 ± 0.000"
    assert split["the same, against T0-same-make"][0] == "0.700 ± 0.000"


def test_the_loss_of_older_results_has_no_learner_loss(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR", arms=("open",))
    later = {"T0-same-make", "learner-loss", "recovery-same-make", "same-make", "random-forest"}
    path = folder / "open" / "benchmark" / "results.csv"
    rewritten(path, lambda row: None if row["model"] in later else row)
    section = losses.losses(read_studies(folder))
    bars = {trace["name"]: trace for trace in section.drawn[0].plot["data"]}
    assert bars["Learner loss"]["x"] == [0]
    assert bars["Federation loss"]["x"] == [0.05]
    split = shown(section, "Split of the loss, external")
    assert split["learner loss"][0] == split["the same, against T0-same-make"][0] == "–"
    assert split["recovery R"][0] == "0.667 ± 0.000"
    said = " ".join(findings(read_studies(folder))[0].sentences)
    assert "T0, the model of all data pooled, has" in said
    assert "kinds of pooled models" not in said


def test_the_headline_says_which_kind_t0_is_and_which_recovery_is_which(studies):
    first = findings(studies)[0]
    said = " ".join(first.sentences)
    assert "T0, the model of all data pooled (random forest, the best of 2 kinds), has" in said
    assert "(random forest 0.880, same make as teachers 0.860)" in said
    assert "Against the pooled model of the teachers' make, which flatters, recovery would be 0.700" in said
    (tile,) = (tile for tile in first.tiles if tile.name == "T0, MCC")
    assert "all data pooled: random forest, the best of 2 kinds" in tile.note


def test_operating_points_name_each_threshold(studies):
    table = shown(operating.operating(studies), "External set")
    # Rows of one model follow one another; the last one is the last charter's.
    assert table["student"][:4] == ["open", "0.450 ± 0.025", "0.410 ± 0.000", "0.450 ± 0.025"]
    assert table["T0"][2] == "–"


def test_controls_need_controls(make_studies, tmp_path, studies):
    assert shown(controls.controls(studies), "Controls")["student of the same labels, shuffled"][0] == "0.010 ± 0.000"
    bare = read_studies(make_studies(tmp_path / "DIR", without=("benchmark",)))
    assert controls.controls(bare) is losses.losses(bare) is calibration.calibration(bare) is None


def test_comparisons_say_what_p_allows(make_studies, tmp_path, studies):
    section = compared.comparisons(studies)
    rows = shown(section, "External set")
    assert rows["student − T0"][-1] == "lower"
    assert rows["student − teachers' mean"][-1] == "higher"
    assert rows["student, open − paper-2025"][:2] == ["between", "+0.050 (+0.040 to +0.060)"]
    doubtful = read_studies(make_studies(tmp_path / "DIR", p=0.2))
    rows = shown(compared.comparisons(doubtful), "External set")
    assert {cells[-1] for cells in rows.values()} == {"no clear difference"}


def test_domains(studies):
    cross = shown(domains.cross_domain(studies), "A domain")
    assert cross["gain of the hybrids over the others' teachers"] == ["+0.060 ± 0.000", "+0.110 ± 0.000"]
    own = shown(domains.own_domain(studies), "Own domain")
    assert own["partners whose hybrid is above its teacher"] == ["9 of 9 (100 %)"] * 2
    assert own["partners for whom it is clearly better"] == ["9 of 9"] * 2
    assert own["partners for whom it is clearly worse"] == ["0 of 9"] * 2


def test_curves_show_bands_and_the_paper(studies):
    chart = next(c for c in curves.teacher_count(studies).drawn if c.key == "count-external")
    names = [trace["name"] for trace in chart.plot["data"] if "name" in trace]
    assert names == [
        "student, paper-2025", "ensemble, paper-2025", "student, open", "ensemble, open",
        "student, paper (its data)",
    ]  # fmt: skip
    assert sum("name" not in trace for trace in chart.plot["data"]) == 4  # bands
    assert "student, open: 0.120 at 1 to 0.320 at 3" in chart.alt
    size = next(c for c in curves.student_size(studies).drawn if c.key == "size-external")
    line = next(trace for trace in size.plot["data"] if trace.get("name") == "student, open")
    assert line["x"] == [100.0, 300.0, 700.0]


def test_malicious_partners_and_contributions(studies):
    section = partners.malicious(studies)
    kept = shown(section, "open: MCC kept by the student")
    assert kept["no lie: they stay away"][1] == "95 ± 0 %"
    assert kept["all labels flipped"] == ["inflated", "−30 ± 0 %", "91 ± 0 %"]
    named = shown(section, "open: who is named")
    assert named["all labels flipped"][:2] == ["100 %", "0 %"]
    assert "no lie: they stay away" not in named
    chart = partners.contribution(studies).drawn[0]
    assert chart.plot["data"][0]["x"][0] == "&lt;b&gt;A&amp;Co&lt;/b&gt;"
    assert chart.plot["data"][0]["error_y"]["array"] == [0.05] * 3
    assert chart.plot["data"][1]["error_y"] == {"visible": False}


def test_applicability_and_overlap(studies):
    section = applicability.applicability(studies)
    assert shown(section, "Strict domain, external")["hybrids' mean"][-3:] == [
        "0.200 ± 0.000",
        "0.450 ± 0.000",
        "0.250 ± 0.000",
    ]
    assert shown(section, "Conformal sets, open")["teachers' mean"][1] == "0.810 ± 0.000"
    near = shown(data.overlap(studies), "Near duplicates")
    assert near["external"] == ["200", "3.0 % (3.0 %)", "3.0 % (3.0 %)", "–"]


def test_overlap_without_its_study_is_what_each_study_notes(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR", without=("overlap",))
    for path in folder.glob("open/benchmark/study.json"):
        facts = json.loads(path.read_text())
        for place, seed in enumerate(facts["by_seed"].values()):
            told = {"n": 90, "share_near": 0.1 * place, "share_same": 0.05}
            seed["overlap"] = {"at_least": 0.8, "sets": {"validation": {"transfer": told}, "transfer": {}}}
        path.write_text(json.dumps(facts))
    section = data.overlap(read_studies(folder))
    assert shown(section, "Near duplicates")["validation"] == ["90", "–", "10.0 % (5.0 %)"]
    assert "at least 0.8" in section.lead[0]


@pytest.mark.parametrize(
    "told",
    [
        None,
        3,
        [],
        {"sets": 3},
        {"sets": {}},
        {"sets": {"validation": 3}, "at_least": "x"},
        {"sets": {"validation": {"transfer": {"n": 3}}}, "at_least": "x"},
        {"sets": {"validation": {"transfer": {"n": 3}}}},
    ],
)
def test_what_is_no_overlap_is_left_out(make_studies, tmp_path, told):
    folder = make_studies(tmp_path / "DIR", without=("overlap",))
    for path in folder.glob("open/*/study.json"):
        facts = json.loads(path.read_text())
        for seed in facts["by_seed"].values():
            seed["overlap"] = told
        path.write_text(json.dumps(facts))
    assert data.overlap(read_studies(folder)) is None


def test_without_thresholds_there_is_no_empty_column(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR")
    (folder / "thresholds.csv").unlink()
    section = operating.operating(read_studies(folder))
    titles = {column.name for part in section.parts for column in part.table.columns}
    assert "MCC at a training threshold" not in titles
    assert "MCC at .5" in titles
    assert "own-domain is here, but no threshold can be chosen" in section.lead[0]
    shutil.rmtree(folder / "open" / "own-domain")
    assert "run the study own-domain into the same folder" in operating.operating(read_studies(folder)).lead[0]


def test_what_is_missing_is_said(make_studies, tmp_path):
    bare = read_studies(make_studies(tmp_path / "DIR", without=("selection", "domain", "malicious", "overlap")))
    assert curves.selection(bare) is applicability.applicability(bare) is partners.malicious(bare) is None
    assert data.overlap(bare) is data.ablations(bare) is None
    table = next(p.table for p in data.provenance(bare).parts if p.table and p.table.title == "Not in this report")
    said = [[cell.text for cell in row] for row in table.rows]
    assert ["Selection", "open", "not run, or not finished"] in said
    assert ["Ablation", "paper-2025", "nothing is varied"] in said


def test_the_headline_is_that_of_the_default(studies):
    assert "3 virtual consortia (one a seed) of 3 partners" in what_ran(studies)
    assert "The findings below are those of open." in what_ran(studies)
    assert "one data set (a.csv) was divided" in what_ran(studies)
    by_place = {finding.where: finding for finding in findings(studies)}
    external = by_place["External set"]
    assert (external.verdict, external.title) == (
        "better",
        "The student knows more than the average teacher, and less than all data pooled.",
    )
    assert "open less paper-2025: +0.050 (95\u00a0% interval +0.040 to +0.060, p = 0.010" in " ".join(
        external.sentences
    )
    cross = by_place["A domain left out of the federation"]
    assert "Under paper-2025 the gain is +0.060" in cross.sentences[-1]
    assert "1.8 times as much here" in cross.sentences[-1]
    assert by_place["A partner's own domain"].title == "No partner clearly regrets its hybrid."
    assert by_place["Dishonest partners"].title.startswith("With 2 liars, the aggregation reliability keeps 91\u00a0%")
    assert "weighted-mean nothing (flipped, inflated weights)" in by_place["Dishonest partners"].sentences[0]
    assert by_place["Conformal sets"].verdict == "better"


def test_coverage_that_varies_holds_no_promise(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR", arms=("open",))

    def told(row):
        swing = {"1": -0.1, "2": 0.1}.get(str(row["seed"]), 0.0)
        return row | ({"value": 0.8 + swing} if row["metric"] == "set_coverage_80" else {})

    rewritten(folder / "open" / "domain" / "results.csv", told)
    (found,) = (f for f in findings(read_studies(folder)) if f.where == "Conformal sets")
    assert (found.verdict, found.title) == ("unclear", "Whether stated confidence holds at home is not clear.")
    assert "80.0\u00a0% ± 24.8 (stated: 80 %)" in found.sentences[0]


def test_the_headline_claims_no_more_than_p_allows(make_studies, tmp_path):
    doubtful = findings(read_studies(make_studies(tmp_path / "a", p=0.2)))
    assert doubtful[0].verdict == "unclear"
    assert "not clear" in doubtful[0].title
    worse = {f.where: f for f in findings(read_studies(make_studies(tmp_path / "b", gain=-0.1)))}
    own = worse["A partner's own domain"]
    assert own.verdict == "worse"
    assert own.title == "9 of 9 partners, each seed's by themselves, clearly regret their hybrid."


def test_partners_are_counted_by_seed_and_only_where_they_can_be_compared(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR", arms=("open",), seeds=(1, 2), gain=-0.1)

    def few(row):
        if row["study"] != "own-domain" or not row["partner"]:
            return row
        return row | {
            "p_holm": {"partner-2": "", "partner-3": 0.5}.get(row["partner"], 0.01 if row["seed"] == "1" else 1)
        }

    rewritten(folder / "comparisons.csv", few)
    studies = read_studies(folder)
    own = next(finding for finding in findings(studies) if finding.where == "A partner's own domain")
    assert own.title == "1 of 4 partners, each seed's by themselves, clearly regrets its hybrid."
    section = domains.own_domain(studies)
    assert shown(section, "Own domain")["partners for whom it is clearly worse"] == ["1 of 4"]
    assert "counted for each seed by itself" in section.lead[1]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "holds 1 of 5 folds of its own compounds back"),
        ({"folds": 3, "asked": 2}, "holds 2 of 3 folds of its own compounds, one after the other, back"),
    ],
)
def test_what_is_held_out_is_that_of_the_study(make_studies, tmp_path, settings, told):
    folder = make_studies(tmp_path / "DIR", arms=("open",))
    path = folder / "open" / "own-domain" / "study.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"settings": settings}))
    assert told in domains.own_domain(read_studies(folder)).lead[0]


@pytest.mark.parametrize(
    ("split", "told", "not_told"),
    [
        ("scaffold", "own: validation set, partners, transfer", "newest"),
        ("time", "The validation set is the newest compounds, the same for each.", "own: validation set"),
    ],
)
def test_what_seeds_draw_anew(make_studies, tmp_path, split, told, not_told):
    folder = make_studies(tmp_path / "DIR", arms=("open",))
    for path in folder.glob("open/*/study.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"setup": {"validation_split": split}}))
    lead = data.provenance(read_studies(folder)).lead[0]
    assert told in lead
    assert not_told not in lead


def test_studies_of_different_seeds_in_one_lab(make_studies, tmp_path):
    studies = ("own-domain", "overlap", *SHARED)
    folder = make_studies(tmp_path / "DIR", arms=("open",), seeds=(1,), without=studies)
    other = make_studies(tmp_path / "other", arms=("open",), seeds=(2,), without=("benchmark", *studies[1:]))
    (other / "open" / "own-domain").rename(folder / "open" / "own-domain")
    for path in folder.glob("open/*/study.json"):
        facts = json.loads(path.read_text())
        for seed, known in facts["by_seed"].items():
            told = {"n": 90, "share_near": 0.1 * int(seed), "share_same": 0}
            known["overlap"] = {"at_least": 0.9, "sets": {"validation": {"transfer": told}, "transfer": {}}}
        path.write_text(json.dumps(facts))
    (folder / "thresholds.csv").unlink()
    both = read_studies(folder)
    assert "2 virtual consortia (one a seed)" in what_ran(both)
    assert "Not every study has all of them." in what_ran(both)
    lead = operating.operating(both).lead[0]
    assert "the study own-domain is here, but for other seeds (2) than the benchmark (1)" in lead
    assert list(shown(data.provenance(both), "Consortia")) == ["1", "2"]
    assert shown(data.overlap(both), "Near duplicates")["validation"][-1] == "15.0 % (0.0 %)"


SHARED = ("cross-domain", "teacher-cv", "leave-one-out", "teacher-count", "student-size", "selection", "domain",
          "contribution", "malicious")  # fmt: skip


def rewritten(path, change):
    """Write a table again, each row as ``change`` gives it; rows for which it gives nothing are dropped."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept for row in rows if (kept := change(row)))


def lab_of(make_studies, path, figures):
    """A lab of two seeds with the MCC of teachers, T0 and student in each; all of the rest follows from these."""

    def told(row):
        teachers, pooled, student = figures[int(row["seed"]) - 1]
        values = {"teacher": teachers, "pooled": pooled, "student": student, "teacher-loss": pooled - teachers}
        values |= {"recovery": (student - teachers) / (pooled - teachers), "total-loss": pooled - student}
        key = row["model"] if row["kind"] == "derived" else row["kind"]
        return row | ({"value": values[key]} if key in values and row["metric"] == "mcc" else {})

    folder = make_studies(path, arms=("open",), seeds=(1, 2))
    rewritten(folder / "open" / "benchmark" / "results.csv", told)
    return read_studies(folder)


def test_the_headline_follows_from_the_means_not_from_recovery(make_studies, tmp_path):
    # R is 3 and .5, 1.75 on average, but the student's mean is .340 and that of T0 .405.
    studies = lab_of(make_studies, tmp_path / "a", [(0.30, 0.31, 0.33), (0.20, 0.50, 0.35)])
    first = findings(studies)[0]
    assert first.title == "The student knows more than the average teacher, and less than all data pooled."
    assert "MCC of 0.340" in first.sentences[0]
    (tile,) = (tile for tile in first.tiles if tile.name == "Recovery R")
    assert (tile.value, tile.note) == ("–", "T0 is hardly better than the teachers")
    assert shown(losses.losses(studies), "Split of the loss, external")["recovery R"][0] == "–"
    above = lab_of(make_studies, tmp_path / "b", [(0.30, 0.31, 0.33), (0.20, 0.50, 0.49)])
    assert findings(above)[0].title == "The student's MCC is not below that of all data pooled."


def test_a_student_below_teachers_and_t0_recovers_nothing(make_studies, tmp_path):
    # As older results hold it: T0 is below the teachers in one seed, and the student's loss divided by its own is 2.
    studies = lab_of(make_studies, tmp_path / "DIR", [(0.40, 0.30, 0.20), (0.20, 0.50, 0.80)])
    assert shown(losses.losses(studies), "Split of the loss, external")["recovery R"][0] == "–"


def test_why_there_is_no_recovery(make_studies, tmp_path):
    studies = lab_of(make_studies, tmp_path / "DIR", [(0.20, 0.40, 0.25), (0.20, 0.42, 0.40)])
    (tile,) = (tile for tile in findings(studies)[0].tiles if tile.name == "Recovery R")
    assert (tile.value, tile.note) == ("–", "its interval over seeds is too wide")


def test_a_partner_counts_once_whatever_its_folds(make_studies, tmp_path):
    folder = make_studies(tmp_path / "DIR", arms=("open",))
    path = folder / "open" / "own-domain" / "results.csv"
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([head, *rows, *(row.replace(",1,", ",2,", 2) for row in rows if row.split(",")[1] == "1")]))
    _, values = domains.gains(read_studies(folder).main)
    assert len(values) == 9


def test_no_recovery_where_the_distance_itself_is_not_clear(make_studies, tmp_path):
    studies = lab_of(make_studies, tmp_path / "DIR", [(0.20, 0.30, 0.30), (0.20, 0.60, 0.60)])
    (tile,) = (tile for tile in findings(studies)[0].tiles if tile.name == "Recovery R")
    assert (tile.value, tile.note) == ("–", "whether T0 is better than the teachers isn't clear")


def test_ordinary_recovery_is_the_mean_of_the_seeds_shares(make_studies, tmp_path):
    studies = lab_of(make_studies, tmp_path / "DIR", [(0.20, 0.40, 0.34), (0.20, 0.42, 0.354)])
    (tile,) = (tile for tile in findings(studies)[0].tiles if tile.name == "Recovery R")
    assert (tile.value, tile.note) == ("0.70", "±\u00a00.00; of the way from teachers to T0")


def without_student(make_studies, path, seeds):
    """Studies of three seeds, in some of which no student could be made."""

    def told(row):
        if int(row["seed"]) not in seeds:
            return row | ({"value": 0.8} if row["kind"] == "pooled" else {})
        lost = row["kind"] == "derived" and row["model"] != "teacher-loss"
        return None if row["kind"] == "student" else row | ({"value": ""} if lost else {})

    folder = make_studies(path, arms=("open",), without=("own-domain", "cross-domain"))
    rewritten(folder / "open" / "benchmark" / "results.csv", told)
    return read_studies(folder)


def test_models_are_compared_over_the_seeds_that_all_have(make_studies, tmp_path):
    studies = without_student(make_studies, tmp_path / "DIR", {2, 3})
    first = findings(studies)[0]
    assert first.sentences[0] == (
        "No student could be made in 2 of 3 seeds; the figures here are those of the other one."
    )
    assert "reaches an MCC of 0.390 (1 of 3 seeds)" in first.sentences[1].replace("\u00a0", " ")
    assert "(random forest, the best of 2 kinds), has 0.800 (1 of 3 seeds)" in first.sentences[1].replace("\u00a0", " ")
    table = shown(losses.losses(studies), "Split of the loss, external")
    assert table["teacher loss"][0] == "0.300 (1 of 3 seeds)"
    assert table["recovery R"][0] == "0.667 (1 of 3 seeds)"
    bars = {trace["name"]: trace for trace in losses.losses(studies).drawn[0].plot["data"]}
    assert bars["T0"]["x"] == [0.8]
    points = shown(operating.operating(studies), "External set")
    assert points["student"][1] == "0.390 (1 of 3 seeds)"
    assert "seeds" not in points["T0"][1]


def test_without_any_student_nothing_is_said_of_one(make_studies, tmp_path):
    studies = without_student(make_studies, tmp_path / "DIR", {1, 2, 3})
    assert "no student could be made" in what_ran(studies)
    assert "learned" not in what_ran(studies)
    first = findings(studies)[0]
    assert (first.title, first.verdict) == ("No student could be made.", "none")
    assert first.sentences[0] == "No student could be made in any of the 3 seeds."
    assert not any("–" in sentence for sentence in first.sentences)
    assert [tile.name for tile in first.tiles] == ["Teachers, MCC", "Hybrids, MCC", "T0, MCC"]


@pytest.mark.parametrize(
    ("n", "active", "title"),
    [
        (4, 2, "Only 4 compounds"),
        (300, 6, "Only 6 active compounds"),
        (6, 6, "Only 6 compounds"),
        (300, 60, "The student"),
    ],
)
def test_few_compounds_conclude_nothing(make_studies, tmp_path, n, active, title):
    folder = make_studies(tmp_path / "DIR", arms=("open",), seeds=(1,))
    path = folder / "open" / "benchmark" / "predictions" / "seed-1.parquet"
    rows = [{"arm": "federation", "dataset": "external", "kind": "pooled", "active": i < active} for i in range(n)]
    pq.write_table(pa.Table.from_pylist([row | {"inchikey": "K", "probability": 0.1} for row in rows]), path)
    if n == active:
        undefined = {"dataset": "external", "metric": "mcc"}.items()
        change = lambda row: row | {"value": ""} if undefined <= row.items() else row  # noqa: E731
        rewritten(folder / "open" / "benchmark" / "results.csv", change)
        lacking = dict.fromkeys(("difference", "low", "high", "p", "p_holm", "p_t"), "")
        rewritten(folder / "comparisons.csv", lambda row: row | (lacking if row["dataset"] == "external" else {}))
    first = findings(read_studies(folder))[0]
    assert first.title.startswith(title)
    assert (first.verdict == "few") == (active < 10)
    assert not any("–" in sentence for sentence in first.sentences)


def test_one_seed_has_no_interval(make_studies, tmp_path):
    single = read_studies(make_studies(tmp_path / "DIR", arms=("open",), seeds=(4,)))
    assert shown(beside.beside_the_paper(single), "External set")["student"] == ["0.524 to 0.539", "0.420"]
    assert "There is one seed only" in compared.comparisons(single).lead[-1]
    assert "One virtual consortium (a single seed)" in what_ran(single)


def test_a_single_lab_is_a_folder_of_studies(folder):
    lab = read_studies(folder / "open")
    assert [arm.name for arm in lab.arms] == ["open"]
    assert lab.comparisons == ()
    for path in (folder, folder / "open"):
        found = read_results(path)
        assert found.run is None
        assert found.studies is not None
    with pytest.raises(MissingFileError):
        read_results(folder / "open" / "benchmark")


def test_a_run_with_studies_beside_it_shows_both(folder, make_run, tmp_path):
    lab = folder / "open"
    make_run(tmp_path / "run")
    for path in (tmp_path / "run").iterdir():
        shutil.copy(path, lab / path.name)
    page = render(read_results(lab))
    sections = re.findall(r'<section id="([^"]+)"', page)
    assert len(sections) == len(set(sections))
    assert {"cross-domain", "provenance", "run-provenance", "run-map"} <= set(sections)
    plots = re.findall(r'class="plot" id="([^"]+)"', page)
    assert len(plots) == len(set(plots))


def test_a_run_alone_in_its_lab_is_shown_as_a_run(folder, make_run, tmp_path):
    make_run(tmp_path / "run")
    lab = folder / "open"
    for name in ("lab.json", "benchmark"):
        (shutil.copytree if (lab / name).is_dir() else shutil.copy)(lab / name, tmp_path / "run" / name)
    table = tmp_path / "run" / "benchmark" / "results.csv"
    head, *lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join([head, *(line for line in lines if line.startswith("benchmark,1,"))]))
    found = read_results(tmp_path / "run")
    assert found.studies is None
    assert found.run is not None


def test_unfinished_studies_do_not_count(folder):
    (folder / "open" / "selection" / "study.json").unlink()
    assert [arm.name for arm in read_studies(folder).having("selection")] == ["paper-2025"]


@pytest.mark.parametrize(
    ("file", "was", "becomes", "said"),
    [
        ("results.csv", "benchmark,1,", "benchmark,one,", "column seed: 'one'"),
        ("results.csv", ",200\n", ",many\n", "column n_test: 'many'"),
        ("results.csv", "metric", "measure", "no column 'metric'"),
        ("study.json", "{", "[", "isn't JSON"),
        ("../../thresholds.csv", "open,2,", "open,two,", "column seed: 'two'"),
        ("../../thresholds.csv", ",0.41\n", ",high\n", "column mcc: 'high'"),
        ("../../comparisons.csv", ",first_arm,", ",arm,", "no column 'first_arm'"),
        ("../../comparisons.csv", ",3,400\n", ",,400\n", "column n_seeds: ''"),
        ("../../comparisons.csv", ",0.001,0.01,0.005,", ",0.001,small,0.005,", "column p_holm: 'small'"),
    ],
)
def test_damaged_files_are_named(folder, file, was, becomes, said):
    path = (folder / "open" / "benchmark" / file).resolve()
    path.write_text(path.read_text().replace(was, becomes, 1))
    with pytest.raises(InputError, match=said) as caught:
        read_studies(folder)
    assert str(path) in str(caught.value)


def test_an_empty_table_of_figures_is_refused(folder):
    path = folder / "open" / "benchmark" / "results.csv"
    path.write_text("\n")
    with pytest.raises(InputError, match="is empty") as caught:
        read_studies(folder)
    assert str(path) in str(caught.value)
    assert "Run the simulation again" not in str(caught.value)


def test_a_folder_without_studies_is_refused(tmp_path):
    with pytest.raises(MissingFileError, match="there is no folder"):
        read_studies(tmp_path / "none")
    with pytest.raises(MissingFileError, match="no finished study"):
        read_studies(tmp_path)
