"""The cells of a table of predictions, as they stand in the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import attrs

from fluidmol.chem.intake.content import load
from fluidmol.chem.intake.delimited import delimiter_of
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.table import plain_name
from fluidmol.errors import InputError


@attrs.frozen(eq=False)
class Sheet:
    """Rows of one file that have as many fields as its header.

    Examples
    --------
    >>> sheet = Sheet(Path("a.csv"), ("smiles", "p_active"), (2, 3), (("CCO", "CCN"), ("0.1", "0.9")), ())
    >>> sheet.named("P active"), sheet.columns[1]
    (1, ('0.1', '0.9'))
    """

    path: Path
    header: tuple[str, ...]
    lines: tuple[int, ...] = attrs.field(repr=False)
    """Line of the file of each row; the header is line 1."""

    columns: tuple[tuple[str, ...], ...] = attrs.field(repr=False)
    """Cells of each column, stripped."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """Rows of another length."""

    def named(self, name: str) -> int | None:
        """Return the place of a column by its exact name, or else without regard to case, blanks and hyphens.

        Raises
        ------
        InputError
            If several columns have that name and differ in any row.
        """
        exact = [place for place, given in enumerate(self.header) if given == name]
        return self.same(exact or [p for p, given in enumerate(self.header) if plain_name(given) == plain_name(name)])

    def same(self, places: list[int]) -> int | None:
        """Return the first of columns of one name; None if there is none.

        Raises
        ------
        InputError
            If they differ in any row.
        """
        for other in places[1:]:
            pairs = zip(self.lines, self.columns[places[0]], self.columns[other], strict=True)
            unlike = next((row for row in pairs if row[1] != row[2]), None)
            if unlike is not None:
                raise InputError(
                    f"{self.path} has several columns {self.header[other]!r}, which differ: line {unlike[0]} has"
                    f" {unlike[1]!r} and {unlike[2]!r}",
                    hint="Rename or remove all but the one that is meant.",
                )
        return places[0] if places else None


def read_sheet(path: Path) -> Sheet:
    """Read a CSV or TSV file with a header, gzipped or not.

    Raises
    ------
    MissingFileError, InputError
        If it can't be read.
    """
    text = load(path).text(path)
    delimiter = delimiter_of(text.lstrip().partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as problem:
        raise InputError(
            f"{path}, line {reader.line_num}: {problem}", hint="A quotation mark may be missing or unmatched."
        ) from problem
    if not rows:
        raise InputError(f"{path} is empty", hint="Expected a header, and a row for each molecule.")
    head, rows = rows[0][1], rows[1:]
    width = len(head)
    good = [(line, [cell.strip() for cell in row]) for line, row in rows if len(row) == width]
    rejected = tuple(
        Rejected(path.name, line, "", f"wrong number of fields: {len(row)}, expected {width} as in the header")
        for line, row in rows
        if len(row) != width
    )
    columns = tuple(tuple(row[place] for _, row in good) for place in range(width))
    return Sheet(path, tuple(name.strip() for name in head), tuple(line for line, _ in good), columns, rejected)
