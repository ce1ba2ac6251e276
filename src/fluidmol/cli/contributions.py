"""The terminal's table of who brings what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fluidmol.studies.lab.cells import FinishedCell
from fluidmol.studies.lab.study import Row

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = (("labels", "shapley_mcc", "Shapley, labels"), ("student", "leave_one_out_mcc", "student, lost without it"))
"""Model, metric and heading of what is shown; the long table has more."""


def contributions(done: Sequence[FinishedCell]) -> Table | None:
    """Make a table of contributions, one line a seed and partner; None if these aren't contributions.

    Partners aren't averaged over seeds: partner-3 of the next seed is somebody else.

    Examples
    --------
    >>> contributions([]) is None
    True
    """
    found: dict[tuple[int, str], dict[tuple[str, str, str], Row]] = {}
    for cell in done:
        for row in cell.rows:
            if any((row.model, row.metric) == shown[:2] for shown in COLUMNS):
                found.setdefault((cell.seed, row.partner), {})[row.model, row.metric, row.dataset] = row
    if not found:
        return None
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    datasets = list(dict.fromkeys(key[2] for rows in found.values() for key in rows))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title="What each partner adds to the MCC")
    table.add_column("seed", justify="right")
    table.add_column("partner", no_wrap=True)
    for _, _, heading in COLUMNS:
        for dataset in datasets:
            table.add_column(f"{heading}, {dataset}", justify="right")
    for (seed, partner), rows in found.items():
        cells = [_figure(rows.get((model, metric, dataset))) for model, metric, _ in COLUMNS for dataset in datasets]
        table.add_row(str(seed), partner, *cells)
    return table


def _figure(row: Row | None) -> str:
    if row is None or math.isnan(row.value):
        return ""
    return f"{row.value:+.3f}" if math.isnan(row.low) else f"{row.value:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
