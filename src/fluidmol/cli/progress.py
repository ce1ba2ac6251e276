"""Progress on the terminal: one line a stage, a bar within it; plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.progress import Stages

PAUSE = 10.0
"""Seconds without a line after which, where there is no terminal, a line says how far it is."""


@contextmanager
def shown_stages(quiet: bool = False) -> Iterator[Stages]:
    """Give stages that show how far they are, on standard error.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    """
    from rich.console import Console  # noqa: PLC0415 - only when something is shown
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.progress import Stages  # noqa: PLC0415 - measures processes

    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        begun = time.perf_counter()

        told, stage = [begun], [begun]

        def noted(text: str) -> None:
            told[0] = time.perf_counter()
            console.print(f"[{time.perf_counter() - begun:6.1f} s] {in_options(text)}", highlight=False, markup=False)

        def started(name: str) -> None:
            stage[0] = time.perf_counter()
            noted(name)

        def counted(done: int, total: int) -> None:
            now = time.perf_counter()
            if now - told[0] >= PAUSE:
                noted(f"{done:,} of {total:,}{_left((now - stage[0]) * (total - done) / done) if done else ''}")

        yield Stages(started, counted, noted)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=console, transient=False) as progress:
        running: list[TaskID] = []

        def started(name: str) -> None:
            running.append(progress.add_task("  " * len(running) + name, total=None, count=""))

        def advanced(done: int, total: int) -> None:
            progress.update(running[-1], completed=done, total=total, count=f"{done:,} of {total:,}")

        def ended() -> None:
            progress.update(running.pop(), total=1, completed=1)

        def noted(text: str) -> None:
            progress.console.print(in_options(text), highlight=False, markup=False)

        yield Stages(started, advanced, noted, ended)


def _left(seconds: float) -> str:
    """Estimate how long the rest takes, if it goes on as it went from the beginning of the stage."""
    return f", {seconds:.0f} s left" if seconds < 90 else f", {seconds / 60:.0f} min left"
