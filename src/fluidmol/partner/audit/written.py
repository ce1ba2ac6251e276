"""An audit on disk: ``audit.json`` for programs, ``audit.html`` for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import attrs

from fluidmol.errors import OutputError
from fluidmol.partner.audit.audit_page import page
from fluidmol.partner.audit.outcome import Audit
from fluidmol.values.files import write_whole

NAMES = ("audit.json", "audit.html")
"""Names in the folder."""

STATEMENT = "audit.signed.json"
"""The figures as the partner signs them, for others."""


def write_audit(found: Audit, folder: Path) -> None:
    """Write both files, each whole or not at all; the folder is made if it isn't there.

    Raises
    ------
    OutputError
        If they can't be written.
    """
    _write(folder, dict(zip(NAMES, (_text(found), page(found)), strict=True)))


def write_figures(found: Audit, folder: Path) -> None:
    """Write ``audit.json`` alone, without single compounds: for the gate, which looks into the partner's home.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    _write(folder, {NAMES[0]: _text(attrs.evolve(found, at_risk=()))})


def write_statement(text: str, folder: Path) -> None:
    """Write :data:`STATEMENT`, what a partner has signed of an audit.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    _write(folder, {STATEMENT: text})


def _text(found: Audit) -> str:
    return json.dumps(found.as_table(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(folder: Path, files: Mapping[str, str]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as problem:
        raise OutputError(
            f"{folder} can't be written: {problem.strerror or problem}", hint="Give another folder."
        ) from problem
