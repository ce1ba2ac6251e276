"""How files were understood, on the terminal: the line that exposes a wrong column, unit or relation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from fluidmol.cli.argument_names import in_options
from fluidmol.cli.plain import plain

if TYPE_CHECKING:
    from fluidmol.chem.intake.measurements.reading import Reading

LONGEST = 2000
"""Characters that are shown of a line."""


def print_readings(readings: Mapping[str, Reading]) -> None:
    """Print how each file was read, and what a person should look at.

    Parameters
    ----------
    readings : mapping of str to Reading
        By the file's name.
    """
    for name, reading in readings.items():
        for line in reading_lines(name, reading.line, reading.cautions):
            typer.echo(line)


def reading_lines(name: str, line: str, cautions: tuple[str, ...]) -> Iterator[str]:
    """Return what is printed of one file."""
    yield plain(f"{name}: {in_options(line)}.", LONGEST)
    for caution in cautions:
        yield plain(f"Caution: {in_options(caution)}{'' if caution.endswith(('.', '?')) else '.'}", LONGEST)


def understood(inputs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Return what is printed of the files of a run or study, from its provenance."""
    for entry in inputs:
        reading = entry.get("reading")
        if isinstance(reading, Mapping):
            yield from reading_lines(str(entry.get("name")), str(reading.get("line")), tuple(reading["cautions"]))
