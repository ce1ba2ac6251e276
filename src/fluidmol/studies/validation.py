"""Which compounds of the source are held out to judge models by, and belong to nobody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import InputError, UsageError
from fluidmol.learning.seeds import derive_seed
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import nearest

VALIDATION_SPLITS = ("random", "scaffold", "time")
"""Ways to hold out a validation set."""

Dates = NDArray[np.datetime64]
"""When each compound was first measured, (n_compounds,)."""

Held = NDArray[np.bool_]
"""Which compounds are held out, (n_compounds,)."""


def hold_out(
    compounds: CompoundSet, fraction: float, seed: int, by: str = "random", dates: Dates | None = None
) -> Held:
    """Hold out a validation set; compounds of one skeleton stay on one side.

    Parameters
    ----------
    compounds : CompoundSet
    fraction : float
        Share that is held out, in (0, 1).
    seed : int
        Draws, unless the newest are held out.
    by : str
        ``random``: skeletons are drawn; ``scaffold``: Bemis-Murcko scaffolds are, whole, as many as fit into the
        share; ``time``: the newest compounds, whole dates, as near to the share as they come.
    dates : (n_compounds,) datetime64, optional
        For ``time``: when each compound was first measured, all known. A skeleton is as old as its first compound.

    Returns
    -------
    (n_compounds,) bool
        True where held out.

    Raises
    ------
    UsageError
        If that way is unknown, or needs dates.
    InputError
        If no date divides off half to twice the share.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> hold_out(phenol, 0.2, 1).tolist()
    [False]
    """
    check_validation_split(by)
    if by == "time":
        return _newest(compounds, fraction, dates)
    rng = np.random.default_rng(derive_seed(seed, "validation"))
    if by == "scaffold":
        return _whole(_families(compounds), round(fraction * len(compounds)), rng)
    names, group = np.unique(compounds.skeletons, return_inverse=True)
    held = np.zeros(len(names), dtype=bool)
    held[rng.permutation(len(names))[: round(fraction * len(names))]] = True
    return np.asarray(held[group])


def check_validation_split(by: str) -> None:
    """Refuse a way to hold out that there isn't.

    Raises
    ------
    UsageError
        Naming the nearest.
    """
    if by not in VALIDATION_SPLITS:
        raise UsageError(f"unknown validation split {by!r}", hint=nearest(by, VALIDATION_SPLITS))


def _families(compounds: CompoundSet) -> NDArray[np.int64]:
    """Find compounds that share a scaffold or a skeleton, or are linked so: the number of each one's family."""
    parts = [np.unique(part, return_inverse=True)[1] for part in (scaffolds(compounds), compounds.skeletons)]
    n = 1 + max(int(part.max(initial=0)) for part in parts)
    links = coo_matrix((np.ones(len(compounds)), (parts[0], n + parts[1])), shape=(2 * n, 2 * n))
    return np.unique(connected_components(links, directed=False)[1][parts[0]], return_inverse=True)[1].astype(np.int64)


def _whole(family: NDArray[np.int64], wanted: int, rng: np.random.Generator) -> Held:
    """Draw families one after the other, passing over those that are more than what is still wanted."""
    sizes = np.bincount(family)
    held, n_held = np.zeros(len(sizes), dtype=bool), 0
    for drawn in rng.permutation(len(sizes)):
        if n_held + sizes[drawn] <= wanted:
            held[drawn], n_held = True, n_held + sizes[drawn]
    return np.asarray(held[family])


def _newest(compounds: CompoundSet, fraction: float, dates: Dates | None) -> Held:
    if dates is None:
        raise UsageError("a validation split by time needs dates", hint="Name their column with `date_column`.")
    days = dates.astype("datetime64[D]").astype(np.int64)
    _, group = np.unique(compounds.skeletons, return_inverse=True)
    first = np.full(int(group.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, group, days)
    days = first[group]
    starts, counts = np.unique(days, return_counts=True)
    shares = counts[::-1].cumsum()[::-1] / len(days)  # from each date on
    cut = int(np.argmin(np.abs(shares - fraction)))
    if not fraction / 2 <= shares[cut] <= min(2 * fraction, 1 - 1 / len(days)):
        when, share = np.datetime64(int(starts[cut]), "D"), shares[cut]
        raise InputError(
            f"no date divides off the newest {fraction:.0%} of {len(days):,} compounds: they have {len(starts):,}"
            f" different dates, and the nearest cut, before {when}, has {share:.0%} after it",
            hint="Compounds of one date stay on one side. Give finer dates, another `validation_fraction`, or another"
            " `validation_split`.",
        )
    return np.asarray(days >= starts[cut])
