"""What several selections share: half of each class, as far as there are enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def labelled(label: NDArray[np.float64]) -> Rows:
    """Positions that have a label.

    Examples
    --------
    >>> labelled(np.array([np.nan, 0.5])).tolist()
    [1]
    """
    return np.flatnonzero(~np.isnan(label))


def halves(label: NDArray[np.float64], size: int, choose: Callable[[Rows, int], Rows]) -> Rows:
    """Let ``choose`` pick ``size // 2`` active and as many inactive molecules, or as many as there are.

    Examples
    --------
    >>> halves(np.array([0.9, 0.1, 0.2, 0.3]), 4, lambda rows, n: rows[:n]).tolist()
    [0, 1, 2]
    """
    rows = labelled(label)
    groups = (rows[label[rows] > 0.5], rows[label[rows] <= 0.5])
    return np.sort(np.concatenate([choose(group, min(size // 2, len(group))) for group in groups]))
