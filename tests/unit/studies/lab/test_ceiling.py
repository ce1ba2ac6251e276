"""T0 is the best of several kinds of pooled models, chosen without any test set, and says which kind it is."""

import math
from types import SimpleNamespace

import attrs
import numpy as np
import pytest

from fluidmol.errors import CharterError
from fluidmol.learning.estimators import STUDENTS
from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.lab import ceiling
from fluidmol.studies.lab.ceiling import (
    KINDS_TRIED,
    PooledTrial,
    best_pooled,
    check_kinds,
    highest,
    pooled_kinds,
    tried,
)
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.simulation import chosen_ceiling
from fluidmol.values.parts import Part
from fluidmol.values.results import CV_AUC, CV_MCC

QUICK = {"random-forest": Part("random-forest", {"trees": 10}), "logistic": Part("logistic", {"strength": 0.05})}


@pytest.fixture(autouse=True)
def quick_kinds(monkeypatch):
    monkeypatch.setattr(ceiling, "KINDS_TRIED", {**KINDS_TRIED, **QUICK})


@pytest.fixture
def trials(monkeypatch):
    """Lets a test say what cross-validation finds."""

    def say(**areas):
        def made(lab, kinds):
            parts = ceiling.competing(lab.charter, kinds)
            return [
                PooledTrial(k, p, {CV_AUC: areas.get(k.replace("-", "_"), 0.5), CV_MCC: 0.1}) for k, p in parts.items()
            ]

        monkeypatch.setattr(ceiling, "tried", made)

    return say


def test_the_best_kind_is_t0(lab, trials):
    trials(logistic=0.9, random_forest=0.8)
    model, rows = best_pooled(lab, ("random-forest", "logistic"))
    assert (model.model, model.kind, model.n_train) == ("T0", "pooled", len(lab.everything))
    asked = lab.dataset("external").compounds
    known = ceiling.fit_pooled(lab.everything, lab.charter, QUICK["logistic"])
    np.testing.assert_array_equal(model.predict(asked), known.predict(asked))
    assert not np.array_equal(model.predict(asked), lab.pooled().predict(asked))
    assert {r.model: r.value for r in rows if r.metric == "taken"} == {
        "same-make": 0,
        "random-forest": 0,
        "logistic": 1,
    }
    assert {(r.kind, r.dataset) for r in rows} == {("derived", "training")}


def test_the_teachers_make_is_t0_where_nothing_beats_it(lab, trials):
    trials(same_make=0.9, logistic=0.9)
    model, rows = best_pooled(lab, ("logistic",))
    assert (model.model, model.kind) == ("T0", "pooled")
    assert model.key == lab.pooled().key, "the same model is fitted twice"
    assert [r.model for r in rows if (r.metric, r.value) == ("taken", 1)] == ["same-make"]


def test_nothing_is_cross_validated_where_nothing_competes(lab, monkeypatch):
    monkeypatch.setattr(ceiling, "tried", None)
    assert best_pooled(lab, ())[0].key == lab.pooled().key
    linear = Lab(attrs.evolve(lab.consortium, charter=attrs.evolve(lab.charter, teacher=QUICK["logistic"])), lab.store)
    model, rows = best_pooled(linear, ("logistic",))
    assert model.key == linear.pooled().key
    assert [(row.model, row.metric, row.value) for row in rows] == [("same-make", "taken", 1.0)]


def test_undefined_areas_never_win():
    found = [PooledTrial(name, Part("logistic"), {CV_AUC: area}) for name, area in (("a", math.nan), ("b", 0.1))]
    assert highest(found).kind == "b"
    assert highest(found[:1]).kind == "a"


def test_each_compound_is_predicted_by_models_that_have_not_seen_it(lab, monkeypatch):
    learnt, asked = [], []
    real, judge = ceiling.fit_pooled, ceiling.judge

    def seen(assay, charter, part, rows=None):
        learnt.append(set(assay.compounds.take(rows.tolist()).skeletons))
        asked.append(set(assay.compounds.skeletons) - learnt[-1])
        return real(assay, charter, part, rows)

    monkeypatch.setattr(ceiling, "fit_pooled", seen)
    judged = []
    monkeypatch.setattr(ceiling, "judge", lambda active, said: judged.append(len(active)) or judge(active, said))
    found = tried(lab, ("logistic",))
    assert [trial.kind for trial in found] == ["same-make", "logistic"]
    assert len(learnt) == 2 * ceiling.FOLDS
    assert sum(judged) == 2 * len(lab.everything)
    assert set().union(*asked[: ceiling.FOLDS]) == set(lab.everything.compounds.skeletons)


