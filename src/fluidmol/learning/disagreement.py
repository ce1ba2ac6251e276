"""Disagreement: who contradicts the others beyond chance where it claims to know, and who says nothing at all.

A finding is a reason to ask a partner, not a proof: a mistaken unit or a class coded the other way round looks the same
as malice, half of the partners in a plot look like everybody else, and a lie about a few molecules doesn't show.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation.claims import within_budget
from fluidmol.learning.agreement import Agreement, agreement_where_claimed
from fluidmol.learning.federation import weigh
from fluidmol.learning.reliability import FEWEST, reliabilities, scores
from fluidmol.learning.statistics.corrections import holm
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter

Floats = NDArray[np.float64]

_BUDGET = 2.0
_PARTS = (1.0, 0.1)
"""Which of its compounds a partner is judged by: all, and those that it claims most."""

_ONE_SIDED = 1.645
"""Standard errors above zero at which agreement counts as seen, one in twenty by chance."""

_POWER = 4.0
"""Standard errors by which typical agreement must differ from none before silence about it means anything."""


@attrs.frozen
class PartnerDisagreement:
    """How one partner's opinions relate to the others'."""

    partner: str
    """Name."""

    agreement: float
    """Median correlation with the trusted others where both claim to know, in [-1, 1]."""

    claimed: float
    """On which of its compounds: the share that it claims most where it contradicts the others most, 1 for all."""

    typical: float
    """The median agreement of the partners on all compounds."""

    n_effective: float
    """Number of equally weighted compounds behind it."""

    trust: float
    """Reliability as :func:`fluidmol.learning.reliability.reliabilities` estimates it, in [0, 1]."""

    p: float
    """That an honest partner contradicts the others as much by chance, corrected for all tests (Holm)."""

    disagrees: bool
    """Whether it contradicts the others beyond chance."""

    uninformative: bool
    """Whether its opinions can't be told from noise or a constant, though agreement would have been seen."""


def findings(opinions: Sequence[Annotations], charter: Charter, level: float = 0.05) -> tuple[PartnerDisagreement, ...]:
    """Compare each partner with the others.

    Whether a partner *disagrees* is a test over the other partners: are its correlations with those who are trusted
    below zero, by more than they differ from one another (a random-effects t-test)? So neither a partner that merely
    knows other chemistry nor one pair at odds is named. It is tested on all compounds and on those that the partner
    claims most, with a correction for all these tests.

    Parameters
    ----------
    opinions : sequence of Annotations
        Of one endpoint, all of one shape.
    charter : Charter
        Its weighting says how much each opinion claims.
    level : float
        Chance that any honest partner is named as disagreeing, in (0, 1).

    Returns
    -------
    tuple of PartnerDisagreement
        One a partner, in alphabetical order. With fewer than three trusted others nobody is named.

    Raises
    ------
    ValueError
        If there is no opinion, or shapes differ.

    Examples
    --------
    >>> truth = np.linspace(0.1, 0.9, 400)
    >>> said = {"a": truth, "b": truth**2, "c": truth**0.5, "d": 0.5 * truth, "e": 1 - truth}
    >>> charter = Charter.from_preset("open")
    >>> opinions = [Annotations("", name, p[:, None], np.ones((400, 1))) for name, p in said.items()]
    >>> [finding.partner for finding in findings(opinions, charter) if finding.disagrees]
    ['e']
    """
    weighed = weigh(opinions, charter)
    value, share = weighed.value[..., 0], within_budget(weighed.share, _BUDGET)[..., 0]
    trust = reliabilities(value, share)
    tests = [_tested(agreement_where_claimed(value, share, fraction), trust) for fraction in _PARTS]
    score, known, p = (np.stack(each) for each in zip(*tests, strict=True))
    # A part of the compounds may be too few to say anything.
    p[1:][known[1:] < FEWEST] = 1.0
    p = holm(p.ravel()).reshape(p.shape)
    believed = trust > 0.5
    typical = float(np.median(score[0, believed])) if believed.any() else 0.0
    error = 1 / np.sqrt(np.clip(known[0] - 3, 1e-9, None))
    silent = (score[0] < _ONE_SIDED * error) & (typical > _POWER * error)
    worst = np.argmin(p, axis=0)  # the whole where there is no difference
    return tuple(
        PartnerDisagreement(
            partner=name,
            agreement=float(score[part, k]),
            claimed=_PARTS[part],
            typical=typical,
            n_effective=float(known[part, k]),
            trust=float(trust[k]),
            p=float(p[part, k]),
            disagrees=bool(p[part, k] < level),
            uninformative=bool(silent[k] and p[part, k] >= level),
        )
        for k, (name, part) in enumerate(zip(weighed.partners, worst, strict=True))
    )


def _tested(found: Agreement, trust: Floats) -> tuple[Floats, Floats, Floats]:
    """Give each partner's agreement, the number of compounds behind it, and the p-value that it is below zero."""
    others = ~np.eye(len(trust), dtype=bool)
    p = [_below_zero(found.correlation[k][o], found.n_effective[k][o], trust[o]) for k, o in enumerate(others)]
    return (*scores(found, trust), np.array(p))


def _below_zero(correlation: Floats, known: Floats, trust: Floats) -> float:
    from scipy.stats import t as student_t  # noqa: PLC0415 - heavy

    count = float(trust.sum())
    if count < 2.5:
        return 1.0
    mean = float(trust @ correlation) / count
    between = float(trust @ (correlation - mean) ** 2) / (count - 1)
    within = float(trust @ (1 / np.clip(known - 3, 1e-9, None))) / count
    return float(student_t.cdf(mean / np.sqrt(between / count + within), df=count - 1))
