"""Understanding: from a teacher's answers to an expert."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.special import logit
from threadpoolctl import threadpool_limits

from fluidmol.learning.experts.ridge import Floats, Moments
from fluidmol.learning.table_rows import FeatureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.experts import Experts

Rows = NDArray[np.int64]

SUREST = 1e-3
"""Opinions are cut at this distance from 0 and 1: beyond, rounding at the gate decides about the log-odds."""

FAREST = 0.02
"""Stated weights are cut at this, for their logarithm."""

PENALTIES = (0.1, 10.0, 300.0)
"""Penalties that are tried for opinions: the smallest serves teachers that add up, the others those that don't."""

UNDERSTOOD = 0.01
"""Share of a teacher's variance that may stay unexplained when no larger penalty is tried."""

HELD_OUT = 0.1
"""Share of the molecules on which an expert's fidelity is measured."""

CONSTANT = 1e-9
"""Sum of squares up to which opinions are all the same: below a hundredth of what one last of four decimals makes."""

BLOCK = 100_000
"""Molecules whose features are in memory at once: of the preset open, so many take some 260 MB."""

FEWEST = 20
"""Fewest molecules that a teacher must have spoken of."""


@attrs.frozen
class SurrogateFitter:
    """Fits one expert a partner by ridge regression on the log-odds of its opinions.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> features = csr_matrix((rng.random((500, 5)) < 0.4).astype("float32"))
    >>> truth = 1 / (1 + np.exp(-(features @ np.array([2.0, -1, 0, 1, -2]))))
    >>> said = Annotations("sha256:" + "0" * 64, "a", truth[:, None], np.full((500, 1), 0.4))
    >>> experts = SurrogateFitter()([said], features, seed=1)
    >>> experts.opinion.round(1).tolist(), float(experts.fidelity[0].round(3))
    ([[2.0, -1.0, 0.0, 1.0, -2.0, 0.0]], 1.0)
    """

    smoothing: float = attrs.field(default=30.0, converter=float, validator=attrs.validators.gt(0))
    """Penalty of the proximity model: it is no linear thing, and must go on beyond the transfer set."""

    def __call__(
        self, opinions: Sequence[Annotations], features: FeatureTable, seed: int, rows: Rows | None = None
    ) -> Experts | None:
        """Fit to opinions of molecules, with trust 1; None if no partner spoke of enough of them.

        Parameters
        ----------
        opinions : sequence of Annotations
            Of the same molecules, one endpoint.
        features : FeatureTable
            Is asked for :data:`BLOCK` of them at a time.
        seed : int
            Of the draw of held-out molecules.
        rows : (n_compounds,) int64, optional
            Their positions in the table; by default it is of them alone.
        """
        ordered = sorted(opinions, key=lambda opinion: opinion.partner)
        rows = np.arange(len(ordered[0].value)) if rows is None else rows
        held = np.random.default_rng(seed).random(len(rows)) < HELD_OUT
        value = np.stack([opinion.value[:, 0] for opinion in ordered], axis=1).astype(np.float64)
        weight = np.stack([opinion.weight[:, 0] for opinion in ordered], axis=1).astype(np.float64)
        said = logit(np.clip(value, SUREST, 1 - SUREST))
        near = np.log(np.clip(weight, FAREST, 1))
        spoke = ~np.isnan(value)
        found: dict[int, tuple[Floats, Floats, float]] = {}
        # Around the threads, not within them: the number of BLAS threads is the whole process's, and who restores it
        # last isn't who changed it first.
        with threadpool_limits(1):
            # Partners who spoke of the same molecules, all of them as a rule, share the sums over features.
            for mask in np.unique(spoke, axis=1).T:
                members = np.flatnonzero((spoke == mask[:, None]).all(axis=0))
                if mask.sum() >= FEWEST:
                    found |= self._group(
                        features, rows[mask], said[mask][:, members], near[mask][:, members], held[mask], members
                    )
        if not found:
            return None
        kept = sorted(found)
        return Experts(
            [ordered[i].partner for i in kept],
            np.stack([found[i][0] for i in kept]),
            np.stack([found[i][1] for i in kept]),
            [found[i][2] for i in kept],
            np.ones(len(kept)),
        )

    def _group(
        self, table: FeatureTable, rows: Rows, said: Floats, near: Floats, held: NDArray[np.bool_], members: Rows
    ) -> dict[int, tuple[Floats, Floats, float]]:
        n, targets = len(members), np.concatenate([said, near], axis=1)
        features = table[rows[:BLOCK]]
        width = features.shape[1]
        # Of columns that no molecule has, the coefficients are 0; few molecules leave most of a wide table empty, and
        # what is solved grows with the cube of its columns.
        used = np.unique(features.indices) if len(rows) <= BLOCK else np.arange(width)
        moments, kept = Moments.of(features[:0, used], targets[:0]), []
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            features = table[rows[part]] if start else features
            features = features[:, used] if len(used) < width else features
            moments.add(features[~held[part]], targets[part][~held[part]])
            kept.append(features[held[part]])
        apart = csr_matrix(vstack(kept, format="csr"))
        best, unexplained = _best_penalties(moments, apart, said[held])
        moments.add(apart, targets[held])
        opinion, proximity = np.zeros((2, n, width + 1))
        filled = np.append(used, width)
        for penalty in np.unique(best):
            opinion[np.ix_(best == penalty, filled)] = moments.solve(float(penalty))[:, :n].T[best == penalty]
        proximity[:, filled] = moments.solve(self.smoothing)[:, n:].T
        fidelity = 1 - unexplained
        return {int(m): (opinion[i], proximity[i], float(fidelity[i])) for i, m in enumerate(members)}


def _best_penalties(moments: Moments, features: csr_matrix, said: Floats) -> tuple[Floats, Floats]:
    """Give for each teacher the penalty that explains held-out opinions best, and what it leaves unexplained."""
    best = np.full(said.shape[1], PENALTIES[0])
    least = np.full(said.shape[1], np.inf)
    for penalty in PENALTIES:
        left = _unexplained(moments.solve(penalty)[:, : said.shape[1]], features, said)
        best[left < least], least = penalty, np.minimum(left, least)
        if (least < UNDERSTOOD).all():
            break  # teachers that add up need no larger one, and each one tried takes seconds
    return best, least


def _unexplained(solved: Floats, features: csr_matrix, target: Floats) -> Floats:
    if not len(target):
        return np.ones(target.shape[1])
    left = target - (features @ solved[:-1] + solved[-1])
    total = ((target - target.mean(axis=0)) ** 2).sum(axis=0)
    # Equal numbers differ from their mean by rounding: a constant is explained in full.
    return np.asarray(np.divide((left**2).sum(axis=0), total, out=np.zeros_like(total), where=total > CONSTANT))
