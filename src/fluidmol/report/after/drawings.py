"""Structures as pictures within a page."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 180, 110
"""Pixels."""

MARKED = (1.0, 0.8, 0.55)
"""Colour of what is marked: red, green, blue, in [0, 1]."""


def drawing(smiles: str, marked: Sequence[str] = ()) -> str:
    """Draw a structure as the address of a picture (``data:``); empty if it can't be read.

    Parameters
    ----------
    smiles : str
    marked : sequence of str
        SMARTS of parts that are coloured wherever they occur; what isn't SMARTS is left alone.

    Examples
    --------
    >>> drawing("CCO").partition(",")[0]
    'data:image/svg+xml;base64'
    >>> drawing("no molecule")
    ''
    """
    from rdkit import Chem, rdBase  # noqa: PLC0415 - heavy, as is that below
    from rdkit.Chem.Draw import rdMolDraw2D  # noqa: PLC0415

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        parts = [part for part in map(Chem.MolFromSmarts, marked) if part is not None]
    if molecule is None or not molecule.GetNumAtoms():
        return ""
    canvas = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
    options: Any = canvas.drawOptions()
    options.clearBackground = False
    options.bondLineWidth = 1
    options.setHighlightColour(MARKED)
    places = [place for part in parts for place in molecule.GetSubstructMatches(part)]
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule, highlightAtoms=sorted(set().union(*places)))
    canvas.FinishDrawing()
    return f"data:image/svg+xml;base64,{base64.b64encode(_small(canvas.GetDrawingText()).encode()).decode()}"


def _small(svg: str) -> str:
    """Leave out what nobody sees: a page has hundreds of these."""
    svg = re.sub(r"<!--.*?-->|\s(class|xmlns:\w+|xml:space|version|baseProfile)='[^']*'|<\?xml.*?\?>", "", svg)
    return re.sub(r"(\d+\.\d)\d+", r"\1", re.sub(r"\s+", " ", svg)).strip()
