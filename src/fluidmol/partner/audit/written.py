"""An audit on disk: ``audit.json`` for programs, ``audit.html`` for people."""

from __future__ import annotations

import json
from pathlib import Path

from fluidmol.errors import OutputError
from fluidmol.partner.audit.outcome import Audit
from fluidmol.partner.audit.page import page
from fluidmol.values.files import write_whole

NAMES = ("audit.json", "audit.html")
"""Names in the folder."""


def write_audit(found: Audit, folder: Path) -> None:
    """Write both files, each whole or not at all; the folder is made if it isn't there.

    Raises
    ------
    OutputError
        If they can't be written.
    """
    text = json.dumps(found.as_table(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in zip(NAMES, (text, page(found)), strict=True):
            write_whole(folder / name, content)
    except OSError as problem:
        raise OutputError(
            f"{folder} can't be written: {problem.strerror or problem}", hint="Give another folder."
        ) from problem
