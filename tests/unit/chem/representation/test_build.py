"""Makers: principal directions by the textbook, the same bytes on any cores, and honest about what they learnt from."""

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from fluidmol.chem.features import features
from fluidmol.chem.representation import spectrum
from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.project import projected
from fluidmol.chem.representation.spectrum import dense_spectrum, sparse_spectrum
from fluidmol.errors import CharterError, InputError, UsageError
from fluidmol.values.parts import Part
from fluidmol.values.provenance import skeletons_digest

from .conftest import SMALL


def test_directions_are_those_of_the_textbook(chemistry):
    rows = features(chemistry.compounds, Part("additive", {"bits": 128}))
    found = sparse_spectrum(rows, 6)
    dense = rows.toarray().astype(float)
    values, vectors = np.linalg.eigh(np.cov(dense.T, ddof=0))
    np.testing.assert_allclose(found.variances, values[::-1][:6], rtol=1e-9)
    np.testing.assert_allclose(np.abs(np.sum(found.directions * vectors[:, ::-1][:, :6], axis=0)), 1, atol=1e-7)
    np.testing.assert_allclose(found.mean, dense.mean(axis=0), rtol=1e-12)
    assert (found.directions.max(axis=0) >= np.abs(found.directions).max(axis=0)).all()


def test_dense_and_sparse_spectra_agree(chemistry):
    rows = features(chemistry.compounds, Part("additive", {"bits": 128}))
    sparse, dense = sparse_spectrum(rows, rows.shape[1]), dense_spectrum(rows.toarray(), 1e-3)
    n = len(dense.variances)
    assert n < len(sparse.variances)
    np.testing.assert_allclose(sparse.variances[:n], dense.variances, rtol=1e-9)


def test_a_transfer_set_of_few_has_fewer_directions(chemistry):
    made = build(SMALL, chemistry.compounds.take(list(range(6))))
    assert made.n_directions == 5  # six points lie in five dimensions
    assert np.isfinite(made.branches[0].outputs[0].onto.weights.numbers).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_same_bytes_on_any_threads(chemistry, small, threads):
    with threadpool_limits(threads), joblib.parallel_config(n_jobs=threads):
        assert build(SMALL, chemistry.compounds).digest == small.digest


def test_the_grid_costs_little(chemistry, small):
    rows = features(chemistry.compounds, small.featuriser)
    onto, bias = sparse_spectrum(rows, 12).onto(0.4)
    exact = rows @ onto + bias
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    np.testing.assert_allclose(projected(small, rows), exact, atol=2e-3)


def test_provenance_says_all(chemistry, small):
    [transfer] = small.provenance.sources
    assert (transfer.digest, transfer.used) == (chemistry.compounds.digest, len(chemistry))
    assert small.provenance.maker.as_table() == {"name": "principal", "bits": 256, "directions": 12, "power": 0.4}
    assert (small.provenance.n_excluded, small.provenance.excluded) == (0, "")


def test_the_excluded_are_not_learnt_from(chemistry, small):
    compounds = chemistry.compounds
    excluded = set(compounds.skeletons[:40])
    made = build(SMALL, compounds, exclude=excluded)
    rest = [i for i, key in enumerate(compounds.skeletons) if key not in excluded]
    assert made.branches[0].facts() == build(SMALL, compounds.take(rest)).branches[0].facts()
    assert made.provenance.n_excluded == len(excluded)
    assert made.provenance.excluded == skeletons_digest(excluded)
    assert made.provenance.sources[0].used == len(rest)
    assert made.provenance.sources[0].digest == compounds.digest


def test_what_cannot_be_made_is_refused(chemistry, tmp_path):
    with pytest.raises(CharterError, match="unknown maker"):
        build(Part("principle"), chemistry.compounds)
    with pytest.raises(UsageError, match="learns from public tables"):
        build(Part("endpoints"), chemistry.compounds)
    with pytest.raises(UsageError, match="reads no public tables"):
        build(SMALL, chemistry.compounds, [tmp_path / "a.csv"])
    with pytest.raises(InputError, match="0 transfer molecules are left"):
        build(SMALL, chemistry.compounds, exclude=chemistry.compounds.skeletons)


def test_few_rows_have_the_directions_that_many_columns_give(monkeypatch):
    rows = csr_matrix(np.random.default_rng(3).random((12, 60)) * (np.random.default_rng(4).random((12, 60)) < 0.3))
    few = sparse_spectrum(rows, 5)
    monkeypatch.setattr(spectrum, "FEWER", 10**6)
    many = sparse_spectrum(rows, 5)
    np.testing.assert_allclose(few.variances, many.variances, rtol=1e-9)
    np.testing.assert_allclose(few.directions, many.directions, atol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(few.directions, axis=0), 1, rtol=1e-9)
