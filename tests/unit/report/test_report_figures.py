"""Charts are valid plotly, say what the run says, and survive odd runs."""

import json

import attrs
import numpy as np
import plotly.graph_objects as go
import pytest

from fluidmol.report.figures.benchmark import benchmark
from fluidmol.report.figures.calibration import calibration
from fluidmol.report.figures.contribution import contribution
from fluidmol.report.figures.distributions import label_distribution, model_distributions
from fluidmol.report.figures.space import space
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
