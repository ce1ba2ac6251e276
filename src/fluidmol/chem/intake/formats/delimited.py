"""CSV and TSV files: a header, then one row a molecule."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.dialect import Dialect, delimiter_of, find_dialect, unmatched, unwrapped
from fluidmol.chem.intake.formats.encoding import decided_encoding
from fluidmol.chem.intake.formats.layout import Layout, find_layout
from fluidmol.chem.intake.formats.rows import RepeatedHeader, Row, Rows, agreeing
from fluidmol.chem.intake.formats.smiles_column import SAMPLE, choose_smiles
from fluidmol.errors import InputError

__all__ = ["delimiter_of", "open_rows"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_SWALLOWED = ("where the header ends: a name runs over several lines and holds delimiters", "Write it in one line.")
_SEVERAL = ("where other rows end: one runs over several lines", "Write each row in one line.")


def open_rows(content: Content, smiles_column: str | None) -> Rows:
    """Open a table with a header; rows with more or fewer fields than it can't be used.

    Raises
    ------
    InputError
        If there is no SMILES column, or how the file is to be read can't be told; while rows are read, if one isn't
        what it seems.
    """
    dialect = find_dialect(content, smiles_column)
    layout = find_layout(content, dialect, smiles_column)
    names = layout.names
    chosen = choose_smiles(
        content.path, names, layout.header, smiles_column, lambda: islice(dialect.records(content), 1, SAMPLE + 1)
    )
    decided: list[tuple[str, str]] = []
    rows = _rows(content, dialect, layout, chosen.place, decided)
    if chosen.twins:
        rows = agreeing(content.path, rows, chosen.place, chosen.twins, "line")
    decided += [*_decided(content, dialect, layout), *chosen.decided]
    return Rows(
        names, rows, names[chosen.place], layout.header, notes=chosen.notes, decided=decided, n_rows=content.n_lines
    )


def _decided(content: Content, dialect: Dialect, layout: Layout) -> Iterator[tuple[str, str]]:
    """List what rows, and not the header alone, decide of how all are read."""
    yield from decided_encoding(content.encoding)
    yield from dialect.decided
    if layout.by_rows:
        yield "which field belongs to which name", "Give each column a name, and each row as many fields."


def _rows(
    content: Content, dialect: Dialect, layout: Layout, place: int, decided: list[tuple[str, str]]
) -> Iterator[Row]:
    width = layout.width
    again = RepeatedHeader(content.path, layout.header, place)
    before = dialect.n_before
    with content.lines() as lines:
        reader = dialect.reader(lines)
        start = 1
        try:
            # A name may hold a delimiter and a line break, but no row.
            first = next(reader)
            if _spanning(content, dialect, first, (before + 1, before + reader.line_num), width):
                decided.append(_SWALLOWED)
            start = reader.line_num + 1
            for given in reader:
                row = unwrapped(given) if content.has_quotes else given
                end = reader.line_num
                if end == start and len(row) == width and row[place] and not again.may_be(row):
                    yield start + before, row[place], row, ""
                elif any(map(str.strip, row)):
                    if end > start and _SEVERAL not in decided:
                        decided.append(_SEVERAL)
                    problem = _spanning(content, dialect, row, (start + before, end + before), width)
                    problem = problem or (again.may_be(row) and again.problem(start + before, row)) or ""
                    smiles = row[place] if place < len(row) else ""
                    problem = problem or _ill_shaped(row, smiles, layout)
                    yield start + before, smiles, row, problem
                start = end + 1
        except csv.Error as problem:
            raise unmatched(content, start + before, problem) from problem


def _ill_shaped(row: list[str], smiles: str, layout: Layout) -> str:
    if len(row) != layout.width:
        return f"wrong number of fields: {len(row)}, expected {layout.width} as in the header"
    return "a line break within the SMILES" if _LINE_END.search(smiles.strip()) else ""


def _spanning(content: Content, dialect: Dialect, row: list[str], lines: tuple[int, int], width: int) -> str:
    """Return what is wrong with a row of several lines: a comment may have them, but rows may have been swallowed.

    Raises
    ------
    InputError
        If one of the swallowed lines looks like a row: all that follows may be shifted.
    """
    first, last = lines
    for field in row if last > first else ():
        parts = _LINE_END.split(field)
        if len(parts) == 1 or dialect.delimiter not in field:
            continue
        if any(_n_fields(part, dialect.delimiter) == width for part in parts[1:-1]):
            raise InputError(
                f"{content.path}: a quoted field runs from line {first} to line {last}, and lines within it look like"
                " rows",
                hint="A quotation mark is missing or one too many near its start or end.",
            )
        runs = f"a quoted field runs from line {first} to line {last} and holds delimiters"
        return f"{runs}: a quotation mark may be missing"
    return ""


def _n_fields(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))
