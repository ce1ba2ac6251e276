"""What a reader must know before believing a figure."""

from __future__ import annotations

import math

import numpy as np

from fluidmol.report.read.run import Run
from fluidmol.report.style import count, percent

FEWEST = 100
"""Fewest test compounds from which anything is concluded."""

FEWEST_OF_A_CLASS = 10
"""Fewest actives, and fewest inactives, among them."""

_FAR = 3.0
"""Ratio of prevalences from which the transfer set is said to be far from the training compounds."""


def too_few(run: Run, dataset: str) -> str:
    """Say that a data set is too small to conclude anything from; empty where it isn't.

    Parameters
    ----------
    run : Run
    dataset : str
        ``external`` or ``validation``.

    Returns
    -------
    str
        One sentence, or nothing. It is too small with fewer than :data:`FEWEST` compounds, or fewer than
        :data:`FEWEST_OF_A_CLASS` of either class.
    """
    judged = run.judged.get(dataset)
    sizes = [score.n_test for score in run.of(dataset) if not math.isnan(score.n_test)]
    if judged is not None:
        return few(len(judged.active), float(np.sum(judged.active)))
    return few(max(sizes, default=math.nan))


def few(n: float, active: float = math.nan) -> str:
    """Say that so many test compounds, of which so many are active, are too few; empty if they aren't, or unknown.

    Examples
    --------
    >>> few(300, 4), few(300)
    ('Only 4 active compounds: too few to conclude anything.', '')
    """
    counts = [("compound", n, FEWEST)]
    counts += [("active compound", active, FEWEST_OF_A_CLASS), ("inactive compound", n - active, FEWEST_OF_A_CLASS)]
    for what, found, fewest in counts:
        if found < fewest:
            known = "No" if found == 0 else f"Only {count(found)}"
            return f"{known} {what}{'' if found == 1 else 's'}: too few to conclude anything."
    return ""


def far_labels(run: Run) -> str:
    """Say that the federated labels are active far less, or more, often than the training compounds; else empty."""
    labels, train = (run.facts["prevalence"].get(name) for name in ("labels", "train"))
    if not (_is_share(labels) and _is_share(train)) or not train or train / _FAR <= labels <= train * _FAR:
        return ""
    return (
        f"{_share(labels)} of the federated labels say active, against {_share(train)} of the training compounds: the "
        "transfer set is far from this chemistry; choose one that is closer."
    )


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _share(value: float) -> str:
    if 0 < value < 0.0005:
        return f"Less than {percent(0.001, 1)}"
    return "None" if value == 0 else percent(value, 1 if value < 0.1 else 0)
