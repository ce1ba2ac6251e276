"""Nearest neighbours among fingerprints: exact, by popcount on packed bits.

50 000 queries against 6 000 references take under a second on two cores. Euclidean distance between binary
vectors is the root of the Hamming distance, so one kernel serves both measures.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.parallel import in_threads, jobs

Packed = NDArray[np.uint64]
"""Bits of fingerprints, 64 in a word: (n, n_words)."""

TILE, TOGETHER = 512, 32
"""References and queries that are compared at once: their words stay in the processor's nearest caches."""


def pack_bits(fingerprints: csr_matrix) -> Packed:
    """Pack the non-zero pattern of sparse rows into 64-bit words.

    Examples
    --------
    >>> pack_bits(csr_matrix([[1, 0, 1], [0, 0, 0]])).tolist()
    [[5], [0]]
    """
    words = (fingerprints.shape[1] + 63) // 64
    packed = np.zeros((fingerprints.shape[0], words), dtype=np.uint64)
    rows = np.repeat(np.arange(fingerprints.shape[0]), np.diff(fingerprints.indptr))
    columns = fingerprints.indices.astype(np.uint64)
    bits = np.left_shift(np.uint64(1), columns & np.uint64(63))
    np.bitwise_or.at(packed, (rows, (columns >> np.uint64(6)).astype(np.int64)), bits)
    return packed


def nearest_tanimoto(queries: Packed, references: Packed, k: int) -> NDArray[np.float32]:
    """Find Tanimoto similarities of each query to its k nearest references.

    Parameters
    ----------
    queries : (n_queries, n_words) uint64
    references : (n_references, n_words) uint64
    k : int
        Neighbours, at least 1; with fewer references, all of them.

    Returns
    -------
    (n_queries, k) float32
        Similarities in [0, 1], descending. Two empty fingerprints have similarity 0.

    Examples
    --------
    >>> bits = pack_bits(csr_matrix([[1, 1, 0], [1, 0, 0], [0, 0, 1]]))
    >>> nearest_tanimoto(bits[:1], bits, 2).tolist()
    [[1.0, 0.5]]
    """
    return _nearest(queries, references, k, True)[0]


def nearest_rows(queries: Packed, references: Packed, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Find the k nearest references of each query by Tanimoto similarity, with their positions.

    Parameters are as in :func:`nearest_tanimoto`.

    Returns
    -------
    similarity : (n_queries, k) float32
        In [0, 1], descending. Two empty fingerprints have similarity 0.
    row : (n_queries, k) int64
        Positions in the references; of equally near ones, the first.

    Examples
    --------
    >>> bits = pack_bits(csr_matrix([[0, 0, 1], [1, 0, 0], [1, 1, 0]]))
    >>> similarity, row = nearest_rows(bits[2:], bits, 2)
    >>> similarity.tolist(), row.tolist()
    ([[1.0, 0.5]], [[2, 1]])
    """
    return _nearest(queries, references, k, True)


def nearest_euclidean(queries: Packed, references: Packed, k: int) -> NDArray[np.float32]:
    """Find Euclidean distances between bit vectors of each query to its k nearest references.

    Parameters are as in :func:`nearest_tanimoto`.

    Returns
    -------
    (n_queries, k) float32
        Distances, ascending, from 0 to the root of the number of bits.

    Examples
    --------
    >>> bits = pack_bits(csr_matrix([[1, 1, 0], [1, 0, 0], [0, 0, 1]]))
    >>> nearest_euclidean(bits[:1], bits, 2).tolist()
    [[0.0, 1.0]]
    """
    return np.asarray(np.sqrt(np.abs(_nearest(queries, references, k, False)[0])))


def _nearest(
    queries: Packed, references: Packed, k: int, tanimoto: bool
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if not len(references):
        raise ValueError("no reference fingerprints: expected at least one")
    k = max(1, min(k, len(references)))
    counts = sizes(references)
    pieces = np.array_split(queries, max(1, min(len(queries), 4 * jobs())))
    words = np.ascontiguousarray(references.T)
    found = list(in_threads(_search, ((piece, words, counts, k, tanimoto) for piece in pieces)))
    return np.concatenate([piece[0] for piece in found]), np.concatenate([piece[1] for piece in found])


@njit(cache=True, nogil=True)
def popcount(word):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the bits of a word; for compiled code."""
    # The textbook bit trick; LLVM recognises it and emits the processor's own instruction.
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def sizes(rows):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the bits of each packed row: (n,) int64."""
    found = np.zeros(rows.shape[0], np.int64)
    for i in range(rows.shape[0]):
        for w in range(rows.shape[1]):
            found[i] += np.int64(popcount(rows[i, w]))
    return found


@njit(cache=True, nogil=True)
def _search(queries, words, counts, k, tanimoto):  # type: ignore[no-untyped-def]  # pragma: no cover
    # References lie word by word, (n_words, n_references): one word of a query meets that of many references in a row,
    # which is what processors count bits of eight at a time, and most queries have words without any bit.
    found = np.full((queries.shape[0], k), -np.inf, np.float32)
    rows = np.zeros((queries.shape[0], k), np.int64)
    size = sizes(queries)
    common = np.zeros(TILE, np.uint64)
    for first in range(0, queries.shape[0], TOGETHER):
        for start in range(0, words.shape[1], TILE):
            width = min(TILE, words.shape[1] - start)
            for q in range(first, min(first + TOGETHER, queries.shape[0])):
                common[:] = 0
                for w in range(words.shape[0]):
                    word = queries[q, w]
                    if word:
                        row = words[w, start : start + width]
                        for j in range(width):
                            common[j] += popcount(word & row[j])
                for j in range(width):
                    both = np.int64(common[j])
                    union = size[q] + counts[start + j] - both
                    # Larger is nearer: similarity itself, or minus the squared distance.
                    score = np.float32(both / union if union else 0.0) if tanimoto else np.float32(both - union)
                    if score > found[q, k - 1]:
                        place = k - 1
                        while place > 0 and found[q, place - 1] < score:
                            found[q, place] = found[q, place - 1]
                            rows[q, place] = rows[q, place - 1]
                            place -= 1
                        found[q, place] = score
                        rows[q, place] = start + j
    return found, rows
