"""Charts are valid plotly, say what the run says, and survive odd runs."""

import json

import attrs
import numpy as np
import plotly.graph_objects as go
import pytest

from fluidmol.report.figures.benchmark import benchmark
from fluidmol.report.figures.calibration_curve import calibration
from fluidmol.report.figures.contribution import contribution
from fluidmol.report.figures.distributions import label_distribution, model_distributions
from fluidmol.report.figures.space import space
from fluidmol.report.read.run import read_run
from fluidmol.report.style import COLOURS


def _all(run):
    charts = [contribution(run), label_distribution(run), space(run)]
    for dataset in run.datasets:
        charts += [benchmark(run, dataset), calibration(run, dataset), *model_distributions(run, dataset)]
    return charts


def _bar(chart, name):
    return next(trace for trace in chart.plot["data"] if trace["type"] == "bar" and trace["name"].startswith(name))


def test_every_chart_is_valid_plotly_and_plain_json(run):
    charts = _all(run)
    assert len(charts) == 15
    assert len({chart.key for chart in charts}) == len(charts)
    for chart in charts:
        go.Figure(chart.plot)  # refuses unknown properties
        json.dumps(chart.plot, allow_nan=False)
        assert len(chart.alt) > 20
        assert chart.caption


def test_bars_and_whiskers_are_the_metrics(run):
    bars = _bar(benchmark(run, "external"), "Hybrid")
    scores = run.of("external", "hybrid")
    assert bars["y"] == [round(score.mcc, 4) for score in scores]
    top = [score.figures["mcc_high"] for score in scores]
    np.testing.assert_allclose(np.add(bars["y"], bars["error_y"]["array"]), top, atol=2e-4)
    assert bars["marker"]["color"] == COLOURS["hybrid"]


def test_undefined_figures_leave_a_gap(run):
    blank = tuple(attrs.evolve(s, figures=dict.fromkeys(s.figures, float("nan"))) for s in run.scores)
    bars = _bar(benchmark(attrs.evolve(run, scores=blank), "external"), "Teacher")
    assert bars["y"] == [None, None, None]


def test_benchmark_without_partners_shows_what_is_shared(run):
    shared = tuple(score for score in run.scores if score.kind in {"student", "pooled"})
    chart = benchmark(attrs.evolve(run, scores=shared), "external")
    assert chart.plot["layout"]["xaxis"]["ticktext"] == ["student", "T0"]


def test_contributions_are_mean_shares_that_sum_to_one(run):
    bars = _bar(contribution(run), "All labels")
    assert sum(bars["y"]) == pytest.approx(1, abs=1e-3)
    assert bars["y"][0] == pytest.approx(run.labels.shares["partner-1"].mean(), abs=1e-4)


def test_contributions_ignore_molecules_on_which_nobody_spoke(run):
    shares = {name: np.where(np.arange(len(share)) == 0, np.nan, share) for name, share in run.labels.shares.items()}
    told = contribution(attrs.evolve(run, labels=attrs.evolve(run.labels, shares=shares)))
    assert None not in _bar(told, "All labels")["y"]


def test_histograms_hold_every_compound(run):
    chart = model_distributions(run, "external")[0]
    for trace in chart.plot["data"]:
        assert sum(trace["y"][:-1]) == pytest.approx(1, abs=2e-3)


def test_reliability_is_found_in_the_bin_that_was_said(run):
    judged = attrs.evolve(
        run.judged["external"],
        active=np.arange(600) % 4 == 0,
        said=dict.fromkeys(run.judged["external"].said, np.full(600, 0.25)),
    )
    chart = calibration(attrs.evolve(run, judged={"external": judged}), "external")
    student = next(trace for trace in chart.plot["data"] if trace["name"] == "Student")
    assert (student["x"], student["y"], student["customdata"]) == ([0.25], [0.25], [600])


def test_calibration_hides_points_of_few_predictions(run):
    said = np.where(np.arange(600) < 5, 0.95, 0.15)
    judged = attrs.evolve(run.judged["external"], said=dict.fromkeys(run.judged["external"].said, said))
    chart = calibration(attrs.evolve(run, judged={"external": judged}), "external")
    student = next(trace for trace in chart.plot["data"] if trace["name"] == "Student")
    assert student["x"] == [0.15]


