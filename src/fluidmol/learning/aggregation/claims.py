"""Claims: what partners' shares may amount to, whatever weights they state.

A partner can state a proximity of 1 for each molecule. Two bounds keep such a claim from silencing everybody else: a
budget for the mean over all molecules, and a cap for each single one. Both are in units of an equal share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CLOSE = 1e-9
_ROUNDS = 50


def normalised(share: Floats) -> Floats:
    """Scale shares to a sum of 1 over partners; where all are 0 they stay so.

    Parameters
    ----------
    share : (n_partners, n_compounds, n_endpoints) float
        0 or more.

    Examples
    --------
    >>> normalised(np.array([[[1.0, 0.0]], [[3.0, 0.0]]])).tolist()
    [[[0.25, 0.0]], [[0.75, 0.0]]]
    """
    total = share.sum(axis=0)
    return np.asarray(np.divide(share, total, out=np.zeros_like(share), where=total > 0))


def within_budget(share: Floats, times: float) -> Floats:
    """Scale down all claims of a partner whose mean share is above its budget.

    The partner's own ranking of molecules stays: only the unit of its weights changes, by :func:`budget_scale`.

    Parameters
    ----------
    share, times
        As in :func:`budget_scale`.

    Returns
    -------
    (n_partners, n_compounds, n_endpoints) float
        Shares that sum to 1 over partners.

    Examples
    --------
    >>> share = np.array([[[1.0]], [[0.01]], [[0.02]], [[0.01]]])
    >>> within_budget(share, 2.0).round(3).ravel().tolist()
    [0.5, 0.125, 0.25, 0.125]
    """
    return normalised(share * budget_scale(share, times)[:, None, :])


def budget_scale(share: Floats, times: float) -> Floats:
    """Give the unit of each partner's weights that keeps its mean share within the budget.

    Molecules that one partner alone speaks about don't count, for no scale can change its share there.

    Parameters
    ----------
    share : (n_partners, n_compounds, n_endpoints) float
        0 or more.
    times : float
        The budget in units of an equal share, 1 or more.

    Returns
    -------
    (n_partners, n_endpoints) float
        Factors in (0, 1]; 1 for whoever claims least for what it knows.

    Examples
    --------
    >>> budget_scale(np.array([[[1.0]], [[0.01]], [[0.02]], [[0.01]]]), 2.0).round(3).ravel().tolist()
    [0.04, 1.0, 1.0, 1.0]
    """
    contested = (share > 0).sum(axis=0) > 1
    count = np.maximum(contested.sum(axis=0), 1)
    limit = min(1.0, times / len(share))
    scale = np.ones((len(share), share.shape[2]))
    for _ in range(_ROUNDS):
        mean = (normalised(share * scale[:, None, :]) * contested).sum(axis=1) / count
        over = mean > limit * (1 + _CLOSE)
        if limit >= 1 or not over.any():
            break
        # Exact in one step where all molecules are alike: odds, and not shares, scale with a factor.
        bounded = np.minimum(mean, 1 - _CLOSE)
        factor = limit / (1 - limit) * (1 - bounded) / np.maximum(bounded, _CLOSE)
        scale = np.where(over, scale * factor, scale)
        scale = scale / scale.max(axis=0)
    return scale


def capped(share: Floats, times: float, speakers: Floats | None = None) -> Floats:
    """Bound each partner's share in each label; what is cut goes to the others in proportion.

    Parameters
    ----------
    share : (n_partners, n_compounds, n_endpoints) float
        0 or more.
    times : float
        The cap in units of an equal share, 1 or more.
    speakers : (n_compounds, n_endpoints) float, optional
        Among how many a share is equal; by default all who have any. Below 1 there is no cap.

    Returns
    -------
    (n_partners, n_compounds, n_endpoints) float
        Shares that sum to 1 over partners.

    Examples
    --------
    >>> capped(np.array([[[0.9]], [[0.05]], [[0.03]], [[0.02]]]), 2.0).round(2).ravel().tolist()
    [0.5, 0.25, 0.15, 0.1]
    """
    kept = normalised(share)
    among = (share > 0).sum(axis=0) if speakers is None else speakers
    cap = np.minimum(times / np.maximum(among, 1), 1.0)
    full = np.zeros(share.shape, dtype=bool)
    for _ in range(len(share)):
        full |= kept > cap * (1 + _CLOSE)
        rest = np.where(full, 0.0, kept)
        left = 1 - full.sum(axis=0) * cap
        kept = np.where(full, cap, normalised(rest) * left)
    return normalised(kept) if full.any() else kept
