"""The strict fragment domain, against RDKit asked one molecule at a time."""

import joblib
import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.domain import DOMAINS, environments
from fluidmol.chem.domain.environments import environments as found_in
from fluidmol.chem.domain.environments import forget, unknown_fragments
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


@pytest.mark.parametrize("radius", [1, 2])
def test_environments_by_element_are_those_of_molecules_that_rdkit_has_cleaned(compounds, radius):
    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=radius, atomInvariantsGenerator=rdFingerprintGenerator.GetRDKitAtomInvGen()
    )
    odd = ("C[n+]1ccccc1", "c1cc[nH]c1-c1ccccn1", "[H]/N=C(/N)c1ccccc1", "C[C@H](N)[Si](C)(C)C", "O=S(=O)(O)c1ccsc1")
    asked = CompoundSet(
        (*compounds.smiles, *odd), (*compounds.inchikeys, *(f"ISWSIDIOOBJBQZ-UHFFFAOYS{i}-N" for i in "BCDEF"))
    )
    for text, row in zip(asked.smiles, each(found_in(asked, radius, by_element=True)), strict=True):
        known = generator.GetSparseCountFingerprint(Chem.MolFromSmiles(text)).GetNonzeroElements()
        assert row.tolist() == sorted(known)


@pytest.mark.parametrize("radius", [0, 1, 2])
@pytest.mark.parametrize("by_element", [False, True])
def test_unknown_parts_are_in_the_molecule_and_none_are_where_all_is_known(compounds, radius, by_element):
    domain = FragmentDomain.fit(compounds.take([*range(0, 130, 9)]), radius, by_element=by_element)
    found = domain.unknown(compounds)
    assert [not parts for parts in found] == domain.covers(compounds).tolist()
    assert radius == 0 or any(found)
    for text, parts in zip(compounds.smiles, found, strict=True):
        assert list(parts) == sorted(set(parts), key=lambda part: (-len(part), part))
        assert all(Chem.MolFromSmiles(text).HasSubstructMatch(Chem.MolFromSmarts(part)) for part in parts)


@pytest.mark.parametrize(
    ("smiles", "parts"),
    [
        ("OB(O)c1ccc(C)cc1", ("cc(B(O)O)c",)),
        ("Cc1ccc(C(=O)SSC)cc1", ("cC(=O)SSC",)),
        ("C[Si](C)(C)c1ccc(CCl)cc1", ("cc([Si](C)(C)C)c", "cCCl")),
        ("CBr", ("CBr",)),
        ("[He]", ("[He]",)),
        ("Cc1ccccc1", ()),
    ],
)
def test_unknown_parts_that_touch_are_one_and_the_largest_is_the_first(smiles, parts):
    xylene = CompoundSet(("Cc1ccc(C)cc1",), ("URLKBWYHVLBVBO-UHFFFAOYSA-N",))
    known = FragmentDomain.fit(xylene, 1, by_element=True).known
    assert unknown_fragments(smiles, known, 1, by_element=True) == parts


def test_a_union_of_elements_and_roles_is_refused(compounds):
    with pytest.raises(ValueError, match="by element and by role"):
        FragmentDomain.fit(compounds) | FragmentDomain.fit(compounds, by_element=True)


def test_a_radius_out_of_range_is_refused():
    with pytest.raises(CharterError, match="radius"):
        DOMAINS.build(Part("fragments", {"radius": 9}))
