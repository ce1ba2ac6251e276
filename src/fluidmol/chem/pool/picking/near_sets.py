"""The molecules nearest to given sets, and others at random."""

from __future__ import annotations

import attrs
import numpy as np
from attrs import validators
from numpy.typing import NDArray

from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.ordering import Places
from fluidmol.chem.pool.picking import Picker


@attrs.frozen
class NearSets(Picker):
    """Each set (a file, or a partner by its private directions) takes in turn the nearest molecule that is left."""

    share: float = attrs.field(default=1.0, converter=float, validator=[validators.gt(0), validators.le(1)])
    """Share that is picked so; the rest is drawn at random from what is left."""

    @property
    def needs_sets(self) -> bool:
        """True: without sets nothing is near."""
        return True

    def __call__(self, pool: Pool, size: int) -> Places:
        """Pick places in the pool's order, (size,)."""
        n = round(self.share * size)
        chosen = np.zeros(len(pool), np.bool_)
        chosen[in_turn(pool.scores, n)] = True
        rest = np.flatnonzero(~chosen)[: size - n]
        chosen[rest] = True
        return np.flatnonzero(chosen)


def in_turn(scores: NDArray[np.float32], n: int) -> Places:
    """Let each row of scores take its best column that no row has taken, in turn, until there are n.

    A row whose best ones are taken by others takes the next; where rows take the same at one turn, it counts once.

    Parameters
    ----------
    scores : (n_sets, n_molecules) float32
        Larger is better; of equal ones, the first.
    n : int

    Examples
    --------
    >>> in_turn(np.array([[0.9, 0.8, 0.1, 0.0], [0.0, 0.1, 0.2, 0.7]]), 3).tolist()
    [0, 3, 1]
    """
    best = np.full(scores.shape[1], np.iinfo(np.int64).max)
    whose = np.zeros(scores.shape[1], np.int64)
    for row, values in enumerate(scores):
        place = np.empty(len(values), np.int64)
        place[np.argsort(-values, kind="stable")] = np.arange(len(values))
        whose[place < best] = row
        np.minimum(best, place, out=best)
    return np.lexsort((whose, best))[:n].astype(np.int64)