def test_the_map_is_thinned_but_keeps_every_group(run):
    n = 20_000
    rows = np.arange(n) % len(run.points.x)
    points = attrs.evolve(
        run.points,
        x=run.points.x[rows],
        y=run.points.y[rows],
        group=run.points.group[rows],
        active=tuple(run.points.active[row] for row in rows),
    )
    chart = space(attrs.evolve(run, points=points))
    assert sum(len(trace["x"]) for trace in chart.plot["data"]) < 6100
    assert len(chart.plot["data"]) == 6
    assert "One point in 4" in chart.caption


def test_the_map_sorts_partners_as_people_do(run):
    names = np.array([f"partner-{10 - i % 10}" for i in range(len(run.points.x))])
    chart = space(attrs.evolve(run, points=attrs.evolve(run.points, group=names)))
    assert [trace["name"] for trace in chart.plot["data"]] == [f"partner-{i}" for i in range(1, 11)]


def test_the_map_never_draws_with_webgl(run):
    assert {trace["type"] for trace in space(run).plot["data"]} == {"scatter"}


def test_names_are_escaped_for_plotly(run):
    scores = tuple(attrs.evolve(score, partner=score.partner and "<b>&") for score in run.scores)
    assert (
        "&lt;b&gt;&amp;" in benchmark(attrs.evolve(run, scores=scores), "external").plot["layout"]["xaxis"]["ticktext"]
    )


def test_partners_that_lack_a_model_are_named_so(run):
    scores = tuple(score for score in run.scores if score.model != "teacher-2")
    chart = benchmark(attrs.evolve(run, scores=scores), "external")
    names = chart.plot["layout"]["xaxis"]["ticktext"][:4]
    assert names == ["partner-1", "partner-2<br>(no teacher)", "partner-3", "partner-x<br>(no models)"]
    assert "what a partner doesn't have" in chart.caption


def test_bars_of_zero_and_undefined_ones_are_marked(run):
    values = {"teacher-1": 0.0, "teacher-2": float("nan")}
    scores = tuple(
        attrs.evolve(s, figures={**s.figures, "mcc": values.get(s.model, s.mcc)}) if s.dataset == "external" else s
        for s in run.scores
    )
    chart = benchmark(attrs.evolve(run, scores=scores), "external")
    go.Figure(chart.plot)
    notes = chart.plot["layout"]["annotations"]
    assert [(note["text"], note["x"]) for note in notes] == [("0", pytest.approx(-0.2)), ("–", pytest.approx(0.8))]
    (line,) = chart.plot["layout"]["shapes"]
    assert line["x0"] < notes[0]["x"] < line["x1"]
    assert benchmark(run, "external").plot["layout"]["annotations"] == []


def test_labels_that_the_student_learned_from_are_not_shown_twice(run):
    everything = np.ones(len(run.labels.value), dtype=bool)
    learned = attrs.evolve(run, labels=attrs.evolve(run.labels, selected=everything))
    for draw in (contribution, label_distribution):
        shown, before = ({trace["name"] for trace in draw(which).plot["data"]} for which in (learned, run))
        assert before - shown == {"Labels the student learned from"}
        assert "went into the student" in draw(learned).caption


def test_many_partners_differ_on_the_map(run):
    names = np.array([f"partner-{i % 24}" for i in range(len(run.points.x))])
    chart = space(attrs.evolve(run, points=attrs.evolve(run.points, group=names)))
    go.Figure(chart.plot)
    looks = [(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in chart.plot["data"]]
    assert len(set(looks)) == 24
    for hue in {colour for colour, _ in looks}:  # of one colour, none are told apart by their outline alone
        assert len({symbol.split("-open")[0] for colour, symbol in looks if colour == hue}) == 3


def test_calibration_of_few_compounds_says_so(make_run, tmp_path):
    few = read_run(make_run(tmp_path / "run", partners=1, n=12, external=False))
    chart = calibration(few, "validation")
    go.Figure(chart.plot)
    assert [trace["name"] for trace in chart.plot["data"]] == ["Perfect calibration"]
    assert chart.plot["layout"]["annotations"][0]["text"] == "Too few predictions to draw"
    assert "12 compounds only" in chart.caption
    assert "Student; Hybrids, mean; T0 (pooled)" in chart.caption
