"""What labels say of one partner to whoever knows all the others' opinions.

Labels made with and without a partner differ by its opinions alone (differencing two releases: Salem et al. 2020, arXiv
1904.01067). Nobody needs to publish the second: of two partners, each computes it from its own opinions, and so do all
others together of any number. A partner can't know what the others will say, so the worst is assumed: one other
partner, whose annotations are those of another draw, and who is the attacker. It solves the charter's own rule for
the opinion; how much that counted it takes from shadows.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy.special import expit, logit

from fluidmol.learning.federation import aggregate
from fluidmol.partner.audit.observations import Floats, Observations
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter

STEPS = 24
"""Of the search for the opinion: to the seventh decimal, as labels have them."""

LIMIT = 1e-4
"""Opinions are cut at this distance from 0 and 1."""


def subtracted(own: Sequence[Annotations], base: Observations, charter: Charter) -> Observations:
    """Compute what the other partner of two sees of each candidate in the labels.

    Parameters
    ----------
    own : sequence of Annotations
        What leaves of each draw about the candidates.
    base : Observations
        The same, as who holds the annotations sees it.
    charter : Charter
        Says how opinions become labels.

    Returns
    -------
    Observations
        Opinions that explain the labels, (n_draws, n_candidates); NaN where the partner keeps silent. Weights are 1.

    Raises
    ------
    CharterError
        If its weighting or aggregation is unknown.
    """
    n = len(own)
    total = base.weight.sum(axis=0)
    opinion = np.array(
        [
            _opinion(own[draw], own[(draw + 1) % n], (total - base.weight[draw]) / max(1, n - 1), charter)
            for draw in range(n)
        ]
    )
    return attrs.evolve(
        base, opinion=np.where(np.isnan(base.opinion), np.nan, opinion), weight=np.ones_like(opinion), decimals=0
    )


def _opinion(own: Annotations, other: Annotations, weight: Floats, charter: Charter) -> Floats:
    """Solve for the log-odds that explain the label of each candidate, (n_candidates,), by bisection."""
    label = _label(own, other, charter)
    # Whatever the aggregation, a label grows with an opinion in it.
    low, high = np.full(len(label), logit(LIMIT)), np.full(len(label), logit(1 - LIMIT))
    for _ in range(STEPS):
        middle = (low + high) / 2
        below = _label(attrs.evolve(own, value=expit(middle)[:, None], weight=weight[:, None]), other, charter) < label
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _label(own: Annotations, other: Annotations, charter: Charter) -> Floats:
    both = [attrs.evolve(one, partner=name) for name, one in (("you", own), ("other", other))]
    return aggregate(both, charter).value[:, 0].astype(np.float64)
