"""Reliability of each partner, from nothing but opinions: no truth is known of a transfer set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fluidmol.learning.agreement import Agreement, agreement_where_claimed, weighted_median

Floats = NDArray[np.float64]

CLAIMS = (1.0, 0.3, 0.1, 0.03)
"""Which of its compounds a partner is judged by, those that it claims most: who lies only there does the most harm."""

FEWEST = 200
"""Fewer compounds than this say too little about a part of the claims."""

_ROUNDS = 5


def reliabilities(value: Floats, share: Floats, enough: float = 0.25) -> Floats:
    """Estimate how far each partner can be believed, as Dawid and Skene do: trust and estimate in turn.

    A partner's score is the *median* of its agreements with the others, weighted by their trust: a minority that
    colludes praises only itself, and correlated errors of a few can't outvote the rest. The score is compared with
    what is typical: trust is the probability that it is above a quarter of that, given the number of compounds that
    were compared. So opinions that are turned round, noise and constants end near 0, weak ones in between, and nobody
    is blamed on the evidence of a few compounds. It is estimated over all compounds and over those that the partner
    claims most (:data:`CLAIMS`), and the lowest counts: telling the truth where it doesn't matter earns nothing.

    With half of the partners or more malicious nobody can tell which half it is. Teachers whose domains have truly
    nothing in common don't agree either, and look like noise: :mod:`fluidmol.learning.disagreement` tells them from
    those that contradict.

    Parameters
    ----------
    value : (n_partners, n_compounds) float
        Probabilities, read only where the share is above 0.
    share : (n_partners, n_compounds) float
        Shares in the labels, 0 or more.
    enough : float
        Share of the typical agreement that a partner must reach, above 0.

    Returns
    -------
    (n_partners,) float
        In [0, 1]; 1 for all where nothing tells partners apart: with two of them, or where nobody agrees.

    References
    ----------
    Dawid and Skene 1979, doi 10.2307/2346806.

    Examples
    --------
    >>> truth = np.linspace(0, 1, 500)
    >>> opinions = np.stack([truth, truth**2, np.sqrt(truth), 0.1 + 0.8 * truth, 1 - truth])
    >>> reliabilities(opinions, np.ones_like(opinions)).round(1).tolist()
    [1.0, 1.0, 1.0, 1.0, 0.0]
    """
    trust = np.ones(len(value))
    # A majority needs three.
    if len(value) < 3:
        return trust
    parts = [agreement_where_claimed(value, share, fraction) for fraction in CLAIMS]
    for _ in range(_ROUNDS):
        believed = [_believed(found, trust, enough, 0 if whole else FEWEST) for whole, found in _wholes(parts)]
        trust = np.min(believed, axis=0)
    return trust


def _wholes(parts: Sequence[Agreement]) -> Iterator[tuple[bool, Agreement]]:
    return zip((fraction >= 1 for fraction in CLAIMS), parts, strict=True)


def _believed(found: Agreement, trust: Floats, enough: float, fewest: float) -> Floats:
    """Give the probability that each partner's agreement is enough; 1 where there is nothing to compare with."""
    score, known = scores(found, trust)
    typical = weighted_median(score, trust)
    if typical <= 0:
        return np.ones(len(trust))
    # The standard error of a correlation is about one over the root of the number of compounds (Fisher).
    probability = ndtr((score - enough * typical) * np.sqrt(np.clip(known - 3, 0, None)))
    return np.where(known < fewest, 1.0, probability)


def scores(found: Agreement, trust: Floats) -> tuple[Floats, Floats]:
    """Give the median agreement of each partner with the trusted others, and the number of compounds behind it.

    Parameters
    ----------
    found : Agreement
    trust : (n_partners,) float
        In [0, 1].

    Returns
    -------
    score, n_effective : (n_partners,) float
    """
    others = ~np.eye(len(trust), dtype=bool)
    score = [weighted_median(found.correlation[k][others[k]], trust[others[k]]) for k in range(len(trust))]
    known = [weighted_median(found.n_effective[k][others[k]], trust[others[k]]) for k in range(len(trust))]
    return np.array(score), np.array(known)
