"""The study of applicability domains, on a small chemistry and against direct counts."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.learning.conformal import Conformal
from fluidmol.learning.metrics import judge
from fluidmol.studies.analyses import STUDIES, candidates
from fluidmol.studies.analyses.candidates import HeldOutFederation
from fluidmol.studies.analyses.inside import asked_domain
from fluidmol.studies.analyses.worth import figures_of_worth
from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.values.parts import Part


@pytest.fixture(scope="module")
def lab(quick_charter, transfer, assays, benchmark_assay, tmp_path_factory):
    benchmarks = {"validation": benchmark_assay}
    consortium = Consortium(charter=quick_charter, transfer=transfer, assays=assays, benchmarks=benchmarks)
    return Lab(consortium, ArrayStore(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def found(lab):
    study = STUDIES.build(Part("domain", {"folds": 4, "calibration_folds": 4, "hybrid_folds": 3}))
    return {(cell.case["arm"], cell.case["domain"]): cell.run() for cell in study.cells(lab)}


def value(rows, model, dataset, metric):
    (row,) = [r for r in rows if (r.model, r.dataset, r.metric) == (model, dataset, metric)]
    return row.value


def test_every_arm_and_domain_is_a_cell(found):
    each = ("fragments", "neighbours", "probability")
    assert list(found) == [*(("federation", d) for d in each), *(("held-out", d) for d in (*each, "conformal"))]


def test_every_model_is_judged(found):
    models = {row.model for row in found["federation", "probability"] if row.kind != "derived"}
    parts = ("ada", "bob", "cleo")
    assert models == {
        "T0-same-make",
        "T0-hybrid",
        "student",
        *(f"{k}-{p}" for k in ("teacher", "hybrid") for p in parts),
    }


def test_strict_domains_are_of_what_models_learnt_from(lab, found, assays, transfer, benchmark_assay):
    asked = benchmark_assay.compounds
    labels = lab.labels()
    chosen = FragmentDomain.fit(transfer.take([int(i) for i in lab.chosen(labels)]))
    own = FragmentDomain.fit(assays["ada"].compounds)
    rows = found["federation", "fragments"]
    before, after = own.covers(asked), (own | chosen).covers(asked)
    assert value(rows, "teacher-ada", "validation", "coverage") == before.mean()
    assert value(rows, "hybrid-ada", "validation", "coverage") == after.mean() > before.mean()
    assert value(rows, "student", "validation", "coverage") == chosen.covers(asked).mean()
    assert value(rows, "hybrid-ada", "validation", "brought_in") == pytest.approx((after & ~before).mean())
    everybody = FragmentDomain.fit(lab.everything.compounds)
    assert value(rows, "T0-same-make", "validation", "coverage") == everybody.covers(asked).mean()
    assert value(rows, "T0-hybrid", "validation", "coverage") == (everybody | chosen).covers(asked).mean()


def test_metrics_inside_and_on_what_was_brought_in(lab, found, assays, transfer, benchmark_assay):
    asked, active = benchmark_assay.compounds, benchmark_assay.active
    labels = lab.labels()
    own = FragmentDomain.fit(assays["bob"].compounds)
    after = (own | FragmentDomain.fit(transfer.take([int(i) for i in lab.chosen(labels)]))).covers(asked)
    new = after & ~own.covers(asked)
    rows = found["federation", "fragments"]
    hybrid, teacher = (m.predict(asked) for m in (lab.hybrid("bob", labels), lab.teacher("bob")))
    for name, inside, probability in (
        ("mcc_inside", after, hybrid),
        ("mcc_outside", ~after, hybrid),
        ("mcc_brought_in", new, hybrid),
        ("teacher_mcc_brought_in", new, teacher),
    ):
        expected = judge(active[inside], probability[inside])["mcc"] if inside.any() else np.nan
        assert value(rows, "hybrid-bob", "validation", name) == pytest.approx(expected, nan_ok=True)


def test_means_are_over_partners(found):
    rows = found["federation", "neighbours"]
    values = [r.value for r in rows if (r.kind, r.metric) == ("hybrid", "mcc_inside")]
    assert value(rows, "hybrids inside", "validation", "mcc") == pytest.approx(np.nanmean(values))


def test_nobody_has_seen_what_is_held_out(lab):
    federation = HeldOutFederation(lab, 4, 4, 0)
    known = {key for assay in federation.lab.assays.values() for key in assay.compounds.inchikeys}
    for name, held in federation.lab.consortium.benchmarks.items():
        assert not known & set(held.compounds.inchikeys), name
    whole = {key for assay in lab.assays.values() for key in assay.compounds.inchikeys}
    held = {  # type: ignore[assignment]
        k for n, h in federation.lab.consortium.benchmarks.items() if n != "validation" for k in h.compounds.inchikeys
    }
    assert known | held == whole


def test_calibration_predicts_each_compound_by_a_model_that_hasnt_seen_it(lab, tmp_path, monkeypatch):
    federation = HeldOutFederation(Lab(lab.consortium, ArrayStore(tmp_path)), 4, 4, 3)
    fitted = []
    for place in ("Teacher", "Hybrid"):
        cls = getattr(__import__("fluidmol.studies.lab.lab", fromlist=[place]), place)
        original = cls.fit

        def spy(assay, *more, original=original):
            fitted.append(set(assay.compounds.inchikeys))
            return original(assay, *more)

        monkeypatch.setattr(cls, "fit", spy)
    for candidate in federation.candidates():
        fitted.clear()
        candidate.who.n_train  # noqa: B018 - fitted before
        fitted.clear()
        conformal = candidate.calibrate()
        assert isinstance(conformal, Conformal)
        if candidate.own:
            size = sum(len(part) for part in candidate.own)
            assert len(fitted) == (3 if candidate.federated else 4)
            assert all(len(seen) < size for seen in fitted)
            assert set.intersection(*fitted) == set()
            assert len(conformal.active) == size


def test_conformal_figures_are_those_of_the_sets(lab, found):
    federation = HeldOutFederation(lab, 4, 4, 3)
    (candidate,) = [c for c in federation.candidates() if c.who.model == "teacher-ada"]
    truth = federation.lab.dataset("held-out-ada")
    sets = candidate.calibrate().sets(candidate.who.predict(truth.compounds), 0.8)
    rows = found["held-out", "conformal"]
    held = sets[np.arange(len(truth)), truth.active.astype(int)].mean()
    assert value(rows, "teacher-ada", "held-out-ada", "set_coverage_80") == held
    assert value(rows, "teacher-ada", "held-out-ada", "efficiency_80") == (sets.sum(axis=1) == 1).mean()
    assert value(rows, "teacher-ada", "held-out-ada", "coverage") == (sets.sum(axis=1) == 1).mean()
    active = truth.active
    for side, flags in (("active", active), ("inactive", ~active)):
        expected = sets[flags, int(side == "active")].mean()
        assert value(rows, "teacher-ada", "held-out-ada", f"set_coverage_80_{side}") == pytest.approx(expected)


def test_conformal_score_is_confidence(lab):
    federation = HeldOutFederation(lab, 4, 4, 3)
    candidate = next(iter(federation.candidates()))
    ask = asked_domain("conformal", federation, candidate, 0.8)
    said = ask(candidate.own[0].compounds, np.linspace(0, 1, 41))
    conformal = candidate.calibrate()
    np.testing.assert_allclose(said.score, 1 - conformal.p_values(np.linspace(0, 1, 41)).min(axis=1))
    assert said.score[0] > said.score[20] < said.score[40]


def test_a_hybrid_knows_the_chosen_transfer_molecules(lab):
    federation = HeldOutFederation(lab, 4, 4, 0)
    teacher, hybrid = (c for c in federation.candidates() if c.who.partner == "ada" and c.own)
    asked, nothing = federation.chosen, np.full(len(federation.chosen), 0.5)
    scores = [asked_domain("neighbours", federation, c, 0.8)(asked, nothing).score for c in (teacher, hybrid)]
    assert np.all(scores[1] == 1)
    assert scores[0].mean() < 1


def test_the_student_is_calibrated_at_each_partner(found):
    rows = [row for row in found["held-out", "conformal"] if row.kind == "student" and row.metric == "set_coverage_80"]
    asked = {(row.partner, row.dataset) for row in rows}
    assert asked == {(p, d) for p in ("ada", "bob", "cleo") for d in (f"held-out-{p}", "validation")}


def test_compounds_of_one_skeleton_calibrate_together(lab, monkeypatch):
    seen = []
    monkeypatch.setattr(candidates, "out_of_fold", lambda active, *more: seen.append(more[-1]) or np.zeros(len(active)))
    federation = HeldOutFederation(lab, 4, 4, 3)
    for candidate in federation.candidates():
        if candidate.own:
            candidate.calibrate()
            assert len(seen[-1]) == sum(len(part) for part in candidate.own)
    assert seen[0] == federation.lab.assays["ada"].compounds.skeletons


def test_without_folds_hybrids_have_no_conformal_sets(lab):
    study = STUDIES.build(Part("domain", {"folds": 4, "calibration_folds": 4, "hybrid_folds": 0}))
    (cell,) = [cell for cell in study.cells(lab) if cell.case["domain"] == "conformal"]
    kinds = {row.kind for row in cell.run()}
    assert kinds == {"teacher", "student", "pooled_same_make", "derived"}


def test_a_partner_too_small_for_a_domain_is_left_out_with_a_warning(lab, caplog):
    small = attrs.evolve(lab.consortium, assays={**lab.assays, "dot": lab.assays["ada"].take(np.arange(1))})
    federation = HeldOutFederation(Lab(small, lab.store), 4, 4, 0)
    assert "dot" not in federation.lab.partners
    assert [c for c in federation.candidates() if c.who.partner == "ada"]


def test_worth_of_a_good_score_beats_that_of_a_bad_one():
    rng = np.random.default_rng(2)
    active = rng.random(400) < 0.4
    correct = rng.random(400) < 0.75
    probability = np.where(active == correct, 0.8, 0.2)
    good, bad = correct + rng.normal(0, 0.4, 400), rng.normal(0, 1, 400)
    one, other = (figures_of_worth(active, probability, score, score > 0.5) for score in (good, bad))
    assert one["mcc_inside"] > one["mcc_outside"] + 0.3
    for name in ("mcc_at_25", "mcc_at_50", "coverage_at_error_10"):
        assert one[name] > other[name]
    assert one["aurc"] < other["aurc"]
    assert one["error_inside"] == pytest.approx(np.mean(~correct[good > 0.5]))
    assert one["error_outside"] == pytest.approx(np.mean(~correct[good <= 0.5]))
    assert one["error"] == other["error"] == pytest.approx(1 - correct.mean())


def test_probability_needs_no_compounds(lab):
    federation = HeldOutFederation(lab, 4, 4, 0)
    candidate = next(iter(federation.candidates()))
    said = asked_domain("probability", federation, candidate, 0.8)(candidate.own[0].compounds, np.array([0.9, 0.5]))
    assert said.inside.tolist() == [True, False]
