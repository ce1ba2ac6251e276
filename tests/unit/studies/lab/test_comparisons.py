"""What follows from several studies' predictions: comparisons and thresholds."""

import csv
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.errors import InputError
from fluidmol.learning.metrics import judge
from fluidmol.learning.statistics.corrections import holm
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.studies.lab.comparisons import write_comparisons
from fluidmol.studies.lab.model_predictions import ModelPredictions, answers, by_seed, predictions_digest
from fluidmol.studies.lab.operating import thresholds, write_thresholds

SKILL = {"teacher": 0.1, "student": 0.6, "hybrid": 0.6, "pooled": 0.6, "control": 0.6}
MODELS = (
    ("teacher-1", "teacher", "p1"), ("teacher-2", "teacher", "p2"), ("hybrid-1", "hybrid", "p1"),
    ("hybrid-2", "hybrid", "p2"), ("student", "student", ""), ("T0", "pooled", ""), ("ensemble", "control", ""),
)  # fmt: skip


def said(seed, dataset, skill, n=150):
    rng = np.random.default_rng([seed, len(dataset), int(100 * skill)])
    truth = np.random.default_rng(len(dataset)).random(n) < 0.4
    keys = [f"{dataset}-{i}" for i in range(n)]
    return keys, truth, np.clip(0.5 + skill * (truth - 0.5) + rng.normal(0, 0.25, n), 0, 1)


def write(folder, seed, case, models):
    parts = []
    for model, kind, partner, dataset, lift in models:
        keys, truth, probability = said(seed, dataset, SKILL[kind] + lift)
        n = len(keys)
        columns = {"seed": [seed] * n, **{name: [value] * n for name, value in case.items()}, "dataset": [dataset] * n}
        columns |= {"inchikey": keys, "active": truth, "model": [model] * n, "kind": [kind] * n}
        parts.append(pa.table(columns | {"partner": [partner] * n, "probability": probability}))
    (folder / "predictions").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables(parts), folder / "predictions" / f"seed-{seed}.parquet")


def replace(told, path, **columns):
    """Put other columns in place of some, and write the table."""
    for name, values in columns.items():
        told = told.set_column(told.column_names.index(name), name, pa.array(values))
    pq.write_table(told, path)
    return told


@pytest.fixture
def out(tmp_path):
    """Two labs, three seeds: the second lab's student is better, its second partner's hybrid worse."""
    for arm, lift in (("first", 0.0), ("second", 0.5)):
        for seed in (1, 2, 10):
            plus = {"student": lift, "hybrid-2": -0.6 * bool(lift)}
            public = [(m, k, p, d, plus.get(m, 0.0)) for m, k, p in MODELS for d in ("external", "validation")]
            write(tmp_path / arm / "benchmark", seed, {"arm": "federation"}, public)
            own = [(m, k, p, f"held-out-{p}", plus.get(m, 0.0)) for m, k, p in MODELS if p]
            shared = [(m, k, p, f"held-out-{q}", 0.0) for m, k, p in MODELS if not p for q in ("p1", "p2")]
            write(tmp_path / arm / "own-domain", seed, {"fold": 1}, own + shared)
    return tmp_path


def labs(out, *names):
    return {name: out / name for name in names}


