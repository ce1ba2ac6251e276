"""Updates: what is new moves what is said of it from one release to the next.

Source: Salem et al. 2020, arXiv 1904.01067. Whoever holds two releases of one partner subtracts them: what the
partner knew before, and all that is public, drops out, and the compounds that joined between them stand alone. It needs
no shadows.
"""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.partner.audit.observations import Floats, Mask, Observations


@attrs.frozen(eq=False)
class ReleasePair:
    """What an attacker sees who holds two releases of one partner."""

    before: Observations
    after: Observations

    added: Mask = attrs.field(repr=False)
    """Who joined between them, (n_draws, n_candidates)."""

    def scored(self, score: Floats) -> Floats:
        """Score only those who weren't members before: NaN for the others, (n_draws, n_candidates)."""
        return np.where(self.before.owned, np.nan, score)


def opinions(pair: ReleasePair) -> Floats:
    """How much surer of the measured class the second teacher is, (n_draws, n_candidates)."""
    return pair.scored(pair.after.confidence - pair.before.confidence)


def weights(pair: ReleasePair) -> Floats | None:
    """How much the stated weight grew, (n_draws, n_candidates); None if no weight changed."""
    grown = pair.after.weight - pair.before.weight
    return pair.scored(grown) if np.ptp(grown) else None
