"""The synthetic chemistry: distinct, drug-like, standard molecules whose classes can be learnt and transferred."""

import csv

import numpy as np
import pytest
from chembl_structure_pipeline import get_parent_mol, standardize_mol
from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors, rdFingerprintGenerator
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from fluidmol.errors import OutputError, UsageError
from fluidmol.studies import synthetic
from fluidmol.studies.synthetic import SyntheticData, synthetic_consortium, write_synthetic
from fluidmol.studies.synthetic_chemistry import DECORATIONS, SCAFFOLDS, SUBSTITUENTS
from fluidmol.studies.synthetic_molecules import ALL_SCAFFOLDS, collect
from fluidmol.studies.synthetic_rule import NOISE, LatentPotency, cut_of


@pytest.fixture(scope="module")
def data() -> SyntheticData:
    return synthetic_consortium(7, n_labelled=1000, n_external=400, n_transfer=1000)


@pytest.fixture(scope="module")
def molecules(data):
    everything = data.source_smiles + data.external_smiles + data.transfer_smiles
    return [Chem.MolFromSmiles(smiles) for smiles in everything]


def test_the_sets_have_the_sizes_asked_for(data):
    assert (len(data.source_smiles), len(data.external_smiles), len(data.transfer_smiles)) == (
        1000,
        400,
        1000,
    )
    assert data.source_active.shape == (1000,)
    assert data.external_active.shape == (400,)
    assert data.source_active.dtype == data.external_active.dtype == np.bool_
    assert len(data.source_family) == 1000
    assert len(data.external_family) == 400


def test_two_fifths_of_the_source_are_active_and_the_external_set_is_like_it(data):
    assert data.source_active.mean() == pytest.approx(0.4, abs=0.001)
    assert 0.25 < data.external_active.mean() < 0.55


def test_every_family_is_in_both_labelled_sets(data):
    assert set(data.source_family) == set(data.external_family) == set(SCAFFOLDS)


def test_no_connectivity_occurs_twice(molecules):
    assert len({Chem.MolToInchiKey(molecule)[:14] for molecule in molecules}) == len(molecules)


def test_all_are_druglike(molecules):
    for molecule in molecules:
        assert 12 <= molecule.GetNumHeavyAtoms() <= 50
        assert 180 <= Descriptors.MolWt(molecule) <= 650
        assert -3 <= Crippen.MolLogP(molecule) <= 7
        assert Chem.GetFormalCharge(molecule) == 0
        assert Chem.GetSSSR(molecule)


def test_every_block_survives_the_standardiser():
    picks = [(scaffold, 18, 0, scaffold % len(DECORATIONS)) for scaffold in range(len(ALL_SCAFFOLDS))]
    # Scaffold 0 with methyl is neither too small nor too large with any substituent.
    picks += [(0, index, 18, 1) for index in range(len(SUBSTITUENTS)) if index != 0]
    made = collect(iter(picks), len(picks), taken=set())
    assert {molecule.pick[0] for molecule in made} == set(range(len(ALL_SCAFFOLDS)))
    blocks = set()
    for molecule in made:
        parent, excluded = get_parent_mol(standardize_mol(Chem.MolFromSmiles(molecule.smiles)))
        assert not excluded
        assert Chem.MolToSmiles(parent) == molecule.smiles
        blocks.add(Chem.MolToInchiKey(parent)[:14])
    assert len(blocks) == len(made)


def test_a_seed_decides_everything():
    first, again, other = (synthetic_consortium(seed, 60, 20, 20) for seed in (3, 3, 4))
    assert first.source_smiles == again.source_smiles
    assert first.transfer_smiles == again.transfer_smiles
    assert np.array_equal(first.source_active, again.source_active)
    assert np.array_equal(first.external_active, again.external_active)
    assert first.source_smiles != other.source_smiles


def test_the_building_blocks_are_as_many_as_promised():
    assert len(SCAFFOLDS) == 8
    assert len(ALL_SCAFFOLDS) == len(set(ALL_SCAFFOLDS)) == 32
    assert len({substituent.smiles for substituent in SUBSTITUENTS}) == len(SUBSTITUENTS) == 57
    assert all("{a}" in template and "{b}" in template for _, template in ALL_SCAFFOLDS)


