"""Whether values look like what they are said to be: typical magnitudes, and relations on a p scale."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from fluidmol.chem.intake.measurements.units import Unit

TYPICAL = (4.5, 7.5)
"""Between which the median potency of a file lies, -log10(M), if nothing in the file says its unit: 30 µM to 30 nM.
These are three decades: in another unit the same values are a thousand times larger or smaller, and fall outside."""

P_TYPICAL = (3, 10)
"""The same for values on a p scale."""

_EXTREME = (3.5, 11.0)
_FEW = 0.05
_P_LIKE = (3.0, 12.0)
_P_RATIO = 4
_LEAST_P_LIKE = 5
_SURE = 0.9
_LEAST_EXACT = 3


def doubt(values: Sequence[Decimal], unit: Unit) -> str:
    """Return why values don't look like potencies in this unit; empty if they do.

    Parameters
    ----------
    values : sequence of Decimal
        Usable numbers, in the unit.
    unit : Unit
        Which nothing in the file confirms.

    Examples
    --------
    >>> from fluidmol.chem.intake.measurements.units import Unit
    >>> doubt([Decimal(value) for value in (90_000, 350, 20_000)], Unit.named("uM"))
    'half of the values are larger than 20000 uM, and potencies seldom are'
    >>> doubt([Decimal("0.4"), Decimal(12), Decimal(35)], Unit.named("uM"))
    ''
    """
    if not values:
        return ""
    middle = median(values)
    if unit.kind == "p":
        return "" if P_TYPICAL[0] <= middle <= P_TYPICAL[1] else f"half of the values lie beyond {middle}"
    potencies = [-math.log10(unit.base(value)) for value in values]
    typical = median(potencies)
    outside = sum(not _EXTREME[0] <= potency <= _EXTREME[1] for potency in potencies)
    if not TYPICAL[0] <= typical <= TYPICAL[1]:
        side = "larger" if typical < TYPICAL[0] else "smaller"
        return f"half of the values are {side} than {middle} {unit.text}, and potencies seldom are"
    if outside > _FEW * len(values):
        worst = max(values) if min(potencies) < _EXTREME[0] else min(values)
        return f"{outside} of {len(values)} values, such as {worst} {unit.text}, are no usual potencies"
    if looks_like_p(values):
        return f"all values lie between {min(values)} and {max(values)}, as those of a p scale do"
    return ""


def looks_like_p(values: Sequence[Decimal]) -> bool:
    """Return whether numbers could be negative logarithms rather than concentrations."""
    low, high = min(values), max(values)
    return (
        len(values) >= _LEAST_P_LIKE
        and float(low) >= _P_LIKE[0]
        and float(high) <= _P_LIKE[1]
        and high <= _P_RATIO * low
    )


def doubtful_signs(signs: Sequence[str], values: Sequence[Decimal], *, trusted: bool) -> frozenset[str]:
    """Find relations on a p scale that may be those of the concentrations, which point the other way.

    A ``>`` of a p value marks a strong compound, one of a concentration a weak one. So where ``>`` stands on weak
    values it may have been carried over from the concentration when that was turned into its logarithm.

    Parameters
    ----------
    signs, values : sequence
        Relation (``=``, ``<``, ``>``, ``<=``, ``>=``) and p value of each usable row.
    trusted : bool
        Whether the relations belong to the p values by their name, or stand in front of the value: then only values
        that contradict them raise a doubt; otherwise values must confirm them.

    Returns
    -------
    frozenset of str
        The signs in doubt.

    Examples
    --------
    >>> p = [Decimal(value) for value in ("7.1", "6.2", "5.5", "5.0")]
    >>> doubtful_signs(["=", "=", "=", ">"], p, trusted=True)
    frozenset({'>'})
    >>> doubtful_signs(["=", "=", "=", "<"], p, trusted=False)
    frozenset()
    """
    exact = [value for sign, value in zip(signs, values, strict=True) if sign == "="]
    ordered = sorted(exact)
    found = set()
    for sign in {"<", ">", "<=", ">="}.intersection(signs):
        bounds = [value for other, value in zip(signs, values, strict=True) if other == sign]
        strong = sign.startswith(">")
        if trusted:
            against = bool(exact) and (median(bounds) <= median(exact) if strong else median(bounds) >= median(exact))
        else:
            below = sum(bisect_left(ordered, bound) for bound in bounds)
            up_to = sum(bisect_right(ordered, bound) for bound in bounds)
            right = below if strong else len(bounds) * len(ordered) - up_to
            against = len(exact) < _LEAST_EXACT or right < _SURE * len(bounds) * len(exact)
        if against:
            found.add(sign)
    return frozenset(found)
