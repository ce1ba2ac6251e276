"""Model cards: what a model is, by the five OECD principles, filled from its files; what these don't tell is a gap.

- :mod:`.kept`, :mod:`.simulated`: from a folder to a card; :mod:`.from_charter`, :mod:`.common`: what both share.
- :mod:`.facts`: what only people know, ``facts.toml``.
- :mod:`.fields`: the card itself, one value; :mod:`.as_html`, :mod:`.as_markdown`, :mod:`.as_json` render it.

No compound is in a card: it is made of :class:`~fluidmol.partner.kept.described.KeptDescription`, which has none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fluidmol.errors import MissingFileError, OutputError
from fluidmol.report.card.as_html import html_card
from fluidmol.report.card.as_json import json_card
from fluidmol.report.card.as_markdown import markdown_card
from fluidmol.report.card.facts import Facts
from fluidmol.report.card.fields import ModelCard
from fluidmol.report.card.kept import kept_card
from fluidmol.report.card.simulated import simulated_card

RENDERERS: dict[str, Callable[[ModelCard], str]] = {".html": html_card, ".md": markdown_card, ".json": json_card}
"""How a card is rendered, by the ending of its file."""


def make_card(folder: Path, facts: Facts, written: str, *, figures: bool = True) -> ModelCard:
    """Make the card of a kept hybrid or student, or of a finished simulation.

    Parameters
    ----------
    folder : Path
    facts : mapping
        What people state, see :data:`~fluidmol.report.card.facts.FACTS`.
    written : str
        Date of the card.
    figures : bool
        Whether counts and figures of own compounds may be in it; a simulation has no own compounds.

    Raises
    ------
    MissingFileError
        If the folder holds neither.
    FluidError
        If one of its files can't be used; the message names it.

    Examples
    --------
    >>> make_card(Path("no-such-folder"), {}, "2026-11-30")
    Traceback (most recent call last):
    fluidmol.errors.MissingFileError: no-such-folder holds neither a hybrid (model.json) nor a finished simulation ...
    """
    if (folder / "model.json").is_file():
        return kept_card(folder, facts, written, figures=figures)
    if (folder / "provenance.json").is_file():
        return simulated_card(folder, facts, written)
    raise MissingFileError(
        f"{folder} holds neither a hybrid (model.json) nor a finished simulation (provenance.json)",
        hint="Give the folder of fluid hybrid fit, or of fluid simulate.",
    )


def renderer(path: Path) -> Callable[[ModelCard], str]:
    """Return what renders a card for a file, by its ending.

    Raises
    ------
    OutputError
        If no card has that ending.

    Examples
    --------
    >>> renderer(Path("card.pdf"))
    Traceback (most recent call last):
    fluidmol.errors.OutputError: card.pdf ends in .pdf. Expected .html, .md or .json.
    """
    if path.suffix.lower() not in RENDERERS:
        raise OutputError(f"{path} ends in {path.suffix or 'nothing'}", hint="Expected .html, .md or .json.")
    return RENDERERS[path.suffix.lower()]
