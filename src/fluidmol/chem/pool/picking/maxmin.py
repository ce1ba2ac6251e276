"""MaxMin: each next molecule is the one least like all that were picked."""

from __future__ import annotations

import attrs
import numpy as np
from attrs import validators

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.chem.pool.picking import Picker
from fluidmol.chem.pool.picking.candidates import bit_vectors, check_size


@attrs.frozen
class MaxMin(Picker):
    """RDKit's MaxMin picker, from so many candidates drawn at random.

    Its time grows with the number of candidates and the square of the number picked.
    Source: Ashton et al. 2002, Quant. Struct.-Act. Relat. 21, 598.
    """

    candidates: int = attrs.field(default=100_000, validator=[validators.ge(1), validators.le(10_000_000)])
    """Molecules that are looked at; each takes some 400 bytes of memory."""

    def __call__(self, pool: Pool, size: int) -> Places:
        """Pick places in the pool's order, (size,)."""
        from rdkit.SimDivFilters.rdSimDivPickers import MaxMinPicker  # noqa: PLC0415 - heavy

        n = check_size(len(pool), size, self.candidates)
        vectors = bit_vectors(pool.fingerprints(np.arange(n)))
        found = MaxMinPicker().LazyBitVectorPick(vectors, n, size, [0])
        return np.sort(np.asarray(list(found), dtype=np.int64))
