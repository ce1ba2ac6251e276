"""Nearest-neighbour and class-probability domains."""

import attrs
import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.domain import DOMAINS
from fluidmol.chem.domain.neighbours import NeighbourDomain
from fluidmol.chem.domain.probability import ProbabilityDomain
from fluidmol.errors import CharterError
from fluidmol.values.parts import Part


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


def similarities(queries, references):
    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=2, fpSize=2048, atomInvariantsGenerator=rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    )
    bits = [[generator.GetFingerprint(Chem.MolFromSmiles(t)) for t in s.smiles] for s in (queries, references)]
    return np.array([DataStructs.BulkTanimotoSimilarity(one, bits[1]) for one in bits[0]])


@pytest.mark.parametrize("k", [1, 3])
def test_score_is_the_mean_similarity_to_the_nearest(compounds, k):
    train, test = compounds.take([*range(0, 130, 2)]), compounds.take([*range(1, 130, 2)])
    expected = np.sort(similarities(test, train), axis=1)[:, -k:].mean(axis=1)
    np.testing.assert_allclose(NeighbourDomain.fit(train, k).score(test), expected, atol=1e-6)


@pytest.mark.parametrize("k", [1, 3])
def test_the_threshold_is_a_quantile_of_the_training_set_left_out_one_by_one(compounds, k):
    train = compounds.take([*range(0, 130, 2)])
    own = similarities(train, train)
    np.fill_diagonal(own, -1)
    left_out = np.sort(own, axis=1)[:, -k:].mean(axis=1)
    domain = NeighbourDomain.fit(train, k, 0.1)
    assert domain.threshold == pytest.approx(np.quantile(left_out, 0.1), abs=1e-6)
    test = compounds.take([*range(1, 130, 2)])
    np.testing.assert_array_equal(domain.covers(test), domain.score(test) >= domain.threshold)


def test_a_large_training_set_is_sampled_for_the_threshold_the_same_way_each_time(compounds):
    few = [NeighbourDomain.fit(compounds, 1, 0.5, sample=60) for _ in range(2)]
    assert few[0].threshold == few[1].threshold
    assert few[0].threshold == pytest.approx(NeighbourDomain.fit(compounds, 1, 0.5).threshold, abs=0.1)
    assert len(few[0].known) == len(compounds)


def test_a_larger_quantile_covers_less(compounds):
    train = compounds.take([*range(0, 130, 4)])
    probability = np.full(len(compounds), 0.5)
    inside = [
        DOMAINS.build(Part("neighbours", {"quantile": q})).fit(train).covers(compounds, probability).sum()
        for q in (0.0, 0.3, 0.9)
    ]
    assert inside[0] > inside[1] > inside[2]


@pytest.mark.parametrize("size", [0, 1])
def test_too_few_to_leave_one_out(compounds, size):
    with pytest.raises(ValueError, match="at least two"):
        NeighbourDomain.fit(compounds.take([*range(size)]))


def test_nobody_asked(compounds):
    assert NeighbourDomain.fit(compounds).covers(compounds.take([])).shape == (0,)


def test_probability_is_symmetric_and_knows_no_molecule(compounds):
    probability = np.linspace(0, 1, len(compounds))
    domain = DOMAINS.build(Part("probability", {"margin": 0.3})).fit(compounds)
    np.testing.assert_allclose(
        domain.score(compounds, probability), domain.score(compounds, 1 - probability), atol=1e-12
    )
    np.testing.assert_array_equal(domain.covers(compounds, probability), np.abs(probability - 0.5) >= 0.3)
    assert domain == ProbabilityDomain(0.3)


@pytest.mark.parametrize("part", [Part("neighbours", {"neighbours": 0}), Part("probability", {"margin": 0.6})])
def test_options_out_of_range_are_refused(part):
    with pytest.raises(CharterError, match=part.name):
        DOMAINS.build(part)


def test_unknown_domains_are_refused_with_the_nearest():
    with pytest.raises(CharterError, match=r"Did you mean fragments\?"):
        DOMAINS.build(Part("fragment"))


@pytest.mark.parametrize("name", list(DOMAINS))
def test_every_domain_has_finite_scores_and_a_line(name, compounds):
    domain = DOMAINS.build(Part(name)).fit(compounds.take([*range(0, 130, 2)]))
    probability = np.linspace(0, 1, len(compounds))
    score, inside = domain.score(compounds, probability), domain.covers(compounds, probability)
    assert np.isfinite(score).all()
    assert score.shape == inside.shape == (len(compounds),)
    assert inside.dtype == bool
    # Higher = more inside: no molecule outside scores above one inside.
    assert score[inside].min() > score[~inside].max()


def test_who_is_on_the_line_is_inside(compounds):
    train = compounds.take([*range(0, 130, 2)])
    domain = NeighbourDomain.fit(train, quantile=0.0)
    test = compounds.take([*range(1, 130, 2)])
    score = domain.score(test)
    line = attrs.evolve(domain, threshold=float(score.max()))
    np.testing.assert_array_equal(line.covers(test), score == score.max())
    assert ProbabilityDomain(0.25).covers(None, np.array([0.75, 0.25, 0.7499])).tolist() == [True, True, False]
