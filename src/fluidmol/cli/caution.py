"""A caution about a charter that gives more away than its preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from fluidmol.cli.plain import plain

if TYPE_CHECKING:
    from fluidmol.values.charter import Charter

LONGEST = 4000
"""Characters that are shown of it."""


def caution(charter: Charter) -> None:
    """Print one, on standard error, if a charter gives more away than the preset that it began with."""
    from fluidmol.coordinator.differences import compared_with  # noqa: PLC0415 - heavy

    if said := compared_with(charter).caution:
        typer.echo(f"{plain(said, LONGEST)} What each means: fluid charter show.", err=True)
