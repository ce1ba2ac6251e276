"""LiRA: the likelihood ratio of a stated number under two Gaussians, of shadows with and without the compound.

Source: Carlini et al. 2022, arXiv 2112.03570. *Online*: the attacker has shadows of both kinds. *Offline*: it only has
such as never saw the candidate. All compounds share one variance, as the authors advise where shadows are few.
"""

from __future__ import annotations

import numpy as np

from fluidmol.partner.audit.observations import Floats, Mask, Observations

TINY = 1e-12
"""Least variance."""


def online(seen: Observations) -> Floats:
    """Likelihood ratio of the stated log-odds, (n_draws, n_candidates)."""
    return ratios(seen.confidence, seen.owned)


def offline(seen: Observations) -> Floats:
    """How unusually sure of the measured class a teacher is that doesn't know the compound, in standard deviations."""
    said = seen.confidence
    return np.array([_beyond(said, seen.owned, target) for target in range(len(said))])


def ratios(said: Floats, owned: Mask) -> Floats:
    """Give for each draw the logarithm of the likelihood ratio, from all the other draws.

    Parameters
    ----------
    said : (n_draws, n_candidates) float
        NaN where nothing was stated; the score is NaN there, too.
    owned : (n_draws, n_candidates) bool

    Examples
    --------
    >>> owned = np.array([[True], [False], [True], [False]])
    >>> (ratios(np.where(owned, 1.0, 0.0) + np.array([[0.1], [0.2], [0], [0]]), owned) > 0).ravel().tolist()
    [True, False, True, False]
    """
    return np.array([_ratio(said, owned, target) for target in range(len(said))])


def _ratio(said: Floats, owned: Mask, target: int) -> Floats:
    shadow = np.arange(len(said)) != target
    inside, outside = _mean(said[shadow], owned[shadow]), _mean(said[shadow], ~owned[shadow])
    # A compound that no shadow owned, or that all did: it differs by as much as others do on the average.
    shift = np.nan_to_num(np.nanmean(inside - outside)) if np.isfinite(inside - outside).any() else 0.0
    middle = np.nanmean(said[shadow]) if np.isfinite(said[shadow]).any() else 0.0
    inside, outside = (
        np.where(np.isnan(inside), outside + shift, inside),
        np.where(np.isnan(outside), inside - shift, outside),
    )
    ratio = np.zeros(said.shape[1])
    for sign, which, mean in ((1, owned[shadow], inside), (-1, ~owned[shadow], outside)):
        centre = np.where(np.isnan(mean), middle, mean)
        left = np.where(which, said[shadow] - centre, np.nan)
        variance = (float(np.nanmean(left**2)) if np.isfinite(left).any() else 0.0) + TINY
        ratio -= sign * ((said[target] - centre) ** 2 / variance + np.log(variance)) / 2
    return ratio


def _beyond(said: Floats, owned: Mask, target: int) -> Floats:
    shadow = np.arange(len(said)) != target
    outside = _mean(said[shadow], ~owned[shadow])
    left = np.where(~owned[shadow], said[shadow] - outside, np.nan)
    spread = np.sqrt((float(np.nanmean(left**2)) if np.isfinite(left).any() else 0.0) + TINY)
    return np.asarray((said[target] - outside) / spread)


def _mean(said: Floats, which: Mask) -> Floats:
    """Mean over the draws that are chosen for each candidate, (n_candidates,); NaN where there is none."""
    chosen = which & np.isfinite(said)
    count = chosen.sum(axis=0)
    return np.divide(np.where(chosen, said, 0).sum(axis=0), count, out=np.full(said.shape[1], np.nan), where=count > 0)
