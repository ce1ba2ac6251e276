"""The words that all findings use."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import Tile, as_float, fewer, half
from fluidmol.report.read.studies import Studies
from fluidmol.report.sections.compared import ALPHA, found
from fluidmol.report.style import figure

TEACHERS, HYBRIDS = "teachers' mean", "hybrids' mean"
"""What means over partners are called."""


def known(*intervals: Interval) -> bool:
    """Tell whether all means are known: without one, a sentence has nothing to say."""
    return not any(math.isnan(interval.mean) for interval in intervals)


def compared(
    studies: Studies, study: str, dataset: str, first: tuple[str, str], second: tuple[str, str]
) -> Mapping[str, str] | None:
    """Find a comparison that has a result."""
    row = found(studies, study, dataset, first, second)
    undefined = row is None or any(math.isnan(as_float(row[name])) for name in ("difference", "p_holm"))
    return None if undefined else row


def verdict(row: Mapping[str, str] | None, one: Interval, other: Interval) -> str:
    """Judge one method against another by their comparison, or for want of it by their intervals over seeds."""
    if row is None:
        # Nothing was tested: seeds that are few, or intervals that overlap, say nothing.
        if math.isnan(one.mean) or not (one.low > other.high or one.high < other.low):
            return "unclear"
        return "partly" if one.mean > other.mean else "worse"
    if not as_float(row["p_holm"]) < ALPHA:
        return "unclear"
    return "better" if as_float(row["difference"]) > 0 else "worse"


def told(interval: Interval, *, sign: bool = False) -> str:
    """Write a mean with its interval, and on how many seeds it stands where these aren't all."""
    return figure(interval.mean, sign=sign) + half(interval) + fewer(interval)


def difference(row: Mapping[str, str]) -> str:
    """Write a comparison's difference with its interval and p."""
    mean, low, high, p = (as_float(row[name]) for name in ("difference", "low", "high", "p_holm"))
    shown = "< 0.001" if p < 0.001 else f"= {figure(p)}"
    text = f"{figure(mean, sign=True)} (95 % interval {figure(low, sign=True)} to {figure(high, sign=True)}, "
    return (text + f"p {shown} after correction)").replace(" %", "\u00a0%")


def tile(kind: str, called: str, interval: Interval, note: str, digits: int = 3) -> Tile:
    """Make a tile of a mean, with half the width of its interval."""
    spread = (half(interval, digits) + fewer(interval)).strip()
    return Tile(kind, called, figure(interval.mean, digits), f"{spread}; {note}" if spread else note)
