"""From features to rows of a representation: no longer than 1, whatever the representation holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.errors import CharterError
from fluidmol.parallel import one_blas_thread
from fluidmol.values.grids import Grid
from fluidmol.values.representation import Branch, Layer, Representation

Floats = NDArray[np.float32]

CHUNK = 1024
"""Rows at a time."""

MARGIN = 2.0**-20
"""Rows are cut at 1 minus this, for float32 can't hold a length of 1 exactly."""


def projected(representation: Representation, rows: csr_matrix) -> Floats:
    """Map features to rows of the representation.

    A row depends on that molecule alone, to the last bit, and not on the number of cores.

    Parameters
    ----------
    representation : Representation
    rows : (n, n_columns) csr_matrix
        Of the representation's own featuriser.

    Returns
    -------
    (n, n_directions) float32 array
        Rows of length 1 at most, in exact arithmetic: privacy doesn't rest on what the representation holds. A row
        that isn't finite becomes 0.

    Raises
    ------
    CharterError
        If the features aren't as wide as the representation's.
    """
    if rows.shape[1] != representation.n_columns:
        raise CharterError(
            f"the representation {representation.digest} is of {representation.n_columns} columns, its featuriser"
            f" {representation.featuriser.name} makes {rows.shape[1]}",
            hint="It was made by another version, or by hand: make it again with fluid representation build.",
        )
    n = rows.shape[0]
    found = np.empty((n, representation.n_directions), dtype=np.float32)
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n, CHUNK):
            part = rows[start : start + CHUNK]
            made = np.hstack([piece for branch in representation.branches for piece in _outputs(branch, part)])
            found[start : start + CHUNK] = _cut(made)
    return found


def activations(
    rows: csr_matrix, layers: Sequence[Layer], columns: Grid | None, length: float
) -> Iterator[csr_matrix | Floats]:
    """Compute what goes into the first layer of a branch and comes out of each: (n, width), n at most a chunk."""
    value: csr_matrix | Floats = prepared(rows, columns, length)
    yield value
    for layer in layers:
        value = np.maximum(_linear(value, layer), 0)
        yield value


def prepared(rows: csr_matrix, columns: Grid | None, length: float) -> csr_matrix:
    """Weigh the columns of features, and bring the rows to one length; a row of nothing stays."""
    data = rows.data.astype(np.float32)
    if columns is not None:
        data = data * columns.numbers[rows.indices, 0]
    if length:
        squares = csr_matrix((data.astype(np.float64) ** 2, rows.indices, rows.indptr), rows.shape)
        found = np.sqrt(squares @ np.ones(rows.shape[1]))
        data = data * np.repeat((length / np.maximum(found, 1e-9)).astype(np.float32), np.diff(rows.indptr))
    return csr_matrix((data, rows.indices, rows.indptr), rows.shape)


def _outputs(branch: Branch, rows: csr_matrix) -> list[Floats]:
    values = list(activations(rows, branch.layers, branch.columns, branch.length))
    return [_unit(_linear(values[o.depth], o.onto)) * np.float32(np.sqrt(o.share)) for o in branch.outputs]


def _linear(value: csr_matrix | Floats, layer: Layer) -> Floats:
    if isinstance(value, np.ndarray):
        # Each row by itself: in a product of matrices its last bits depend on its place among the others.
        product = np.empty((len(value), layer.weights.numbers.shape[1]), dtype=np.float32)
        for made_of, row in zip(product, value, strict=True):
            made_of[:] = row @ layer.weights.numbers
    else:
        product = np.asarray(value @ layer.weights.numbers, dtype=np.float32)
    made: Floats = product + layer.bias.numbers
    return made


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    made: Floats = (rows / np.maximum(length, 1e-9)).astype(np.float32)
    return made


def _cut(rows: Floats) -> Floats:
    length = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    made: Floats = (rows / np.maximum(length * (1 + MARGIN), 1)).astype(np.float32)
    made[~np.isfinite(length[:, 0])] = 0
    return made
