"""Overlap counts exactly what RDKit's similarities say."""

import math

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.overlap import joined, near_duplicates, overlaps
from fluidmol.values.compounds import CompoundSet

NOTHING = CompoundSet((), ())


def fingerprints(compounds):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    return [generator.GetFingerprint(Chem.MolFromSmiles(text)) for text in compounds.smiles]


@pytest.mark.parametrize("at_least", [0.3, 0.5, 0.6, 0.9, 1.0])
def test_equals_rdkits_similarities(transfer, assays, at_least):
    known = joined(assay.compounds for assay in assays.values())
    theirs = fingerprints(known)
    best = [max(DataStructs.BulkTanimotoSimilarity(one, theirs)) for one in fingerprints(transfer)]
    found = near_duplicates(transfer, known, at_least)
    assert found.n_near == sum(similarity >= at_least for similarity in best)
    assert found.share_near == found.n_near / 40
    assert at_least > 0.6 or found.n_near > 0


def test_the_same_skeleton_in_another_form():
    # Two enantiomers: one connectivity, and one fingerprint without chirality.
    left = CompoundSet(("C[C@H](N)C(=O)O",), ("QNAYBMKLOCPYGJ-REOHCLBHSA-N",))
    right = CompoundSet(("C[C@@H](N)C(=O)O",), ("QNAYBMKLOCPYGJ-UWTATZPHSA-N",))
    found = near_duplicates(left, right)
    assert (found.n_compounds, found.n_same_skeleton, found.n_near) == (1, 1, 1)


def test_every_molecule_is_near_itself(chemistry):
    found = near_duplicates(chemistry.compounds, chemistry.compounds, 1.0)
    assert found.n_near == found.n_same_skeleton == found.n_compounds == 130


def test_rows_say_of_which_and_columns_in_which(chemistry, transfer):
    sets = {"all": chemistry.compounds, "transfer": transfer, "none": NOTHING}
    table = overlaps(sets)
    assert {row: list(columns) for row, columns in table.items()} == {
        "all": ["transfer", "none"], "transfer": ["all", "none"], "none": ["all", "transfer"],
    }  # fmt: skip
    assert table["transfer"]["all"].share_near == 1
    assert table["all"]["transfer"].n_same_skeleton == 40
    assert table["all"]["transfer"].share_near < 1
    assert table["all"]["transfer"] == near_duplicates(chemistry.compounds, transfer)


def test_nothing_overlaps_with_nothing(transfer):
    assert near_duplicates(transfer, NOTHING).n_near == 0
    assert near_duplicates(transfer, NOTHING).share_near == 0
    assert math.isnan(near_duplicates(NOTHING, transfer).share_near)


def test_joined_takes_each_once(assays):
    sets = [assay.compounds for assay in assays.values()]
    assert len(joined([*sets, sets[0]])) == sum(map(len, sets))
    assert joined(sets).inchikeys[: len(sets[0])] == sets[0].inchikeys
    assert len(joined([])) == 0


@pytest.mark.parametrize("at_least", [0.0, -1.0, 1.1, np.nan])
def test_refuses_what_is_no_similarity(transfer, at_least):
    with pytest.raises(ValueError, match="at most 1"):
        near_duplicates(transfer, transfer, at_least)
    with pytest.raises(ValueError, match="at most 1"):
        overlaps({"a": transfer}, at_least)
