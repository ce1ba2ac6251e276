"""What a person should look at in the values themselves: magnitudes, limits on one side, piles at one value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median

from fluidmol.chem.intake.measurements.measured import MeasuredRow
from fluidmol.chem.intake.measurements.plausible import TYPICAL
from fluidmol.chem.intake.measurements.units import Unit

_PILE = 0.1
_LEAST_PILE = 10


def warnings_of(rows: Sequence[MeasuredRow]) -> Iterator[str]:
    """Yield what looks unusual in the rows that have a class.

    Examples
    --------
    >>> list(warnings_of([MeasuredRow(False, value="30", unit="mM", relation="=")] * 3))
    ['the median potency is 1.5 (-log10(M)), an unusual one: is the unit right?']
    """
    usable = [row for row in rows if row.active is not None and row.relation]
    if not usable:
        return
    middle = median(map(_potency, usable))
    if not TYPICAL[0] - 0.5 <= middle <= TYPICAL[1] + 1:
        yield f"the median potency is {middle:.1f} (-log10(M)), an unusual one: is the unit right?"
    limits = {row.relation[0] for row in usable if row.relation != "="}
    if len(limits) == 1 and len({row.active for row in usable}) == 2:
        (sign,) = limits
        side = {row.active for row in usable if row.relation.startswith(sign)}
        exact = {row.active for row in usable if row.relation == "="}
        if len(exact) == 1 and side != exact:
            word = "inactive" if side == {False} else "active"
            yield f"all {word} rows are limits ({sign}): what tells the classes apart may be how they were measured"
    piles = Counter((row.value, row.unit) for row in usable if row.relation == "=").most_common(1)
    if piles and piles[0][1] >= max(_LEAST_PILE, _PILE * len(usable)):
        (value, unit), n = piles[0]
        yield f"{n:,} rows have exactly {value} {unit}: relations such as > may have been lost"


def _potency(row: MeasuredRow) -> float:
    unit, number = Unit.named(row.unit), Decimal(row.value)
    return float(number) if unit is None or unit.kind == "p" else -math.log10(unit.base(number))
