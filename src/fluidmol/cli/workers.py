"""Which engine and how many cores a command uses, and what it shows while it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli import options
from fluidmol.cli.option_groups import in_place_of

if TYPE_CHECKING:
    from fluidmol.engines.engine import Engine
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


def engine_of(
    workers: int | None, engine: str = "local", scheduler: str | None = None, address: str | None = None
) -> Engine:
    """Return the engine that options name.

    Raises
    ------
    UsageError
        If they contradict one another.
    """
    from fluidmol.engines.engine import ENGINES, Engine  # noqa: PLC0415 - heavy
    from fluidmol.errors import UsageError  # noqa: PLC0415

    used = workers_of(workers)
    for name, given, its in (("--scheduler", scheduler, "dask"), ("--address", address, "ray")):
        if given is not None and engine != its and engine in ENGINES:
            raise UsageError(
                f"{name} goes with --engine {its}, and the engine is {engine}", hint="Leave one of them out."
            )
    return Engine(engine, scheduler or address or "", used)


@contextmanager
def engaged(engine: Engine, stages: Stages | None = None) -> Iterator[None]:
    """Let joblib use an engine, within the context; stages are told where tasks go."""
    from fluidmol.cli.interrupts import start_trackers  # noqa: PLC0415 - heavy

    start_trackers()
    with engine.running(None if stages is None else stages.note):
        yield


@contextmanager
def working(engine: Engine, quiet: bool) -> Iterator[Stages]:
    """Show progress, and let joblib use an engine; give the stages.

    Parameters
    ----------
    engine : Engine
    quiet : bool
        Show no progress.
    """
    from fluidmol.cli.progress import shown_stages  # noqa: PLC0415 - heavy

    with shown_stages(quiet) as stages, engaged(engine, stages):
        yield stages


_PANEL = "Where it is computed"

OPTIONS: dict[str, tuple[Any, Any]] = {
    "workers": (options.Workers, None),
    "engine": (
        Annotated[
            str,
            typer.Option(
                help="What carries the work of many molecules: local, dask or ray. Models are fitted here.",
                rich_help_panel=_PANEL,
            ),
        ],
        "local",
    ),
    "scheduler": (
        Annotated[
            str | None,
            typer.Option(
                help="Of --engine dask: the scheduler, say tcp://10.0.0.5:8786. It must be within your company.",
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
    "address": (
        Annotated[
            str | None,
            typer.Option(
                help="Of --engine ray: the head, say 10.0.0.5:6379. It must be within your company.",
                rich_help_panel=_PANEL,
            ),
        ],
        None,
    ),
}
"""By parameter: its type and help, and default. They stand in each command where it has a parameter ``engine``."""

ENGINE: Any = None
"""Default of a command's parameter ``engine``, which :func:`uses_engine` gives."""

uses_engine = in_place_of("engine", OPTIONS, lambda said: engine_of(**said))
"""Adds to a command the options that say where it is computed, in place of its parameter ``engine``.

The parameter is the :class:`~fluidmol.engines.engine.Engine` made of them.
"""
