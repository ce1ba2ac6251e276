"""Resemblance from a sum of rows: within its bounds, linear in its logarithm, by the first columns alone."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.chem.proximity.resemblance import Resemblance
from fluidmol.values.parts import Part


def test_bounds_and_linearity():
    rng = np.random.default_rng(1)
    total, phi = rng.normal(0, 50, 8), rng.normal(0, 1, (200, 8)).astype(np.float32)
    found = Resemblance(5, 100.0).of_sum(total, phi)
    assert found.shape == (200,)
    assert found.min() == np.exp(-2)
    assert found.max() == 1
    inner = (found > found.min()) & (found < 1)
    np.testing.assert_allclose(100 * (np.log(found[inner]) + 1), phi[inner, :5] @ total[:5], atol=1e-4)


def test_later_columns_do_not_count():
    rng = np.random.default_rng(2)
    total, phi = rng.normal(size=6), rng.normal(size=(10, 6))
    changed = phi + np.array([0, 0, 0, 1, 2, 3])

    def stated(rows, columns):
        return Resemblance(columns, 10.0).of_sum(total, rows)

    assert (stated(phi, 3) == stated(changed, 3)).all()
    assert (stated(phi, 4) != stated(changed, 4)).any()
    assert (stated(phi, 100) == stated(phi, 6)).all()


def test_the_sum_says_what_the_rows_say():
    rng = np.random.default_rng(3)
    known, queries = rng.normal(size=(30, 6)), rng.normal(size=(10, 6)).astype(np.float32)
    proximity = Resemblance(4, 20.0)
    np.testing.assert_allclose(
        proximity.of_sum(known.sum(axis=0), queries), proximity(csr_matrix(queries), csr_matrix(known), 0)
    )


@pytest.mark.parametrize("name", sorted(set(PROXIMITIES) - {"resemblance"}))
def test_others_need_single_rows(name):
    assert PROXIMITIES.build(Part(name)).of_sum is None
