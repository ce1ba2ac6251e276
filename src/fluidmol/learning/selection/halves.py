"""What several selections share: a size, and half of each class as far as there are enough."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection import Selection

Rows = NDArray[np.int64]


@attrs.frozen
class Sized(Selection):
    """Options of a selection of so many molecules.

    Examples
    --------
    >>> Sized(size=100)
    Sized(size=100, hard=True)
    """

    size: int = attrs.field(default=10000, validator=[attrs.validators.ge(2), attrs.validators.le(10_000_000)])
    """Molecules asked for, at most 10 000 000; fewer if there aren't as many."""

    hard: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether labels are rounded to classes."""

    @property
    def of_classes(self) -> bool:
        """It takes from both classes, or from where they meet."""
        return True


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
