"""Differences: two linear models of a partner are decoded by what lies between them.

Source: Bertran et al. 2024, arXiv 2405.20272: the difference of a linear model with and without a compound is that
compound, but for a matrix. Here it is a sum over the few compounds that joined, plus small changes of what all others
contribute, and is solved over a list of candidates like one model (:mod:`~fluidmol.partner.audit.decoding`).
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.special import expit

from fluidmol.partner.audit.decoding import chosen, contributions, sides
from fluidmol.partner.audit.observations import Floats
from fluidmol.partner.audit.updates import ReleasePair
from fluidmol.partner.audit.whitening import with_constant


def decoded(pair: ReleasePair) -> Floats | None:
    """Score candidates whose measured class is known, (n_draws, n_candidates); None if there is no linear model."""
    before, after = pair.before, pair.after
    if before.models is None or after.models is None or after.rows is None:
        return None
    candidates = with_constant(after.rows)
    gram = np.asarray((candidates @ candidates.T).toarray())
    parts = contributions(gram, np.asarray(candidates @ (after.models - before.models).T) / after.strength)
    # All candidates are on the list: what those contribute who were members before changes a little, too.
    pools = [np.flatnonzero(~owned) for owned in before.owned]
    active = expit(after.opinion)
    each = [sides(parts[:, draw, pool], active[draw, pool]) for draw, pool in enumerate(pools)]
    return chosen(attrs.evolve(after, owned=pair.added), pools, each).known
