"""The split of what the student lacks, in the report of a single run."""

import numpy as np
import pytest

from fluidmol.report.page import render
from fluidmol.report.read.result_files import Results
from fluidmol.report.read.run import read_run
from fluidmol.report.sections.run_losses import losses


def read(table):
    return {row[0].text: [float(cell.sort or "nan") for cell in row[1:-1]] for row in table.rows}


def test_losses_add_up(run):
    found = read(losses(run))
    split = ["learner loss", "federation loss", "distillation loss"]
    shares = ["recovery", "the same, against T0-same-make"]
    assert list(found) == ["teacher loss", "total loss", *split, *shares]
    np.testing.assert_allclose(found["total loss"], np.sum([found[name] for name in split], axis=0), atol=1e-9)
    mean = np.mean([score.mcc for score in run.of("external", "teacher")])
    (pooled,), (student,) = run.of("external", "pooled"), run.of("external", "student")
    assert found["teacher loss"][0] == pytest.approx(pooled.mcc - mean)
    assert found["recovery"][0] == pytest.approx((student.mcc - mean) / (pooled.mcc - mean))
    (same,) = run.of("external", "pooled_same_make")
    assert found[shares[1]][0] == pytest.approx((student.mcc - mean) / (same.mcc - mean)) != found["recovery"][0]


def test_a_run_from_before_t0_was_chosen_has_no_learner_loss(folder):
    path = folder / "metrics.csv"
    lines = [line for line in path.read_text().splitlines(keepends=True) if ",pooled_same_make," not in line]
    path.write_text("".join(lines))
    found = read(losses(read_run(folder)))
    assert found["learner loss"] == [0] * len(found["learner loss"])
    assert found["recovery"] == found["the same, against T0-same-make"]


def test_no_recovery_where_pooling_would_not_have_helped(make_run, tmp_path):
    found = read(losses(read_run(make_run(tmp_path / "run", skill={"teacher": 3.0, "pooled": 0.5}))))
    assert found["teacher loss"][0] < 0
    assert all(np.isnan(found["recovery"]))


def test_the_page_shows_the_split(run):
    assert "Where is the distance to T0 lost?" in render(Results(run, None))


def test_without_an_ensemble_nothing_is_split(folder):
    path = folder / "metrics.csv"
    lines = [line for line in path.read_text().splitlines(keepends=True) if ",control," not in line]
    path.write_text("".join(lines))
    run = read_run(folder)
    assert losses(run) is None
    assert "Where is the distance to T0 lost?" not in render(Results(run, None))
