"""Shifts: whose values lie above or below everybody else's, or are spread otherwise, where both claim to know.

A partner whose measurements are in another unit, in natural logarithms, or of another assay teaches a teacher that is
right about the order of molecules and wrong about their values. Correlations don't see that. What is compared here are
opinions of public molecules, which the coordinator has in any case: it gives nothing more away.

A finding is a reason to ask a partner, not a proof: teachers of different chemistry differ honestly where each knows
little of the other's.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.agreement import weighted_median
from fluidmol.learning.federation import weigh
from fluidmol.learning.statistics.corrections import holm
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter

Floats = NDArray[np.float64]

FEWEST = 30.0
"""Equally weighted molecules that two partners must both claim before they are compared."""

LEAST = 0.05
"""Share of the scale by which values must lie apart to be named."""

WIDER, NARROWER = 1.5, 0.45
"""Ratios of spreads from which a partner is named. Teachers of few compounds honestly say narrower ones: of 48 honest
partners of four public endpoints the lowest was .52, the highest 1.45."""


@attrs.frozen
class PartnerShift:
    """How one partner's values lie beside the others'."""

    partner: str

    shift: float
    """Mean over the others of the median difference, in shares of the scale; above 0 where its values are larger."""

    ratio: float
    """Mean ratio of the spread of its values to that of the others', on the same molecules; 1 where alike."""

    p: float
    """That an honest partner differs from the others as much by chance, corrected for all tests (Holm)."""

    named: str
    """``shifted`` or ``spread``, where it differs beyond chance and by enough to matter; empty otherwise."""


def value_shifts(opinions: Sequence[Annotations], charter: Charter, level: float = 0.05) -> tuple[PartnerShift, ...]:
    """Compare each partner's values with the others'.

    Each pair is compared on the molecules that both claim, by the median of differences and the ratio of spreads.
    Whether a partner stands out is a test over the others: are its differences from them of one sign, by more than they
    differ from one another (a t-test over pairs)? So one pair at odds names nobody.

    Parameters
    ----------
    opinions : sequence of Annotations
        Of a regression, all of one shape.
    charter : Charter
        Its weighting says how much each opinion claims.
    level : float
        Chance that any honest partner is named, in (0, 1).

    Returns
    -------
    tuple of PartnerShift
        One a partner, in alphabetical order; with fewer than three others that can be compared, nobody is named.

    Examples
    --------
    >>> truth = np.linspace(0.2, 0.6, 400)
    >>> rng = np.random.default_rng(1)
    >>> said = {name: truth + rng.normal(0, 0.02, 400) for name in "abcd"} | {"e": truth + 0.2}
    >>> charter = Charter.from_preset("open")
    >>> opinions = [Annotations("", name, p[:, None], np.ones((400, 1))) for name, p in said.items()]
    >>> [(each.partner, round(each.shift, 2)) for each in value_shifts(opinions, charter) if each.named]
    [('e', 0.2)]
    """
    weighed = weigh(opinions, charter)
    value, share = weighed.value[..., 0], weighed.share[..., 0]
    n = len(weighed.partners)
    shift, ratio = np.full((2, n, n), np.nan)
    for k in range(n):
        for o in range(k + 1, n):
            weight = np.minimum(share[k], share[o])
            known = np.isfinite(value[k]) & np.isfinite(value[o]) & (weight > 0)
            weight = weight[known]
            if not len(weight) or weight.sum() ** 2 < FEWEST * (weight**2).sum():
                continue
            first, second = value[k][known], value[o][known]
            shift[k, o] = _median(first - second, weight)
            shift[o, k] = -shift[k, o]
            spread = [_median(np.abs(side - _median(side, weight)), weight) for side in (first, second)]
            if min(spread) > 0:
                ratio[k, o] = np.log(spread[0] / spread[1])
                ratio[o, k] = -ratio[k, o]
    p = holm(np.array([[_p(row) for row in table] for table in (shift, ratio)]).ravel()).reshape(2, n)
    found = []
    for k, name in enumerate(weighed.partners):
        apart, wider = (_mean(table[k]) for table in (shift, ratio))
        sure = p[:, k] < level
        named = "shifted" if sure[0] and abs(apart) >= LEAST else ""
        named = named or ("spread" if sure[1] and not NARROWER < np.exp(wider) < WIDER else "")
        found.append(PartnerShift(name, apart, float(np.exp(wider)), float(np.nanmin(p[:, k])), named))
    return tuple(found)


def _median(values: Floats, weight: Floats) -> float:
    return float(weighted_median(values, weight))


def _mean(row: Floats) -> float:
    known = row[~np.isnan(row)]
    return float(known.mean()) if len(known) else float("nan")


def _p(row: Floats) -> float:
    """Test whether differences from the others are of one sign; 1 with fewer than three others."""
    from scipy.stats import ttest_1samp  # noqa: PLC0415 - heavy

    known = row[~np.isnan(row)]
    if len(known) < 3:
        return 1.0
    if np.ptp(known) == 0:
        return 0.0 if known[0] else 1.0
    return float(ttest_1samp(known, 0.0).pvalue)
