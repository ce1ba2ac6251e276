"""The order of all studies, and what becomes of those that can't be made."""

import json
from pathlib import Path

import attrs
import pytest

from fluidmol.errors import InputError, OutputError, QuorumError, UsageError
from fluidmol.studies import paper as module
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.paper import ORDER, Arm, Paper, run_paper
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter


@pytest.fixture
def paper(tmp_path):
    for name in ("source.csv", "transfer.csv"):
        (tmp_path / name).write_text("smiles\n")
    charter = Charter.from_preset("paper-2025")
    sources = Sources(source=tmp_path / "source.csv", transfer=tmp_path / "transfer.csv")
    return Paper(arms=(Arm("a", charter), Arm("b", charter)), sources=sources, seeds=(3, 5))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "DIR"


def test_all_studies_but_three_are_run():
    # An ablation needs to be told of what, charters without privacy have no answer, and own-domain says it more fully.
    assert {*ORDER, "ablation", "privacy", "all-domains"} == set(STUDIES)


def test_seeds_come_first_so_that_there_is_something_of_everything_early(paper):
    plans = list(paper.plans())
    assert len(plans) == 2 * 2 * len(ORDER)
    assert [plan.seeds for _, plan in plans[: 2 * len(ORDER)]] == [(3,)] * 2 * len(ORDER)
    assert [arm.name for arm, _ in plans[: len(ORDER) + 1]] == ["a"] * len(ORDER) + ["b"]
    assert plans[-1][1].seeds == (3, 5)


def test_a_quick_look_leaves_out_what_takes_long(paper):
    plans = {plan.study.name: dict(plan.study.options) for _, plan in attrs.evolve(paper, quick=True).plans()}
    assert "selection" not in plans
    assert plans["benchmark"] == {"single_teachers": False}
    for name, settings in plans.items():
        STUDIES.build(module.Part(name, settings))


@pytest.mark.parametrize("name", ["", "a/b", "../a", ".a", "a.", "CON", "Report.html"])
def test_names_of_labs_are_names_of_folders(paper, name):
    with pytest.raises(UsageError):
        Paper(arms=(Arm(name, paper.arms[0].charter),), sources=paper.sources)


def test_two_labs_of_one_name_are_refused(paper):
    with pytest.raises(UsageError, match="'a'"):
        Paper(arms=(paper.arms[0], paper.arms[0]), sources=paper.sources)
    with pytest.raises(UsageError, match="'a'"):
        Paper(arms=(paper.arms[0], attrs.evolve(paper.arms[0], name="A")), sources=paper.sources)


def test_a_study_that_cannot_be_made_is_left_out_with_its_reason(paper, out):
    ran = []

    def run(plan, folder):
        ran.append((folder.name, plan.study.name, plan.seeds))
        if plan.study.name == "malicious":
            raise UsageError("2 of 2 partners are to be malicious")

    run_paper(paper, out, run)
    facts = json.loads((out / "paper.json").read_text())
    assert [(e["arm"], e["study"]) for e in facts["left_out"]] == [("a", "malicious"), ("b", "malicious")]
    assert "are to be malicious" in facts["left_out"][0]["reason"]
    assert {e["seed"] for e in facts["left_out"]} == {3}
    assert [entry["name"] for entry in facts["studies"]] == list(ORDER)
    assert ran.count(("a", "malicious", (3, 5))) == 0  # not asked again
    assert ran.count(("a", "benchmark", (3, 5))) == 1
    assert (out / "comparisons.csv").exists()
    assert (out / "thresholds.csv").exists()


@pytest.mark.parametrize("error", [QuorumError, InputError, UsageError])
def test_a_study_that_a_later_seed_makes_impossible_is_left_out_from_there_on(paper, out, error):
    ran = []

    def run(plan, folder):
        ran.append((folder.name, plan.study.name, plan.seeds))
        if plan.study.name == "cross-domain" and 5 in plan.seeds and folder.name == "a":
            raise error("seed 5: 1 of 3 partners have a teacher")

    run_paper(attrs.evolve(paper, seeds=(3, 5, 7)), out, run)
    (entry,) = json.loads((out / "paper.json").read_text())["left_out"]
    assert entry == {"arm": "a", "study": "cross-domain", "seed": 5, "reason": "seed 5: 1 of 3 partners have a teacher"}
    assert [seeds for arm, name, seeds in ran if (arm, name) == ("a", "cross-domain")] == [(3,), (3, 5)]
    assert ("b", "cross-domain", (3, 5, 7)) in ran
    assert (out / "comparisons.csv").exists()


def test_wrong_input_ends_it(paper, out):
    def run(_plan, _folder):
        raise InputError("no molecule can be read")

    with pytest.raises(InputError):
        run_paper(paper, out, run)


def test_finished_studies_are_not_run_again(paper, out, monkeypatch):
    monkeypatch.setattr(module, "is_finished", lambda plan, _folder: plan.study.name != "domain")
    ran = []
    run_paper(paper, out, lambda plan, _folder: ran.append(plan.study.name))
    assert set(ran) == {"domain"}


def test_a_folder_of_somebody_else_is_refused(paper, out):
    out.mkdir()
    (out / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match=r"thesis\.tex"):
        run_paper(paper, out, lambda *_: None)
    file = Path(out / "thesis.tex")
    with pytest.raises(OutputError, match="is a file"):
        run_paper(paper, file, lambda *_: None)
