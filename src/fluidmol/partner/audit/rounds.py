"""Two rounds: what a partner gives away of the compounds that it has measured between two releases.

After each draw its members grow by a few strangers, the recipe is fitted again, and the second release goes through the
same policy. Attackers know which charter, and when; they score those who weren't members in the first round.
"""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.partner.audit.catalogue import UPDATES
from fluidmol.partner.audit.figures import AttackFigure, measured
from fluidmol.partner.audit.shadows import Played
from fluidmol.partner.audit.updates import ReleasePair
from fluidmol.partner.audit.vantages import ANNOTATIONS, EXPERTS, Vantages, vantages
from fluidmol.partner.audit.verdict import worst_first
from fluidmol.partner.policy import Policy

BOTH = {ANNOTATIONS: "both annotations", EXPERTS: "both experts"}
"""What is called what an attacker holds of two rounds."""

PLAIN = (
    "Whoever holds both releases subtracts them: what was there before drops out, and what joined stands alone."
    " The verdict on this page is of one release, and so are the limits of a policy."
)
"""What is said of two rounds where nothing is proved."""

PROVED = (
    "Under one charter with [privacy] the second release is the first, to the last digit: the private model is made"
    " once and kept, so that a difference says nothing. What was measured here is a second round under a new charter,"
    " with compounds that joined and fresh noise. Both releases count towards your privacy budget."
)
"""What is said of two rounds under a charter with ``[privacy]``."""


@attrs.frozen
class Rounds:
    """What attacks on two releases found."""

    n_added: float
    """Compounds that joined between the rounds, mean over the draws."""

    figures: tuple[AttackFigure, ...]
    """Of telling compounds that joined from strangers of both rounds, the worst attack first."""

    says: str
    """What it means, in full sentences."""


def judged_rounds(played: Played, stood: Vantages, policy: Policy) -> Rounds | None:
    """Attack two releases of each draw; None if no second round was played.

    Parameters
    ----------
    played : Played
    stood : Vantages
        What is seen in the first round.
    policy : Policy
        The partner's own.
    """
    if played.second is None or played.added is None:
        return None
    later = vantages(played.second, policy, federated=False)
    figures = []
    for name, vantage, source, run in UPDATES:
        if vantage not in stood.seen or vantage not in later.seen:
            continue
        pair = ReleasePair(stood.seen[vantage], later.seen[vantage], played.added)
        score = run(pair)
        if score is None or not np.isfinite(score).any():
            continue
        found = measured(score, played.added, played.assay.active)
        figures.append(AttackFigure(attack=name, vantage=BOTH[vantage], source=source, leaves=True, **found))
    says = PLAIN if played.charter.privacy is None else PROVED
    return Rounds(float(played.added.sum(axis=1).mean()), worst_first(figures), says)
