"""RMIA: whether a candidate is likelier under this teacher than under others, compared with other molecules.

Source: Zarifzadeh et al. 2023, arXiv 2312.03262. The probability that the teacher gives to the measured class is
divided by its mean over reference teachers; the score is the share of other molecules whose ratio is exceeded. The
reference molecules are the other candidates: the attacker knows of none whether it is a member.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from fluidmol.partner.audit.observations import Floats, Observations


def rmia(seen: Observations) -> Floats:
    """Share of the other candidates whose ratio is smaller, (n_draws, n_candidates), in [0, 1]."""
    likely = expit(seen.confidence)
    return np.array([_shares(likely, seen, target) for target in range(seen.n_draws)])


def _shares(likely: Floats, seen: Observations, target: int) -> Floats:
    shadow = np.arange(seen.n_draws) != target
    owned, known = seen.owned[shadow], likely[shadow]
    finite = np.isfinite(known)
    sides = []
    for which in (owned & finite, ~owned & finite):
        count = np.maximum(which.sum(axis=0), 1)
        sides.append(np.where(which.any(axis=0), np.where(which, known, 0).sum(axis=0) / count, np.nan))
    # Half of the teachers of the world know the candidate, as far as the attacker can tell.
    inside, outside = np.where(np.isnan(sides[0]), sides[1], sides[0]), np.where(np.isnan(sides[1]), sides[0], sides[1])
    ratio = likely[target] / np.maximum((inside + outside) / 2, 1e-12)
    score = np.full(len(ratio), np.nan)
    there = np.isfinite(ratio)
    score[there] = (rankdata(ratio[there]) - 0.5) / max(1, there.sum())
    return score
