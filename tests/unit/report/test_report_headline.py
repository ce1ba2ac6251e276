"""The headline says no more than the run shows."""

import csv
import math

import attrs
import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from fluidmol.cli.outcome import print_outcome
from fluidmol.report.figures.distributions import model_distributions
from fluidmol.report.findings.caveats import far_labels, too_few
from fluidmol.report.findings.gains import Gain, compare, mcc
from fluidmol.report.findings.headline import summarise
from fluidmol.report.findings.run_findings import findings, what_ran
from fluidmol.report.read.run import read_run


def _text(finding):
    return " ".join(finding.sentences)


def test_mcc_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    truth = rng.random(200) < 0.3
    called = rng.random((200, 4)) < 0.4
    called[:, 3] = True  # undefined: 0 by convention
    counts = rng.multinomial(200, np.full(200, 1 / 200), size=3)
    expected = [
        [matthews_corrcoef(np.repeat(truth, row), np.repeat(called[:, i], row)) for i in range(4)] for row in counts
    ]
    np.testing.assert_allclose(mcc(counts, truth, called), expected, atol=1e-12)


def test_a_clear_gain_is_stated_with_its_interval(run):
    found = compare(run, "external")
    assert found.gain.verdict == "better"
    assert found.gain.low < found.gain.mean < found.gain.high
    assert found.gain.mean == pytest.approx(found.hybrid - found.teacher)
    assert found.gain.mean == pytest.approx(np.mean([gain.mean for gain in found.by_partner.values()]))
    first = findings(run)[0]
    assert (first.where, first.title) == ("External set", "The federation helped.")
    assert f"{found.hybrid:.3f}" in _text(first)
    assert f"+{found.gain.low:.3f} to +{found.gain.high:.3f}" in _text(first)
    assert "of the way from the teachers' to it" in _text(first)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    # Teacher and hybrid of equal skill: the interval of the difference should hold 0 in 95 of 100 sets.
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        truth = rng.random(150) < 0.4
        called = np.where(rng.random((150, 2)) < 0.75, truth[:, None], ~truth[:, None])
        spread = mcc(rng.multinomial(150, np.full(150, 1 / 150), size=400), truth, called)
        low, high = np.quantile(spread[:, 1] - spread[:, 0], [0.025, 0.975])
        held += low <= 0 <= high
    assert 88 <= held <= 100


def test_no_gain_is_said_so(make_run, tmp_path):
    run = read_run(make_run(tmp_path / "run", skill={"hybrid": 1.0}, n=120, external=False))
    (only,) = findings(run)
    assert only.verdict == "unclear"
    assert only.title == "No gain can be shown."
    assert "could be chance" in _text(only)
    assert "close" not in _text(only)


def test_harm_is_said_so(make_run, tmp_path):
    run = read_run(make_run(tmp_path / "run", skill={"hybrid": 0.1, "teacher": 2.5}))
    assert findings(run)[0].title == "The federation made models worse."
    assert "a loss" in _text(findings(run)[0])


def test_predictions_at_another_operating_point_give_no_interval(run):
    shifted = {
        name: attrs.evolve(judged, said={model: said * 0.5 for model, said in judged.said.items()})
        for name, judged in run.judged.items()
    }
    found = compare(attrs.evolve(run, judged=shifted), "external")
    assert found.gain.verdict == "unknown"
    assert math.isnan(found.gain.low)
    assert found.gain.mean > 0
    assert "No interval can be given" in _text(findings(attrs.evolve(run, judged=shifted))[0])


def test_predictions_of_a_model_may_be_missing(run):
    judged = {name: attrs.evolve(j, said={"T0": j.said["T0"]}) for name, j in run.judged.items()}
    assert compare(attrs.evolve(run, judged=judged), "external").gain.verdict == "unknown"