def test_no_test_set_has_a_part_in_the_choice(consortium, store, tmp_path):
    found = tried(Lab(consortium, store), ("logistic",))
    turned = {name: Assay(known.compounds, 1 - known.outcome[:, 0]) for name, known in consortium.benchmarks.items()}
    elsewhere = ArrayStore(tmp_path / "elsewhere")  # what was kept would be the same for a bad reason
    assert tried(Lab(attrs.evolve(consortium, benchmarks=turned), elsewhere), ("logistic",)) == found
    assert all(0 <= trial.figures[CV_AUC] <= 1 for trial in found)


def test_the_choice_is_kept(lab, monkeypatch):
    found = tried(lab, ("random-forest",))
    monkeypatch.setattr(ceiling, "fit_pooled", None)
    assert tried(Lab(lab.consortium, lab.store), ("random-forest",)) == found


def test_other_compounds_and_seeds_are_other_choices(lab):
    fold_facts = ceiling._fold_facts(lab, QUICK["logistic"], 0)
    fewer = attrs.evolve(lab.consortium, assays={"ada": lab.assays["ada"], "bob": lab.assays["bob"]})
    assert ceiling._fold_facts(Lab(fewer, lab.store), QUICK["logistic"], 0) != fold_facts
    seeded = attrs.evolve(lab.consortium, charter=attrs.evolve(lab.charter, seed=7))
    assert ceiling._fold_facts(Lab(seeded, lab.store), QUICK["logistic"], 0) != fold_facts


def test_folds_without_a_model_leave_the_kind_undefined(consortium, store):
    one = {name: Assay(a.compounds, np.ones(len(a))) for name, a in consortium.assays.items()}
    found = tried(Lab(attrs.evolve(consortium, assays=one), store), ("logistic",))
    assert all(math.isnan(trial.figures[CV_AUC]) for trial in found)
    assert highest(found).kind == "same-make"


@pytest.mark.parametrize("study", ["benchmark", "ablation", "own-domain"])
def test_unknown_kinds_are_refused(study):
    with pytest.raises(CharterError, match="no kind 'forest'"):
        STUDIES.build(Part(study, {"ceiling": "forest"}))


def test_kinds_are_read():
    assert pooled_kinds("") == pooled_kinds(" none ") == ()
    assert pooled_kinds("lightgbm,lightgbm") == ("lightgbm",)


def test_what_is_not_installed_is_told_before_anything_is_computed(lab, monkeypatch):
    from fluidmol.learning.estimators import chemprop  # noqa: PLC0415

    monkeypatch.setattr(chemprop, "NEEDED", ("no_such_module_here",))
    check_kinds(lab.charter, ("random-forest",))
    with pytest.raises(Exception, match="chemprop") as found:
        check_kinds(lab.charter, ("chemprop",))
    assert type(found.value).__name__ == "UnavailableError"


def test_a_run_tells_how_t0_was_chosen(lab, trials):
    trials(logistic=0.9, same_make=math.nan)
    _, rows = best_pooled(lab, ("logistic",))
    assert chosen_ceiling(rows) == [
        {"kind": "same-make", "cv_roc_auc": None, "cv_mcc": 0.1, "taken": 0.0},
        {"kind": "logistic", "cv_roc_auc": 0.9, "cv_mcc": 0.1, "taken": 1.0},
    ]


class ByLength:
    """An estimator of structures: a long SMILES is active."""

    reads_structures = True

    def fit(self, smiles, target, weight, seed):
        assert all(isinstance(text, str) for text in smiles)
        assert len(smiles) == len(target)
        return self

    def predict(self, smiles):
        return np.array([min(len(text), 100) / 100 for text in smiles])


def test_a_kind_may_read_structures(lab, monkeypatch):
    built = SimpleNamespace(build=lambda part: ByLength() if part.name == "chemprop" else STUDENTS.build(part))
    monkeypatch.setattr(ceiling, "STUDENTS", built)
    asked = lab.dataset("external").compounds
    known = ceiling.fit_pooled(lab.everything, lab.charter, Part("chemprop"))
    np.testing.assert_allclose(known.predict(asked), [min(len(text), 100) / 100 for text in asked.smiles])
    assert {trial.kind for trial in tried(lab, ("chemprop",))} == {"same-make", "chemprop"}
