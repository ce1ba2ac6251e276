"""Which references are the nearest: as :mod:`fluidmol.chem.similarity`, with their positions."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fluidmol.chem.similarity import Packed, _popcount, _sizes
from fluidmol.parallel import in_threads, jobs


def nearest_rows(queries: Packed, references: Packed, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Find the k nearest references of each query by Tanimoto similarity.

    Parameters
    ----------
    queries : (n_queries, n_words) uint64
    references : (n_references, n_words) uint64
    k : int
        Neighbours, at least 1; with fewer references, all of them.

    Returns
    -------
    similarity : (n_queries, k) float32
        In [0, 1], descending. Two empty fingerprints have similarity 0.
    row : (n_queries, k) int64
        Positions in the references; of equally near ones, the first.

    Raises
    ------
    ValueError
        If there are no references.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> from fluidmol.chem.similarity import pack_bits
    >>> bits = pack_bits(csr_matrix([[0, 0, 1], [1, 0, 0], [1, 1, 0]]))
    >>> similarity, row = nearest_rows(bits[2:], bits, 2)
    >>> similarity.tolist(), row.tolist()
    ([[1.0, 0.5]], [[2, 1]])
    """
    if not len(references):
        raise ValueError("no reference fingerprints: expected at least one")
    k = max(1, min(k, len(references)))
    sizes = _sizes(references)
    pieces = np.array_split(queries, max(1, min(len(queries), 4 * jobs())))
    found = list(in_threads(_search, ((piece, references, sizes, k) for piece in pieces)))
    return np.concatenate([piece[0] for piece in found]), np.concatenate([piece[1] for piece in found])


@njit(cache=True, nogil=True)
def _search(queries, references, sizes, k):  # type: ignore[no-untyped-def]  # pragma: no cover
    found = np.full((queries.shape[0], k), -1, np.float32)
    rows = np.zeros((queries.shape[0], k), np.int64)
    for q in range(queries.shape[0]):
        size = np.int64(0)
        for w in range(queries.shape[1]):
            size += np.int64(_popcount(queries[q, w]))
        for r in range(references.shape[0]):
            common = np.int64(0)
            for w in range(queries.shape[1]):
                common += np.int64(_popcount(queries[q, w] & references[r, w]))
            union = size + sizes[r] - common
            score = np.float32(common / union if union else 0.0)
            if score > found[q, k - 1]:
                place = k - 1
                while place > 0 and found[q, place - 1] < score:
                    found[q, place] = found[q, place - 1]
                    rows[q, place] = rows[q, place - 1]
                    place -= 1
                found[q, place] = score
                rows[q, place] = r
    return found, rows
