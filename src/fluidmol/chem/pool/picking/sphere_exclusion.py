"""Sphere exclusion: no two that were picked are alike."""

from __future__ import annotations

import attrs
import numpy as np
from attrs import validators

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.chem.pool.picking import Picker
from fluidmol.chem.pool.picking.candidates import bit_vectors, check_size


@attrs.frozen
class SphereExclusion(Picker):
    """RDKit's leader picker: molecules in the pool's order, but none within a distance of one that was picked.

    It may find fewer than are asked for. Its time grows with the number of candidates times that of those picked.
    Source: Taylor 1995, J. Chem. Inf. Comput. Sci. 35, 59.
    """

    distance: float = attrs.field(default=0.5, converter=float, validator=[validators.gt(0), validators.le(1)])
    """Tanimoto distance (1 - similarity) that those picked have at least."""

    candidates: int = attrs.field(default=200_000, validator=[validators.ge(1), validators.le(10_000_000)])
    """Molecules that are looked at, drawn at random; each takes some 400 bytes of memory."""

    def __call__(self, pool: Pool, size: int) -> Places:
        """Pick places in the pool's order, (size,) or fewer."""
        from rdkit.SimDivFilters.rdSimDivPickers import LeaderPicker  # noqa: PLC0415 - heavy

        n = check_size(len(pool), size, self.candidates)
        vectors = bit_vectors(pool.fingerprints(np.arange(n)))
        found = LeaderPicker().LazyBitVectorPick(vectors, n, self.distance, pickSize=size)
        return np.sort(np.asarray(list(found), dtype=np.int64))
