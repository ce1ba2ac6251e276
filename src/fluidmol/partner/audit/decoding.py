"""Decoding: a linear teacher is a sum over its compounds, and a sum over a list of candidates can be solved.

L2 logistic regression is w = C sum_i (y_i - p_i) x_i: a linear equation in what compounds contribute, which is y - p
for members and nothing for all others (reconstruction from convex models: Balle et al. 2022, arXiv 2201.04845). The
intercept is one column more. Ridge regression over the attacker's list of candidates solves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from fluidmol.partner.audit.figures import auc
from fluidmol.partner.audit.observations import Floats, Observations
from fluidmol.partner.audit.whitening import with_constant

PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1)
"""Tried, as shares of a candidate's squared length. The attacker chooses by the other draws, whose members it knows."""

PARTIAL, WORK = 4, 2e10
"""Fewest draws that are attacked with a list of a part of the members, and for how many multiplications there are more:
each list is a system of its own."""

FEWEST = 20
"""Fewest members on a list: figures of fewer are noise."""

Side = tuple[Floats, Floats]
"""Scores of candidates as inactive and as active members."""


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


def decoded(held: Mapping[str, Observations], shares: Sequence[float]) -> dict[tuple[str, float], Decoded]:
    """Decode the models that attackers hold, by vantage and list.

    Parameters
    ----------
    held : mapping of str to Observations
        Vantages of one game; those without models are passed over.
    shares : sequence of float
        Which parts of the members are on the attacker's list, each above 0 to 1; with 1 all candidates are.
    """
    models = {vantage: seen.models for vantage, seen in held.items() if seen.models is not None}
    one = next((held[vantage] for vantage in models), None)
    if one is None or one.rows is None:
        return {}
    candidates = with_constant(one.rows)
    # All lists are parts of one: their products are computed once.
    gram = np.asarray((candidates @ candidates.T).toarray())
    answers = {vantage: np.asarray(candidates @ model.T) / one.strength for vantage, model in models.items()}
    active = {vantage: expit(answer * one.strength) for vantage, answer in answers.items()}
    found = {}
    for share in shares:
        draws = _draws(one, share)
        if not draws:
            continue
        pools = [_pool(one, draw, share) for draw in draws]
        solved = _solved(gram, answers, pools, share)
        for vantage in models:
            scored = [sides(solved[vantage][draw], active[vantage][pools[draw], draw]) for draw in draws]
            found[vantage, share] = chosen(one, pools, scored)
    return found


def contributions(gram: Floats, answer: Floats) -> Floats:
    """Solve for what each candidate contributes to each model, for each penalty.

    Parameters
    ----------
    gram : (n_candidates, n_candidates) float
        Products of the candidates' rows, each with a one appended.
    answer : (n_candidates, n_models) float
        Products of the candidates' rows and the models, divided by the weight of a compound against the penalty.

    Returns
    -------
    (n_penalties, n_models, n_candidates) float
        Estimates of y - p of members, which is from -1 to 1, and of 0 for all others.
    """
    found = []
    for penalty in PENALTIES:
        shifted = gram.copy()
        shifted[np.diag_indices(len(gram))] += penalty * np.trace(gram) / len(gram)
        found.append(cho_solve(cho_factor(shifted, lower=True, overwrite_a=True), answer).T)
    return np.array(found)


def _solved(
    gram: Floats, answers: Mapping[str, Floats], pools: Sequence[NDArray[np.int64]], share: float
) -> dict[str, list[Floats]]:  # fmt: skip
    """Solve for all vantages at once: contributions (n_penalties, n_candidates) of each draw."""
    table = np.concatenate(list(answers.values()), axis=1)
    n_draws = table.shape[1] // len(answers)
    if share == 1:
        parts = contributions(gram, table)
        return {
            vantage: [parts[:, place * n_draws + draw] for draw in range(len(pools))]
            for place, vantage in enumerate(answers)
        }
    found: dict[str, list[Floats]] = {vantage: [] for vantage in answers}
    for draw, pool in enumerate(pools):
        columns = [place * n_draws + draw for place in range(len(answers))]
        parts = contributions(gram[np.ix_(pool, pool)], table[np.ix_(pool, columns)])
        for place, vantage in enumerate(answers):
            found[vantage].append(parts[:, place])
    return found


def sides(parts: Floats, active: Floats) -> list[Side]:
    """Score candidates for each penalty: the likelihood ratio of y - p against 0, in equal noise."""
    return [(-active * (part + active / 2), (1 - active) * (part - (1 - active) / 2)) for part in parts]


def chosen(seen: Observations, pools: Sequence[NDArray[np.int64]], scored: Sequence[Sequence[Side]]) -> Decoded:
    """Score each draw with the penalty that serves best in the other draws."""
    aucs = np.array(
        [
            [auc(np.where(seen.active[pool], yes, no), seen.owned[draw][pool]) for no, yes in each]
            for draw, (pool, each) in enumerate(zip(pools, scored, strict=True))
        ]
    )
    known, unknown = np.full((2, *seen.owned.shape), np.nan)
    right = []
    for draw, pool in enumerate(pools):
        others = np.arange(len(pools)) != draw
        best = int(np.argmax(aucs[others].mean(axis=0))) if others.any() else len(PENALTIES) // 2
        no, yes = scored[draw][best]
        active, member = seen.active[pool], seen.owned[draw][pool]
        known[draw, pool], unknown[draw, pool] = np.where(active, yes, no), np.maximum(no, yes)
        right.append(float(((yes > no) == active)[member].mean()))
    return Decoded(known, unknown, float(np.mean(right)))


def _draws(seen: Observations, share: float) -> range:
    """Give the draws that are attacked with such a list; none if it is too short."""
    members = int(share * seen.owned.sum(axis=1).min())
    if share == 1 or members < FEWEST:
        return range(seen.n_draws if share == 1 else 0)
    affordable = int(WORK / (len(PENALTIES) * (2 * members) ** 3 / 3))
    return range(min(seen.n_draws, max(PARTIAL, affordable)))


def _pool(seen: Observations, draw: int, share: float) -> NDArray[np.int64]:
    if share == 1:
        return np.arange(seen.owned.shape[1])
    rng = np.random.default_rng((seen.seed, draw))
    sides = [np.flatnonzero(seen.owned[draw] == member) for member in (True, False)]
    number = max(1, min(int(share * len(sides[0])), len(sides[1])))
    return np.sort(np.concatenate([rng.permutation(side)[:number] for side in sides]))
