"""Groups are dealt whole, and evenly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.learning.groups import dealt


@given(groups=st.lists(st.integers(0, 9), min_size=1, max_size=60), n_parts=st.integers(1, 6), seed=st.integers(0, 9))
def test_groups_stay_together_in_parts_of_like_size(groups, n_parts, seed):
    part = dealt(groups, n_parts, seed)
    assert len(part) == len(groups)
    assert all(len({p for p, g in zip(part, groups, strict=True) if g == group}) == 1 for group in groups)
    sizes = np.bincount(part, minlength=n_parts)
    assert len(sizes) == n_parts
    assert sizes.max() - sizes.min() <= max(groups.count(group) for group in groups)
