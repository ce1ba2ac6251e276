"""SDF files: mol blocks, each with named fields."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from rdkit import Chem, rdBase

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.encoding import decided_encoding
from fluidmol.chem.intake.formats.rows import Row, Rows
from fluidmol.chem.intake.formats.smiles_column import smiles_name
from fluidmol.chem.intake.structures.stereo import smiles_with_groups

_FIELD = re.compile(r"^>.*?<(.+)>[^<>]*$")
_PLAIN_FIELD = re.compile(r"^>\s*<(.+)>\s*(\([^()<>]*\))?\s*$")
"""A data header with nothing before the name; no value looks so."""

_COUNTS = re.compile(r"^.{33}.* V[23]000\s*$", re.MULTILINE)
"""The line by which a mol block begins, but for its title."""

_TWO = "two mol blocks in one record: a line $$$$ may be missing"
_ENDLESS = ("where other records end: one has two mol blocks", "Put a line $$$$ between them.")


def open_rows(content: Content, smiles_column: str | None) -> Rows:
    """Open an SDF; the structure gives the SMILES, unless a field is named by ``smiles_column``.

    The first cell of a row is the record's title.

    Raises
    ------
    InputError
        If there is no field of the name.
    """
    names = [""]
    chosen = ""
    decided = decided_encoding(content.encoding)
    if smiles_column is not None:
        chosen = smiles_name(content.path, field_names(content), smiles_column)
        if chosen != smiles_column:  # another record may have a field of just this name
            decided.append(("which field holds the structures", f"Say `smiles_column` {shlex.quote(chosen)}."))
    rows = _rows(content, names, chosen, decided)
    return Rows(names, rows, chosen, names, word="record", decided=decided, n_rows=content.n_records or 1)


def field_names(content: Content) -> list[str]:
    """Read the names of all fields, in the order in which they first occur."""
    names: dict[str, None] = {}
    for _, record in _records(content):
        names.update(dict.fromkeys(_split(record)[1]))
    return list(names)


def _rows(content: Content, names: list[str], smiles_field: str, decided: list[tuple[str, str]]) -> Iterator[Row]:
    for start, record in _records(content):
        block, values, problem = _split(record)
        if problem == _TWO and _ENDLESS not in decided:
            decided.append(_ENDLESS)
        smiles = values.get(smiles_field, "") if smiles_field else _smiles_of(block)
        if problem or smiles is None:
            yield start, smiles or "", (), problem or "unreadable mol block"
            continue
        names += [name for name in values if name not in names]
        title = record[0].strip() if record else ""
        yield start, smiles, [title, *(values.get(name, "") for name in names[1:])], ""


def _records(content: Content) -> Iterator[tuple[int, list[str]]]:
    """Yield each record's first line number and its lines."""
    record: list[str] = []
    start = 1
    with content.lines() as lines:
        for number, row in enumerate(lines, start=1):
            line = row.rstrip("\r\n")
            if line.startswith("$$$$"):
                yield start, record
                record, start = [], number + 1
            else:
                record.append(line)
    if any(line.strip() for line in record):
        yield start, record


def _split(record: list[str]) -> tuple[str, dict[str, str], str]:
    """Part a record into its mol block and its fields, and tell why it can't be used, if it can't."""
    ends = [i for i, line in enumerate(record) if line.startswith("M  END")]
    end = ends[0] + 1 if ends else next((i for i, line in enumerate(record) if line.startswith(">")), len(record))
    fields: list[tuple[str, list[str]]] = []
    block = "\n".join(record[:end])
    problem = _TWO if len(ends) > 1 or len(_COUNTS.findall(block)) > 1 else ""
    inside = False
    for line in record[end:]:
        match = (_PLAIN_FIELD if inside else _FIELD).match(line)
        if match:
            fields.append((match.group(1).strip(), []))
            inside = True
        elif not line.strip():
            inside = False
        elif inside:
            if _FIELD.match(line):
                problem = problem or f"a value or the start of a field: {line.strip()!r} follows no blank line"
            fields[-1][1].append(line.strip())
    values: dict[str, str] = {}
    for name, rows in fields:
        text = "\n".join(rows)
        if values.setdefault(name, text) != text:
            problem = problem or f"a field given twice: {name} is {values[name]!r} and {text!r}"
    return block, values, problem


def _smiles_of(block: str) -> str | None:
    try:
        with rdBase.BlockLogs():
            mol: Any = Chem.MolFromMolBlock(block, sanitize=True, removeHs=True)
            return None if mol is None else smiles_with_groups(mol)
    except (RuntimeError, ValueError):
        return None
