"""What a simulation shows of a small chemistry."""

import csv
import io
import math

import attrs
import numpy as np
import pyarrow.parquet as pq
import pytest

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.learning.metrics import METRICS
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.analyses.benchmark import Benchmark
from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.model_predictions import ModelPredictions
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.study import Row
from fluidmol.studies.views import labels_table, write_views
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.results import KINDS

MODELS = [
    "T0", "T0-same-make", "teacher-ada", "teacher-cleo", "student", "hybrid-ada", "hybrid-cleo", "hybrid-bob",
    "T0-hybrid", "ensemble",
]  # fmt: skip


@pytest.fixture(scope="module")
def lab(assays, transfer, benchmark_assay, quick_charter, tmp_path_factory):
    """Bob's compounds are all active, so that he declines; the validation set is all inactive."""
    parts = assays | {"bob": Assay(assays["bob"].compounds, np.ones(len(assays["bob"])))}
    inactive = benchmark_assay.take(np.flatnonzero(~benchmark_assay.active))
    benchmarks = {"validation": inactive, "external": benchmark_assay}
    consortium = Consortium(charter=quick_charter, transfer=transfer, assays=parts, benchmarks=benchmarks)
    return Lab(consortium, ArrayStore(tmp_path_factory.mktemp("store")), stages=Stages())


@pytest.fixture(scope="module")
def found(lab):
    return [finding for cell in Benchmark(controls=False).cells(lab) for finding in cell.run()]


