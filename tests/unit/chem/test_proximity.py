"""Proximities: in [0, 1], larger when nearer, and equal to their definitions."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.chem.proximity.euclidean_neighbours import EuclideanNeighbours
from fluidmol.chem.proximity.resemblance import Resemblance
from fluidmol.chem.proximity.tanimoto_neighbours import TanimotoNeighbours
from fluidmol.partner.nearness import Nearness, compared
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

RNG = np.random.default_rng(1)
KNOWN = csr_matrix((RNG.random((50, 256)) < 0.1).astype(np.float32))
QUERIES = csr_matrix((RNG.random((30, 256)) < 0.1).astype(np.float32))
each = pytest.mark.parametrize("name", list(PROXIMITIES))


@each
def test_range_and_shape(name):
    found = PROXIMITIES.build(Part(name))(QUERIES, KNOWN, 1)
    assert found.shape == (30,)
    assert np.all((found >= 0) & (found <= 1))


@each
def test_extremes_stay_in_range(name):
    none, all_ = csr_matrix((1, 256), dtype=np.float32), csr_matrix(np.ones((1, 256), np.float32))
    for query in (none, all_):
        for known in (none, all_):
            assert 0 <= PROXIMITIES.build(Part(name))(query, known, 1)[0] <= 1


@each
def test_deterministic_for_a_seed(name):
    proximity = PROXIMITIES.build(Part(name))
    np.testing.assert_array_equal(proximity(QUERIES, KNOWN, 5), proximity(QUERIES, KNOWN, 5))


@each
def test_fewer_known_than_neighbours(name):
    assert np.isfinite(PROXIMITIES.build(Part(name))(QUERIES, KNOWN[:2], 1)).all()


@pytest.mark.parametrize("proximity", [EuclideanNeighbours(neighbours=3), TanimotoNeighbours(neighbours=3)], ids=str)
def test_known_molecules_are_nearer_than_others(proximity):
    assert proximity(KNOWN, KNOWN, 1).mean() > proximity(QUERIES, KNOWN, 1).mean()


def test_euclidean_equals_the_definition():
    drawn = np.sort(np.random.default_rng(7).choice(50, size=10, replace=False))
    distance = np.sort(cdist(QUERIES.toarray(), KNOWN.toarray()[drawn]), axis=1)[:, :8].mean(axis=1)
    found = EuclideanNeighbours(neighbours=8, reference_fraction=0.2)(QUERIES, KNOWN, 7)
    np.testing.assert_allclose(found, 1 - distance / 16, atol=1e-6)


def test_euclidean_draws_by_its_seed():
    assert not np.array_equal(EuclideanNeighbours()(QUERIES, KNOWN, 1), EuclideanNeighbours()(QUERIES, KNOWN, 2))


def test_tanimoto_equals_the_definition():
    a, b = QUERIES.toarray(), KNOWN.toarray()
    common = a @ b.T
    similarity = common / (a.sum(1)[:, None] + b.sum(1) - common)
    expected = np.sort(similarity, axis=1)[:, -4:].mean(axis=1)
    np.testing.assert_allclose(TanimotoNeighbours(neighbours=4)(QUERIES, KNOWN, 1), expected, atol=1e-6)


def test_resemblance_equals_the_definition():
    rows = RNG.normal(size=(40, 9)).astype(np.float32)
    total = rows[:30].astype(float).sum(axis=0)
    found = Resemblance(columns=4, scale=20)(csr_matrix(rows[30:]), csr_matrix(rows[:30]), 1)
    np.testing.assert_allclose(found, np.exp(np.clip(rows[30:, :4] @ total[:4] / 20, -1, 1) - 1), rtol=1e-6)


def test_resemblance_looks_at_all_columns_if_there_are_fewer():
    np.testing.assert_array_equal(Resemblance()(QUERIES, KNOWN, 1), Resemblance(columns=256)(QUERIES, KNOWN, 1))


def test_resemblance_compares_the_charters_own_features():
    charter = attrs.evolve(Charter.from_preset("open"), proximity=Part("resemblance"))
    assert compared(charter) == charter.featuriser
    assert compared(Charter.from_preset("open")) == Part("fcfp", {"radius": 2, "bits": 2048})


def test_nearness_by_resemblance(assays, transfer):
    charter = attrs.evolve(
        Charter.from_preset("open"), proximity=Part("resemblance", {"scale": 1e4}),
        featuriser=Part("additive", {"bits": 128}),
    )  # fmt: skip
    near = Nearness.of(assays["ada"], charter, "ada")
    known = features(assays["ada"].compounds, charter.featuriser).toarray()[:, :512].astype(float).sum(axis=0)
    asked = features(transfer, charter.featuriser).toarray()[:, :512]
    np.testing.assert_allclose(near(transfer), np.exp(np.minimum(asked @ known / 1e4, 1) - 1), rtol=1e-6)


def test_uniform_says_nothing():
    assert set(PROXIMITIES.build(Part("uniform"))(QUERIES, KNOWN, 1)) == {1.0}
