"""A virtual consortium of values: from a table to figures, predictions and the page."""

import csv

import attrs
import numpy as np
import pyarrow.parquet as pq
import pytest
from rdkit import Chem
from rdkit.Chem.Crippen import MolLogP

from fluidmol.charters.feasible import check_feasible
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.cli.outcome import print_outcome
from fluidmol.errors import CharterError
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.report import write_report
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.consortium import Consortium, Setup
from fluidmol.studies.lab.bench import Bench
from fluidmol.studies.lab.comparisons import write_comparisons
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.lab.runner import run_study
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.prepare import Sources
from fluidmol.studies.simulation import plan_of, simulate
from fluidmol.values.charter import Charter
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.parts import Part
from fluidmol.values.results import VALUE_METRICS
from fluidmol.values.scale import Scale

SCALE = Scale("logP", -2, 6)


def of_values(charter, **parts):
    return attrs.evolve(charter, endpoints=(Endpoint("logp", "regression", scale=SCALE),), **parts)


def values_of(compounds):
    return SCALE.position([MolLogP(Chem.MolFromSmiles(smiles)) for smiles in compounds.smiles])


@pytest.fixture(scope="module")
def charter():
    quick = {"teacher": Part("logistic", {"strength": 0.5}), "hybrid": Part("logistic", {"strength": 0.5})}
    return of_values(Charter.from_preset("open"), featuriser=Part("fcfp", {"bits": 256}), **quick)


@pytest.fixture(scope="module")
def lab(charter, assays, transfer, benchmark_assay, tmp_path_factory):
    valued = {name: Assay(assay.compounds, values_of(assay.compounds), SCALE) for name, assay in assays.items()}
    benchmark = Assay(benchmark_assay.compounds, values_of(benchmark_assay.compounds), SCALE)
    agreed = attrs.evolve(charter, transfer_digest=transfer.digest, transfer_size=len(transfer))
    consortium = Consortium(charter=agreed, transfer=transfer, assays=valued, benchmarks={"validation": benchmark})
    return Lab(consortium, ArrayStore(tmp_path_factory.mktemp("store")), stages=Stages())


