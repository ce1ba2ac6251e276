"""Splits: every compound to exactly one partner, families together, the same for a seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import InputError, UsageError
from fluidmol.partner.assay import Assay
from fluidmol.studies.consortium import Setup, divide
from fluidmol.studies.splits import SPLITS, partition
from fluidmol.studies.validation import hold_out
from fluidmol.values.compounds import CompoundSet

each = pytest.mark.parametrize("split", list(SPLITS))


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


@st.composite
def families(draw):
    """Compounds of which some share a skeleton."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=25))
    keys = [f"{chr(65 + i) * 14}-{chr(65 + j) * 10}-N" for i, size in enumerate(sizes) for j in range(size)]
    return CompoundSet(["C"] * len(keys), keys)


@given(families(), st.floats(0.05, 0.9), st.integers(0, 50))
def test_hold_out_keeps_skeletons_together(compounds, fraction, seed):
    held = hold_out(compounds, fraction, seed)
    out = {skeleton for skeleton, flag in zip(compounds.skeletons, held, strict=True) if flag}
    stay = {skeleton for skeleton, flag in zip(compounds.skeletons, held, strict=True) if not flag}
    assert not out & stay
    assert len(out) == round(fraction * len(out | stay))
    np.testing.assert_array_equal(held, hold_out(compounds, fraction, seed))


def test_hold_out_depends_on_the_seed(compounds):
    assert not np.array_equal(hold_out(compounds, 0.2, 1), hold_out(compounds, 0.2, 2))


def test_hold_out_does_not_depend_on_the_order_of_files(compounds):
    order = list(np.random.default_rng(0).permutation(len(compounds)))
    np.testing.assert_array_equal(hold_out(compounds.take(order), 0.3, 4), hold_out(compounds, 0.3, 4)[order])


@each
@pytest.mark.parametrize("mixing", [0.0, 0.05, 1.0])
def test_every_compound_has_one_partner(split, mixing, compounds):
    groups = partition(compounds, 4, split, 1, mixing)
    assert groups.shape == (len(compounds),)
    assert groups.dtype == np.int64
    assert set(groups) == {0, 1, 2, 3}


@each
def test_deterministic_for_a_seed(split, compounds):
    found = [partition(compounds, 4, split, seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


@each
def test_mixing_moves_its_share(split, compounds):
    before, after = partition(compounds, 4, split, 1, 0.0), partition(compounds, 4, split, 1, 0.3)
    drawn = int(0.3 * len(compounds))
    moved = int((before != after).sum())
    # One of four draws gives a compound back to its own partner.
    assert 0.5 * drawn < moved <= drawn


def test_random_is_even(compounds):
    sizes = np.bincount(partition(compounds, 4, "random", 1, 0.0))
    assert sizes.max() - sizes.min() <= 1


def test_scaffold_keeps_families_together(compounds):
    groups = partition(compounds, 3, "scaffold", 1, 0.0)
    owner = {}
    for scaffold, group in zip(scaffolds(compounds), groups, strict=True):
        assert owner.setdefault(scaffold, group) == group
    # No partner has more than its fair part by more than the largest family.
    sizes = np.bincount(groups)
    assert sizes.max() - sizes.min() <= np.unique(scaffolds(compounds), return_counts=True)[1].max()


def test_kmeans_puts_the_similar_together(compounds):
    groups = partition(compounds, 4, "kmeans", 1, 0.0)
    family = np.unique(scaffolds(compounds), return_inverse=True)[1]

    def purity(found):
        return sum(np.bincount(found[family == name]).max() for name in set(family)) / len(found)

    assert purity(groups) > purity(partition(compounds, 4, "random", 1, 0.0)) + 0.1


@each
def test_fewer_compounds_than_partners(split, compounds):
    with pytest.raises(InputError, match="3 compounds are left for 4 partners"):
        partition(compounds.take([0, 1, 2]), 4, split, 1)
    assert len(partition(compounds.take([0, 20, 40, 60]), 4, split, 1, 0.0)) == 4


def test_unknown_split(compounds):
    with pytest.raises(UsageError, match=r"'k-means'.*Did you mean kmeans"):
        partition(compounds, 4, "k-means", 1)


@each
def test_divide_loses_and_doubles_nothing(split, chemistry):
    assays, validation = divide(chemistry, Setup(n_partners=3, split=split), 42)
    parts = [*assays.values(), validation]
    keys = [key for part in parts for key in part.compounds.inchikeys]
    assert sorted(keys) == sorted(chemistry.compounds.inchikeys)
    truth = dict(zip(chemistry.compounds.inchikeys, chemistry.active, strict=True))
    assert all(truth[k] == a for part in parts for k, a in zip(part.compounds.inchikeys, part.active, strict=True))
    assert list(assays) == ["partner-1", "partner-2", "partner-3"]
    skeletons = set(validation.compounds.skeletons)
    assert not any(skeletons & set(assay.compounds.skeletons) for assay in assays.values())


def test_too_few_to_hold_out(chemistry):
    few = Assay(chemistry.compounds.take([0, 1]), chemistry.outcome[:2])
    with pytest.raises(InputError, match="too few to hold out 20%"):
        divide(few, Setup(n_partners=2), 1)


@pytest.mark.parametrize(
    "wrong", [{"n_partners": 1}, {"mixing": 1.5}, {"mixing": -0.1}, {"validation_fraction": 0.0}], ids=str
)
def test_setup_out_of_range(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Setup(**wrong)
