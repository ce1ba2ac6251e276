"""What is said about a file: a headline, facts, columns at a glance, and remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from fluidmol.errors import FluidError
    from fluidmol.values.glance import Glance


@attrs.frozen
class Shown:
    """What is said about a file. Texts that come from the file are made safe to print already."""

    what: str
    """What it is, in one line."""

    facts: tuple[tuple[str, str], ...] = ()
    """Names and texts, in the order in which they are printed."""

    columns: tuple[Glance, ...] = ()
    """Columns of numbers at a glance."""

    remarks: tuple[str, ...] = ()
    """Sentences below."""

    problem: FluidError | None = None
    """What is wrong with it; raised after the rest has been said."""

    def but(self, *facts: tuple[str, str], problem: FluidError | None = None) -> Shown:
        """Give the same with more facts, and with what is wrong."""
        return attrs.evolve(self, facts=(*self.facts, *facts), problem=problem or self.problem)


def print_shown(shown: Shown) -> None:
    """Print what is said about a file.

    Raises
    ------
    FluidError
        What is wrong with the file, at the end.
    """
    from rich.console import Console  # noqa: PLC0415

    from fluidmol.cli.glances import print_glances  # noqa: PLC0415

    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(shown.what, style="bold")
    width = max((len(name) for name, _ in shown.facts), default=0)
    for name, text in shown.facts:
        console.print(f"  {name:<{width}}  {text}")
    if shown.columns:
        console.print()
        print_glances(console, shown.columns)
    if shown.remarks:
        console.print()
    for remark in shown.remarks:
        console.print(remark)
    if shown.problem is not None:
        raise shown.problem
