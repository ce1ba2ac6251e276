"""All bootstrap draws there are: with replacement, as many as there are.

They differ in what is counted, which decides what a draw costs. Each keeps its own stream of random numbers, so that
figures stay the same for a seed:

==========================  ========================================================================================
:func:`times_drawn`         How often each molecule is drawn, for any metric. The way of :mod:`.resampling`.
:func:`times_sampled`       The same from a multinomial; the way of a run's report, whose figures have this stream.
:func:`tables_drawn`        The four counts of a confusion table: all that metrics at a threshold need, a thousand
                            times faster.
:func:`places_drawn`        Which ones are drawn, in order: for draws of an audit's games, which are few.
==========================  ========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]

_BATCH = 4_000_000
"""Most counts held at once: memory stays flat whatever the number of molecules and draws."""


def times_drawn(n: int, draws: int, seed: int) -> Iterator[Counts]:
    """Draw n of n, and count how often each is drawn: batches of (n_draws, n).

    Examples
    --------
    >>> [batch.sum(axis=1).tolist() for batch in times_drawn(5, 2, seed=1)]
    [[5.0, 5.0]]
    """
    rng = np.random.default_rng(seed)
    for size in _sizes(n, draws):
        drawn = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)


def times_sampled(n: int, draws: int, seed: int) -> Iterator[Counts]:
    """Sample how often each of n is drawn from a multinomial distribution: batches of (n_draws, n).

    Examples
    --------
    >>> [batch.sum(axis=1).tolist() for batch in times_sampled(5, 2, seed=1)]
    [[5.0, 5.0]]
    """
    rng = np.random.default_rng(seed)
    flat = np.full(n, 1 / n)
    for size in _sizes(n, draws):
        yield rng.multinomial(n, flat, size=size).astype(np.float64)


def tables_drawn(counts: NDArray[np.int64] | Counts, draws: int, seed: int) -> Counts:
    """Sample the counts of a table from a multinomial distribution, (draws, n_cells): as exact as drawing molecules.

    Examples
    --------
    >>> tables_drawn(np.array([3, 0, 0, 7]), 2, seed=1).sum(axis=1).tolist()
    [10.0, 10.0]
    """
    total = counts.sum()
    return np.random.default_rng(seed).multinomial(int(total), counts / total, size=draws).astype(np.float64)


def places_drawn(n: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Draw n of n by their places, (draws, n).

    Examples
    --------
    >>> places_drawn(3, 2, seed=1).shape
    (2, 3)
    """
    return np.random.default_rng(seed).integers(n, size=(draws, n))


def _sizes(n: int, draws: int) -> Iterator[int]:
    size = max(1, _BATCH // n)
    yield from (min(size, draws - start) for start in range(0, draws, size))
