"""Decoding: a linear teacher is a sum over its compounds, and a sum over a list of candidates can be solved.

L2 logistic regression is w = C sum_i (y_i - p_i) x_i: a linear equation in what compounds contribute, which is y - p
for members and nothing for all others (reconstruction from convex models: Balle et al. 2022, arXiv 2201.04845). The
intercept is one column more. Ridge regression over the attacker's list of candidates solves it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from fluidmol.partner.audit.observations import Floats, Observations

PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1)
"""Tried, as shares of a candidate's squared length. The attacker chooses by the other draws, whose members it knows."""

PARTIAL = 6
"""Draws that are attacked with a list of a part of the members: each one is a system of its own."""


@attrs.frozen(eq=False)
class Decoded:
    """What decoding finds, where a list holds a share of the members and as many strangers."""

    known: Floats
    """Score of each candidate by an attacker who knows the measured classes, (n_draws, n_candidates); NaN off the
    list."""

    unknown: Floats
    """The same by one who doesn't."""

    right: float
    """Share of the members whose class the latter gets right, 0 to 1."""


def decoded(seen: Observations, share: float = 1.0) -> Decoded | None:
    """Decode the models that an attacker holds; None if it holds none.

    Parameters
    ----------
    seen : Observations
    share : float
        Which part of the members is on the attacker's list, above 0 to 1; with 1 all candidates are.
    """
    if seen.models is None or seen.rows is None:
        return None
    draws = range(seen.n_draws) if share == 1 else range(min(PARTIAL, seen.n_draws))
    pools = [_pool(seen, draw, share) for draw in draws]
    models = [seen.models] if share == 1 else [seen.models[[draw]] for draw in draws]
    lists = pools[:1] if share == 1 else pools
    found = [contributions(held, seen.rows[pool], seen.strength) for held, pool in zip(models, lists, strict=True)]
    parts = [found[0][:, draw] if share == 1 else found[draw][:, 0] for draw in draws]
    sides = [_sides(parts[draw], seen.models[draw], seen.rows[pools[draw]]) for draw in draws]
    aucs = np.array(
        [
            [roc_auc_score(seen.owned[draw][pools[draw]], np.where(seen.active[pools[draw]], yes, no)) for no, yes in each]
            for draw, each in zip(draws, sides, strict=True)
        ]
    )
    return _chosen(seen, pools, sides, aucs)


def contributions(models: Floats, rows: csr_matrix, strength: float) -> Floats:
    """Solve for what each candidate contributes to each model, for each penalty.

    Parameters
    ----------
    models : (n_models, n_columns + 1) float
    rows : (n_candidates, n_columns) csr_matrix
    strength : float
        Weight of a compound against the penalty (often called C).

    Returns
    -------
    (n_penalties, n_models, n_candidates) float
        Estimates of y - p of members, which is from -1 to 1, and of 0 for all others.
    """
    candidates = _with_constant(rows)
    gram = (candidates @ candidates.T).toarray()
    answer = candidates @ models.T / strength
    found = []
    for penalty in PENALTIES:
        shifted = gram + np.diag(np.full(len(gram), penalty * np.trace(gram) / len(gram)))
        found.append(cho_solve(cho_factor(shifted, lower=True, overwrite_a=True), answer).T)
    return np.array(found)


def _sides(parts: Floats, model: Floats, rows: csr_matrix) -> list[tuple[Floats, Floats]]:
    """Score candidates as inactive and as active members, for each penalty: the ratio of y - p to 0 in equal noise."""
    active = expit(_with_constant(rows) @ model)
    return [(-active * (part + active / 2), (1 - active) * (part - (1 - active) / 2)) for part in parts]


def _chosen(
    seen: Observations, pools: Sequence[NDArray[np.int64]], sides: Sequence[Sequence[tuple[Floats, Floats]]],
    aucs: Floats,
) -> Decoded:  # fmt: skip
    known, unknown = np.full((2, *seen.owned.shape), np.nan)
    right = []
    for draw, pool in enumerate(pools):
        others = np.arange(len(pools)) != draw
        best = int(np.argmax(aucs[others].mean(axis=0))) if others.any() else len(PENALTIES) // 2
        no, yes = sides[draw][best]
        active, member = seen.active[pool], seen.owned[draw][pool]
        known[draw, pool], unknown[draw, pool] = np.where(active, yes, no), np.maximum(no, yes)
        right.append(float(((yes > no) == active)[member].mean()))
    return Decoded(known, unknown, float(np.mean(right)))


def _pool(seen: Observations, draw: int, share: float) -> NDArray[np.int64]:
    if share == 1:
        return np.arange(seen.owned.shape[1])
    rng = np.random.default_rng((seen.seed, draw))
    sides = [np.flatnonzero(seen.owned[draw] == member) for member in (True, False)]
    number = max(1, min(int(share * len(sides[0])), len(sides[1])))
    return np.sort(np.concatenate([rng.permutation(side)[:number] for side in sides]))


def _with_constant(rows: csr_matrix) -> csr_matrix:
    return csr_matrix(hstack([rows, np.ones((rows.shape[0], 1))]), dtype=np.float64)
