"""The paper's analyses on a small consortium: what each cell judges, and that it means what it says."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import CharterError, QuorumError
from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.ablation import Ablation, variations, varied
from fluidmol.studies.analyses.controls import fixed_rows, logp, only, ranked, shuffled
from fluidmol.studies.analyses.folds import folds
from fluidmol.studies.analyses.losses import losses
from fluidmol.studies.analyses.student_size import numbers, spread_out
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import CellPredictions, Row
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

OURS = (
    "ablation",
    "benchmark",
    "cross-domain",
    "leave-one-out",
    "own-domain",
    "selection",
    "student-size",
    "teacher-count",
    "teacher-cv",
)


def run(lab, name, **settings):
    """All findings of a study, by case."""
    study = STUDIES.build(Part(name, settings))
    return {tuple(cell.case.values()): cell.run() for cell in study.cells(lab)}


def models(findings, dataset=None):
    return {item.model for item in findings if isinstance(item, CellPredictions) and dataset in (None, item.dataset)}


def mcc(findings, model, dataset="external", metric="mcc"):
    (value,) = [
        r.value for r in findings if isinstance(r, Row) and (r.model, r.dataset, r.metric) == (model, dataset, metric)
    ]
    return value


@pytest.mark.parametrize("name", OURS)
def test_studies_say_what_they_ask(name):
    study = STUDIES.build(Part(name))
    assert study.title
    assert study.question.endswith("?")
    assert isinstance(study.over, tuple)


def test_benchmark(lab):
    found = run(lab, "benchmark")
    whole = found["federation",]
    names = ("ada", "bob", "cleo")
    expected = {
        "T0",
        "T0-same-make",
        "T0-hybrid",
        "student",
        "ensemble",
        *(f"{role}-{n}" for role in ("teacher", "hybrid") for n in names),
    }
    assert models(whole, "validation") == models(whole, "external") == expected
    assert models(found["single-teacher",]) == {f"student-of-{n}" for n in names}
    assert {r.partner for r in found["single-teacher",]} == set(names)
    # 40 rows for the student and 70 compounds in the pool: so it can be restricted.
    assert {r.n_train for r in found["pooled-restricted",] if isinstance(r, Row)} == {40}
    # The quick charter selects all molecules, with hard labels as they are: then the controls differ in labels alone.
    for arm, model in (("shuffled-labels", "student-shuffled"), ("logp-labels", "student-logp")):
        assert models(found[arm,]) == {model}
        assert {r.n_train for r in found[arm,] if isinstance(r, Row)} == {40}


def test_without_controls_there_is_one_arm(lab):
    assert list(run(lab, "benchmark", controls=False)) == [("federation",)]
    study = STUDIES.build(Part("benchmark", {"single_teachers": False}))
    assert "single-teacher" not in {cell.case["arm"] for cell in study.cells(lab)}


@pytest.mark.parametrize("ceiling", ["random-forest,lightgbm,logistic", "none"])
def test_losses_add_up(lab, ceiling):
    found = run(lab, "benchmark", controls=False, ceiling=ceiling)["federation",]
    for dataset in lab.benchmarks:
        for metric in ("mcc", "roc_auc"):
            loss = {
                name: mcc(found, name, dataset, metric)
                for name in ("total-loss", "learner-loss", "federation-loss", "distillation-loss", "teacher-loss")
            }
            best, same, student = (mcc(found, name, dataset, metric) for name in ("T0", "T0-same-make", "student"))
            assert math.isclose(loss["total-loss"], best - student, abs_tol=1e-9)
            assert math.isclose(loss["learner-loss"], best - same, abs_tol=1e-9)
            split = loss["learner-loss"] + loss["federation-loss"] + loss["distillation-loss"]
            assert math.isclose(split, loss["total-loss"], abs_tol=1e-9)


def test_recovery():
    rows = [
        Row(name, kind, "", "external", "mcc", value)
        for name, kind, value in (
            ("T0", "pooled", 0.8),
            ("T0-same-make", "pooled_same_make", 0.6),
            ("student", "student", 0.5),
            ("ensemble", "control", 0.58),
            ("teacher-1", "teacher", 0.3),
            ("teacher-2", "teacher", 0.5),
        )
    ]
    found = {r.model: r.value for r in losses(rows, ["external"]) if r.metric == "mcc"}
    assert math.isclose(found["recovery"], 0.25)  # from .4 a quarter of the way to .8
    assert math.isclose(found["recovery-same-make"], 0.5)  # and half of it to .6
    assert math.isclose(found["teacher-loss"], 0.4)
    assert math.isclose(found["learner-loss"], 0.2)
    assert math.isclose(found["federation-loss"], 0.02)  # like with like: .6 less .58
    assert all(math.isnan(r.value) for r in losses(rows, ["external"]) if r.metric == "roc_auc")


@pytest.mark.parametrize(("ceiling", "student"), [(0.3, 0.2), (0.4, 0.5), (0.3, 0.35)])
def test_no_recovery_where_pooling_brings_nothing(ceiling, student):
    models = (
        ("T0", "pooled"),
        ("T0-same-make", "pooled_same_make"),
        ("student", "student"),
        ("ensemble", "control"),
        ("teacher-1", "teacher"),
    )
    values = (ceiling, ceiling, student, 0.5, 0.4)
    rows = [Row(*model, "", "external", "mcc", value) for model, value in zip(models, values, strict=True)]
    found = {r.model: r.value for r in losses(rows, ["external"]) if r.metric == "mcc"}
    assert math.isnan(found["recovery"])
    assert math.isnan(found["recovery-same-make"])
    assert math.isclose(found["total-loss"], ceiling - student)


def test_the_split_has_all_terms_or_none():
    figures = (
        ("T0", "pooled", 0.6),
        ("T0-same-make", "pooled_same_make", 0.6),
        ("ensemble", "control", 0.5),
        ("teacher-1", "teacher", 0.4),
    )
    rows = [Row(name, kind, "", "external", "mcc", value) for name, kind, value in figures]
    found = {r.model: r.value for r in losses(rows, ["external"]) if r.metric == "mcc"}
    assert math.isclose(found.pop("teacher-loss"), 0.2)
    assert all(math.isnan(value) for value in found.values())


def test_cross_domain_judges_others_on_the_domain_left_out(lab):
    found = run(lab, "cross-domain")
    assert list(found) == [("ada",), ("bob",), ("cleo",)]
    for (name,), findings in found.items():
        others = {"ada", "bob", "cleo"} - {name}
        assert {item.dataset for item in findings} == {name}
        assert models(findings) == {"student", "ensemble", *(f"{r}-{o}" for r in ("teacher", "hybrid") for o in others)}
        teachers = np.mean([mcc(findings, f"teacher-{o}", name) for o in others])
        assert math.isclose(mcc(findings, "student-gain", name), mcc(findings, "student", name) - teachers)


@pytest.mark.parametrize("name", ["cross-domain", "leave-one-out"])
def test_somebody_must_remain_where_one_is_left_out(consortium, store, name):
    only_ada = {n: a if n == "ada" else Assay(a.compounds, np.ones(len(a))) for n, a in consortium.assays.items()}
    with pytest.raises(QuorumError, match="1 of 3 partners have a teacher"):
        run(Lab(attrs.evolve(consortium, assays=only_ada), store), name)


def test_teacher_cv_says_something_about_every_compound_once(lab):
    (findings,) = run(lab, "teacher-cv").values()
    said = [item for item in findings if isinstance(item, CellPredictions)]
    assert {item.model: len(item.active) for item in said} == {f"teacher-{n}": len(a) for n, a in lab.assays.items()}
    for item in said:
        assert set(item.inchikeys) == set(lab.assays[item.partner].compounds.inchikeys)
        seen = lab.teacher(item.partner).predict(lab.assays[item.partner].compounds)
        assert not np.array_equal(item.probability, seen), "these are predictions of compounds that the model has seen"


def test_folds_keep_skeletons_together(chemistry):
    fold = folds(chemistry.compounds, 5, 1, "ada")
    assert set(fold) == set(range(5))
    place = {}
    for skeleton, k in zip(chemistry.compounds.skeletons, fold, strict=True):
        assert place.setdefault(skeleton, k) == k
    assert not np.array_equal(fold, folds(chemistry.compounds, 5, 2, "ada"))


def test_own_domain_holds_out_before_anybody_learns(lab, monkeypatch):
    from fluidmol.partner.teacher import Teacher  # noqa: PLC0415

    seen = []
    real = Teacher.fit.__func__
    monkeypatch.setattr(Teacher, "fit", classmethod(lambda cls, a, c, n: seen.append((n, a)) or real(cls, a, c, n)))
    (findings,) = run(lab, "own-domain").values()
    held = {item.dataset: set(item.inchikeys) for item in findings if isinstance(item, CellPredictions)}
    assert set(held) == {f"held-out-{name}" for name in ("ada", "bob", "cleo")}
    for name, assay in seen:
        taught = set(assay.compounds.inchikeys)
        assert all(not taught & keys for dataset, keys in held.items() if name in (dataset[9:], "pooled")), name
    assert models(findings, "held-out-ada") == {"student", "T0", "T0-same-make", "teacher-ada", "hybrid-ada"}


def test_leave_one_out_and_teacher_count_share_students(lab):
    alone = run(lab, "leave-one-out")
    assert list(alone) == [("",), ("ada",), ("bob",), ("cleo",)]
    counted = run(lab, "teacher-count")
    assert [case[1] for case in counted] == [1, 2, 3]
    assert mcc(alone["",], "student") == mcc(counted[1, 3], "student")
    assert models(run(lab, "leave-one-out", hybrids=True)["ada",]) == {
        "student",
        "ensemble",
        "hybrid-bob",
        "hybrid-cleo",
    }


def test_student_size_counts_rows(lab):
    found = run(lab, "student-size", sizes="20,60,500")
    rows = {(case, r.model): r.n_train for case, findings in found.items() for r in findings if isinstance(r, Row)}
    assert rows == {
        ((20,), "student"): 20,
        ((20,), "T0-same-make"): 20,
        ((60,), "T0-same-make"): 60,
        ((0,), "student"): 40,
        ((0,), "T0-same-make"): 70,
    }


def test_smaller_draws_are_parts_of_larger_ones():
    active = np.random.default_rng(1).random(200) < 0.2
    order = spread_out(active, 3)
    assert sorted(order) == list(range(200))
    for n in (20, 50, 100):
        assert abs(active[order][:n].mean() - active.mean()) <= 1 / n + 1e-9


@pytest.mark.parametrize("text", ["", "5", "100,x", "-100"])
def test_sizes_that_are_none(text):
    with pytest.raises(CharterError, match="sizes"):
        numbers(text)


def test_selection_has_all_modes_twice(lab):
    found = run(lab, "selection", size=10)
    assert len(found) == 12
    for (mode, _), findings in found.items():
        assert {r.n_train for r in findings if isinstance(r, Row)} == {40 if mode == "all" else 10}


def test_ablation_varies_the_charter(lab):
    found = run(lab, "ablation", vary="aggregation=weighted-mean,log-odds; selection.hard=true,false")
    assert list(found) == [("weighted-mean", True), ("weighted-mean", False), ("log-odds", True), ("log-odds", False)]
    assert mcc(found["weighted-mean", True], "T0") == mcc(found["log-odds", False], "T0")
    one, other = (
        next(i for i in found[case] if isinstance(i, CellPredictions) and i.model == "student").probability
        for case in (("weighted-mean", False), ("log-odds", False))
    )
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("", "nothing is varied"),
        ("weighting.pwer=2", "no option 'pwer'"),
        ("weighting.power=-1", "weighting"),
        ("weighing.power=2", "no part 'weighing'"),
        ("weighting.power", "varies nothing"),
        ("aggregation=median", "unknown aggregation"),
        ("student.trees=many", "whole number"),
    ],
)
def test_variants_that_are_no_charter_are_found_before_any_work(vary, said):
    with pytest.raises(CharterError, match=said):
        Ablation(vary=vary).check(Charter.from_preset("paper-2025"))


def test_a_part_named_anew_starts_from_its_defaults():
    charter = Charter.from_preset("paper-2025")
    changed = varied(charter, {"student.rounds": 7, "student": "lightgbm"})
    assert changed.student == Part("lightgbm", {"rounds": 7})
    assert attrs.evolve(changed, student=charter.student) == charter
    assert variations("student=a,a") == {"student": ("a",)}


def test_values_of_one_field_are_joined():
    assert variations("weighting.power=4,2; student=a; weighting.power=2,6") == {
        "weighting.power": (4, 2, 6),
        "student": ("a",),
    }
    assert variations("teacher.name=logistic; teacher=lightgbm") == {"teacher": ("logistic", "lightgbm")}


class TestControls:
    def test_shuffled_labels_are_the_same_labels(self, lab):
        labels = lab.labels()
        rows = np.arange(0, 40, 2)
        changed = shuffled(labels, rows, np.random.default_rng(1))
        assert not np.array_equal(changed.value[rows], labels.value[rows])
        np.testing.assert_array_equal(np.sort(changed.value[rows], axis=0), np.sort(labels.value[rows], axis=0))
        assert np.isnan(changed.value[1::2]).all()

    def test_ranked_labels_follow_the_score(self, lab):
        labels, rows = lab.labels(), np.arange(40)
        score = logp(lab, rows)
        assert len(np.unique(score)) > 20
        changed = ranked(labels, rows, score)
        order = np.argsort(score, kind="stable")
        assert np.all(np.diff(changed.value[order, 0]) >= 0)
        np.testing.assert_array_equal(np.sort(changed.value, axis=0), np.sort(labels.value, axis=0))

    def test_dropped_labels_are_chosen_by_nobody(self, lab):
        rows = np.array([3, 5, 8])
        kept = only(lab.labels(), rows)
        assert lab.chosen(kept, fixed_rows(lab.charter)).tolist() == [3, 5, 8]

    def test_controls_take_the_rows_that_the_charter_takes(self, lab):
        balanced = attrs.evolve(lab.charter, selection=Part("balanced", {"size": 10}))
        labels = lab.labels()
        rows = lab.chosen(labels, balanced)
        changed = shuffled(labels, rows, np.random.default_rng(1))
        np.testing.assert_array_equal(lab.chosen(changed, fixed_rows(balanced)), rows)