def test_without_hybrids_nothing_is_claimed(run):
    alone = attrs.evolve(run, scores=tuple(score for score in run.scores if score.kind != "hybrid"))
    assert compare(alone, "external") is None
    assert findings(alone)[0].verdict == "none"
    assert "can't be stated" in _text(findings(alone)[0])


def test_undefined_figures_count_as_zero_and_are_mentioned(folder):
    with (folder / "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if row["model"] == "teacher-1":
            row["mcc"] = row["mcc_low"] = row["mcc_high"] = ""
    with (folder / "metrics.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    first = findings(read_run(folder))[0]
    assert "The MCC of 1 of these models is undefined" in _text(first)


def test_a_ceiling_below_the_hybrids_is_not_called_a_distance(make_run, tmp_path):
    run = read_run(make_run(tmp_path / "run", skill={"pooled": 1.4}))
    assert "the hybrids' mean is not below it" in _text(findings(run)[0])
    low = read_run(make_run(tmp_path / "low", skill={"pooled": 0.2}))
    assert "not more than the teachers' mean" in _text(findings(low)[0])


def test_comparison_is_reproducible(run):
    assert compare(run, "external") == compare(run, "external")


def test_what_ran_counts_partners_and_declines(run):
    told = what_ran(run)
    assert "4 virtual partners" in told
    assert "1 of 4 partners declined" in told


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.01, 0.1, "better"), (-0.2, -0.1, "worse"), (-0.1, 0.1, "unclear")]
)
def test_verdicts(low, high, verdict):
    assert Gain((low + high) / 2, low, high).verdict == verdict


def _as_taught(run, told):
    """Let some hybrids say what their teachers say."""
    judged = {}
    for name, j in run.judged.items():
        said = {m: j.said[m.replace("hybrid-", "teacher-")] if m in told else s for m, s in j.said.items()}
        judged[name] = attrs.evolve(j, said=said)
    figures = {(s.dataset, s.model): s.figures for s in run.scores}
    scores = tuple(
        attrs.evolve(s, figures=figures[s.dataset, s.model.replace("hybrid-", "teacher-")]) if s.model in told else s
        for s in run.scores
    )
    return attrs.evolve(run, scores=scores, judged=judged)


def test_a_gain_that_some_partners_lack_is_qualified(run):
    first = findings(_as_taught(run, {"hybrid-2"}))[0]
    assert first.title == "On average the federation helped; clearly for 2 of 3 partners."
    assert first.verdict == "partly"
    assert findings(run)[0].verdict == "better"


def test_a_student_behind_the_teachers_is_mentioned(make_run, tmp_path, run):
    behind = "The MCC of the student alone is below the teachers' mean."
    first = findings(read_run(make_run(tmp_path / "run", skill={"student": 0.1})))[0]
    assert behind in first.sentences
    assert first.verdict == "partly"
    assert behind not in findings(run)[0].sentences


@pytest.mark.parametrize(
    ("labels", "train", "told"),
    [
        (0.024, 0.45, "2.4\u00a0% of the federated labels say active, against 45\u00a0% of the training compounds"),
        (0.0, 0.45, "None of the federated labels"),
        (0.0001, 0.45, "Less than 0.1\u00a0% of"),
        (0.95, 0.3, "95\u00a0% of the federated labels say active, against 30\u00a0%"),
        (0.16, 0.45, ""),
        (0.89, 0.3, ""),
        (None, 0.45, ""),
        ("?", 0.45, ""),
    ],
)
def test_labels_far_from_the_training_compounds_are_mentioned(run, labels, train, told):
    said = far_labels(attrs.evolve(run, facts={"prevalence": {"labels": labels, "train": train}}))
    assert said.startswith(told)
    assert bool(said) == bool(told)


def one_class(run):
    """The run with an external set of six actives."""
    judged, names = run.judged["external"], ("mcc", "mcc_low", "mcc_high", "mcc_matched", "roc_auc")
    six = attrs.evolve(judged, active=np.ones(6, bool), said={name: said[:6] for name, said in judged.said.items()})
    undefined = dict.fromkeys(names, math.nan)
    scores = tuple(
        attrs.evolve(s, n_test=6, figures={**s.figures, **undefined}) if s.dataset == "external" else s
        for s in run.scores
    )
    return attrs.evolve(run, scores=scores, judged={**run.judged, "external": six})


