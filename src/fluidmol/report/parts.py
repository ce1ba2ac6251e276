"""What pages are made of: cells, tables, sections, findings; plain text that the template escapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.read.frame import Mean
from fluidmol.report.style import COLOURS, NONE, Chart, count, figure, percent

MODELS = ("teachers' mean", "ensemble", "student", "hybrids' mean", "T0", "T0-same-make", "T0-hybrid")
"""Models in the order of tables."""

_KINDS = {
    "teachers' mean": "teacher", "best teacher": "teacher", "ensemble": "control", "student": "student",
    "hybrids' mean": "hybrid", "lowest hybrid": "hybrid", "best hybrid": "hybrid", "T0": "pooled",
    "T0-same-make": "pooled_same_make", "T0-hybrid": "pooled_hybrid",
}  # fmt: skip

_NAMES = {
    "ensemble": "ensemble (teachers asked directly)",
    "T0": "T0 (all data pooled)",
    "T0-same-make": "T0-same-make (all data pooled, the teachers' make)",
    "T0-hybrid": "T0-hybrid (all data and labels)",
}


@attrs.frozen
class TableCell:
    """One cell: its text, and the value it is sorted by (a number where ``number`` is set)."""

    text: str
    sort: str = ""
    number: bool = False
    kind: str = ""
    """Kind of model, where the cell carries its colour."""
    share: float | None = None
    """Draws a bar behind the text, in [0, 1]."""
    picture: str = ""
    """Address of a picture above the text (``data:``)."""


@attrs.frozen
class TableColumn:
    """One column: its name, what it means, and whether it holds numbers."""

    name: str
    meaning: str = ""
    number: bool = True


@attrs.frozen
class ReportTable:
    """One table."""

    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    sortable: bool = False
    captioned: bool = True
    """Whether its title is to be seen, or is for screen readers, because a heading above says the same."""


@attrs.frozen
class SectionPart:
    """One piece of a section."""

    role: str
    """``chart``, ``charts`` (beside each other), ``table``, ``folded`` (tables behind a click), ``heading``,
    ``paragraph``, ``gap`` (something that is missing), ``note`` or ``caption``."""

    chart: Chart | None = None
    charts: tuple[Chart, ...] = ()
    table: ReportTable | None = None
    tables: tuple[ReportTable, ...] = ()
    text: str = ""
    """The heading, note or caption, or what is written on the fold."""
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

    parts: tuple[SectionPart, ...]

    wide: bool = False
    """Whether its tables need more room than text has."""

    @property
    def drawn(self) -> tuple[Chart, ...]:
        """All its charts."""
        return tuple(c for part in self.parts for c in (*part.charts, *((part.chart,) if part.chart else ())))


@attrs.frozen
class Tile:
    """One figure to remember."""

    kind: str
    """Decides its colour; a key of :data:`fluidmol.report.style.COLOURS`, or empty."""

    name: str
    value: str
    note: str


@attrs.frozen
class Finding:
    """One answer, in words."""

    where: str
    """On which data, or about what."""

    verdict: str
    """``better``, ``partly`` (a gain with a reservation), ``unclear``, ``worse``, ``few`` (the data set is too small to
    tell), ``unknown`` or ``none`` (nothing can be compared): decides the colour."""

    title: str
    sentences: tuple[str, ...]
    tiles: tuple[Tile, ...] = ()


def text(value: object) -> TableCell:
    """Make a cell of text."""
    shown = "" if value is None else str(value)
    return TableCell(shown or NONE, shown)


def whole(value: object) -> TableCell:
    """Make a cell of a whole number; a dash where it isn't known."""
    known = as_float(value)
    return TableCell(count(known), "" if math.isnan(known) else repr(known), number=True)


def decimal(value: object, digits: int = 3) -> TableCell:
    """Make a cell of a number; a dash where it isn't known."""
    known = as_float(value)
    return TableCell(figure(known, digits), "" if math.isnan(known) else repr(known), number=True)


def as_float(value: object) -> float:
    """Read a number from JSON or CSV, NaN where there is none.

    Examples
    --------
    >>> as_float("12"), as_float(None)
    (12.0, nan)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        known = float(value)
    except ValueError:
        return math.nan
    return known if math.isfinite(known) else math.nan


def share(value: float) -> TableCell:
    """Make a cell of a share, in per cent."""
    return TableCell(percent(value, 1), "" if math.isnan(value) else repr(value), number=True)


def mean(interval: Interval, digits: int = 3, *, sign: bool = False) -> TableCell:
    """Write a mean over seeds with half the width of its interval, and its seeds where these aren't all.

    Examples
    --------
    >>> mean(Interval(0.5, 0.48, 0.52, 5)).text.split()
    ['0.500', '±', '0.020']
    """
    shown = figure(interval.mean, digits, sign=sign) + half(interval, digits) + fewer(interval)
    return TableCell(shown, "" if math.isnan(interval.mean) else repr(interval.mean), number=True)


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


def name(model: str, *, short: bool = False) -> TableCell:
    """Name a model, with its colour."""
    kind = _KINDS.get(model, "")
    return TableCell(model if short else _NAMES.get(model, model), model, kind=kind if kind in COLOURS else "")


def column(title: str, meaning: str = "") -> TableColumn:
    """Give a column of numbers."""
    return TableColumn(title, meaning)


def row(first: str | TableCell, cells: Sequence[TableCell]) -> tuple[TableCell, ...]:
    """Give a row that begins with a name."""
    return (first if isinstance(first, TableCell) else text(first), *cells)


def published(values: Sequence[float], digits: int = 3) -> TableCell:
    """Write the paper's figure, or range."""
    if not values:
        return decimal(None)
    return TableCell(" to ".join(figure(value, digits) for value in values), repr(values[-1]), number=True)
