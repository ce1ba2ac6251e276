"""A whole simulation on a small chemistry, and the tables that it leaves."""

import csv
import io
import json
import math

import attrs
import numpy as np
import pyarrow.parquet as pq
import pytest

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.metrics import METRICS
from fluidmol.partner.assay import Assay
from fluidmol.studies.judge import KINDS
from fluidmol.studies.runs import (
    COLUMNS,
    declined_lines,
    labels_table,
    metrics_csv,
    write_provenance,
    write_rejected,
    write_results,
)
from fluidmol.studies.simulate import Consortium, simulate
from fluidmol.studies.stages import Stages
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack


@pytest.fixture(scope="module")
def stages():
    return Stages()


@pytest.fixture(scope="module")
def simulation(assays, transfer, benchmark_assay, quick_charter, stages):
    """Bob's compounds are all active, so that he declines; the validation set is all inactive."""
    parts = assays | {"bob": Assay(assays["bob"].compounds, np.ones(len(assays["bob"])))}
    inactive = benchmark_assay.take(np.flatnonzero(~benchmark_assay.active))
    benchmarks = {"validation": inactive, "external": benchmark_assay}
    consortium = Consortium(charter=quick_charter, transfer=transfer, assays=parts, benchmarks=benchmarks)
    return simulate(consortium, stages, LocalChannel)


@pytest.fixture(scope="module")
def folder(simulation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_results(simulation, folder)
    return folder


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_every_model_is_judged_on_every_set(simulation):
    models = ["T0", "teacher-ada", "teacher-cleo", "student", "hybrid-ada", "hybrid-bob", "hybrid-cleo", "T0-hybrid",
              "ensemble"]  # fmt: skip
    found = [(judged.contender.model, judged.dataset) for judged in simulation.judged]
    assert found == [(model, dataset) for model in models for dataset in ("validation", "external")]
    assert {judged.contender.kind for judged in simulation.judged} == set(KINDS)


def test_stages_are_told(simulation, stages):
    assert [stage.name for stage in stages.finished] == [
        "features", "teachers and annotations", "federated labels and student", "hybrids",
        "pooled model and its hybrid", "judgement",
    ]  # fmt: skip


def test_files(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "charter.toml", "labels.fluid", "labels.parquet", "map.parquet", "metrics.csv", "partners.csv",
        "predictions.parquet",
    ]  # fmt: skip


def test_the_labels_are_there_by_name(folder, simulation):
    assert unpack((folder / "labels.fluid").read_bytes()) == simulation.outcome.labels
    # Pseudonyms are for what travels: in a simulation everything goes by name, in the order of names.
    assert simulation.outcome.published is simulation.outcome.labels
    assert set(simulation.outcome.labels.partners) <= set(simulation.consortium.assays)


def test_the_charter_can_be_read_again(folder, quick_charter):
    assert Charter.from_toml((folder / "charter.toml").read_text()).digest == quick_charter.digest


def test_metrics(folder, simulation):
    found = rows(folder / "metrics.csv")
    assert tuple(found[0]) == COLUMNS
    assert set(METRICS) <= set(COLUMNS)
    for row, judged in zip(found, simulation.judged, strict=True):
        assert (row["model"], row["dataset"]) == (judged.contender.model, judged.dataset)
        assert int(row["n_train"]) == judged.contender.n_train
        assert int(row["n_test"]) == len(judged.probability)
        for name in METRICS:
            stated = float(row[name] or "nan")
            np.testing.assert_allclose(stated, judged.figures[name], atol=1e-6, err_msg=name)
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


def test_labels(folder, simulation, transfer):
    table = pq.read_table(folder / "labels.parquet")
    assert table.column_names == [
        "smiles", "inchikey", "value", "spread", "hard", "selected", "contribution_ada", "contribution_cleo",
    ]  # fmt: skip
    assert table["inchikey"].to_pylist() == list(transfer.inchikeys)
    np.testing.assert_array_equal(table["value"], simulation.outcome.labels.value[:, 0])
    np.testing.assert_allclose(np.array(table["contribution_ada"]) + np.array(table["contribution_cleo"]), 1, atol=1e-5)
    np.testing.assert_array_equal(table["hard"], np.array(table["value"]) > 0.5)
    assert sum(table["selected"].to_pylist()) == simulation.outcome.student.n_train


def test_predictions(folder, simulation, benchmark_assay):
    table = pq.read_table(folder / "predictions.parquet").to_pydict()
    external = np.array(table["dataset"]) == "external"
    assert np.array(table["inchikey"])[external].tolist() == list(benchmark_assay.compounds.inchikeys)
    np.testing.assert_array_equal(np.array(table["active"])[external], benchmark_assay.active)
    for judged in simulation.judged:
        rows_of_it = np.array(table["dataset"]) == judged.dataset
        np.testing.assert_array_equal(np.array(table[judged.contender.model])[rows_of_it], judged.probability)


def test_no_private_compound_is_in_labels_or_predictions(folder, simulation):
    private = {key for assay in simulation.consortium.assays.values() for key in assay.compounds.inchikeys}
    for name in ("labels", "predictions"):
        assert not private & set(pq.read_table(folder / f"{name}.parquet")["inchikey"].to_pylist())


def test_map(folder, simulation):
    table = pq.read_table(folder / "map.parquet").to_pydict()
    assert set(table["group"]) == {"ada", "bob", "cleo", "transfer", "validation", "external"}
    assert np.isfinite([table["x"], table["y"]]).all()
    for group, active in zip(table["group"], table["active"], strict=True):
        assert (active is None) == (group == "transfer")


def test_the_ensemble_is_what_the_labels_are(simulation, transfer):
    # Asked about the transfer set itself, the teachers together say what they said, but for the gate's rounding.
    ensemble = next(j.contender for j in simulation.judged if j.contender.model == "ensemble")
    np.testing.assert_allclose(ensemble.predict(transfer), simulation.outcome.labels.value[:, 0], atol=0.02)


def test_pooled_is_all_partners_together(simulation, assays):
    pooled = simulation.consortium.pooled
    assert len(pooled) == sum(map(len, assays.values()))
    assert set(pooled.compounds.inchikeys) == {k for a in assays.values() for k in a.compounds.inchikeys}


def test_the_same_again(simulation, stages, folder):
    again = simulate(simulation.consortium, Stages(), LocalChannel)
    assert metrics_csv(again) == (folder / "metrics.csv").read_text()


def test_declined_lines(simulation):
    assert declined_lines(simulation.outcome.declined) == [
        "bob declined: our compounds are all of one class, so our teacher has nothing to say"
    ]


def test_rejected_and_provenance(tmp_path):
    write_rejected([Rejected(file="a.csv", line=3, smiles='C,"x"\n', reason="no molecule")], tmp_path)
    assert rows(tmp_path / "rejected.csv") == [
        {"file": "a.csv", "line": "3", "smiles": 'C,"x"\n', "reason": "no molecule"}
    ]
    write_provenance({"title": "µ"}, tmp_path)
    assert json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8")) == {"title": "µ"}


def test_a_silent_label_stays_empty(simulation):
    labels = simulation.outcome.labels
    value, share = labels.value.copy(), labels.contribution.copy()
    value[0], share[:, 0] = math.nan, 0
    silent = attrs.evolve(labels, value=value, contribution=share)
    changed = attrs.evolve(simulation, outcome=attrs.evolve(simulation.outcome, labels=silent))
    table = labels_table(changed)
    assert math.isnan(table["value"][0].as_py())
    assert table["selected"][0].as_py() is False
