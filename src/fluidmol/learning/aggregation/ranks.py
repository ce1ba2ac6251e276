"""Ranks of opinions by weight: how much weight lies below each opinion, and how much at it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def below_and_at(value: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Sum the weight of the opinions below each one, and of those equal to it (itself too).

    Pair by pair, for partners are few and molecules many; no order of the partners matters, ties included.

    Parameters
    ----------
    value : (n_partners, n_compounds, n_endpoints) float
        Read only where the share is above 0.
    share : (n_partners, n_compounds, n_endpoints) float
        Shares that sum to 1 over partners.

    Examples
    --------
    >>> below, at = below_and_at(np.array([[[0.9]], [[0.1]]]), np.array([[[0.25]], [[0.75]]]))
    >>> below.ravel().tolist(), at.ravel().tolist()
    ([0.75, 0.0], [0.25, 0.75])
    """
    # NaN is neither below nor equal to anything, so that whoever has no share must be given some number.
    spoken = np.where(share > 0, value, 0.0)
    below, at = np.zeros_like(share), np.zeros_like(share)
    for other, weight in zip(spoken, share, strict=True):
        below += np.where(other < spoken, weight, 0.0)
        at += np.where(other == spoken, weight, 0.0)
    return below, at
