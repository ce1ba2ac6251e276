"""Assays hold classes, one a compound."""

import numpy as np
import pytest

from fluidmol.partner.assay import Assay
from fluidmol.values.compounds import CompoundSet

TWO = CompoundSet(("C", "CC"), ("VNWKTOKETHGBQD-UHFFFAOYSA-N", "OTMSDBZUPAUEDD-UHFFFAOYSA-N"))


def test_counts_and_takes():
    assay = Assay(TWO, [0, 1])
    assert (len(assay), assay.n_active, assay.active.tolist()) == (2, 1, [False, True])
    turned = assay.take(np.array([1, 0]))
    assert turned.compounds.smiles == ("CC", "C")
    assert turned.active.tolist() == [True, False]


@pytest.mark.parametrize("outcome", [[1], [0, 0.5], [0, float("nan")], [0, -1], [[[0]], [[1]]], []], ids=str)
def test_refused(outcome):
    with pytest.raises(ValueError, match=r"expected classes|outcomes of shape"):
        Assay(TWO, outcome)


def test_outcomes_are_held_fast():
    source = np.array([0.0, 1.0])
    assay = Assay(TWO, source)
    source[0] = 1
    assert assay.n_active == 1
    with pytest.raises(ValueError, match="read-only"):
        assay.outcome[0] = 1
