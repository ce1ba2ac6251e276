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
    )

    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.progress import Stages  # noqa: PLC0415 - measures processes

    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        begun = time.perf_counter()

        told = [begun]

        def noted(text: str) -> None:
            told[0] = time.perf_counter()
            console.print(f"[{time.perf_counter() - begun:6.1f} s] {in_options(text)}", highlight=False, markup=False)

        def counted(done: int, total: int) -> None:
            if time.perf_counter() - told[0] >= PAUSE:
                noted(f"{done:,} of {total:,}")

        yield Stages(noted, counted, noted)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=False) as progress:
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