@pytest.fixture(scope="module")
def said(found):
    return [
        ModelPredictions(1, {}, item.dataset, item.model, item.kind, item.partner, item)
        for item in found if not isinstance(item, Row)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(lab, found, said, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rejected = [Rejected(file="a.csv", line=3, smiles='C,"x"\n', reason="no molecule")]
    figures = [row for row in found if isinstance(row, Row)]
    write_views(folder, lab.consortium, lab.labels(), figures, said, lab.declined, rejected)
    return folder


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_stages_are_told(found, lab):
    assert [stage.name for stage in lab.stages.finished] == [
        "teachers and annotations", "federated labels", "choice of T0", "models and judgement",
    ]  # fmt: skip


def test_files(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "charter.toml", "labels.fluid", "labels.parquet", "map.parquet", "metrics.csv", "partners.csv",
        "predictions.parquet", "rejected.csv",
    ]  # fmt: skip


def test_the_labels_are_there_by_name(folder, lab):
    labels = unpack((folder / "labels.fluid").read_bytes())
    assert labels == lab.labels()
    # Pseudonyms are for what travels: in a simulation everything goes by name, in the order of names.
    assert labels.partners == ("ada", "cleo")


def test_the_charter_can_be_read_again(folder, quick_charter):
    assert Charter.from_toml((folder / "charter.toml").read_text()).digest == quick_charter.digest


def test_metrics_have_a_row_a_model_and_set_with_all_figures(folder, found, lab):
    table = rows(folder / "metrics.csv")
    head = ("model", "kind", "partner", "dataset", "n_train", "n_test", "mcc", "mcc_low", "mcc_high")
    assert tuple(table[0]) == (*head, *METRICS[1:])
    pairs = [(model, dataset) for model in MODELS for dataset in ("validation", "external")]
    assert [(row["model"], row["dataset"]) for row in table] == pairs
    assert {row["kind"] for row in table} == set(KINDS)
    figures = {(row.model, row.dataset, row.metric): row for row in found if isinstance(row, Row)}
    for row in table:
        for name in METRICS:
            known = figures[row["model"], row["dataset"], name]
            np.testing.assert_allclose(float(row[name] or "nan"), known.value, atol=1e-6, err_msg=name)
            assert (int(row["n_train"]), int(row["n_test"])) == (known.n_train, len(lab.dataset(row["dataset"])))
        if row["dataset"] == "external":
            assert float(row["mcc_low"]) <= float(row["mcc"]) <= float(row["mcc_high"])
        else:
            # All are of one class: what isn't defined is empty, never "nan".
            assert row["mcc"] == row["roc_auc"] == row["sensitivity"] == ""
            assert row["specificity"] != ""


def test_no_interval_where_there_is_no_figure(folder):
    for row in rows(folder / "metrics.csv"):
        assert (row["mcc"] == "") == (row["mcc_low"] == "") == (row["mcc_high"] == "")


def test_partners(folder, assays):
    found = {row["partner"]: row for row in rows(folder / "partners.csv")}
    assert list(found) == ["ada", "bob", "cleo"]
    assert [row["status"] for row in found.values()] == ["answered", "declined", "answered"]
    assert "one class" in found["bob"]["reason"]
    assert int(found["ada"]["n_compounds"]) == len(assays["ada"])
    assert int(found["bob"]["n_active"]) == len(assays["bob"])


def test_labels(folder, lab, transfer):
    table = pq.read_table(folder / "labels.parquet")
    assert table.column_names == [
        "smiles", "inchikey", "value", "spread", "hard", "selected", "contribution_ada", "contribution_cleo",
    ]  # fmt: skip
    assert table["inchikey"].to_pylist() == list(transfer.inchikeys)
    np.testing.assert_array_equal(table["value"], lab.labels().value[:, 0])
    np.testing.assert_allclose(np.array(table["contribution_ada"]) + np.array(table["contribution_cleo"]), 1, atol=1e-5)
    np.testing.assert_array_equal(table["hard"], np.array(table["value"]) > 0.5)
    assert sum(table["selected"].to_pylist()) == lab.student(lab.labels()).n_train


def test_predictions(folder, said, benchmark_assay):
    table = pq.read_table(folder / "predictions.parquet").to_pydict()
    assert list(table) == ["dataset", "smiles", "inchikey", "active", *MODELS]
    external = np.array(table["dataset"]) == "external"
    assert np.array(table["inchikey"])[external].tolist() == list(benchmark_assay.compounds.inchikeys)
    np.testing.assert_array_equal(np.array(table["active"])[external], benchmark_assay.active)
    for item in said:
        rows_of_it = np.array(table["dataset"]) == item.dataset
        np.testing.assert_array_equal(np.array(table[item.model])[rows_of_it], item.said.probability)


def test_no_private_compound_is_in_labels_or_predictions(folder, lab):
    private = {key for assay in lab.assays.values() for key in assay.compounds.inchikeys}
    for name in ("labels", "predictions"):
        assert not private & set(pq.read_table(folder / f"{name}.parquet")["inchikey"].to_pylist())


def test_map(folder):
    table = pq.read_table(folder / "map.parquet").to_pydict()
    assert set(table["group"]) == {"ada", "bob", "cleo", "transfer", "validation", "external"}
    assert np.isfinite([table["x"], table["y"]]).all()
    for group, active in zip(table["group"], table["active"], strict=True):
        assert (active is None) == (group == "transfer")


def test_pooled_is_all_partners_together(lab, assays):
    assert len(lab.everything) == sum(map(len, assays.values()))
    assert set(lab.everything.compounds.inchikeys) == {k for a in assays.values() for k in a.compounds.inchikeys}


def test_rejected_rows_are_listed(folder):
    assert rows(folder / "rejected.csv") == [
        {"file": "a.csv", "line": "3", "smiles": 'C,"x"\n', "reason": "no molecule"}
    ]


def test_a_silent_label_stays_empty(lab):
    labels = lab.labels()
    value, share = labels.value.copy(), labels.contribution.copy()
    value[0], share[:, 0] = math.nan, 0
    table = labels_table(attrs.evolve(labels, value=value, contribution=share), lab.consortium)
    assert math.isnan(table["value"][0].as_py())
    assert table["selected"][0].as_py() is False
