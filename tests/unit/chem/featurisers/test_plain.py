"""Every block gives the very bits of RDKit's plainest calls, however its own are shared and shortened."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from fluidmol.chem.featurisers.descriptors import ACID, BASIC_AMINE, Descriptors
from fluidmol.chem.featurisers.morgan import EcfpCounts, Fcfp
from fluidmol.chem.featurisers.paths import FeaturePairs, Torsions
from fluidmol.chem.featurisers.steps import HEIGHT, STEPS, DescriptorSteps

SMILES = (
    "O", "[Na+]", "CCO", "C[N+](C)(C)C", "FC(F)(F)C(Cl)(Br)I", "O=c1cc[nH]cc1", "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C2CCC1CC(OC(=O)c1ccccc1)C2", "N[C@@H](Cc1c[nH]c2ccccc12)C(=O)O", "OS(=O)(=O)c1ccc(N=Nc2ccccc2)cc1",
    "CN1CCN(CC1)c1ccc(cc1)C(=O)Nc1ccc(F)c(Cl)c1", "C[Si](C)(C)c1ccc(B(O)O)cc1", "c1nnn[nH]1", "CP(=O)(O)O",
    "[2H]C(Cl)Cl", "C" * 60, "OCC1OC(O)C(O)C(O)C1O", "CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1",
    "F" + "C(F)(F)" * 40 + "F",
)  # fmt: skip
ROLES = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()


def of_counts(generator, molecule):
    counts = generator.GetCountFingerprintAsNumPy(molecule)
    columns = np.flatnonzero(counts)
    return columns, np.log2(1 + counts[columns].astype(np.float32))


def fcfp(molecule):
    generator = rdFingerprintGenerator.GetMorganGenerator(2, fpSize=256, atomInvariantsGenerator=ROLES)
    columns = list(generator.GetFingerprint(molecule).GetOnBits())
    return columns, np.ones(len(columns))


def ecfp(molecule):
    return of_counts(rdFingerprintGenerator.GetMorganGenerator(3, fpSize=256), molecule)


def pairs(molecule):
    return of_counts(rdFingerprintGenerator.GetAtomPairGenerator(fpSize=256, atomInvariantsGenerator=ROLES), molecule)


def torsions(molecule):
    return of_counts(rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=256), molecule)


def numbers(molecule):
    logp, refractivity = rdMolDescriptors.CalcCrippenDescriptors(molecule)
    return {
        "molecular_weight": rdMolDescriptors.CalcExactMolWt(molecule), "logp": logp, "molar_refractivity": refractivity,
        "tpsa": rdMolDescriptors.CalcTPSA(molecule), "labute_asa": rdMolDescriptors.CalcLabuteASA(molecule),
        "donors": rdMolDescriptors.CalcNumHBD(molecule), "acceptors": rdMolDescriptors.CalcNumHBA(molecule),
        "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds(molecule),
        "rings": rdMolDescriptors.CalcNumRings(molecule),
        "aromatic_rings": rdMolDescriptors.CalcNumAromaticRings(molecule),
        "aliphatic_rings": rdMolDescriptors.CalcNumAliphaticRings(molecule),
        "heteroatoms": rdMolDescriptors.CalcNumHeteroatoms(molecule),
        "fraction_csp3": rdMolDescriptors.CalcFractionCSP3(molecule), "heavy_atoms": molecule.GetNumHeavyAtoms(),
        "basic_amines": len(molecule.GetSubstructMatches(Chem.MolFromSmarts(BASIC_AMINE))),
        "acids": len(molecule.GetSubstructMatches(Chem.MolFromSmarts(ACID))),
        "halogens": sum(atom.GetSymbol() in {"F", "Cl", "Br", "I"} for atom in molecule.GetAtoms()),
    }  # fmt: skip


def descriptors(molecule):
    values = np.array(list(numbers(molecule).values())).astype(np.float32)
    return np.flatnonzero(values), values[values != 0]


def steps(molecule):
    found = numbers(molecule)
    reached = [found[name] >= step for name, thresholds in STEPS.items() for step in thresholds]
    return np.flatnonzero(reached), np.full(sum(reached), HEIGHT)


@pytest.mark.parametrize(
    ("block", "plain"),
    [(Fcfp(2, 256), fcfp), (EcfpCounts(3, 256, log=True), ecfp), (FeaturePairs(256), pairs), (Torsions(256), torsions),
     (Descriptors(), descriptors), (DescriptorSteps(), steps)], ids=lambda given: getattr(given, "__name__", ""),
)  # fmt: skip
def test_the_bits_are_those_of_plain_calls(block, plain, chemistry):
    molecules = [Chem.MolFromSmiles(smiles) for smiles in (*SMILES, *chemistry.compounds.smiles)]
    # All molecules, then all of them again: roles that are remembered are those of the right molecule.
    for molecule in (*molecules, *molecules):
        columns, values = block.row(molecule)
        expected, of_these = plain(Chem.Mol(molecule))
        np.testing.assert_array_equal(columns, expected)
        assert values.tobytes() == np.asarray(of_these, dtype=np.float32).tobytes()
        assert (columns.dtype, values.dtype) == (np.int32, np.float32)


@pytest.mark.parametrize("block", [Descriptors(), DescriptorSteps()], ids=lambda block: type(block).__name__)
def test_together_as_one_by_one(block):
    molecules = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
    for (columns, values), molecule in zip(block.rows(molecules), molecules, strict=True):
        alone = block.row(Chem.Mol(molecule))
        assert (columns.tobytes(), values.tobytes()) == (alone[0].tobytes(), alone[1].tobytes())


def test_more_halogens_than_a_search_finds_by_default():
    molecule = Chem.MolFromSmiles("F" + "C(F)(F)" * 600 + "F")
    columns, values = Descriptors().row(molecule)
    assert dict(zip(columns.tolist(), values.tolist(), strict=True))[16] == 1202
