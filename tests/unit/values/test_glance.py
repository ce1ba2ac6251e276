"""Columns at a glance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.values.glance import glance


@pytest.mark.parametrize("number", np.linspace(0, 1, 11))
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_part_includes_its_lower_end(number, kind):
    counts = glance("x", np.array([number], kind)).counts
    assert counts.index(1) == min(9, round(number * 10))


def test_nothing_to_look_at():
    for numbers in ([], [np.nan]):
        seen = glance("x", numbers)
        assert (seen.least, seen.mean, seen.largest, sum(seen.counts), seen.distinct) == (None, None, None, 0, 0)


@given(arrays(np.float32, st.integers(0, 20), elements=st.one_of(st.just(np.nan), st.floats(0, 1, width=32))))
def test_every_number_is_counted_once(numbers):
    seen = glance("x", numbers)
    assert sum(seen.counts) + seen.missing == seen.rows == len(numbers)
    if seen.least is not None:
        # The mean of equal numbers may differ from them by rounding.
        assert 0 <= seen.least <= seen.mean + 1e-9
        assert seen.mean - 1e-9 <= seen.largest <= 1
