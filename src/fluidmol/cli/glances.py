"""Columns of numbers as a table and as bars of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from fluidmol.values.glance import Glance

WIDTH = 30
"""Characters of the longest bar."""


def print_glances(console: Console, columns: Sequence[Glance]) -> None:
    """Print a table of the columns, then a histogram of each."""
    if not columns:
        return
    console.print(_table(columns))
    for column in columns:
        console.print(f"\n{column.name}:")
        for line in bars(column.counts):
            console.print(f"  {line}")


def bars(counts: Sequence[int]) -> Iterator[str]:
    """Draw a histogram over [0, 1], one line for each part.

    Examples
    --------
    >>> for line in bars([1, 0, 30]):
    ...     print(line)
    0.00 - 0.33  #                              1
    0.33 - 0.67                                 0
    0.67 - 1.00  ############################## 30
    """
    most, n = max(counts, default=0), len(counts)
    digits = 1 if n == 10 else 2
    for place, count in enumerate(counts):
        # A single one is seen, too.
        length = 0 if not count else max(1, round(WIDTH * count / most))
        ends = f"{place / n:.{digits}f} - {(place + 1) / n:.{digits}f}"
        yield f"{ends}  {'#' * length:{WIDTH}} {count:,}"


def _table(columns: Sequence[Glance]) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("column")
    for name in ("rows", "missing", "different", "least", "mean", "largest"):
        table.add_column(name, justify="right", no_wrap=True)
    for c in columns:
        figures = ("-" if figure is None else f"{figure:.4g}" for figure in (c.least, c.mean, c.largest))
        table.add_row(c.name, f"{c.rows:,}", f"{c.missing:,}", f"{c.distinct:,}", *figures)
    return table
