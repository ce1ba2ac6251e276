"""The study of shift: groups of the external set, and what is said of each."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.overlap import nearest_similarity
from fluidmol.errors import CharterError, UsageError
from fluidmol.learning.metrics import judge
from fluidmol.progress import Stages
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.external_groups import edges_of
from fluidmol.studies.analyses.shift import differences
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.study import CellPredictions, Row
from fluidmol.values.parts import Part

SMALL = {"fewest": 2, "of_each_class": 1, "ceiling": "none"}


@pytest.fixture(scope="module")
def origins(consortium):
    """One source has all but the first compound, which has none; another one has three."""
    n = len(consortium.benchmarks["external"])
    return ((), *(("big", "few") if i < 3 else ("big",) for i in range(n - 1)))


@pytest.fixture(scope="module")
def lab(consortium, origins, tmp_path_factory):
    """One store for all tests: each model is fitted once."""
    store = ArrayStore(tmp_path_factory.mktemp("lab") / "cache")
    return Lab(attrs.evolve(consortium, origins=origins), store)


def run(lab, **settings):
    cells = STUDIES.build(Part("shift", {**SMALL, **settings})).cells(lab)
    return {(cell.case["by"], cell.case["group"]): cell.run() for cell in cells}


def both(active):
    return active.any() and not active.all()


def value(found, model, metric):
    (row,) = [row for row in found if isinstance(row, Row) and (row.model, row.metric) == (model, metric)]
    return row.value


def test_each_source_is_judged_by_its_own_compounds(lab):
    found = run(lab)
    whole, big = found["all", "all"], found["origin", "big"]
    external = lab.dataset("external")
    said = lab.student(lab.labels()).predict(external.compounds)
    assert value(whole, "student", "roc_auc") == pytest.approx(judge(external.active, said)["roc_auc"])
    assert value(big, "student", "roc_auc") == pytest.approx(judge(external.active[1:], said[1:])["roc_auc"])
    kept = next(item for item in big if isinstance(item, CellPredictions) and item.model == "student")
    assert kept.inchikeys == external.compounds.inchikeys[1:]
    assert value(big, "actives", "actives") == external.active[1:].sum()


def test_all_models_of_the_benchmark_are_judged_on_each_group(lab):
    found = run(lab)
    expected = {"T0", "T0-same-make", "student", "ensemble"}
    expected |= {f"{role}-{name}" for role in ("teacher", "hybrid") for name in ("ada", "bob", "cleo")}
    for key in (("all", "all"), ("origin", "big")):
        assert {item.model for item in found[key] if isinstance(item, CellPredictions)} == expected
        for name in ("student-less-T0", "hybrids-less-T0", "student-less-teachers", "T0-less-teachers"):
            (row,) = [r for r in found[key] if isinstance(r, Row) and (r.model, r.metric) == (name, "roc_auc")]
            assert row.low <= row.value <= row.high
    gap = value(found["origin", "big"], "student", "roc_auc") - value(found["origin", "big"], "T0", "roc_auc")
    assert value(found["origin", "big"], "student-less-T0", "roc_auc") == pytest.approx(gap)


def test_bands_divide_the_external_set_by_similarity_to_all_training_compounds(lab):
    external = lab.dataset("external")
    near = nearest_similarity(external.compounds, lab.everything.compounds)
    edge = next(
        e for e in np.unique(near).tolist() if both(external.active[near < e]) and both(external.active[near >= e])
    )
    found = run(lab, bands=str(edge))
    keys = [key for key in found if key[0] == "similarity"]
    assert keys == [("similarity", f"below {edge:g}"), ("similarity", f"from {edge:g}")]
    parts = [next(item for item in found[key] if isinstance(item, CellPredictions)).inchikeys for key in keys]
    expected = [
        tuple(key for key, inside in zip(external.compounds.inchikeys, rows, strict=True) if inside)
        for rows in (near < edge, near >= edge)
    ]
    assert parts == expected


def test_groups_that_are_too_small_are_named_and_not_judged(lab):
    found = run(lab, fewest=4)["origin", "few"]
    assert [(row.model, row.metric, row.value) for row in found] == [("few", "too_small", 3.0)]
    assert len(run(lab, fewest=3)["origin", "few"]) > 1
    n_active = int(lab.dataset("external").active[1:].sum())
    one_class = run(lab, of_each_class=n_active + 1)["origin", "big"]
    assert [row.metric for row in one_class] == ["too_small"]


def test_without_sources_the_set_is_divided_by_similarity_alone_and_the_user_is_told(consortium, store):
    noted = []
    lab = Lab(consortium, store, stages=Stages(noted=noted.append))
    by = {cell.case["by"] for cell in STUDIES.build(Part("shift", SMALL)).cells(lab)}
    assert by == {"all", "similarity"}
    assert noted == ["The external file has no column that names sources: it is divided by similarity alone."]


def test_without_an_external_set_there_is_nothing_to_divide(consortium, store):
    only = {"validation": consortium.benchmarks["validation"]}
    lab = Lab(attrs.evolve(consortium, benchmarks=only), store)
    with pytest.raises(UsageError, match="there is none"):
        list(STUDIES.build(Part("shift")).cells(lab))


@pytest.mark.parametrize("bands", ["", "x", "0.6,0.4", "0.4,0.4", "0,0.5", "0.5,1", "0.5,", "nan"])
def test_bands_that_do_not_ascend_between_0_and_1_are_refused(bands):
    with pytest.raises(CharterError, match="bands is"):
        edges_of(bands)
    with pytest.raises(CharterError):
        STUDIES.build(Part("shift", {"bands": bands}))


def test_differences_are_paired_and_of_means_over_partners():
    rng = np.random.default_rng(1)
    active = rng.random(400) < 0.4
    keys = tuple(map(str, range(400)))
    hard = rng.normal(0, 0.2, 400)

    def said(model, kind, lift):
        probability = np.clip(0.4 + lift * active + hard, 0, 1)
        return CellPredictions(model, kind, model, "external", keys, active, probability)

    models = [said("T0", "pooled", 0.3), said("student", "student", 0.29)]
    models += [said("hybrid-1", "hybrid", 0.2), said("hybrid-2", "hybrid", 0.3)]
    found = {(row.model, row.metric): row for row in differences(models, 1)}
    assert {name for name, _ in found} == {"student-less-T0", "hybrids-less-T0"}  # there are no teachers
    areas = [judge(active, item.probability)["roc_auc"] for item in models]
    student, hybrids = found["student-less-T0", "roc_auc"], found["hybrids-less-T0", "roc_auc"]
    assert student.value == pytest.approx(areas[1] - areas[0])
    assert hybrids.value == pytest.approx((areas[2] + areas[3]) / 2 - areas[0])
    # What makes a molecule hard is the same for both: unpaired, the interval would be some .09 wide.
    assert student.low < student.value < student.high < student.low + 0.03
