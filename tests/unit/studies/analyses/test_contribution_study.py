"""The study of contributions on a small chemistry."""

import itertools
import math

import numpy as np
import pytest

from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.judgement import figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.values.parts import Part

NAMES = ("ada", "bob", "cleo")


@pytest.fixture(scope="module")
def lab(quick_charter, transfer, assays, benchmark_assay, tmp_path_factory):
    benchmarks = {"validation": benchmark_assay}
    consortium = Consortium(charter=quick_charter, transfer=transfer, assays=assays, benchmarks=benchmarks)
    return Lab(consortium, ArrayStore(tmp_path_factory.mktemp("store")))


def run(lab, **settings):
    study = STUDIES.build(Part("contribution", settings))
    return {cell.case["measure"]: cell.run() for cell in study.cells(lab)}


@pytest.fixture(scope="module")
def found(lab):
    return run(lab)


def value(rows, model, partner, metric):
    (row,) = [r for r in rows if (r.model, r.partner, r.metric) == (model, partner, metric)]
    return row.value


def auc(lab, names):
    return figure(lab.judge([lab.ensemble(names)]), "validation", "roc_auc", model="ensemble") if names else 0.5


def test_cells(found):
    assert list(found) == ["shapley", *(f"without {name}" for name in NAMES)]


def test_shapley_values_are_the_mean_over_all_orders(lab, found):
    expected = dict.fromkeys(NAMES, 0.0)
    for order in itertools.permutations(NAMES):
        for place, name in enumerate(order):
            expected[name] += (auc(lab, order[: place + 1]) - auc(lab, order[:place])) / 6
    for name in NAMES:
        assert value(found["shapley"], "labels", name, "shapley_roc_auc") == pytest.approx(expected[name])


def test_what_others_add_for_a_partner_sums_to_what_it_gains(lab, found):
    gain = auc(lab, NAMES) - auc(lab, ["bob"])
    added = [value(found["shapley"], "for bob", name, "shapley_roc_auc") for name in ("ada", "cleo")]
    assert sum(added) == pytest.approx(gain)
    assert not any(row.model == "for bob" and row.partner == "bob" for row in found["shapley"])


def test_leave_one_out_is_what_is_lost_without(lab, found):
    labels = lab.labels(["ada", "cleo"])
    before = lab.judge([lab.student(lab.labels()), lab.hybrid("cleo", lab.labels())])
    after = lab.judge([lab.student(labels), lab.hybrid("cleo", labels)])
    for model in ("student", "hybrid-cleo"):
        lost = figure(before, "validation", "mcc", model=model) - figure(after, "validation", "mcc", model=model)
        assert value(found["without bob"], model, "bob", "leave_one_out_mcc") == pytest.approx(lost)
    lost = auc(lab, NAMES) - auc(lab, ["ada", "cleo"])
    assert value(found["without bob"], "labels", "bob", "leave_one_out_roc_auc") == pytest.approx(lost)


def test_sampled_values_have_intervals_and_the_same_sum(lab, found):
    sampled = run(lab, exact_up_to=1, orders=6, hybrids=False)
    rows = [r for r in sampled["shapley"] if (r.model, r.metric) == ("labels", "shapley_roc_auc")]
    assert all(r.low <= r.value <= r.high for r in rows)
    assert sum(r.value for r in rows) == pytest.approx(auc(lab, NAMES) - 0.5)
    assert all(math.isnan(r.low) for r in found["shapley"])
    assert {r.model for r in sampled["without ada"]} == {"student", "labels"}


def test_figures_are_numbers(found):
    assert all(np.isfinite(row.value) for rows in found.values() for row in rows)
