"""Figures of an attack: how well its scores tell members from strangers."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from fluidmol.learning.statistics.draws import places_drawn
from fluidmol.partner.audit.observations import Floats, Mask

RATES = (0.01, 0.001)
"""Shares of strangers that are taken for members."""

ENOUGH = 10
"""Fewest strangers that a share must be of, for a figure at that share."""

SEVERAL = 8
"""Fewest attacked draws by which single compounds are judged."""

RESAMPLES = 200
"""Of the bootstrap over draws."""


@attrs.frozen
class Estimate:
    """A figure with a 95 % interval (bootstrap over draws)."""

    value: float
    low: float
    high: float


@attrs.frozen
class AttackFigure:
    """How one attack fared."""

    attack: str
    vantage: str
    source: str

    leaves: bool
    """Whether somebody holds what it needs, once the release has left."""

    auc: Estimate
    """Chance that a member has a higher score than a stranger of the same draw; 0.5 is guessing."""

    found: Estimate | None
    """Share of the members found at the price of 1 % of the strangers, one threshold for all draws; None if there are
    too few strangers to say."""

    found_rarely: Estimate | None
    """The same at 0.1 %."""

    minority: float | None
    """AUC among the compounds of the rarer class; None if it has none."""

    worst_tenth: float | None
    """AUC, compound by compound over draws, of the tenth that is easiest to tell: chosen on half of the draws, measured
    on the others."""

    classes_right: float | None = None
    """Share of the members whose class comes out right, where no class was known."""

    n_pairs: int = 0
    """Candidates times draws that were scored."""

    def as_table(self) -> dict[str, Any]:
        """Give plain values, as JSON has them."""
        return attrs.asdict(self)


def auc(score: Floats, member: Mask) -> float:
    """Area under the ROC curve; NaN if there are no members or no strangers. Ties count half.

    Examples
    --------
    >>> auc(np.array([0.9, 0.1, 0.9]), np.array([True, False, False]))
    0.75
    """
    n, others = int(member.sum()), int((~member).sum())
    if not n or not others:
        return float("nan")
    return float((rankdata(score)[member].sum() - n * (n + 1) / 2) / (n * others))


def found_at(score: Floats, member: Mask, rate: float, counts: Floats | None = None) -> float:
    """Share of members that are found when at most a share of the strangers is taken for members.

    Parameters
    ----------
    score : (n,) float
        In falling order.
    member : (n,) bool
    rate : float
    counts : (n,) float, optional
        How often each counts.
    """
    counts = np.ones(len(score)) if counts is None else counts
    mine, strange = np.cumsum(counts * member), np.cumsum(counts * ~member)
    # Only where the next score is another one can a threshold lie.
    ends = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    allowed = ends[strange[ends] <= rate * strange[-1]]
    return float(mine[allowed[-1]] / mine[-1]) if len(allowed) and mine[-1] else 0.0


def measured(score: Floats, owned: Mask, active: Mask, seed: int = 1) -> dict[str, Any]:
    """Measure scores, (n_draws, n_candidates), NaN where there is none: fields of an :class:`AttackFigure`."""
    there = np.isfinite(score)
    rare = active if active.sum() <= (~active).sum() else ~active
    each = np.array([auc(s[t], m[t]) for s, m, t in zip(score, owned, there, strict=True)])
    minority = [auc(s[t & rare], m[t & rare]) for s, m, t in zip(score, owned, there, strict=True)]
    attacked = np.flatnonzero(np.isfinite(each))
    samples = attacked[places_drawn(len(attacked), RESAMPLES, seed)] if len(attacked) else attacked
    rates = _rates(score, owned, there, samples)
    return {
        "auc": _estimate(_mean(each), each[samples].mean(axis=-1)),
        "found": rates[0],
        "found_rarely": rates[1],
        "minority": _or_none(_mean(np.array(minority))),
        "worst_tenth": _or_none(_worst_tenth(score, owned)),
        "n_pairs": int(there.sum()),
    }


def over_draws(values: Floats, seed: int = 1) -> Estimate:
    """Mean of a figure of each draw, (n_draws,), with its interval.

    Examples
    --------
    >>> over_draws(np.array([0.5, 0.5, 0.5]))
    Estimate(value=0.5, low=0.5, high=0.5)
    """
    again = values[places_drawn(len(values), RESAMPLES, seed)].mean(axis=1)
    return _estimate(float(values.mean()), again)


def compound_aucs(score: Floats, owned: Mask) -> Floats:
    """AUC of each compound over the draws, (n_candidates,); NaN where it was never a member, or always."""
    there = np.isfinite(score)
    member, stranger = owned & there, ~owned & there
    won = np.zeros(score.shape[1])
    for mine, counts in zip(score, member, strict=True):
        higher = (mine > score) + 0.5 * (mine == score)
        won += counts * (higher * stranger).sum(axis=0)
    pairs = member.sum(axis=0) * stranger.sum(axis=0)
    return np.asarray(np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0))


def _rates(score: Floats, owned: Mask, there: Mask, samples: NDArray[np.int64]) -> list[Estimate | None]:
    draw = np.nonzero(there)[0]
    order = np.argsort(-score[there], kind="stable")
    sorted_score, member, draw = score[there][order], owned[there][order], draw[order]
    strangers = int((~member).sum())
    found: list[Estimate | None] = []
    for rate in RATES:
        if strangers * rate < ENOUGH or not member.any():
            found.append(None)
            continue
        again = [
            found_at(sorted_score, member, rate, np.bincount(sample, minlength=len(score))[draw].astype(np.float64))
            for sample in samples
        ]
        found.append(_estimate(found_at(sorted_score, member, rate), np.array(again)))
    return found


def _worst_tenth(score: Floats, owned: Mask) -> float:
    """Choose compounds on half of the draws, and measure them on the others.

    Whoever chose and measured at once would flatter the attack.
    """
    attacked = np.isfinite(score).any(axis=1)
    if attacked.sum() < SEVERAL:
        return float("nan")
    halves = [np.arange(len(score)) % 2 == part for part in (0, 1)]
    aucs = [compound_aucs(score[half], owned[half]) for half in halves]
    found = []
    for chosen, other in ((aucs[0], aucs[1]), (aucs[1], aucs[0])):
        known = np.flatnonzero(np.isfinite(chosen) & np.isfinite(other))
        if not len(known):
            return float("nan")
        worst = known[np.argsort(-chosen[known], kind="stable")][: max(1, len(known) // 10)]
        found.append(float(other[worst].mean()))
    return float(np.mean(found))


def _estimate(value: float, again: Floats) -> Estimate:
    low, high = np.quantile(again, [0.025, 0.975]) if again.size else (value, value)
    return Estimate(value, min(float(low), value), max(float(high), value))


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
