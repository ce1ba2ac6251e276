"""Compounds of one group as one: what is protected is a group, so it must count once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fluidmol.errors import InputError
from fluidmol.learning.privacy.lattice import Floats


def merged(phi: ArrayLike, target: ArrayLike, groups: Sequence[str]) -> tuple[Floats, Floats]:
    """Take means by group, in the groups' alphabetical order.

    Parameters
    ----------
    phi : (n_rows, n_columns)
        At most 1 long; so are their means.
    target : (n_rows,)
    groups : sequence of str
        The group of each row, such as the skeleton of a compound.

    Returns
    -------
    (n_groups, n_columns) float64, (n_groups,) float64
        To the last bit the same in whatever order the rows came.

    Raises
    ------
    InputError
        If there aren't as many rows as outcomes and groups.

    Examples
    --------
    >>> merged([[1.0], [0.0], [0.5]], [1, 0, 0], ["b", "a", "b"])
    (array([[0.  ], [0.75]]), array([0. , 0.5]))
    """
    rows, outcomes = np.asarray(phi, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if rows.ndim != 2 or outcomes.shape != (len(rows),) or len(groups) != len(rows):
        raise InputError(
            f"directions of shape {rows.shape}, {len(outcomes)} outcomes and {len(groups)} groups",
            hint="Expected a row of directions, an outcome and a group for each compound.",
        )
    whole = np.append(rows, outcomes[:, None], axis=1)
    names, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    order = np.argsort(group, kind="stable")
    found = np.zeros((len(names), whole.shape[1]))
    for name, members in enumerate(np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(rows) else []):
        alike = whole[members]
        # In an order that the rows decide, for sums of floating point numbers depend on theirs.
        found[name] = alike[np.lexsort(alike.T[::-1])].sum(axis=0) / len(members)
    return found[:, :-1], found[:, -1]
