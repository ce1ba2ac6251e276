"""Rows of representations of whole sets, computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import RLock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.representation.known import find
from fluidmol.chem.representation.project import projected
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

LARGEST = 1 << 29
"""Bytes of rows that are remembered: 110 000 molecules of 1 216 directions."""

_kept: OrderedDict[tuple[str, str], NDArray[np.float32]] = OrderedDict()
_lock = RLock()
"""Partners of a simulation ask from several threads: one computes, the others wait."""


def projections(compounds: CompoundSet, digest: str, features: Callable[[CompoundSet, Part], csr_matrix]) -> csr_matrix:
    """Compute the rows of a representation, (n_compounds, n_directions), float32; every entry is explicit.

    Parameters
    ----------
    compounds : CompoundSet
    digest : str
        Of the representation, which is looked for by :func:`fluidmol.chem.representation.known.find`.
    features : callable
        Makes the representation's own features.

    Raises
    ------
    FluidError
        If the representation can't be found, or isn't of its featuriser.
    """
    representation = find(digest)
    key = compounds.digest, digest
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _wholly(_kept[key])
        rows = projected(representation, features(compounds, representation.featuriser))
        if rows.nbytes <= LARGEST:
            _kept[key] = rows
            while sum(kept.nbytes for kept in _kept.values()) > LARGEST:
                _kept.popitem(last=False)
        return _wholly(rows)


def forget() -> None:
    """Drop all rows that are kept in memory."""
    with _lock:
        _kept.clear()


def _wholly(rows: NDArray[np.float32]) -> csr_matrix:
    # A copy: whoever gets it may change it.
    n, width = rows.shape
    places = np.int64 if rows.size > np.iinfo(np.int32).max else np.int32
    columns = np.tile(np.arange(width, dtype=places), n)
    made = csr_matrix((rows.flatten(), columns, np.arange(n + 1, dtype=places) * width), rows.shape)
    made.has_canonical_format = True
    return made
