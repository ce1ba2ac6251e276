"""A column of numbers at a glance: what a reader wants to know before looking at any of them."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import ArrayLike

BINS = 10
"""Bars of a histogram over [0, 1]."""


@attrs.frozen
class Glance:
    """How numbers in [0, 1] are spread out."""

    name: str
    """What they are."""

    rows: int
    """How many there are, missing ones included."""

    missing: int
    """How many are missing (NaN): abstentions."""

    distinct: int
    """How many different numbers there are: the fewer, the less can be read from any."""

    least: float | None
    """The smallest; None if all are missing."""

    mean: float | None
    """The mean; None if all are missing."""

    largest: float | None
    """The largest; None if all are missing."""

    counts: tuple[int, ...]
    """Numbers in each of ten equal parts of [0, 1]; a part includes its lower end, the last one both."""


def glance(name: str, numbers: ArrayLike) -> Glance:
    """Look at numbers in [0, 1]; NaN is missing.

    Parameters
    ----------
    name : str
    numbers : (n,) float

    Examples
    --------
    >>> seen = glance("probability", [0.1, 0.1, 0.95, float("nan")])
    >>> seen.missing, seen.distinct, seen.largest, seen.counts
    (1, 2, 0.95, (0, 2, 0, 0, 0, 0, 0, 0, 0, 1))
    """
    every = np.asarray(numbers, dtype=np.float64).ravel()
    # Seven decimals are what 32-bit floats mean.
    there = np.round(every[~np.isnan(every)], 7)
    least, mean, largest = (float(there.min()), float(there.mean()), float(there.max())) if len(there) else (None,) * 3
    # A little is added, for 0.7 times ten is less than seven.
    places = np.clip((there * BINS + 1e-6).astype(np.int64), 0, BINS - 1)
    counts = tuple(int(count) for count in np.bincount(places, minlength=BINS))
    return Glance(name, len(every), len(every) - len(there), len(np.unique(there)), least, mean, largest, counts)
