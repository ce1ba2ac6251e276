"""Excel workbooks (``.xlsx``): one row a molecule, in one of the sheets."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.layout import tidy
from fluidmol.chem.intake.formats.number_format import shown
from fluidmol.chem.intake.formats.rows import (
    RepeatedHeader,
    Row,
    Rows,
    agreeing,
    unique,
    without_blank_end,
)
from fluidmol.chem.intake.formats.smiles_column import SAMPLE, candidates, choose_smiles, smiles_name
from fluidmol.chem.intake.table import Exact, find_column
from fluidmol.errors import FluidError, InputError, UnavailableError, UsageError

_LARGEST = 10**9
_BATCH = 500
_MERGED = re.compile(rb'<mergeCell ref="[A-Z]+(\d+):[A-Z]+(\d+)"')
_SHARED = ("what merged cells hold in the rows below", "Unmerge them, and write into each row what it holds.")
_TITLES = 20
"""Rows among which the header is looked for, below titles."""


def open_rows(content: Content, smiles_column: str | None, sheet: str | None) -> Rows:
    """Open the sheet that has a SMILES column, or the named one; a row's line is its row in the sheet.

    The header is the first row with something in it, but for titles above it. A formula counts as what
    Excel last computed.

    Raises
    ------
    InputError
        If the file is broken or too large, or which sheet is meant can't be told.
    UsageError
        If there is no such sheet.
    UnavailableError
        If openpyxl isn't installed.
    """
    path = content.path
    _check_archive(content)
    with _workbook(content) as book:
        title, first, header = _choose_sheet(path, book, smiles_column, sheet)
    names = unique(header)
    chosen = choose_smiles(path, names, header, smiles_column, lambda: _sample(content, title, first))
    decided = list(chosen.decided)
    rows = _rows(content, title, first, RepeatedHeader(path, header, chosen.place, "row"), names, decided)
    if chosen.twins:
        rows = agreeing(path, rows, chosen.place, chosen.twins, "row")
    return Rows(names, rows, names[chosen.place], header, "row", chosen.notes, decided)


def _sample(content: Content, title: str, first: int) -> Iterator[Sequence[str]]:
    with _workbook(content) as book:
        for _, row in islice(_sheet_rows(content.path, book[title]), first, first + SAMPLE):
            yield [_text(cell) for cell in row]


def _rows(
    content: Content, title: str, first: int, again: RepeatedHeader, names: list[str], decided: list[tuple[str, str]]
) -> Iterator[Row]:
    width, place = len(again.header), again.place
    with _workbook(content) as book:
        merged = _merged_rows(content, book[title])
        if any(start > first for start in merged.values()):
            decided.append(_SHARED)
        for number, row in _sheet_rows(content.path, book[title]):
            if number <= first:
                continue
            cells = [_text(cell) for cell in row]
            if not any(cells[:width]):
                continue
            # Under the header each cell has its name. Beyond it are notes, or signs of the values beside them.
            cells = without_blank_end(cells, width)
            names += unique([*again.header, *[""] * (len(cells) - width)])[len(names) :]
            problem = again.problem(number, cells) if again.may_be(cells) else ""
            if not problem and number in merged:
                problem = "merged cells: what they hold stands in the first of their rows only"
            if not problem and "\n" in cells[place]:
                problem = "a line break within the SMILES"
            yield number, cells[place], cells, problem


def _merged_rows(content: Content, sheet: Any) -> dict[int, int]:
    """Find the rows that share cells with a row above, and the lowest such: what it holds, Excel shows in all."""
    with content.binary() as raw, zipfile.ZipFile(raw) as archive, archive.open(sheet._worksheet_path) as part:
        tail = b""
        found: dict[int, int] = {}
        while piece := part.read(1 << 20):
            text = tail + piece
            for first, last in _MERGED.findall(text):
                for row in range(int(first) + 1, int(last) + 1):
                    found[row] = max(int(first), found.get(row, 0))
            tail = text[-100:]
    return found


def _choose_sheet(path: Path, book: Any, smiles_column: str | None, asked: str | None) -> tuple[str, int, list[str]]:
    """Return title, number of the header's row, and header of the sheet that is meant."""
    firsts = {sheet.title: _header(path, sheet, smiles_column) for sheet in book.worksheets}
    if asked is not None:
        title = _named(path, list(firsts), asked)
        if not firsts[title][1]:
            raise InputError(f"sheet {title!r} of {path} is empty", hint="Expected a table with a SMILES column.")
        return title, *firsts[title]
    usable = [title for title, (_, header) in firsts.items() if header and _has_smiles(header, smiles_column)]
    if len(usable) == 1:
        return usable[0], *firsts[usable[0]]
    if usable:
        raise InputError(
            f"{path} has several sheets with a SMILES column: {', '.join(map(repr, usable))}",
            hint="Choose one with `sheet`.",
        )
    if len(firsts) == 1:  # what is wrong with it is said best by the choice of its column
        [(title, (first, header))] = firsts.items()
        if header:
            smiles_name(path, unique(header), smiles_column)
            return title, first, header
    rows = "; ".join(f"{title!r}: {', '.join(header) or 'empty'}" for title, (_, header) in firsts.items())
    raise InputError(
        f"no sheet of {path} has a SMILES column; their first rows are: {rows}",
        hint="Name it with `smiles_column`; the first row must be a header.",
    )


