"""The study of shift: groups of the external set, and what is said of each."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.overlap import nearest_similarity
from fluidmol.errors import CharterError, UsageError
from fluidmol.learning.metrics import judge
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.external_groups import edges_of
from fluidmol.studies.analyses.left_out_sources import leaving_out
from fluidmol.studies.analyses.shift import differences
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.study import CellPredictions, Row
from fluidmol.values.compounds import CompoundSet
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


@pytest.fixture(scope="module")
def named(consortium):
    """Sources of the partners' compounds: a third of them is of one, a third of another, some of both, some of none."""
    keys = [key for assay in consortium.assays.values() for key in assay.compounds.inchikeys]
    said = (("big",), ("other",), (), ("big", "other"), ("big",), ("other",))
    return {key: said[i % len(said)] for i, key in enumerate(keys)} | {keys[0]: ("few",)}


@pytest.fixture(scope="module")
def of_sources(consortium, named, tmp_path_factory):
    only = {"validation": consortium.benchmarks["validation"]}
    made = attrs.evolve(consortium, source_origins=named, benchmarks=only)
    return Lab(made, ArrayStore(tmp_path_factory.mktemp("lab") / "cache"))


class TestLeftOut:
    def test_nobody_has_learnt_from_the_source_that_judges(self, of_sources, named):
        without = leaving_out(of_sources, "big")
        held = without.dataset("external")
        assert set(held.compounds.inchikeys) == {key for key, names in named.items() if "big" in names}
        rest = {key: part.take([i]).n_active for part in without.assays.values()
                for i, key in enumerate(part.compounds.inchikeys)}  # fmt: skip
        skeletons = {key.split("-")[0] for key in held.compounds.inchikeys}
        whole = of_sources.everything.compounds
        pairs = zip(whole.inchikeys, whole.skeletons, strict=True)
        assert set(rest) == {key for key, skeleton in pairs if skeleton not in skeletons}
        truth = dict(zip(whole.inchikeys, of_sources.everything.active, strict=True))
        assert all(truth[key] == active for key, active in rest.items())
        assert without.benchmarks == ("external",)

    def test_isomers_of_what_is_left_out_are_not_learnt_from(self, of_sources):
        first = of_sources.assays["ada"]
        isomer = first.compounds.inchikeys[1].split("-")[0] + "-ISOMERISOM-N"
        keys = (*first.compounds.inchikeys[:2], isomer, *first.compounds.inchikeys[3:])
        assay = Assay(CompoundSet(first.compounds.smiles, keys), first.outcome)
        sources = {**dict.fromkeys(keys, ("kept",)), keys[1]: ("gone",)}
        made = attrs.evolve(of_sources.consortium, assays={"ada": assay}, source_origins=sources)
        without = leaving_out(Lab(made, of_sources.store), "gone")
        assert without.dataset("external").compounds.inchikeys == (keys[1],)
        assert without.assays["ada"].compounds.inchikeys == (keys[0], *keys[3:])

    def test_each_source_is_judged_by_models_that_are_made_without_it(self, of_sources):
        found = run(of_sources, left_out=True)
        assert list(found) == [("left-out", "big"), ("left-out", "few"), ("left-out", "other")]
        assert [(row.model, row.metric, row.value) for row in found["left-out", "few"]] == [("few", "too_small", 1.0)]
        without = leaving_out(of_sources, "big")
        held = without.dataset("external")
        for model, made in (
            ("student", without.student(without.labels())), ("T0", without.pooled()),
            ("hybrid-bob", without.hybrid("bob", without.labels())),
        ):  # fmt: skip
            expected = judge(held.active, made.predict(held.compounds))["roc_auc"]
            assert value(found["left-out", "big"], model, "roc_auc") == pytest.approx(expected)
        assert value(found["left-out", "big"], "actives", "actives") == held.n_active
        learnt = {row.n_train for row in found["left-out", "big"] if isinstance(row, Row) and row.model == "T0"}
        assert learnt == {len(without.everything)}

    def test_the_external_set_is_divided_all_the_same(self, consortium, named, lab):
        made = Lab(attrs.evolve(lab.consortium, source_origins=named), lab.store)
        cells = list(STUDIES.build(Part("shift", {**SMALL, "left_out": True})).cells(made))
        assert [cell.case["by"] for cell in cells][-3:] == ["left-out"] * 3
        assert {cell.case["by"] for cell in cells} == {"all", "origin", "similarity", "left-out"}
        assert "left-out" not in {by for by, _ in run(made)}

    @pytest.mark.parametrize("sources", [None, {}, "one"])
    def test_one_source_cannot_be_left_out(self, of_sources, named, sources):
        found = dict.fromkeys(named, ("chembl",)) if sources == "one" else sources
        made = Lab(attrs.evolve(of_sources.consortium, source_origins=found), of_sources.store)
        said = "names one source, chembl" if found else "names no source"
        with pytest.raises(UsageError, match=rf"{said}.*Expected a column called source.*two or more"):
            list(STUDIES.build(Part("shift", {**SMALL, "left_out": True})).cells(made))

    def test_a_source_without_which_nobody_is_left_is_named(self, of_sources, named):
        noted = []
        sources = dict.fromkeys(named, ("nearly all",)) | dict.fromkeys(list(named)[:20], ("rest",))
        made = attrs.evolve(of_sources.consortium, source_origins=sources)
        found = run(Lab(made, of_sources.store, stages=Stages(noted=noted.append)), left_out=True)
        (row,) = found["left-out", "nearly all"]
        assert (row.metric, row.value) == ("too_small", len(named) - 20)
        assert any(text.startswith("Without nearly all: ") for text in noted)
        assert len(found["left-out", "rest"]) > 1
