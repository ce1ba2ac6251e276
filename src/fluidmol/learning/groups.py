"""Groups that belong together, dealt whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def dealt(groups: Sequence[Any] | NDArray[Any], n_parts: int, seed: int) -> NDArray[np.int64]:
    """Deal groups to parts of about one size: the largest first, each to the part that has least.

    Parameters
    ----------
    groups : sequence
        The group of each row, (n_rows,).
    n_parts : int
    seed : int
        Decides among groups of one size.

    Returns
    -------
    (n_rows,) int64
        The part of each row, from 0; rows of one group share it.

    Examples
    --------
    >>> dealt(["a", "b", "a", "c"], 2, seed=1).tolist()
    [0, 1, 0, 1]
    """
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    sizes = np.bincount(group)
    order = np.lexsort((np.random.default_rng(seed).permutation(len(names)), -sizes))
    filled = np.zeros(n_parts, dtype=np.int64)
    part = np.zeros(len(names), dtype=np.int64)
    for name in order:
        part[name] = int(np.argmin(filled))
        filled[part[name]] += sizes[name]
    return np.asarray(part[group])