def _named(path: Path, titles: list[str], asked: str) -> str:
    if asked in titles:
        return asked
    alike = [title for title in titles if title.strip().lower() == asked.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    if asked.isdecimal() and 1 <= int(asked) <= len(titles):
        return titles[int(asked) - 1]
    raise UsageError(f"{path} has no sheet {asked!r}", hint=f"Its sheets are: {', '.join(map(repr, titles))}.")


def _has_smiles(header: list[str], asked: str | None) -> bool:
    try:
        return bool(find_column(unique(header), asked) if asked is not None else candidates(header))
    except InputError:
        return False


def _header(path: Path, sheet: Any, asked: str | None) -> tuple[int, list[str]]:
    """Return the number of the header's row, 0 if there is none, and its cells without the empty ones at its end.

    It is the first row with something in it, or where that and what follows are titles of one cell each, the first
    below them that names the SMILES.
    """
    top: tuple[int, list[str]] = (0, [])
    for number, row in _sheet_rows(path, sheet):
        cells = without_blank_end([tidy(_text(cell)) for cell in row])
        if not cells:
            continue
        top = top if top[1] else (number, cells)
        if _has_smiles(cells, asked):
            return number, cells
        if number > _TITLES or sum(map(bool, cells)) > 1:
            break
    return top


def _sheet_rows(path: Path, sheet: Any) -> Iterator[tuple[int, Any]]:
    sheet.reset_dimensions()  # other programs write false ones
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        with _broken(path):
            batch = list(islice(rows, _BATCH))
        if not batch:
            return
        yield from batch


def _text(cell: Any) -> str:
    """Return what people see in a cell; what is a number, whatever its format adds, is marked as such."""
    value = cell.value
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return Exact(shown(value, cell.number_format))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _check_archive(content: Content) -> None:
    """Refuse other archives, and those that would fill the memory."""
    path = content.path
    try:
        with content.binary() as raw, zipfile.ZipFile(raw) as archive:
            names, size = set(archive.namelist()), sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise InputError(
            f"{path} is a zip archive or an Excel file", hint=f"Save the table as CSV or anew: {problem}."
        ) from problem
    if "xl/workbook.xml" not in names:
        what = "a binary Excel workbook (.xlsb)" if "xl/workbook.bin" in names else "a zip archive, but no Excel file"
        raise InputError(f"{path} is {what}", hint="Save the table as .xlsx or CSV.")
    if size > _LARGEST:
        raise InputError(
            f"{path} unpacks to {size / 10**9:.1f} GB, expected 1 GB at most", hint="Save the sheet as CSV."
        )


@contextmanager
def _workbook(content: Content) -> Iterator[Any]:
    try:
        import openpyxl  # noqa: PLC0415 - an extra
    except ImportError as problem:
        raise UnavailableError(
            f"{content.path} is an Excel file, and openpyxl, which reads them, isn't installed",
            hint="Install it with pip install 'fluidmol[excel]', or save the sheet as CSV.",
        ) from problem
    with content.binary() as raw:
        with _broken(content.path):
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # Of styles, validations and extensions that openpyxl passes over: none is in a cell's value.
            warnings.simplefilter("ignore")
            yield
    except (FluidError, MemoryError):
        raise
    except Exception as problem:  # a damaged workbook fails anywhere in openpyxl, in many ways
        raise InputError(
            f"{path} is a broken Excel file: {str(problem) or type(problem).__name__}",
            hint="Open and save it in Excel again, or save the sheet as CSV.",
        ) from problem
