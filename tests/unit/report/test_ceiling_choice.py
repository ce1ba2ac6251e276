"""Which kind of pooled model T0 is, in words."""

import json
import math

import attrs

from fluidmol.report.findings.ceiling_choice import ceiling_choice, of_facts
from fluidmol.report.findings.headline import summarise
from fluidmol.report.findings.run_findings import findings
from fluidmol.report.page import render
from fluidmol.report.read.result_files import Results
from fluidmol.report.read.run import read_run


def chosen(*kinds):
    for taken in kinds:
        for kind, area in (("same-make", 0.86), ("random-forest", 0.88)):
            yield kind, "cv_roc_auc", area
            yield kind, "cv_mcc", 0.5
            yield kind, "taken", float(kind == taken)


def test_one_choice():
    found = ceiling_choice(chosen("random-forest"))
    assert found.kind == "random forest"
    assert not found.of_same_make
    assert found.sentence().endswith("random forest (random forest 0.880, same make as teachers 0.860).")


def test_seeds_may_choose_differently():
    found = ceiling_choice(chosen("same-make", "random-forest", "random-forest"))
    assert found.kind == "random forest 2 of 3 times, same make as teachers 1 of 3 times"
    assert ceiling_choice(chosen("same-make", "same-make")).of_same_make


def test_where_nothing_was_chosen_nothing_is_said():
    assert ceiling_choice([("student", "mcc", 0.5)]) is None
    assert of_facts([]) is None


def test_where_nothing_competed_that_is_said():
    found = ceiling_choice([("same-make", "taken", 1.0)])
    assert found.note == "same make as teachers"
    assert found.sentence() == "T0 is the pooled model of the teachers' make; no other kind was tried."
    assert found.brief() == "T0: same make as teachers; no other kind of pooled model was tried."


def test_undefined_areas_come_last():
    found = of_facts(
        [{"kind": "lightgbm", "cv_roc_auc": None, "taken": 0.0}, {"kind": "same-make", "cv_roc_auc": 0.5, "taken": 1.0}]
    )
    assert math.isnan(found.areas["lightgbm"])
    assert found.sentence().endswith("(same make as teachers 0.500, gradient boosting –).")


def test_a_run_says_which_kind_t0_is(folder):
    path = folder / "provenance.json"
    facts = json.loads(path.read_text())
    assert "the best of 2 kinds" not in " ".join(findings(read_run(folder))[0].sentences)
    facts["t0"] = [
        {"kind": "same-make", "cv_roc_auc": 0.86, "cv_mcc": 0.5, "taken": 0.0},
        {"kind": "lightgbm", "cv_roc_auc": 0.88, "cv_mcc": 0.6, "taken": 1.0},
    ]
    path.write_text(json.dumps(facts))
    run = read_run(folder)
    first = findings(run)[0]
    assert "T0 (gradient boosting, the best of 2 kinds)" in " ".join(first.sentences)
    (tile,) = (tile for tile in first.tiles if tile.kind == "pooled")
    assert tile.note == "all data pooled: gradient boosting, the best of 2 kinds"
    assert "gradient boosting 0.880, same make as teachers 0.860" in render(Results(run, None))


def test_the_same_make_has_no_row_of_its_own_where_it_is_t0(run):
    assert {"pooled", "pooled_same_make"} <= {line.kind for line in summarise(run)}
    same = {
        dataset: attrs.evolve(j, said={**j.said, "T0-same-make": j.said["T0"]}) for dataset, j in run.judged.items()
    }
    kinds = {line.kind for line in summarise(attrs.evolve(run, judged=same))}
    assert "pooled" in kinds
    assert "pooled_same_make" not in kinds
