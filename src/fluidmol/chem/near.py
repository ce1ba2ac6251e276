"""Which molecules of two sets have a near duplicate in the other: exact, without looking at most pairs' bits."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fluidmol.chem.similarity import Packed, popcount, sizes
from fluidmol.parallel import in_threads, jobs

Flags = NDArray[np.bool_]


def near_each_other(a: Packed, b: Packed, at_least: float) -> tuple[Flags, Flags]:
    """Tell which fingerprints of each set have one in the other set that is at least so similar.

    Two sets of fingerprints of sizes s and t can only be so similar if at most (1 - x) / (1 + x) * (s + t) bits differ
    for the similarity x: sizes that differ by more are never compared, and a comparison ends as soon as more bits
    differ, after an eighth of the words or so for unlike molecules. Both directions come of one search.

    Parameters
    ----------
    a : (n_a, n_words) uint64
        See :func:`~fluidmol.chem.similarity.pack_bits`.
    b : (n_b, n_words) uint64
    at_least : float
        Tanimoto similarity, in (0, 1].

    Returns
    -------
    of_a : (n_a,) bool
        Whether there is one in ``b``. Two empty fingerprints have similarity 0.
    of_b : (n_b,) bool
        Whether there is one in ``a``.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> from fluidmol.chem.similarity import pack_bits
    >>> a, b = pack_bits(csr_matrix([[1, 1, 0], [0, 0, 1]])), pack_bits(csr_matrix([[1, 1, 1], [1, 0, 0]]))
    >>> [found.tolist() for found in near_each_other(a, b, 0.6)]
    [[True, False], [True, False]]
    """
    order_a, order_b = (np.argsort(sizes(rows), kind="stable") for rows in (a, b))
    sorted_a, sorted_b = a[order_a], b[order_b]
    size_b = sizes(sorted_b)
    near_a, near_b = np.zeros(len(a), np.bool_), np.zeros(len(b), np.bool_)
    cuts = np.linspace(0, len(a), 1 + max(1, min(len(a), 8 * jobs()))).astype(np.int64)
    # All threads set flags of the same array, and never take one back: which of them comes first doesn't matter.
    tasks = ((sorted_a, sorted_b, size_b, at_least, near_a, near_b, *cuts[i : i + 2]) for i in range(len(cuts) - 1))
    for _ in in_threads(_mark, tasks):
        pass
    of_a, of_b = np.zeros_like(near_a), np.zeros_like(near_b)
    of_a[order_a], of_b[order_b] = near_a, near_b
    return of_a, of_b


@njit(cache=True, nogil=True)
def _mark(a, b, size_b, at_least, near_a, near_b, start, stop):  # type: ignore[no-untyped-def]  # pragma: no cover
    limit = np.float32(at_least)
    ratio = (1 - at_least) / (1 + at_least)
    for i in range(start, stop):
        size = np.int64(0)
        for w in range(a.shape[1]):
            size += np.int64(popcount(a[i, w]))
        first = np.searchsorted(size_b, at_least * size - 1e-3)
        last = np.searchsorted(size_b, size / at_least + 1e-3)
        for j in range(first, last):
            if near_a[i] and near_b[j]:
                continue
            # A little more than is allowed: rounding mustn't decide here, but in the last comparison.
            allowed = ratio * (size + size_b[j]) + 1e-3
            differ = np.int64(0)
            for w in range(a.shape[1]):
                differ += np.int64(popcount(a[i, w] ^ b[j, w]))
                if differ > allowed:
                    break
            else:
                union = (size + size_b[j] + differ) // 2
                if union and np.float32((union - differ) / union) >= limit:
                    near_a[i] = True
                    near_b[j] = True
