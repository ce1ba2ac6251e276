"""Every method against every other, with a correction for so many tests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import attrs

from fluidmol.learning.statistics.corrections import holm
from fluidmol.learning.statistics.paired import Comparison, concluded
from fluidmol.learning.statistics.predictions import Method
from fluidmol.learning.statistics.resampling import resample
from fluidmol.learning.statistics.weighted import Metric

_FEWEST = 2000
_FINER = 80
"""Draws a pair: no adjusted p is above .025 merely for want of draws."""


@attrs.frozen
class Pair:
    """One row of the table."""

    first: str
    second: str

    comparison: Comparison
    """First less second."""

    adjusted: float
    """p by Holm, over all rows of the table."""


def all_pairs(
    methods: Mapping[str, Method],
    metric: Metric = "mcc",
    *,
    seed: int,
    against: str | None = None,
    draws: int | None = None,
    level: float = 0.95,
) -> tuple[Pair, ...]:
    """Compare every method with every other, as :func:`~fluidmol.learning.statistics.paired.compare` does.

    Parameters
    ----------
    methods : mapping of str to Method
        By name; for one seed, all of the same molecules. Pairs without a common seed are left out.
    metric : str or callable
    seed : int
        Of the draws, which all pairs share.
    against : str, optional
        Compare the others with this one only: fewer tests, so less correction.
    draws : int, optional
        By default so many that the correction alone can't hide a difference.
    level : float
        Coverage of each interval, in (0, 1); intervals aren't corrected.

    Returns
    -------
    tuple of Pair
        In the order of the methods.

    Raises
    ------
    ValueError
        If ``against`` is none of the methods, or methods differ in a seed's molecules.
    UsageError
        If there is no metric of that name.

    Examples
    --------
    >>> from fluidmol.learning.statistics.predictions import Predictions
    >>> truth = [True, False] * 100
    >>> said = {"good": [0.8, 0.3], "same": [0.7, 0.2], "none": [0.6, 0.6]}
    >>> methods = {name: {1: Predictions(truth, values * 100)} for name, values in said.items()}
    >>> [(pair.first, pair.second, pair.adjusted < 0.05) for pair in all_pairs(methods, "accuracy", seed=1)]
    [('good', 'same', False), ('good', 'none', True), ('same', 'none', True)]
    """
    if against is not None and against not in methods:
        raise ValueError(f"there is no method {against!r}: expected one of {', '.join(methods)}")
    wanted = [
        (first, second)
        for first, second in (combinations(methods, 2) if against is None else ((m, against) for m in methods))
        if first != second and set(methods[first]) & set(methods[second])
    ]
    if not wanted:
        return ()
    found = resample(methods, metric, seed, draws or max(_FEWEST, _FINER * len(wanted)))
    made = [concluded(found[first].minus(found[second]), seed, level) for first, second in wanted]
    adjusted = holm([comparison.p for comparison in made])
    return tuple(
        Pair(first, second, comparison, float(p))
        for (first, second), comparison, p in zip(wanted, made, adjusted, strict=True)
    )
