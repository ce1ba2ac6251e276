"""The strict fragment domain, against RDKit asked one molecule at a time."""

import joblib
import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.domain import DOMAINS, environments
from fluidmol.chem.domain.environments import environments as found_in
from fluidmol.chem.domain.environments import forget
from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.errors import CharterError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


def rdkits(text, radius=2):
    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=radius, atomInvariantsGenerator=rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    )
    return set(generator.GetSparseCountFingerprint(Chem.MolFromSmiles(text)).GetNonzeroElements())


def each(found):
    return np.split(found.identifiers, np.cumsum(found.length)[:-1])


@pytest.mark.parametrize("radius", [0, 1, 2])
def test_environments_are_rdkits(compounds, radius):
    for text, row in zip(compounds.smiles, each(found_in(compounds, radius)), strict=True):
        assert row.tolist() == sorted(rdkits(text, radius))


def test_identifiers_are_unfolded_and_positive(compounds):
    found = found_in(compounds).identifiers
    assert found.max() > 2**31  # a signed 32-bit number would have been negative
    assert found.min() >= 0


def test_the_same_whether_remembered_in_pieces_or_in_parallel(compounds, monkeypatch):
    expected = each(found_in(compounds))
    monkeypatch.setattr(environments, "CHUNK", 7)
    forget()
    with joblib.parallel_config(n_jobs=2, backend="threading"):
        found_in(compounds.take([3, 1, 2]))
        again = each(found_in(compounds))
    assert all(np.array_equal(one, other) for one, other in zip(expected, again, strict=True))
    turned = each(found_in(compounds.take([5, 0])))
    assert np.array_equal(turned[0], expected[5])
    assert np.array_equal(turned[1], expected[0])


def test_computed_once(compounds, monkeypatch):
    found_in(compounds)
    monkeypatch.setattr(environments, "_compute", None)
    assert len(found_in(compounds.take([2, 4])).length) == 2


def test_forgets_rather_than_grow_without_end(compounds, monkeypatch):
    expected = each(found_in(compounds.take([9])))
    monkeypatch.setattr(environments, "LARGEST_STORE", 10)
    forget()
    for start in (0, 6, 9):
        found = each(found_in(compounds.take([start, start + 1, start + 2])))
    assert np.array_equal(found[0], expected[0])
    assert len(each(found_in(compounds))) == len(compounds)


def test_a_broken_smiles_is_named():
    with pytest.raises(ValueError, match=r"RDKit can't read the SMILES 'C\('"):
        found_in(CompoundSet(("C(",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)))


def test_covers_and_score_are_the_definition(compounds):
    train, test = compounds.take([*range(0, 130, 3)]), compounds.take([*range(1, 130, 3)])
    known = set().union(*(rdkits(text) for text in train.smiles))
    domain = FragmentDomain.fit(train)
    expected = [len(rdkits(text) & known) / len(rdkits(text)) for text in test.smiles]
    np.testing.assert_allclose(domain.score(test), expected)
    assert domain.covers(test).tolist() == [rdkits(text) <= known for text in test.smiles]
    assert 0 < domain.covers(test).mean() < 1


def test_what_was_learnt_from_is_inside(compounds):
    assert FragmentDomain.fit(compounds.take([1, 2])).covers(compounds.take([2, 1])).all()


def test_a_union_is_the_domain_of_both(compounds):
    one, other = compounds.take([*range(40)]), compounds.take([*range(30, 70)])
    both = FragmentDomain.fit(one) | FragmentDomain.fit(other)
    np.testing.assert_array_equal(both.known, FragmentDomain.fit(compounds.take([*range(70)])).known)
    inside = FragmentDomain.fit(one).covers(compounds) | FragmentDomain.fit(other).covers(compounds)
    assert np.all(both.covers(compounds) >= inside)


def test_a_union_of_other_radii_is_refused(compounds):
    with pytest.raises(ValueError, match="radius 2 and 1"):
        FragmentDomain.fit(compounds) | FragmentDomain.fit(compounds, radius=1)


def test_without_training_compounds_nothing_is_inside(compounds):
    assert not FragmentDomain.fit(compounds.take([])).covers(compounds).any()
    assert FragmentDomain.fit(compounds).covers(compounds.take([])).shape == (0,)


def test_a_molecule_without_atoms_is_outside(compounds):
    nothing = CompoundSet(("",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    assert FragmentDomain.fit(compounds).covers(nothing).tolist() == [False]


def test_a_smaller_radius_covers_more(compounds):
    train = compounds.take([*range(0, 130, 4)])
    small, large = (DOMAINS.build(Part("fragments", {"radius": r})).fit(train) for r in (1, 2))
    probability = np.full(len(compounds), 0.5)
    inside = small.covers(compounds, probability), large.covers(compounds, probability)
    assert np.all(inside[0] >= inside[1])
    assert inside[0].sum() > inside[1].sum()


def test_a_radius_out_of_range_is_refused():
    with pytest.raises(CharterError, match="radius"):
        DOMAINS.build(Part("fragments", {"radius": 9}))
