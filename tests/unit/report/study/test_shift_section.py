"""The report on sources and distances: what stands in the table, and what is said of it."""

import math
from pathlib import Path

import pytest

from fluidmol.report.findings.shifted import shifted
from fluidmol.report.page import render
from fluidmol.report.read.frame import Frame, ResultRow
from fluidmol.report.read.result_files import Results
from fluidmol.report.read.studies import ArmResults, Result, Studies
from fluidmol.report.sections.shift import shift

NASTY = "<b>lab|A</b>"


def rows(by, group, gap, seed=1, teachers=0.7, clear=0.05, width=0.004):
    """Figures of one group, in ROC AUC; T0 has .9."""
    case = {"by": by, "group": group}

    def row(model, kind, value, low=math.nan, high=math.nan, metric="roc_auc", n_test=80):
        return ResultRow(seed, case, model, kind, "", "external", metric, value, low, high, 0, n_test)

    yield row("actives", "derived", 20, metric="actives")
    for model, kind, value in (
        ("T0", "pooled", 0.9), ("T0-same-make", "pooled_same_make", 0.88), ("student", "student", 0.9 + gap),
        ("ensemble", "control", 0.89), ("teacher-1", "teacher", teachers), ("hybrid-1", "hybrid", 0.91),
    ):  # fmt: skip
        yield row(model, kind, value)
    yield row("recovery", "derived", (0.9 + gap - teachers) / (0.9 - teachers))
    yield row("student-less-T0", "derived", gap, gap - width, gap + width)
    yield row("hybrids-less-T0", "derived", 0.01, -0.01, 0.03)
    yield row("T0-less-teachers", "derived", 0.9 - teachers, clear, 0.3)


def small(by, group, n):
    return ResultRow(1, {"by": by, "group": group}, group, "derived", "", "external", "too_small", n, n_test=n)


def made(*figures):
    result = Result("shift", {"study": "shift"}, Frame(row for some in figures for row in some), Path("shift"))
    arm = ArmResults("open", Path("open"), {"shift": result}, "")
    return Studies((arm,), {}, (), ())


def table(studies, title="open: ROC AUC"):
    tables = [t for part in shift(studies).parts for t in (*part.tables, *([part.table] if part.table else []))]
    found = next(t for t in tables if t.title.startswith(title))
    return {row[0].text: [cell.text.replace("\u00a0", " ") for cell in row[1:]] for row in found.rows}


def test_each_group_has_a_line_with_the_interval_over_molecules():
    studies = made(rows("all", "all", -0.01), rows("origin", NASTY, -0.03), rows("similarity", "below 0.4", 0.0))
    found = table(studies)
    assert list(found) == ["external set, whole", NASTY, "similarity below 0.4"]
    assert found[NASTY] == [
        "80", "20", "0.700", "0.890", "0.870", "0.910", "0.900", "0.880", "−0.030 (−0.034 to −0.026)",
        "+0.010 (−0.010 to +0.030)", "0.85",
    ]  # fmt: skip


def test_recovery_is_left_out_where_pooling_is_not_clearly_better():
    assert table(made(rows("origin", "a", -0.03, clear=-0.01)))["a"][-1] == "–"


def test_of_several_seeds_the_interval_is_over_seeds():
    studies = made(rows("origin", "a", -0.03, seed=1), rows("origin", "a", -0.01, seed=2))
    assert table(studies)["a"][8] == "−0.020 (−0.147 to +0.107)"


def test_sources_that_were_left_out_of_training_are_told_apart():
    left = [list(rows("left-out", "a", -0.03)), list(rows("left-out", "b", 0.0))]
    studies = made(rows("origin", "a", 0.0), *left)
    assert list(table(studies)) == ["a", "a, left out of training", "b, left out of training"]
    assert "all partners do without its compounds" in " ".join(shift(studies).lead)
    (finding,) = shifted(studies)
    assert finding.title == "The student keeps up with the best pooled model on 1 of 1 sources."
    assert any(text.startswith("Left out of training: a \u22120.030") for text in finding.sentences)
    (alone,) = shifted(made(*left))
    assert alone.title.endswith("on 1 of 2 sources that were left out of training.")
    said = " ".join(shift(made(*left)).lead)
    assert "no column that names sources" not in said
    assert "left out" not in " ".join(shift(made(rows("origin", "a", 0.0))).lead)


def test_what_was_too_small_and_what_has_no_sources_is_said():
    said = " ".join(shift(made(rows("similarity", "below 0.4", 0.0), [small("similarity", "from 0.6", 7)])).lead)
    assert "no column that names sources" in said
    assert "Too small to be judged (compounds): similarity from 0.6 (7)." in said
    some = [small("origin", f"lab {n}", n) for n in range(1, 11)]
    said = " ".join(shift(made(rows("origin", "a", 0.0), some)).lead)
    assert "no column" not in said
    assert "lab 10 (10), lab 9 (9)" in said
    assert "lab 3 (3), and 2 more." in said


@pytest.mark.parametrize(
    ("gaps", "verdict", "kept"),
    [
        ((-0.005, 0.02), "better", "2 of 2"),
        ((-0.015, 0.02), "partly", "1 of 2"),  # the interval ends at -.011
        ((-0.012, 0.02), "unclear", "1 of 2"),
        ((-0.03, -0.05), "worse", "0 of 2"),
    ],
)
def test_the_finding_counts_the_sources_on_which_the_student_keeps_up(gaps, verdict, kept):
    groups = [rows("origin", name, gap) for name, gap in zip("ab", gaps, strict=True)]
    (finding,) = shifted(made(rows("all", "all", -0.5), *groups, rows("similarity", "below 0.4", -0.5)))
    assert finding.verdict == verdict
    assert f"on {kept} sources" in finding.title
    behind = next((text for text in finding.sentences if text.startswith("Beyond chance")), "")
    assert bool(behind) == (verdict in ("partly", "worse"))


def test_without_sources_the_finding_is_about_distance():
    (finding,) = shifted(made(rows("similarity", "below 0.4", -0.5), rows("similarity", "from 0.6", 0.0)))
    assert finding.title.endswith("1 of 2 bands of similarity.")
    assert not list(shifted(made([small("similarity", "from 0.6", 7)])))


def test_where_nobody_studied_shift_there_is_nothing():
    studies = made()
    assert shift(studies) is None
    assert not list(shifted(studies))


def test_the_page_shows_names_of_sources_as_text():
    page = render(Results(None, made(rows("origin", NASTY, -0.03))))
    assert "Other sources, and farther away" in page
    assert "&lt;b&gt;lab|A&lt;/b&gt;" in page
    assert NASTY not in page
