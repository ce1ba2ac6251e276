"""Which own compounds are held out together."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.clusters import clusters
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import InputError, UsageError
from fluidmol.learning.groups import dealt
from fluidmol.partner.assay import Assay
from fluidmol.values.parts import nearest

SPLITS = ("cluster", "scaffold", "random", "time")
"""Ways to hold out own compounds."""

CLUSTERS = 4
"""Clusters a fold: a fold is a few series of compounds, not half of all that the partner knows."""

NEWEST = 1 / 3
"""Share of the compounds, the newest, that a split by time predicts."""

Rows = NDArray[np.int64]
Dates = NDArray[np.datetime64]


@attrs.frozen(eq=False)
class HeldOut:
    """One fold."""

    train: Rows
    """Positions of the compounds that may be learnt from."""

    test: Rows
    """Positions of those that are held out."""


def check_split(split: str) -> None:
    """Refuse a split that there isn't.

    Raises
    ------
    UsageError
        Naming the nearest.
    """
    if split not in SPLITS:
        raise UsageError(f"unknown split {split!r}", hint=nearest(split, SPLITS))


def hold_outs(assay: Assay, split: str, folds: int, seed: int, dates: Dates | None = None) -> tuple[HeldOut, ...]:
    """Divide own compounds into what is learnt from and what is held out, several times.

    ``cluster``: k-means clusters are held out whole, ``scaffold``: Bemis-Murcko scaffolds are, ``random``: compounds
    are, but those of one skeleton together. ``time``: the newest third is cut into windows, each predicted from all
    that is older; compounds of one date stay on one side, and those without a date are left out.

    Parameters
    ----------
    assay : Assay
    split : str
        One of :data:`SPLITS`.
    folds : int
        How many folds, or windows of time.
    seed : int
    dates : (n_compounds,) datetime64, optional
        For ``time``; NaT where unknown.

    Returns
    -------
    tuple of HeldOut
        Without those whose training part is empty or of one class.

    Raises
    ------
    UsageError
        If the split is unknown, or needs dates.
    InputError
        If nothing can be held out.

    Examples
    --------
    >>> from fluidmol.chem.intake.standardise import compound_set
    >>> assay = Assay(compound_set(["C", "CC", "CCC", "CCCC"]), [0, 1, 0, 1])
    >>> years = np.array(["2019", "2020", "2021", "2022"], dtype="datetime64[Y]")
    >>> [(part.train.tolist(), part.test.tolist()) for part in hold_outs(assay, "time", 1, 0, years)]
    [([0, 1], [2, 3])]
    """
    check_split(split)
    if split == "time":
        parts = list(_windows(dates, folds))
    else:
        fold = dealt(_groups(assay, split, folds, seed), folds, seed)
        parts = [HeldOut(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
    found = tuple(p for p in parts if len(p.test) and 0 < assay.active[p.train].sum() < len(p.train))
    if not found:
        raise InputError(
            f"no compounds can be held out by {split}: what is left is of one class, or nothing",
            hint="Give more compounds, or hold out by another `split`.",
        )
    return found


def _groups(assay: Assay, split: str, folds: int, seed: int) -> Rows | list[str]:
    compounds = assay.compounds
    if split == "cluster":
        return clusters(compounds, min(CLUSTERS * folds, len(compounds)), seed)
    return scaffolds(compounds) if split == "scaffold" else list(compounds.skeletons)


def _windows(dates: Dates | None, folds: int) -> Iterator[HeldOut]:
    if dates is None:
        raise UsageError("a split by time needs dates", hint="Give them with `dates`.")
    known = np.sort(dates[~np.isnat(dates)])
    if not len(known) or known[0] == known[-1]:
        raise InputError("all compounds have one date, or none", hint="Hold them out by another `split`.")
    places = (len(known) * (1 - NEWEST + NEWEST * np.arange(folds) / folds)).astype(int)
    cuts = np.unique(known[places])
    ends = [*cuts[1:], known[-1] + 1]
    for start, end in zip(cuts, ends, strict=True):
        yield HeldOut(np.flatnonzero(dates < start), np.flatnonzero((dates >= start) & (dates < end)))
