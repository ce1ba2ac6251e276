"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Transfer = Annotated[
    Path, typer.Option(help="Public molecules for teachers to annotate; no labels needed.", readable=False)
]
TransferSize = Annotated[int | None, typer.Option(help="Transfer molecules to draw at random; all by default.")]
Preset = Annotated[
    str | None, typer.Option(help="Recipe: open, private, or paper-2025 for the paper's.", show_default="open")
]
CharterFile = Annotated[Path | None, typer.Option(help="Charter file (TOML) instead of a preset.", readable=False)]
Quorum = Annotated[int | None, typer.Option(help="Fewest partners with an opinion; 2, or the charter's, by default.")]
SmilesColumn = Annotated[
    str | None, typer.Option(help="Column of the structures; found by its usual names by default.")
]
Sheet = Annotated[
    str | None, typer.Option(help="Sheet of an Excel file, by name or number; the one with structures by default.")
]
Workers = Annotated[int | None, typer.Option(help="Cores to use; all by default. Results don't depend on it.")]
Cache = Annotated[bool, typer.Option(help="Keep structures and features for next time (FLUID_CACHE names the folder).")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
