"""Agreement: how alike partners' opinions are where both claim to know.

It needs no truth. What honest teachers learnt of one endpoint correlates, though their compounds differ; opinions that
are turned round correlate negatively, and noise and constants not at all.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@attrs.frozen(eq=False)
class Agreement:
    """Agreement of each pair of partners at one endpoint."""

    correlation: Floats
    """Weighted Pearson correlation, (n_partners, n_partners), in [-1, 1]; 0 where one of both never varies."""

    n_effective: Floats
    """Number of equally weighted compounds that would say as much (Kish), (n_partners, n_partners), 0 or more."""


def agreement(value: Floats, share: Floats) -> Agreement:
    """Correlate the opinions of each pair of partners; a compound counts the geometric mean of both shares.

    So it counts most where both claim to know, and not at all where one of both doesn't speak.

    Parameters
    ----------
    value : (n_partners, n_compounds) float
        Probabilities, read only where the share is above 0.
    share : (n_partners, n_compounds) float
        Shares in the labels, 0 or more.

    Examples
    --------
    >>> opinions = np.array([[0.1, 0.5, 0.9], [0.2, 0.5, 0.8], [0.9, 0.5, 0.1]])
    >>> agreement(opinions, np.ones((3, 3))).correlation.round(2).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """
    weight = np.sqrt(share)
    # Centred as a whole: the weighted sums of squares below would otherwise lose digits.
    spoken = np.where(share > 0, value - 0.5, 0.0)
    first, second = weight * spoken, weight * spoken**2
    total = weight @ weight.T
    over = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    mean = (first @ weight.T) * over  # of the row's opinions, as the column's weights see them
    variance = np.clip((second @ weight.T) * over - mean**2, 0, None)
    spread = np.sqrt(variance * variance.T)
    covariance = (first @ first.T) * over - mean * mean.T
    varies = (variance > 1e-12) & (variance.T > 1e-12)
    found = np.divide(covariance, spread, out=np.zeros_like(total), where=varies)
    squares = share @ share.T
    count = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    return Agreement(np.clip(found, -1, 1), count)


def agreement_where_claimed(value: Floats, share: Floats, fraction: float) -> Agreement:
    """Correlate each partner's opinions with the others' on the compounds that it claims most itself.

    Parameters
    ----------
    value, share
        As in :func:`agreement`.
    fraction : float
        Of the compounds that a partner speaks about, those with its largest shares, in (0, 1].

    Returns
    -------
    Agreement
        Row k is of what partner k claims: not symmetric.

    Examples
    --------
    >>> opinions = np.array([[0.1, 0.9, 0.9, 0.1], [0.1, 0.9, 0.1, 0.9]])
    >>> share = np.array([[0.9, 0.8, 0.1, 0.1], [0.5, 0.5, 0.5, 0.5]])
    >>> float(agreement_where_claimed(opinions, share, 0.5).correlation[0, 1].round(3))
    1.0
    """
    if fraction >= 1:
        return agreement(value, share)
    rows = []
    for k, own in enumerate(share):
        spoken = own[own > 0]
        inside = own >= np.quantile(spoken, 1 - fraction) if len(spoken) else own > 0
        found = agreement(value[:, inside], share[:, inside])
        rows.append((found.correlation[k], found.n_effective[k]))
    return Agreement(np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows]))


def weighted_median(values: Floats, weights: Floats) -> float:
    """Give the middle value by weight: the higher one where the half falls between two; 0 without any weight.

    Examples
    --------
    >>> weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.5]))
    2.0
    """
    order = np.argsort(values, kind="stable")[::-1]
    reached = np.cumsum(weights[order])
    if not len(values) or reached[-1] <= 0:
        return 0.0
    return float(values[order][np.searchsorted(reached, reached[-1] / 2 * (1 - 1e-9))])
