"""The lattice: no row is longer than its bound, in exact arithmetic, and none depends on the others."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.errors import InputError
from fluidmol.learning.privacy.lattice import PER_UNIT, along, lengths, on_lattice

numbers = st.one_of(st.floats(-1, 1), st.floats(allow_nan=False, allow_infinity=False))
tables = st.tuples(st.integers(1, 6), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=numbers)
)
bounds = st.sampled_from((PER_UNIT, PER_UNIT // 2, 1000, 1))


def squares(row):
    return sum(int(x) ** 2 for x in row)


@given(tables, bounds)
def test_no_row_is_longer_than_its_bound(rows, bound):
    for row in on_lattice(rows, bound):
        assert squares(row) <= bound**2


@given(tables, st.integers(0, 2**32))
def test_one_row_more_changes_the_sum_by_its_bound_at_most(rows, seed):
    whole = on_lattice(rows, PER_UNIT)
    gone = np.random.default_rng(seed).integers(len(rows))
    rest = on_lattice(np.delete(rows, gone, axis=0), PER_UNIT)
    assert squares(whole.sum(axis=0) - rest.sum(axis=0)) <= PER_UNIT**2


@given(arrays(np.float64, (3, 5), elements=st.floats(-0.4, 0.4)))
def test_short_rows_stay_where_they_are(rows):
    for row, found in zip(rows, on_lattice(rows, PER_UNIT), strict=True):
        for x, whole in zip(row, found, strict=True):
            assert 0 <= abs(Fraction(x) * PER_UNIT) - abs(int(whole)) < 1  # towards zero, by less than a point
            assert x * whole >= 0


@given(arrays(np.float64, 7, elements=st.floats(-1, 1)).filter(lambda row: np.abs(row).max() > 1e-3))
def test_long_rows_keep_their_direction(row):
    found = on_lattice(1000 * row[None], PER_UNIT)[0] / PER_UNIT
    assert np.abs(found - row / math.sqrt(row @ row)).max() < 2.1 / PER_UNIT


def test_rounding_up_is_caught():
    # Rows of length 1 but for rounding: truncation alone is exact in most, and the guard has to see to the others.
    rng = np.random.default_rng(1)
    rows = rng.integers(-3, 4, (2000, 8)).astype(float)
    rows = rows[(rows != 0).any(axis=1)]
    found = on_lattice(rows * 1e9, PER_UNIT)
    assert max(squares(row) for row in found) <= PER_UNIT**2
    assert min(squares(row) for row in found) > (PER_UNIT - 8) ** 2
    on_axis = np.diag([1 + 1e-15, 1e300, 1.0])
    assert on_lattice(on_axis, PER_UNIT).tolist() == (PER_UNIT * np.eye(3)).tolist()


@given(st.integers(1, 40), st.integers(1, 300), st.integers(0, 2**32))
def test_products_of_a_row_do_not_depend_on_the_others(n, width, seed):
    rng = np.random.default_rng(seed)
    rows, other = rng.normal(size=(n, width)), rng.normal(size=width)
    for place in {0, n // 2, n - 1}:
        alone = rows[place : place + 1]
        assert along(alone, other)[0, 0] == along(rows, other)[place, 0]
        assert lengths(alone)[0, 0] == lengths(rows)[place, 0]
        assert (on_lattice(alone, PER_UNIT)[0] == on_lattice(rows, PER_UNIT)[place]).all()


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_refused(odd):
    with pytest.raises(InputError, match="1 of 3 rows have a number that isn't finite"):
        on_lattice(np.array([[0.0, 0.0], [odd, 0.0], [0.0, 0.0]]), PER_UNIT)


def test_nothing_at_all():
    assert on_lattice(np.empty((0, 3)), PER_UNIT).shape == (0, 3)
