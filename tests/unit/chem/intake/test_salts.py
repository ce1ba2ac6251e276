"""Where all fragments are known salts or solvents, the larger organic one is the compound."""

import pytest
from rdkit import Chem

from fluidmol.chem.intake.parents import standardise_one


@pytest.mark.parametrize(
    ("raw", "smiles"),
    [
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("CC(=O)O[Na]", "CC(=O)O"),
        ("C[N+](C)(C)CCO.[Cl-]", "C[N+](C)(C)CCO"),
        ("[NH4+].CC(=O)[O-]", "CC(=O)O"),
        ("[Ca+2].CC(=O)[O-].CC(=O)[O-]", "CC(=O)O"),
        ("CC(=O)[O-].[Na+].O.O.O", "CC(=O)O"),
        ("CC(=O)[O-].[Na+].C[N+](C)(C)CCO.[Cl-]", "C[N+](C)(C)CCO"),
        ("CCO.O", "CCO"),
        ("CCO.Cl", "CCO"),
        ("CC[O-].[Na+]", "CCO"),
        ("N[C@@H](CCCCN)C(=O)O.Cl", "NCCCC[C@H](N)C(=O)O"),
    ],
)
def test_larger_organic_part_of_a_salt_of_salts_is_the_compound(raw: str, smiles: str) -> None:
    found = standardise_one(raw)
    assert found.smiles == smiles, found.reason
    assert found.inchikey == Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))


def test_note_names_an_organic_part_that_is_left_out() -> None:
    found = standardise_one("C[N+](C)(C)CCO.OC(C(O)C(=O)[O-])C(=O)O")
    assert found.smiles == "O=C(O)C(O)C(O)C(=O)O"
    assert "C[N+](C)(C)CCO" in found.note
    assert standardise_one("CC(=O)[O-].[Na+]").note == ""


def test_weight_decides_between_parts_of_as_many_atoms() -> None:
    # Triethylamine and ethanesulfonic acid lose to nobody else; mesylate (5 atoms) to dichloroacetate (6).
    assert standardise_one("OC(=O)c1ccccc1.OS(=O)(=O)CCO.[Na+]").smiles == "O=C(O)c1ccccc1"
    # Both have five atoms without hydrogens; methanesulfonic acid weighs 96, propionic acid 74.
    assert standardise_one("CCC(=O)O.CS(=O)(=O)[O-].[Na+]").smiles == "CS(=O)(=O)O"


def test_different_parts_of_one_size_stay_a_mixture() -> None:
    found = standardise_one("CCCC(=O)[O-].CC(C)C(=O)O.[Na+]")
    assert found.smiles == ""
    assert found.reason == "a mixture: CC(C)C(=O)O and CCCC(=O)O are known salts or solvents and equally large"


def test_solvent_of_a_salt_is_not_the_compound_even_if_it_is_larger() -> None:
    assert standardise_one("OC=O.[Na+].CCOC(C)=O").smiles == "O=CO"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("[Na+].[Cl-]", "a mixture: 2 fragments"),
        ("O.Cl", "no carbon"),
        ("c1ccncc1.c1ccccc1C", "a mixture: 2 fragments"),
        ("c1ccncc1.c1ccccc1C.[Na+].CC(=O)[O-]", "a mixture: 2 fragments"),
    ],
)
def test_other_mixtures_are_rejected_as_before(raw: str, reason: str) -> None:
    assert standardise_one(raw).reason.startswith(reason)


def test_a_molecule_with_salts_is_still_stripped_of_all_of_them() -> None:
    found = standardise_one("c1ccncc1C.CC(=O)[O-].[Na+].OC(=O)c1ccccc1")
    assert (found.smiles, found.note) == ("Cc1cccnc1", "")