@pytest.fixture(scope="module")
def source(chemistry, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "logp.csv"
    value = SCALE.value(values_of(chemistry.compounds))
    rows = zip(chemistry.compounds.smiles, value, strict=True)
    path.write_text("smiles,logp\n" + "".join(f"{s},{v:.4f}\n" for s, v in list(rows)[:110]), encoding="utf-8")
    (path.parent / "public.smi").write_text("\n".join(chemistry.compounds.smiles[110:]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sources(source):
    columns = OutcomeColumns(value_column="logp")
    return Sources(source=source, transfer=source.parent / "public.smi", columns=columns)


@pytest.fixture(scope="module")
def run(charter, sources, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    plan = plan_of(sources, charter, Setup(n_partners=3, validation_fraction=0.3), "none")
    simulate(plan, out, cache=None, stages=Stages(), bench=Bench())
    return out


def figures(found, kind, metric, dataset="validation"):
    return [
        row.value
        for row in found
        if getattr(row, "metric", "") == metric and (row.kind, row.dataset) == (kind, dataset)
    ]


def test_models_know_values_that_they_have_not_seen(lab):
    found = [finding for cell in STUDIES.build(Part("benchmark", {"controls": False, "ceiling": "none"})).cells(lab)
             for finding in cell.run()]  # fmt: skip
    [pooled], [student] = (figures(found, kind, "r2") for kind in ("pooled", "student"))
    assert pooled > 0.5
    assert student > 0
    teachers = np.mean(figures(found, "teacher", "rmse"))
    assert figures(found, "pooled", "rmse")[0] < teachers
    losses = {row.model: row.value for row in found if getattr(row, "kind", "") == "derived" and row.metric == "rmse"}
    assert losses["teacher-loss"] == pytest.approx(teachers - figures(found, "pooled", "rmse")[0])


def test_errors_are_in_the_scales_units(lab):
    """A constant that is off by a tenth of the scale errs by a tenth of its length."""
    from fluidmol.studies.lab.judgement import figures_of  # noqa: PLC0415

    truth = lab.dataset("validation")
    found = figures_of(lab.teacher("ada"), "validation", truth, np.clip(truth.outcome[:, 0] + 0.1, 0, 2), 5, 1)
    assert figures(found, "teacher", "rmse") == pytest.approx([0.1 * SCALE.span])
    assert figures(found, "teacher", "mae") == pytest.approx([0.1 * SCALE.span])


def test_values_have_no_classes(lab):
    with pytest.raises(ValueError, match="neither active nor inactive"):
        _ = lab.everything.active
    assert sorted(np.bincount(lab.everything.strata)) == pytest.approx([len(lab.everything) / 4] * 4, abs=2)


def test_run_folder_tells_values(run):
    rows = list(csv.DictReader((run / "metrics.csv").read_text(encoding="utf-8").splitlines()))
    assert set(VALUE_METRICS) <= set(rows[0])
    assert "mcc" not in rows[0]
    assert all(float(row["rmse_low"]) <= float(row["rmse"]) <= float(row["rmse_high"]) for row in rows)
    predictions = pq.read_table(run / "predictions.parquet")
    said, measured = predictions["student"].to_numpy(), predictions["value"].to_numpy()
    [student] = [row for row in rows if row["model"] == "student"]
    assert float(student["rmse"]) == pytest.approx(np.sqrt(np.mean((said - measured) ** 2)), abs=1e-5)
    labels = pq.read_table(run / "labels.parquet")
    assert "hard" not in labels.column_names
    assert labels["measure"].to_numpy() == pytest.approx(SCALE.value(labels["value"].to_numpy()))


def test_page_and_terminal_speak_of_values(run, capsys):
    page = write_report(run).read_text(encoding="utf-8")
    for wanted in (
        "RMSE",
        "Predicted and measured values",
        "values from -2 to 6 logP",
        "Error that each partner saves",
    ):
        assert wanted in page
    assert "MCC" not in page
    print_outcome(run)
    said = capsys.readouterr().out
    assert "validation RMSE" in said
    assert "Error saved by taking part, validation: " in said


@pytest.mark.parametrize("name", ["own-domain", "cross-domain"])
def test_studies_of_domains_speak_of_values(name, charter, sources, tmp_path):
    settings = {"ceiling": "none"} if name == "own-domain" else {}
    plan = StudyPlan(
        study=Part(name, settings), sources=sources, charter=charter, setup=Setup(n_partners=3), seeds=(1, 2)
    )
    done = run_study(plan, tmp_path, cache=None, stages=Stages())
    rows = [row for cell in done for row in cell.rows]
    gains = [row for row in rows if row.kind == "derived" and row.metric == "rmse" and "gain" in row.model]
    assert gains
    own = {(row.dataset, row.kind): row.value for cell in done[:1] for row in cell.rows if row.metric == "rmse"}
    if name == "own-domain":
        gain = next(row for row in done[0].rows if row.model == "gain" and row.metric == "rmse")
        assert gain.value == pytest.approx(own[gain.dataset, "teacher"] - own[gain.dataset, "hybrid"])
    table = write_comparisons(tmp_path, {"open": tmp_path}).read_text(encoding="utf-8")
    assert ",rmse," in table
    assert ",mcc," not in table
    assert "RMSE" in write_report(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "parts",
    [
        {"teacher": Part("random-forest")}, {"hybrid": Part("random-forest")}, {"student": Part("random-forest")},
        {"selection": Part("balanced")}, {"selection": Part("all", {"hard": True})},
        {"union": Part("undersampled"), "distillation": Part("labels")},
    ],
)  # fmt: skip
def test_parts_of_classes_are_refused(parts, charter):
    check_feasible(charter)
    with pytest.raises(CharterError, match="is for classes, and the endpoint is a regression"):
        check_feasible(attrs.evolve(charter, **parts))


def test_forests_that_balance_nothing_are_fine(charter):
    check_feasible(attrs.evolve(charter, teacher=Part("random-forest", {"balanced": False})))
