"""Tables to files: delimited text in its variants, Excel, Parquet and SDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import attrs
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from rdkit import Chem
from rdkit.Chem import AllChem

Columns = Sequence[tuple[str, list[str]]]


@attrs.frozen
class Written:
    """A file, and where its rows are in it."""

    suffix: str
    data: bytes
    places: list[int]


@attrs.frozen
class Text:
    """A kind of delimited text."""

    delimiter: str = ","
    quoting: str = "minimal"
    """``minimal``, ``all``, ``strings`` (as R does) or ``none``."""

    newline: str = "\n"
    encoding: str = "utf-8"
    above: tuple[str, ...] = ()
    """Lines before the header, as they are."""

    below: tuple[tuple[str, ...], ...] = ()
    """Rows between the header and the data."""

    trailing: str = ""
    """``rows`` or ``all``: which lines end in a delimiter too many."""

    row_names: bool = False
    """As R's write.table: each row begins with its number, and the header doesn't know."""

    gap: int = 0
    """An empty line before this row; 0: none."""

    pad: str = ""
    """What stands in front of each cell but the first, where nothing need be quoted."""

    suffix: str = ""

    def write(self, columns: Columns) -> Written:
        """Write columns, and count the lines."""
        records = [*self.below, *zip(*(cells for _, cells in columns), strict=True)]
        lines = [*self.above, self._line([name for name, _ in columns], self.trailing == "all")]
        places = []
        at = len(lines) + 1 + sum(line.count("\n") for line in lines)
        for i, record in enumerate(records):
            if self.gap and i == self.gap:
                lines.append("")
                at += 1
            name = [str(i + 1)] if self.row_names else []
            line = self._line([*name, *record], bool(self.trailing))
            places.append(at)
            at += 1 + line.count("\n")
            lines.append(line)
        whole = self.newline.join(lines) + self.newline
        try:
            data = whole.encode(self.encoding)
        except UnicodeEncodeError:  # ≥ in Windows' Western character set
            data = whole.encode()
        suffix = self.suffix or (".tsv" if self.delimiter == "\t" else ".csv")
        return Written(suffix, data, places[len(self.below) :])

    def _line(self, cells: Sequence[str], trailing: bool) -> str:
        written = list(map(self._cell, cells))
        pad = self.pad if not any('"' in cell for cell in written) else ""
        return (self.delimiter + pad).join(written) + (self.delimiter if trailing else "")

    def _cell(self, text: str) -> str:
        if self.quoting == "none":
            return text
        needed = any(mark in text for mark in (self.delimiter, '"', "\n", "\r"))
        if self.quoting == "all" or needed or (self.quoting == "strings" and not _is_number(text) and text != "NA"):
            return '"' + text.replace('"', '""') + '"'
        return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_excel(columns: Columns, *, title: str = "Data", front: bool = False, typed: bool = True) -> Written:
    """Write a workbook; with a sheet of notes in front of it, if wished."""
    book = openpyxl.Workbook()
    sheet = book.active
    if front:
        sheet.title = "Read me"
        sheet.append(["Made by the assay group"])
        sheet = book.create_sheet()
    sheet.title = title
    sheet.append([name for name, _ in columns])
    for record in zip(*(cells for _, cells in columns), strict=True):
        sheet.append([_typed(text) if typed else text or None for text in record])
    target = io.BytesIO()
    book.save(target)
    return Written(".xlsx", target.getvalue(), list(range(2, 2 + len(columns[0][1]))))


def write_parquet(columns: Columns, *, binary: bool = False, typed: bool = True) -> Written:
    """Write Parquet; strings as ``binary`` if wished, as some programs do."""
    target = io.BytesIO()
    arrays = [_array(cells, binary=binary, typed=typed) for _, cells in columns]
    pq.write_table(pa.table(arrays, names=[name for name, _ in columns]), target)
    return Written(".parquet", target.getvalue(), list(range(2, 2 + len(columns[0][1]))))


def _array(cells: list[str], *, binary: bool, typed: bool) -> pa.Array:
    if typed and any(cells) and set(cells) <= {"True", "False", ""}:
        return pa.array([{"True": True, "False": False, "": None}[cell] for cell in cells], pa.bool_())
    numbers = [_typed(cell) for cell in cells]
    if typed and any(cells) and not any(isinstance(number, str) for number in numbers):
        return pa.array([None if number is None else float(number) for number in numbers], pa.float64())
    if binary:
        return pa.array([cell.encode() for cell in cells], pa.binary())
    return pa.array([cell or None for cell in cells], pa.string())


def _typed(text: str) -> str | float | int | None:
    if not text:
        return None
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def write_sdf(
    columns: Columns, smiles: Sequence[str], *, newline: str = "\n", encoding: str = "utf-8", tight: bool = False,
    header: str = ">  <{}>", absent: bool = True,
) -> Written:  # fmt: skip
    """Write an SDF; ``tight`` leaves out the blank lines between fields, ``absent`` the fields that are empty."""
    records = []
    for i, text in enumerate(smiles):
        lines = [molblock(text)]
        for name, cells in columns:
            if cells[i] or not absent:
                lines += [header.format(name), cells[i], *([] if tight else [""])]
        records.append("\n".join([*lines, "$$$$", ""]))
    data = "".join(records).replace("\n", newline).encode(encoding)
    return Written(".sdf", data, list(range(1, 1 + len(smiles))))


@cache
def molblock(smiles: str) -> str:
    """Return the connection table of a molecule, without a blank line at its end."""
    molecule = Chem.MolFromSmiles(smiles)
    AllChem.Compute2DCoords(molecule)
    return Chem.MolToMolBlock(molecule).rstrip("\n")
