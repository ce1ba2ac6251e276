"""SDF files: mol blocks, each with named fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rdkit import Chem, rdBase

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.table import Table, smiles_name

_FIELD = re.compile(r"^>.*?<([^<>]+)>")


def read(path: Path, content: Content, smiles_column: str | None) -> Table:
    """Read an SDF; the structure gives the SMILES, unless a field is named by ``smiles_column``."""
    smiles: list[str] = []
    lines: list[int] = []
    fields: list[dict[str, str]] = []
    rejected: list[Rejected] = []
    with rdBase.BlockLogs():
        for line, record in _records(content.text(path)):
            block, values = _split(record)
            found = "" if smiles_column else _smiles_of(block)
            if found is None:
                rejected.append(Rejected(path.name, line, "", "unreadable mol block"))
                continue
            smiles.append(found)
            lines.append(line)
            fields.append(values)
    names = list(dict.fromkeys(name for values in fields for name in values))
    columns = {name: [values.get(name, "") for values in fields] for name in names}
    if smiles_column:
        smiles = columns.pop(smiles_name(path, names, smiles_column))
    return Table(path, smiles, lines, columns, content.sha256, tuple(rejected))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record's first line number and its lines."""
    record: list[str] = []
    start = 1
    for number, row in enumerate(text.split("\n"), start=1):
        line = row.rstrip("\r")
        if line.startswith("$$$$"):
            yield start, record
            record, start = [], number + 1
        else:
            record.append(line)
    if any(line.strip() for line in record):
        yield start, record


def _split(record: list[str]) -> tuple[str, dict[str, str]]:
    """Part a record into its mol block and its fields."""
    ends = [i for i, line in enumerate(record) if line.startswith("M  END")]
    end = ends[0] + 1 if ends else next((i for i, line in enumerate(record) if line.startswith(">")), len(record))
    values: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in record[end:]:
        match = _FIELD.match(line)
        if match and current is None:
            current = values.setdefault(match.group(1).strip(), [])
        elif not line.strip():
            current = None
        elif current is not None:
            current.append(line.strip())
    return "\n".join(record[:end]), {name: "\n".join(rows) for name, rows in values.items()}


def _smiles_of(block: str) -> str | None:
    try:
        mol: Any = Chem.MolFromMolBlock(block, sanitize=True, removeHs=True)
        return None if mol is None else str(Chem.MolToSmiles(mol))
    except (RuntimeError, ValueError):
        return None