@pytest.mark.parametrize(
    ("a", "b", "logp", "expected"),
    [
        ("CN1CCCC1", "Cl", 3.0, 1.6 + 0.8),
        ("N1CCN(C)CC1", "OC", 3.0, 0.8),
        ("N1CCN(C)CC1", "CN1CCCC1", 3.0, 1.6),
        ("C(=O)O", "Cl", 3.0, -1.5),
        ("C(=O)O", "CC(=O)O", 3.0, -1.5),
        ("OC", "Cl", 9.0, 0.35 * 3),
        ("OC", "Cl", -1.0, -0.35 * 3),
    ],
)
def test_the_rule_is_the_stated_one(a, b, logp, expected):
    rule = LatentPotency(np.zeros(len(ALL_SCAFFOLDS)), np.zeros(len(SUBSTITUENTS)))
    smiles = [substituent.smiles for substituent in SUBSTITUENTS]
    molecule = synthetic.Molecule((0, smiles.index(a), smiles.index(b), 0), "", logp, rings=2, tpsa=60.0)
    assert rule.noiseless(molecule) == pytest.approx(expected)


def test_contributions_and_noise_are_added():
    rule = LatentPotency(np.full(len(ALL_SCAFFOLDS), 0.1), np.arange(len(SUBSTITUENTS), dtype=float))
    smiles = [substituent.smiles for substituent in SUBSTITUENTS]
    a, b = smiles.index("OC"), smiles.index("COC")
    molecule = synthetic.Molecule((0, a, b, 0), "", 3.0, rings=4, tpsa=160.0)
    assert rule.noiseless(molecule) == pytest.approx(0.1 + a + b + 0.5 - 1.2)
    noise = rule.latent([molecule] * 2000, np.random.default_rng(0)) - rule.noiseless(molecule)
    assert noise.mean() == pytest.approx(0, abs=0.05)
    assert noise.std() == pytest.approx(NOISE, rel=0.1)


def test_the_cut_leaves_two_fifths():
    latent = np.random.default_rng(0).normal(size=1000)
    assert (latent >= cut_of(latent)).mean() == pytest.approx(0.4)
    assert cut_of(np.array([1.5])) == 1.5


def test_pooled_knowledge_beats_one_family_elsewhere(data):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    source, external = (
        np.array([generator.GetFingerprintAsNumPy(Chem.MolFromSmiles(smiles)) for smiles in half])
        for half in (data.source_smiles, data.external_smiles)
    )
    forest = RandomForestClassifier(100, random_state=0, min_samples_leaf=2)

    def auc(rows):
        fitted = forest.fit(source[rows], data.source_active[rows])
        return roc_auc_score(data.external_active, fitted.predict_proba(external)[:, 1])

    alone = [auc(np.array(data.source_family) == family) for family in SCAFFOLDS]
    together = auc(np.ones(len(source), dtype=bool))
    assert together > 0.75
    assert together > max(alone)
    assert np.mean(alone) > 0.55


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (50_000, 1, 1)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(UsageError, match="at most 50000"):
        synthetic_consortium(1, *sizes)


def test_a_negative_seed_is_refused():
    with pytest.raises(UsageError, match="seed is -1"):
        synthetic_consortium(-1)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(synthetic, "synthetic_consortium", lambda seed: synthetic_consortium(seed, 40, 10, 15))


def test_the_files_say_what_they_are(small, tmp_path):
    files = write_synthetic(tmp_path / "new" / "folder", 5)
    expected = synthetic_consortium(5, 40, 10, 15)
    with files.source.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["smiles"] for row in rows] == expected.source_smiles
    assert [row["active"] == "1" for row in rows] == expected.source_active.tolist()
    assert [row["family"] for row in rows] == expected.source_family
    assert len(files.external.read_text().splitlines()) == 11
    lines = [line.split(" ") for line in files.transfer.read_text().splitlines()]
    assert [smiles for smiles, _ in lines] == expected.transfer_smiles
    assert all(name.startswith("synthetic-") for _, name in lines)
    assert "SYNTHETIC" in files.readme.read_text()
    assert "seed 5" in files.readme.read_text()
    assert sorted(tmp_path.joinpath("new/folder").iterdir()) == sorted(files)


def test_a_folder_that_is_a_file_is_refused(small, tmp_path):
    tmp_path.joinpath("taken").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        write_synthetic(tmp_path / "taken", 5)


def test_an_interrupted_write_leaves_nothing_half_written(small, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_synthetic(tmp_path, 5)
    assert list(tmp_path.iterdir()) == []