def test_a_set_of_one_class_gives_no_figure(run):
    alike = one_class(run)
    assert compare(alike, "external") is None
    first, second = findings(alike)
    assert (first.title, first.verdict, first.tiles) == ("Only 6 compounds: too few to conclude anything.", "few", ())
    assert "neither MCC nor ROC AUC" in _text(first)
    assert second == findings(run)[1]
    lines = {line.kind: line for line in summarise(alike) if line.dataset == "external"}
    assert set(lines) >= {"teacher", "student", "pooled"}
    assert all(math.isnan(v) for line in lines.values() for v in (line.mcc, line.low, line.high, line.roc_auc))
    assert "–" not in " ".join(chart.alt for chart in model_distributions(alike, "external"))
    assert attrs.evolve(alike, judged={}).one_class("external")
    assert not attrs.evolve(run, judged={}).one_class("external")


def test_the_terminal_shows_a_dash_for_a_set_of_one_class(run, folder, monkeypatch, capsys):
    monkeypatch.setattr("fluidmol.report.read.run.read_run", lambda _: one_class(run))
    monkeypatch.setenv("COLUMNS", "160")
    print_outcome(folder)
    said = capsys.readouterr().out
    (line,) = (line for line in said.splitlines() if line.startswith("T0 (pooled)"))
    assert line.split()[2:4] == ["–", "–"]
    assert "nan" not in said
    assert "Gain by taking part, validation" in said
    assert "Gain by taking part, external" not in said


def test_a_model_that_calls_all_the_same_still_counts_as_no_better_than_chance(run):
    score = next(score for score in run.of("external", "student"))
    said = {name: 0 * s if name == score.model else s for name, s in run.judged["external"].said.items()}
    undefined = {**score.figures, **dict.fromkeys(("mcc", "mcc_low", "mcc_high"), math.nan)}
    same = attrs.evolve(
        run,
        scores=tuple(attrs.evolve(s, figures=undefined) if s is score else s for s in run.scores),
        judged={**run.judged, "external": attrs.evolve(run.judged["external"], said=said)},
    )
    (line,) = (line for line in summarise(same) if (line.kind, line.dataset) == ("student", "external"))
    assert line.mcc == 0


def test_few_compounds_conclude_nothing(make_run, tmp_path):
    run = read_run(make_run(tmp_path / "run", n=12, external=False, skill={"pooled": 0.2}))
    (only,) = findings(run)
    assert (only.title, only.verdict) == ("Only 12 compounds: too few to conclude anything.", "few")
    assert "pooling" not in _text(only)
    assert "better" not in _text(only)
    assert "a difference of" in _text(only)


def test_few_of_a_class_conclude_nothing(run):
    judged = run.judged["external"]
    for n, told in (
        (0, "No active compounds"),
        (1, "Only 1 active compound:"),
        (9, "Only 9 active compounds"),
        (10, ""),
    ):
        some = {"external": attrs.evolve(judged, active=np.arange(600) < n)}
        said = too_few(attrs.evolve(run, judged=some), "external")
        assert said.startswith(told)
        assert bool(said) == bool(told)
    most = {"external": attrs.evolve(judged, active=np.arange(600) > 4)}
    assert "Only 5 inactive compounds" in too_few(attrs.evolve(run, judged=most), "external")


def test_under_privacy_the_opinions_are_those_of_noisy_models(run):
    assert "noisy" not in what_ran(run)
    private = attrs.evolve(run, charter='[privacy]\nname = "gaussian"\nepsilon = 4.0\ndelta = 1e-05\n')
    assert "a second, noisy model, with a proof of privacy (epsilon 4 at delta 1e-05" in what_ran(private)
