"""The study of malicious partners on a small chemistry."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import CharterError, UsageError
from fluidmol.learning.federation import aggregate
from fluidmol.learning.metrics import judge
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.attacked import AttackedLab
from fluidmol.studies.analyses.malicious import Malicious, liars
from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.study import Row
from fluidmol.studies.malice import Adversary
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

SETTINGS = {"malicious": 1, "attacks": "flipped,targeted", "target": "c1ccncc1"}


@pytest.fixture(scope="module")
def lab(quick_charter, transfer, assays, benchmark_assay, tmp_path_factory):
    benchmarks = {"validation": benchmark_assay}
    consortium = Consortium(charter=quick_charter, transfer=transfer, assays=assays, benchmarks=benchmarks)
    return Lab(consortium, ArrayStore(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def found(lab):
    study = STUDIES.build(Part("malicious", SETTINGS))
    study.check(lab.charter)
    return {tuple(cell.case.values()): cell.run() for cell in study.cells(lab)}


def value(rows, model, metric, dataset="validation"):
    (row,) = [r for r in rows if isinstance(r, Row) and (r.model, r.metric, r.dataset) == (model, metric, dataset)]
    return row.value


def test_every_lie_and_aggregation_is_a_cell(found):
    lies = [
        ("none", "honest"),
        ("absent", "honest"),
        *((a, w) for a in ("flipped", "targeted") for w in ("honest", "inflated")),
    ]
    names = ("weighted-mean", "trimmed-mean", "weighted-median", "reliability")
    assert list(found) == [(*lie, name) for lie in lies for name in names]


def test_the_honest_keep_everything(found):
    rows = found["none", "honest", "weighted-mean"]
    assert value(rows, "student", "kept") == value(rows, "ensemble", "kept") == 1
    shares = [r.value for r in rows if isinstance(r, Row) and r.metric == "share"]
    assert sum(shares) == pytest.approx(1)
    assert {r.model for r in rows if isinstance(r, Row) and r.metric == "trust"} == {"honest partner"}


def test_those_who_stay_out_contribute_nothing(lab, found, benchmark_assay):
    rows = found["absent", "honest", "weighted-mean"]
    honest = [name for name in lab.partners if name not in liars(lab, 1)]
    probability = lab.ensemble(honest).predict(benchmark_assay.compounds)
    assert value(rows, "ensemble", "mcc") == judge(benchmark_assay.active, probability)["mcc"]
    assert {r.partner for r in rows if isinstance(r, Row) and r.metric == "share"} == set(honest)


def test_students_are_made_of_those_that_are_asked_for(found):
    for case, rows in found.items():
        models = {r.model for r in rows if isinstance(r, Row) and r.metric == "mcc"}
        assert models == ({"ensemble", "student"} if case[2] in ("weighted-mean", "reliability") else {"ensemble"})


def test_a_lie_is_what_the_ensemble_hears(lab, found, benchmark_assay):
    (liar,) = liars(lab, 1)
    for inflated, weights in ((False, "honest"), (True, "inflated")):
        sent = Adversary("flipped", inflated).applied(
            lab.annotations(compounds=benchmark_assay.compounds), [liar], lab.charter.seed
        )
        probability = aggregate(sent, lab.charter).value[:, 0]
        expected = judge(benchmark_assay.active, probability.astype(float))["mcc"]
        assert value(found["flipped", weights, "weighted-mean"], "ensemble", "mcc") == pytest.approx(expected)
    # No doubt among three: it is heard, and it harms.
    assert value(found["flipped", "inflated", "weighted-mean"], "ensemble", "kept") < 0.8


def test_the_targets_figures_are_of_those_molecules(lab, found, benchmark_assay):
    rows = found["targeted", "inflated", "weighted-mean"]
    (row,) = [r for r in rows if isinstance(r, Row) and (r.model, r.metric) == ("student", "mcc_target")]
    assert row.n_test == sum(
        "n" in text for text in benchmark_assay.compounds.smiles if "c" in text and "[nH]" not in text
    )
    assert -1 <= row.value <= 1 or math.isnan(row.value)


def test_honest_models_are_not_mixed_up_with_lies(lab, benchmark_assay):
    asked = benchmark_assay.compounds
    before = lab.ensemble().predict(asked)
    lying = AttackedLab(lab, Adversary("inactive", inflated=True), ["ada"], "")
    assert lying.ensemble().predict(asked).mean() < before.mean()
    np.testing.assert_array_equal(lab.ensemble().predict(asked), before)
    np.testing.assert_array_equal(Lab(lab.consortium, lab.store).ensemble().predict(asked), before)
    assert lying.labels() != lab.labels()


def test_who_lies_differs_by_seed_alone(lab):
    drawn = {
        tuple(liars(Lab(attrs.evolve(lab.consortium, charter=attrs.evolve(lab.charter, seed=s)), lab.store), 1))
        for s in range(12)
    }
    assert drawn == {("ada",), ("bob",), ("cleo",)}
    assert liars(lab, 2) == liars(lab, 2)
    with pytest.raises(UsageError, match="honest"):
        liars(lab, 3)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"attacks": "fliped"}, UsageError, "flipped"),
        ({"aggregations": "median"}, CharterError, "median"),
        ({"aggregations": "log-odds"}, UsageError, "students"),
    ],
)
def test_refuses_settings(lab, settings, error, message):
    with pytest.raises(error, match=message):
        Malicious(**settings).check(lab.charter)


def test_a_substructure_that_is_none_is_refused_before_any_work():
    with pytest.raises(UsageError, match="notsmarts"):
        Malicious(target="notsmarts").check(Charter.from_preset("open"))
