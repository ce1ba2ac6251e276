"""Means over partners first, then over seeds."""

import math

import numpy as np

from fluidmol.cli.study_output import with_interval
from fluidmol.studies.lab.cells import Cells, FinishedCell
from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.results import results_csv
from fluidmol.studies.lab.study import CellPredictions, Row
from fluidmol.studies.lab.summary import DOMAINS, summarise


def row(model, kind, value, dataset="external", metric="mcc", partner=""):
    return Row(model, kind, partner, dataset, metric, value)


def cell(seed, *rows, **case):
    return FinishedCell("0" * 64, seed, case, 1.0, rows)


def test_partners_are_averaged_within_a_seed():
    done = [
        cell(1, row("hybrid-1", "hybrid", 0.2), row("hybrid-2", "hybrid", 0.4)),
        cell(2, row("hybrid-1", "hybrid", 0.5)),
    ]
    (line,) = summarise(done)
    assert line.model == "hybrids' mean"
    # The mean of .3 and .5, not of three figures.
    assert math.isclose(line.over_seeds.mean, 0.4)
    assert line.over_seeds.n == 2
    half = 12.7062047 * np.std([0.3, 0.5], ddof=1) / math.sqrt(2)
    assert math.isclose(line.over_seeds.high, 0.4 + half, rel_tol=1e-6)


def test_cases_are_lines_unless_they_are_averaged_over():
    done = [cell(1, row("student", "student", value, name), left_out=name) for name, value in (("a", 0.1), ("b", 0.3))]
    assert len(summarise(done)) == 2
    (line,) = summarise(done, over=["left_out"])
    assert (line.case, line.dataset) == ((), DOMAINS)
    assert math.isclose(line.over_seeds.mean, 0.2)


def test_undefined_figures_are_left_out():
    done = [cell(1, row("student", "student", math.nan)), cell(2, row("student", "student", 0.3))]
    (line,) = summarise(done)
    assert (line.over_seeds.mean, line.over_seeds.n, line.n_seeds) == (0.3, 1, 2)
    assert math.isnan(line.over_seeds.low)


def test_the_terminal_says_on_how_many_seeds_a_mean_stands():
    pooled = [cell(seed, row("T0", "pooled", 0.3)) for seed in (1, 2, 3)]
    done = [*pooled, cell(1, row("student", "student", 0.5)), cell(3, row("student", "student", 0.5))]
    lines = {line.model: with_interval(line) for line in summarise(done)}
    assert lines == {"T0": "0.300 [0.300, 0.300]", "student": "0.500 [0.500, 0.500] (2 of 3 seeds)"}


def test_models_come_by_kind():
    done = [cell(1, row("recovery", "derived", 0.1), row("student", "student", 0.2), row("T0", "pooled", 0.3))]
    assert [line.model for line in summarise(done)] == ["T0", "student", "recovery"]


def test_the_long_table():
    done = [
        cell(1, Row("student", "student", "", "external", "mcc", 0.5, 0.4, 0.6, 10, 20), arm="federation", size=100),
        cell(2, row("T0", "pooled", math.nan), arm="x"),
    ]
    assert results_csv("demo", done).splitlines() == [
        "study,seed,arm,size,model,kind,partner,dataset,metric,value,low,high,n_train,n_test",
        "demo,1,federation,100,student,student,,external,mcc,0.500000,0.400000,0.600000,10,20",
        "demo,2,x,,T0,pooled,,external,mcc,,,,0,0",
    ]


def test_a_cell_is_read_as_it_was_written(tmp_path):
    cells = Cells(tmp_path, "study")
    key = cells.key(3, {"size": 100, "share": 0.5, "hard": True})
    said = CellPredictions("T0", "pooled", "", "external", ("A", "B"), np.array([True, False]), np.array([0.7, 0.1]))
    rows = (row("T0", "pooled", np.float64(0.5)), derived("loss", "external", "mcc", math.nan))
    written = cells.write(key, 3, {"size": 100, "share": 0.5, "hard": True}, 1.0, [*rows, said])
    read = cells.read(key)
    assert (read.seed, read.case) == (written.seed, written.case)
    assert list(map(repr, read.rows)) == list(map(repr, rows))
    table = cells.predictions(read).to_pydict()
    columns = "seed size share hard dataset inchikey active model kind partner probability"
    assert list(table) == columns.split()
    assert table["probability"] == [0.7, 0.1]
    (tmp_path / f"{key}.json").write_text('{"seed": 3')
    assert cells.read(key) is None


def test_means_of_a_kind():
    rows = [row("teacher-1", "teacher", 0.2), row("teacher-2", "teacher", 0.4), row("T0", "pooled", 0.9)]
    assert math.isclose(figure(rows, "external", "mcc", kind="teacher"), 0.3)
    assert figure(rows, "external", "mcc", model="T0") == 0.9
    assert math.isnan(figure(rows, "validation", "mcc", model="T0"))
