"""Resemblance as a stated weight: within its bounds, linear in its logarithm, by the first columns alone."""

import numpy as np

from fluidmol.learning.privacy.resemblance import stated


def test_bounds_and_linearity():
    rng = np.random.default_rng(1)
    total, phi = rng.normal(0, 50, 8), rng.normal(0, 1, (200, 8)).astype(np.float32)
    found = stated(total, phi, 5, 100.0)
    assert found.shape == (200,)
    assert found.min() == np.exp(-2)
    assert found.max() == 1
    inner = (found > found.min()) & (found < 1)
    np.testing.assert_allclose(100 * (np.log(found[inner]) + 1), phi[inner, :5] @ total[:5], atol=1e-4)


def test_later_columns_do_not_count():
    rng = np.random.default_rng(2)
    total, phi = rng.normal(size=6), rng.normal(size=(10, 6))
    changed = phi + np.array([0, 0, 0, 1, 2, 3])
    assert (stated(total, phi, 3, 10.0) == stated(total, changed, 3, 10.0)).all()
    assert (stated(total, phi, 4, 10.0) != stated(total, changed, 4, 10.0)).any()
    assert (stated(total, phi, 100, 10.0) == stated(total, phi, 6, 10.0)).all()
