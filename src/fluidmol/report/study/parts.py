"""What a section is made of, and how means are written."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.study.frame import Mean
from fluidmol.report.style import COLOURS, Chart, figure
from fluidmol.report.tables import Cell, Column, Table, decimal, text

__all__ = [
    "MODELS",
    "Cell",
    "Chart",
    "Column",
    "Part",
    "Section",
    "Table",
    "column",
    "fewer",
    "half",
    "mean",
    "name",
    "row",
]

MODELS = ("teachers' mean", "ensemble", "student", "hybrids' mean", "T0", "T0-hybrid")
"""Models in the order of tables."""

_KINDS = {
    "teachers' mean": "teacher", "best teacher": "teacher", "ensemble": "control", "student": "student",
    "hybrids' mean": "hybrid", "lowest hybrid": "hybrid", "best hybrid": "hybrid", "T0": "pooled",
    "T0-hybrid": "pooled_hybrid",
}  # fmt: skip

_NAMES = {
    "ensemble": "ensemble (teachers asked directly)",
    "T0": "T0 (all data pooled)",
    "T0-hybrid": "T0-hybrid (all data and labels)",
}


@attrs.frozen
class Part:
    """One piece of a section."""

    role: str
    """``chart``, ``charts`` (beside each other), ``table``, ``folded`` (tables behind a click) or ``note``."""

    chart: Chart | None = None
    charts: tuple[Chart, ...] = ()
    table: Table | None = None
    tables: tuple[Table, ...] = ()
    text: str = ""
    """The note, or what is written on the fold."""
    code: str = ""
    """What is behind the fold word by word."""


@attrs.frozen
class Section:
    """One section of the page."""

    key: str
    """Its id."""

    title: str
    short: str
    """Its name in the contents."""

    lead: tuple[str, ...]
    """Paragraphs above."""

    parts: tuple[Part, ...]

    @property
    def drawn(self) -> tuple[Chart, ...]:
        """All its charts."""
        return tuple(c for part in self.parts for c in (*part.charts, *((part.chart,) if part.chart else ())))


def mean(interval: Interval, digits: int = 3, *, sign: bool = False) -> Cell:
    """Write a mean over seeds with half the width of its interval, and its seeds where these aren't all.

    Examples
    --------
    >>> mean(Interval(0.5, 0.48, 0.52, 5)).text.split()
    ['0.500', '±', '0.020']
    """
    shown = figure(interval.mean, digits, sign=sign) + half(interval, digits) + fewer(interval)
    return Cell(shown, "" if math.isnan(interval.mean) else repr(interval.mean), number=True)


def half(interval: Interval, digits: int = 3) -> str:
    """Write half the width of an interval over seeds; nothing without one."""
    return "" if math.isnan(interval.low) else f"\u00a0±\u00a0{figure(interval.high - interval.mean, digits)}"


def fewer(interval: Interval) -> str:
    """Say on how many of the study's seeds a mean stands; nothing where these are all, or none.

    Examples
    --------
    >>> fewer(Mean(0.5, 0.48, 0.52, 3, 8)).split()
    ['(3', 'of', '8', 'seeds)']
    >>> fewer(Mean(0.5, 0.48, 0.52, 8, 8))
    ''
    """
    of = interval.of if isinstance(interval, Mean) else interval.n
    return f" ({interval.n} of {of} seeds)".replace(" ", "\u00a0") if 0 < interval.n < of else ""


def name(model: str, *, short: bool = False) -> Cell:
    """Name a model, with its colour."""
    kind = _KINDS.get(model, "")
    return Cell(model if short else _NAMES.get(model, model), model, kind=kind if kind in COLOURS else "")


def column(title: str, meaning: str = "") -> Column:
    """Give a column of numbers."""
    return Column(title, meaning)


def row(first: str | Cell, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Give a row that begins with a name."""
    return (first if isinstance(first, Cell) else text(first), *cells)


def published(values: Sequence[float], digits: int = 3) -> Cell:
    """Write the paper's figure, or range."""
    if not values:
        return decimal(None)
    return Cell(" to ".join(figure(value, digits) for value in values), repr(values[-1]), number=True)
