"""Into which groups an external set is divided: by its sources, or by how near its compounds are to known ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import CharterError

EXTERNAL = "external"
"""The set that is divided, and whose place a source takes that is left out."""


def members(origins: Sequence[Sequence[str]]) -> Mapping[str, NDArray[np.int64]]:
    """Return the positions of each source's compounds, the sources in the order of their names.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in members([("screen", "paper"), (), ("screen",)]).items()}
    {'paper': [0], 'screen': [0, 2]}
    """
    found: dict[str, list[int]] = {}
    for place, names in enumerate(origins):
        for name in names:
            found.setdefault(name, []).append(place)
    return {name: np.array(found[name], dtype=np.int64) for name in sorted(found)}


def edges_of(bands: str) -> tuple[float, ...]:
    """Read the similarities that divide bands.

    Raises
    ------
    CharterError
        If one is no number between 0 and 1, or they don't ascend.

    Examples
    --------
    >>> edges_of("0.4, 0.6")
    (0.4, 0.6)
    """
    try:
        found = tuple(float(word) for word in bands.split(","))
    except ValueError:
        found = ()
    rising = all(low < high for low, high in pairwise((0.0, *found, 1.0)))
    if not found or not rising:
        raise CharterError(
            f"bands is {bands[:80]!r}", hint="Expected ascending numbers between 0 and 1, such as 0.4,0.6."
        )
    return found


def band_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Name the bands that similarities make.

    Examples
    --------
    >>> band_names((0.4, 0.6))
    ('below 0.4', '0.4 to 0.6', 'from 0.6')
    """
    between = (f"{low:g} to {high:g}" for low, high in pairwise(edges))
    return (f"below {edges[0]:g}", *between, f"from {edges[-1]:g}")
