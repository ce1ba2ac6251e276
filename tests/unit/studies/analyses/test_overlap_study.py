"""Overlap of the sets as a study."""

import pytest

from fluidmol.studies.analyses import STUDIES
from fluidmol.values.parts import Part


def test_all_pairs_of_sets_are_counted(lab):
    (cell,) = STUDIES.build(Part("overlap")).cells(lab)
    rows = {(row.dataset, row.model, row.metric): row for row in cell.run()}
    sets = {"training", "transfer", *lab.benchmarks}
    assert {(dataset, model) for dataset, model, _ in rows} == {(a, f"in {b}") for a in sets for b in sets if a != b}
    assert all(0 <= row.value <= 1 for row in rows.values())
    training = {s for assay in lab.assays.values() for s in assay.compounds.skeletons}
    tested = lab.dataset("validation").compounds.skeletons
    row = rows["validation", "in training", "share_same"]
    assert row.value == pytest.approx(sum(s in training for s in tested) / len(tested))
    assert row.n_test == len(tested)
