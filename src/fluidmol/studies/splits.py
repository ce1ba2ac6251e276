"""Splits: how public data become the private data of partners in a virtual consortium."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.clusters import clusters
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import InputError, UsageError
from fluidmol.learning.groups import dealt
from fluidmol.learning.seeds import derive_seed
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import nearest

Groups = NDArray[np.int64]
"""Number of each compound's partner, from 0, (n_compounds,)."""


def partition(compounds: CompoundSet, n_partners: int, split: str, seed: int, mixing: float = 0.05) -> Groups:
    """Give each compound to one partner.

    Parameters
    ----------
    compounds : CompoundSet
    n_partners : int
        At least 2.
    split : str
        ``kmeans``: clusters of similar compounds; ``scaffold``: compounds of one Bemis-Murcko scaffold stay
        together; ``random``.
    seed : int
    mixing : float
        Share of the compounds that is then moved to a random partner, in [0, 1]; the paper moves 5 %.

    Returns
    -------
    (n_compounds,) int64
        Number of the partner, from 0.

    Raises
    ------
    InputError
        If there are fewer compounds than partners.
    UsageError
        If the split is unknown.
    """
    check_split(split)
    if len(compounds) < n_partners:
        raise InputError(
            f"{len(compounds)} compounds are left for {n_partners} partners",
            hint="Each partner needs at least one: give more compounds, or ask for fewer `n_partners`.",
        )
    groups = SPLITS[split](compounds, n_partners, derive_seed(seed, "split"))
    rng = np.random.default_rng(derive_seed(seed, "mixing"))
    moved = rng.choice(len(groups), size=int(mixing * len(groups)), replace=False)
    groups[moved] = rng.integers(0, n_partners, size=len(moved))
    return groups


def check_split(split: str) -> None:
    """Refuse a split that there isn't.

    Raises
    ------
    UsageError
        Naming the nearest.
    """
    if split not in SPLITS:
        raise UsageError(f"unknown split {split!r}", hint=nearest(split, SPLITS))


def _scaffold(compounds: CompoundSet, n_partners: int, seed: int) -> Groups:
    return dealt(scaffolds(compounds), n_partners, seed)


def _random(compounds: CompoundSet, n_partners: int, seed: int) -> Groups:
    return np.random.default_rng(seed).permutation(len(compounds)) % n_partners


SPLITS: dict[str, Callable[[CompoundSet, int, int], Groups]] = {
    "kmeans": clusters,  # fewer different fingerprints than partners: some stay empty, and decline
    "random": _random,
    "scaffold": _scaffold,
}
"""Splits by name."""
