"""What stated weights give away, and where a teacher abstains.

A weight says how near a molecule is to the partner's compounds, and nothing is nearer to them than they are. The
likelihood ratio is that of LiRA (Carlini et al. 2022, arXiv 2112.03570) on weights instead of opinions; abstentions
have the same ratio under two coins. Neither needs to know what was measured.
"""

from __future__ import annotations

import numpy as np

from fluidmol.partner.audit.lira import ratios
from fluidmol.partner.audit.observations import Floats, Mask, Observations


def weights(seen: Observations) -> Floats | None:
    """Likelihood ratio of the stated weights, (n_draws, n_candidates); None if all are the same."""
    if np.ptp(seen.weight) == 0:
        return None
    return ratios(seen.weight, seen.owned)


def nearest(seen: Observations) -> Floats | None:
    """Score by the weight itself, without shadows, (n_draws, n_candidates); None if all are the same."""
    return None if np.ptp(seen.weight) == 0 else seen.weight


def abstentions(seen: Observations) -> Floats | None:
    """Likelihood ratio of abstaining or speaking, (n_draws, n_candidates); None if no teacher abstained."""
    spoke = np.isfinite(seen.opinion)
    if spoke.all() or not spoke.any():
        return None
    score = np.empty(spoke.shape)
    for target in range(seen.n_draws):
        shadow = np.arange(seen.n_draws) != target
        inside, outside = (_rate(spoke[shadow], which[shadow]) for which in (seen.owned, ~seen.owned))
        score[target] = np.where(spoke[target], np.log(inside / outside), np.log((1 - inside) / (1 - outside)))
    return score


def _rate(spoke: Mask, which: Mask) -> Floats:
    """Share of shadows that spoke of each candidate, drawn towards the share over all."""
    overall = (spoke & which).sum() / max(1, which.sum())
    return np.asarray(np.clip(((spoke & which).sum(axis=0) + 2 * overall) / (which.sum(axis=0) + 2), 1e-3, 1 - 1e-3))
