"""How many cores a command uses, and what it shows while it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.progress import Stages

FEWEST = 4
"""Workers that may be asked for on any machine, to try how they behave."""


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_of(asked: int | None) -> int:
    """Return how many workers a command uses: all cores, or as many as are asked for, as far as that makes sense.

    Raises
    ------
    UsageError
        If fewer than 1 are asked for.
    """
    from fluidmol.cli import checked  # noqa: PLC0415

    # More than the cores would only wait for one another.
    return min(checked.at_least(1, "--workers", cores() if asked is None else asked), max(cores(), FEWEST))


@contextmanager
def working(workers: int, quiet: bool) -> Iterator[tuple[Stages, int]]:
    """Show progress, and let joblib use so many workers; give the stages, and how many workers these really are.

    Parameters
    ----------
    workers : int
        Processes or threads, 1 or more; more than the cores would only wait for one another.
    quiet : bool
        Show no progress.
    """
    from joblib import parallel_config  # noqa: PLC0415 - heavy, as are those below

    from fluidmol.cli.interrupts import start_trackers  # noqa: PLC0415
    from fluidmol.cli.progress import shown_stages  # noqa: PLC0415

    start_trackers()
    used = min(workers, max(cores(), FEWEST))
    with parallel_config(n_jobs=used), shown_stages(quiet) as stages:
        yield stages, used