def table(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_answers_come_back_one_a_model_in_order_of_seeds(out):
    found = answers(out / "first" / "benchmark")
    assert len(found) == 3 * len(MODELS) * 2
    assert list(dict.fromkeys(answer.seed for answer in found)) == [1, 2, 10]
    first = found[0]
    assert (first.model, first.dataset, first.case) == ("teacher-1", "external", {"arm": "federation"})
    keys, truth, probability = said(1, "external", SKILL["teacher"])
    assert first.said.molecules.tolist() == keys
    assert np.array_equal(first.said.active, truth)
    assert np.array_equal(first.said.probability, probability)
    assert {answer.kind for answer in answers(out / "first" / "benchmark", lambda kind: kind == "hybrid")} == {"hybrid"}
    assert answers(out / "nothing") == []
    assert {seed: len(models) for seed, models in by_seed(found[:4]).items()} == {1: 4}


@pytest.mark.parametrize("name", ["seed-old", "seed-1 (copy)", "seed-1-2", "seed-01", "seed-"])
def test_only_files_that_are_named_as_ours_are_read(out, name):
    study = out / "first" / "benchmark"
    before, digest = answers(study), predictions_digest(study)
    shutil.copy(study / "predictions" / "seed-1.parquet", study / "predictions" / f"{name}.parquet")
    assert [repr(answer) for answer in answers(study)] == [repr(answer) for answer in before]
    assert predictions_digest(study) == digest


def test_damaged_predictions_are_named(out):
    path = out / "first" / "benchmark" / "predictions" / "seed-2.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"seed-2\.parquet"):
        answers(path.parents[1])


def test_methods_are_compared_within_and_between_labs(out):
    rows = table(write_comparisons(out, labs(out, "first", "second")))
    found = {
        (r["dataset"], r["metric"], r["first_arm"], r["first"], r["second_arm"], r["second"]): r
        for r in rows
        if not r["partner"]
    }
    better = found["external", "mcc", "first", "student", "first", "teachers' mean"]
    assert float(better["difference"]) > 0.2
    assert float(better["p"]) < 0.05
    assert float(better["low"]) < float(better["difference"]) < float(better["high"])
    assert (better["n_seeds"], better["n_molecules"]) == ("3", "150")
    between = found["validation", "roc_auc", "second", "student", "first", "student"]
    assert float(between["difference"]) > 0.02
    same = found["external", "mcc", "second", "T0", "first", "T0"]
    assert float(same["difference"]) == 0
    assert float(same["p_holm"]) == 1
    own = found["own held-out compounds", "mcc", "first", "hybrids' mean", "first", "teachers' mean"]
    assert own["n_molecules"] == "300"
    assert not any(r["first_arm"] == "first" != r["second_arm"] for r in rows)


def test_the_same_predictions_are_compared_once(out, monkeypatch):
    known = labs(out, "first", "second")
    before = write_comparisons(out, known).read_bytes()
    monkeypatch.setattr("fluidmol.studies.lab.comparisons.resample", None)
    assert write_comparisons(out, known).read_bytes() == before
    monkeypatch.undo()
    (out / "second" / "benchmark" / "predictions" / "seed-10.parquet").unlink()
    rows = table(write_comparisons(out, known))
    assert {r["n_seeds"] for r in rows if r["study"] == "benchmark" and not r["partner"]} == {"2", "3"}


def test_each_family_is_corrected_by_itself(out):
    rows = table(write_comparisons(out, labs(out, "first", "second")))
    for family in {r["family"] for r in rows}:
        mine = [r for r in rows if r["family"] == family]
        assert len({(r["study"], r["metric"], bool(r["partner"])) for r in mine}) == 1
        assert holm([float(r["p"]) for r in mine]) == pytest.approx([float(r["p_holm"]) for r in mine], abs=1e-4)


def test_a_partner_that_regrets_is_found_for_each_seed(out):
    rows = [r for r in table(write_comparisons(out, labs(out, "first", "second"))) if r["partner"]]
    own = [r for r in rows if (r["study"], r["first_arm"]) == ("own-domain", "second")]
    assert len(own) == 6
    assert all((float(r["difference"]) > 0) == (r["partner"] == "p1") for r in own)
    assert {r["dataset"] for r in own} == {"held-out-p1", "held-out-p2"}
    assert len([r for r in rows if r["study"] == "benchmark"]) == 2 * 3 * 2 * 2


def test_data_sets_that_a_method_lacks_do_not_count(out):
    folder = out / "first" / "own-domain"
    models = [(m, k, p, f"held-out-{p}", 0.0) for m, k, p in MODELS if p and m != "hybrid-2"]
    models += [(m, k, p, f"held-out-{q}", 0.0) for m, k, p in MODELS if not p for q in ("p1", "p2")]
    write(folder, 1, {"fold": 1}, models)
    rows = table(write_comparisons(out, labs(out, "first", "second")))
    pooled = [r for r in rows if r["study"] == "own-domain" and not r["partner"] and r["metric"] == "mcc"]
    assert pooled
    assert {r["n_seeds"] for r in pooled} == {"3"}


def test_what_a_third_method_lacks_is_no_loss_for_two_others(out):
    models = [(m, k, p, f"held-out-{p}", 0.0) for m, k, p in MODELS if p]
    write(out / "first" / "own-domain", 1, {"fold": 1}, models)  # neither student nor T0
    rows = table(write_comparisons(out, labs(out, "first", "second")))
    found = {
        (r["first"], r["second"]): r["n_seeds"]
        for r in rows
        if (r["study"], r["first_arm"], r["second_arm"], r["metric"]) == ("own-domain", "first", "first", "mcc")
        and not r["partner"]
    }
    assert found["hybrids' mean", "teachers' mean"] == "3"
    assert found["student", "teachers' mean"] == found["hybrids' mean", "T0"] == "2"


def test_held_out_compounds_of_one_class_leave_the_others_comparable(out):
    path = out / "first" / "own-domain" / "predictions" / "seed-2.parquet"
    told = pq.read_table(path)
    single = np.array(told["dataset"].to_pylist()) == "held-out-p2"
    replace(told, path, active=single | told["active"].to_numpy())
    rows = table(write_comparisons(out, labs(out, "first")))
    own = [r for r in rows if r["study"] == "own-domain"]
    assert all(r["p"] and r["difference"] for r in own)
    assert {(r["seed"], r["partner"]) for r in own if r["partner"]} == {
        ("1", "p1"), ("1", "p2"), ("2", "p1"), ("10", "p1"), ("10", "p2"),
    }  # fmt: skip


def test_all_folds_of_a_partner_are_compared(out):
    folder = out / "first" / "own-domain"
    public = [(m, k, p, f"held-out-{q}", 0.0) for m, k, p in MODELS if not p for q in ("p1", "p2")]
    path = folder / "predictions" / "seed-1.parquet"
    parts, differences = [], []
    for fold, lift in ((1, 0.5), (2, -0.5)):
        own = [(m, k, p, f"held-out-{p}", lift * (m == "hybrid-1")) for m, k, p in MODELS if p]
        write(folder, 1, {"fold": fold}, own + public)
        told = pq.read_table(path)
        parts.append(replace(told, path, inchikey=[f"{key}-{fold}" for key in told["inchikey"].to_pylist()]))
        _, truth, _ = said(1, "held-out-p1", 0)
        figures = [
            judge(truth, said(1, "held-out-p1", SKILL[kind] + plus)[2])["mcc"]
            for kind, plus in (("hybrid", lift), ("teacher", 0.0))
        ]
        differences.append(figures[0] - figures[1])
    pq.write_table(pa.concat_tables(parts), path)
    rows = [r for r in table(write_comparisons(out, labs(out, "first"))) if r["study"] == "own-domain"]
    (row,) = (r for r in rows if (r["seed"], r["partner"]) == ("1", "p1"))
    assert row["n_molecules"] == "300"
    assert float(row["difference"]) == pytest.approx(np.mean(differences), abs=1e-5)
    assert abs(differences[1] - np.mean(differences)) > 0.1


def test_without_studies_there_is_a_header_only(tmp_path):
    assert table(write_comparisons(tmp_path, labs(tmp_path, "none"))) == []
    assert table(write_thresholds(tmp_path, labs(tmp_path, "none"))) == []


def answer(model, active, probability, seed=1, dataset="held-out"):
    return ModelPredictions(seed, {}, dataset, model, "student", "", Predictions(active, probability))


def test_thresholds_are_chosen_on_all_held_out_compounds_of_a_model():
    one = answer("student", [True, False], [0.4, 0.2])
    two = answer("student", [True, False], [0.9, 0.1], dataset="other")
    single = answer("teacher", [True, True], [0.4, 0.2])
    found = thresholds([one, two, single])
    assert found == {(1, "student"): (pytest.approx(0.3), 4)}


def test_models_are_judged_at_thresholds_from_elsewhere(out):
    rows = table(write_thresholds(out, labs(out, "first", "second")))
    assert {r["dataset"] for r in rows} == {"external", "validation"}
    assert len(rows) == 2 * 3 * 2 * 7
    by_model = {}
    for r in rows:
        by_model.setdefault((r["arm"], r["seed"], r["model"]), set()).add(r["threshold"])
    assert all(len(values) == 1 for values in by_model.values())  # none depends on the test set
    shared = next(r for r in rows if r["model"] == "T0")
    own = next(r for r in rows if r["model"] == "hybrid-1")
    assert (shared["n_fixed"], own["n_fixed"]) == ("300", "150")
