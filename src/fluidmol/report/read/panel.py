"""A finished panel, as its folder tells it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fluidmol.errors import InputError
from fluidmol.learning.statistics.panels import PanelFigures
from fluidmol.report.read.run_files import AGAIN, read_facts

PANEL = "panel.json"
"""Name of the file that has all of it."""


def read_panel_figures(folder: Path) -> tuple[PanelFigures, Mapping[str, Any]]:
    """Read what a panel has found, and how it was made.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is unfinished, or can't be used.
    """
    facts = read_facts(folder / PANEL)
    try:
        return PanelFigures.of_plain(facts), facts
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InputError(f"{folder / PANEL} is unfinished, or damaged: {problem!r}", hint=AGAIN) from problem
