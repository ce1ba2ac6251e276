"""Options that name public labelled tables, from which public directions are learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[Path] | None, typer.Option("--table", help="Public labelled table; may be repeated.", readable=False)
]
Folder = Annotated[
    Path | None, typer.Option(help="Folder of public labelled tables: all its CSV files.", readable=False)
]
Without = Annotated[
    list[str] | None, typer.Option("--without-table", help="Leave out tables with this in their name; may be repeated.")
]


def tables_of(files: list[Path] | None, folder: Path | None, without: list[str] | None) -> list[Path]:
    """Collect the tables, and say which are left out by name.

    Raises
    ------
    MissingFileError
        If a file or the folder isn't there, or the folder has no tables.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.errors import MissingFileError  # noqa: PLC0415

    found = [checked.existing_file(path) for path in files or []]
    if folder is not None:
        if not folder.is_dir():
            raise MissingFileError(f"{folder} is no folder", hint="Give a folder with --tables, or files with --table.")
        there = sorted(path for path in folder.iterdir() if path.name.lower().endswith((".csv", ".csv.gz")))
        if not there:
            raise MissingFileError(f"{folder} has no CSV files", hint="Give another folder.")
        found += there
    left_out = [path for path in found if any(text in path.name for text in without or [])]
    if left_out:
        typer.echo(f"Left out by name: {', '.join(path.name for path in left_out)}.", err=True)
    return [path for path in found if path not in left_out]
