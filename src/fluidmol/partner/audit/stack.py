"""Stack: one score from the scores of all attacks.

A red team of NIST found leaks by a stack that no single attack found (arXiv 2604.12737). Logistic regression weighs the
scores, cross-fitted over the draws: the weights come from draws whose members the attacker knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from fluidmol.partner.audit.observations import Floats, Mask

FOLDS = 4
"""Parts into which draws are divided."""

MOST = 20_000
"""Candidates that a regression learns from; some twenty coefficients need no more."""


def stack(scores: Sequence[Floats], owned: Mask, active: Mask) -> Floats | None:
    """Combine scores, (n_draws, n_candidates) each; None if there are fewer than two scores or draws.

    Parameters
    ----------
    scores : sequence of (n_draws, n_candidates) float
        NaN where an attack says nothing.
    owned : (n_draws, n_candidates) bool
    active : (n_candidates,) bool
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy

    if len(scores) < 2 or len(owned) < 2:
        return None
    table = np.stack([columns for score in scores for columns in _columns(score)], axis=-1)
    # A score may mean more of actives than of inactives.
    table = np.concatenate([table, table * active[:, None]], axis=-1)
    fold = np.arange(len(owned)) % min(FOLDS, len(owned))
    found = np.empty(owned.shape)
    for part in np.unique(fold):
        train = table[fold != part].reshape(-1, table.shape[-1])
        step = -(-len(train) // MOST)
        model = LogisticRegression(C=0.1, max_iter=300).fit(train[::step], owned[fold != part].ravel()[::step])
        found[fold == part] = model.decision_function(table[fold == part].reshape(-1, table.shape[-1])).reshape(
            -1, owned.shape[1]
        )
    return found


def _columns(score: Floats) -> tuple[Floats, Floats]:
    """Give ranks within each draw, centred, and how far in the tails a score is; 0 where there is none."""
    there = np.isfinite(score)
    rank = np.zeros(score.shape)
    for place, (row, known) in enumerate(zip(score, there, strict=True)):
        rank[place, known] = (rankdata(row[known]) - 0.5) / max(1, known.sum()) - 0.5
    known = score[there]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else (0.0, 0.0, 1.0)
    spread = max(float(high - low), float(known.std()) if len(known) else 0.0, 1e-9)
    return rank, np.where(there, np.clip((score - middle) / spread, -10, 10), 0.0)
