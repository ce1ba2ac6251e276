"""The cells of a table of predictions, as they stand in the file."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.table import NoColumnError, RawTable, plain_name
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError

INCHIKEY_NAMES = ("inchikey", "inchi_key", "standard_inchikey", "standard_inchi_key", "std_inchikey")
"""Usual names of the column of InChIKeys, the likeliest first."""


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
    """Read a table of predictions in any format that tables of molecules may have.

    Raises
    ------
    MissingFileError, InputError
        If it can't be read, or has neither structures nor InChIKeys.
    """
    table = _table(path)
    named = {table.smiles_column: table.smiles, **table.columns}
    header = tuple(re.sub(r" \(\d+\)$", "", name) if _is_twin(name, table) else name for name in named)
    columns = tuple(tuple(cell.strip() for cell in cells) for cells in named.values())
    return Sheet(path, header, tuple(table.lines), columns, table.rejected)


def _table(path: Path) -> RawTable:
    # Without structures, InChIKeys say which molecules are meant.
    found = []
    for name in (None, *INCHIKEY_NAMES):
        try:
            return read_table(path, smiles_column=name)
        except NoColumnError as problem:
            found.append(problem.message)
    raise InputError(
        f"{path} doesn't say which molecules it is about: {found[0]}", hint="Expected a column inchikey or smiles."
    )


def _is_twin(name: str, table: RawTable) -> bool:
    return re.sub(r" \(\d+\)$", "", name) in table.repeated
