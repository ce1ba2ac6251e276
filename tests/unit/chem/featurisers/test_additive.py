"""The features in which models add up: logarithms of counts, and descriptors as steps on public scales."""

import numpy as np
import pytest
from rdkit import Chem

from fluidmol.chem.features import features
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.featurisers.additive import Additive
from fluidmol.chem.featurisers.descriptors import DESCRIPTORS
from fluidmol.chem.featurisers.morgan import EcfpCounts
from fluidmol.chem.featurisers.paths import FeaturePairs, Torsions
from fluidmol.chem.featurisers.steps import HEIGHT, STEPS, DescriptorSteps
from fluidmol.errors import CharterError
from fluidmol.values.parts import Part

N_STEPS = sum(map(len, STEPS.values()))
DODECANE = Chem.MolFromSmiles("CCCCCCCCCCCC")


def dense(block, molecule):
    row = np.zeros(block.width, np.float32)
    columns, values = block.row(molecule)
    row[columns] = values
    return row


def reached(values, monkeypatch):
    """Give the steps of a molecule whose descriptors are these, (n_steps,) bool."""
    for name, value in values.items():
        monkeypatch.setitem(DESCRIPTORS, name, lambda _molecule, value=value: value)
    return dense(DescriptorSteps(), DODECANE) > 0


def place(name):
    """Columns of one descriptor."""
    names = list(STEPS)
    start = sum(len(STEPS[each]) for each in names[: names.index(name)])
    return slice(start, start + len(STEPS[name]))


@pytest.mark.parametrize("bits", [128, 512, 2048])
def test_widths_add_up(bits, chemistry):
    blocks = Additive(bits=bits).blocks
    assert [block.width for block in blocks] == [bits, bits, bits // 2, bits // 2, N_STEPS]
    table = features(chemistry.compounds.take([0, 1]), Part("additive", {"bits": bits}))
    assert table.shape == (2, 3 * bits + N_STEPS)


@pytest.mark.parametrize("bits", [0, -1, 127, (1 << 16) + 1])
def test_widths_that_are_none(bits):
    with pytest.raises(CharterError, match="bits"):
        FEATURISERS.build(Part("additive", {"bits": bits}))


@pytest.mark.parametrize(
    "block", [EcfpCounts(3, 2048, log=True), FeaturePairs(1024), Torsions(1024)], ids=lambda b: type(b).__name__
)
def test_counts_are_logarithms_of_whole_numbers(block, chemistry):
    several = 0
    for smiles in (*chemistry.compounds.smiles[:40], "CCCCCCCCCCCC"):
        columns, values = block.row(Chem.MolFromSmiles(smiles))
        assert np.all(np.diff(columns) > 0)
        assert values.dtype == np.float32
        counts = 2.0**values - 1
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-4)
        assert np.all(counts > 0.5)
        several += int((counts > 1.5).sum())
    assert several


def test_counts_as_logarithms_tell_as_much_as_counts(chemistry):
    plain, logs = EcfpCounts(3, 2048), EcfpCounts(3, 2048, log=True)
    for smiles in chemistry.compounds.smiles[:20]:
        molecule = Chem.MolFromSmiles(smiles)
        np.testing.assert_array_equal(plain.row(molecule)[0], logs.row(molecule)[0])
        np.testing.assert_allclose(np.log2(1 + plain.row(molecule)[1]), logs.row(molecule)[1], rtol=1e-6)


def test_pairs_know_roles_and_not_elements():
    def pairs(smiles):
        return dense(FeaturePairs(), Chem.MolFromSmiles(smiles))

    # Chlorine and bromine are halogens; what differs is the pattern, not the element.
    np.testing.assert_array_equal(pairs("Clc1ccc(O)cc1"), pairs("Brc1ccc(O)cc1"))
    assert not np.array_equal(pairs("Clc1ccc(O)cc1"), pairs("Clc1cccc(O)c1"))


def test_torsions_know_elements():
    one, other = (dense(Torsions(), Chem.MolFromSmiles(smiles)) for smiles in ("ClCCCO", "BrCCCO"))
    assert not np.array_equal(one, other)


def test_a_single_atom_has_features_too():
    for block in Additive().blocks:
        columns, values = block.row(Chem.MolFromSmiles("O"))
        assert len(columns) == len(values)
        assert np.isfinite(values).all()


class TestSteps:
    def test_thresholds_are_those_of_known_descriptors(self):
        assert list(STEPS) == list(DESCRIPTORS)
        for thresholds in STEPS.values():
            assert list(thresholds) == sorted(set(thresholds))

    def test_a_step_is_reached_at_its_threshold(self, monkeypatch):
        for name, thresholds in STEPS.items():
            for k, threshold in enumerate(thresholds):
                at = reached({name: threshold}, monkeypatch)[place(name)]
                below = reached({name: np.nextafter(float(threshold), -np.inf)}, monkeypatch)[place(name)]
                assert at.tolist() == [True] * (k + 1) + [False] * (len(thresholds) - k - 1)
                assert below.tolist() == [True] * k + [False] * (len(thresholds) - k)

    def test_more_of_a_descriptor_never_takes_a_step_back(self, monkeypatch):
        for name, thresholds in STEPS.items():
            grid = np.linspace(min(thresholds) - 1, max(thresholds) + 1, 50)
            rows = np.array([reached({name: float(value)}, monkeypatch) for value in grid])
            assert np.all(np.diff(rows.astype(int), axis=0) >= 0)
            others = np.delete(rows, np.arange(N_STEPS)[place(name)], axis=1)
            assert np.all(others == others[0]), f"{name} moves steps of others"

    def test_all_steps_are_of_one_height(self, chemistry):
        table = features(chemistry.compounds, Part("descriptor-steps"))
        assert set(table.data.tolist()) == {float(HEIGHT)}

    def test_steps_say_what_descriptors_say(self, chemistry):
        steps = features(chemistry.compounds, Part("descriptor-steps")).toarray() > 0
        exact = features(chemistry.compounds, Part("descriptors")).toarray()
        for i, (name, thresholds) in enumerate(STEPS.items()):
            np.testing.assert_array_equal(steps[:, place(name)].sum(axis=1), [
                sum(value >= np.float32(threshold) for threshold in thresholds) for value in exact[:, i]
            ])  # fmt: skip


def test_a_molecules_row_does_not_depend_on_others(chemistry):
    whole = features(chemistry.compounds, Part("additive"))
    for i in (0, 17, 129):
        alone = features(chemistry.compounds.take([i]), Part("additive"))
        assert (alone != whole[i]).nnz == 0
    turned = features(chemistry.compounds.take(list(range(129, -1, -1))), Part("additive"))
    assert (turned != whole[::-1]).nnz == 0
