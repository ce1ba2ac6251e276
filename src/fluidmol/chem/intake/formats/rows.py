"""An opened file: the names of its columns, and its rows one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.table import plain_name, smiles_name
from fluidmol.errors import InputError

Row = tuple[int, str, Sequence[str], str]
"""The line where it starts, its SMILES, its cells in the order of the columns, and why it can't be used, if it can't.

Cells are as in the file, blanks around them included; there are none where the row can't be used."""


@attrs.define
class Rows:
    """What every format is opened as. Nothing but the present row need be in memory."""

    names: list[str]
    """The columns, each another name; the one with the SMILES is among them, if there is one. Those of an SDF grow
    while it is read. The empty name is that of an SDF's title, which is no column."""

    rows: Iterator[Row]

    smiles_column: str = ""
    """Name of the column of the SMILES; empty where there is none."""

    header: Sequence[str] = ()
    """The names as they stand in the file, where they may occur more than once."""

    numeric: Callable[[], frozenset[str]] = frozenset
    """Names of columns whose cells are numbers in the file itself; of the rows that were read."""

    word: str = "line"
    """What a row's number counts: lines, rows of a sheet, or records of an SDF."""

    n_rows: int = 0
    """About how many rows there are; 0 if nothing tells."""


def unique(names: Sequence[str]) -> list[str]:
    """Tell columns of the same name apart: the second ``x`` becomes ``x (2)``.

    Examples
    --------
    >>> unique(["x", "x", ""])
    ['x', 'x (2)', 'column 3']
    """
    seen: dict[str, int] = {}
    out: list[str] = []
    for place, given in enumerate(names, start=1):
        name = given or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def repeated(header: Sequence[str]) -> frozenset[str]:
    """Find the names that occur more than once, without regard to case, blanks and hyphens.

    Examples
    --------
    >>> sorted(repeated(["Activity", "activity", "smiles"]))
    ['Activity', 'activity']
    """
    plain = [plain_name(name) for name in header]
    return frozenset(name for name, form in zip(header, plain, strict=True) if name and plain.count(form) > 1)


def choose_smiles(path: Path, names: Sequence[str], header: Sequence[str], asked: str | None) -> tuple[int, list[int]]:
    """Choose the column of the SMILES.

    Returns
    -------
    place : int
        Its place in the row.
    twins : list of int
        Places of other columns of that name, which must say the same in each row.
    """
    place = names.index(smiles_name(path, names, asked))
    if asked in names and list(header).count(asked or "") <= 1:
        return place, []
    form = plain_name(header[place])
    return place, [k for k, name in enumerate(header) if k != place and plain_name(name) == form]


def agreeing(path: Path, rows: Iterator[Row], place: int, twins: Sequence[int], word: str) -> Iterator[Row]:
    """Pass rows on as long as the columns of one name hold the same SMILES.

    Raises
    ------
    InputError
        At the first row in which they differ: which of them is meant isn't known.
    """
    for row in rows:
        number, smiles, cells, problem = row
        for twin in twins if not problem else ():
            if cells[twin].strip() != smiles.strip():
                raise InputError(
                    f"{path} has two columns of SMILES of one name (the {_nth(place)} and the {_nth(twin)}), and they"
                    f" differ in {word} {number}: {smiles.strip()!r} and {cells[twin].strip()!r}",
                    hint="Rename one, or name the one that is meant exactly with --smiles-column.",
                )
        yield row


@attrs.define
class RepeatedHeader:
    """Notices that the header comes again, as it does where files were put one behind another."""

    path: Path
    header: Sequence[str]
    place: int
    """Of the SMILES column."""

    word: str = "line"
    marks: frozenset[str] = attrs.field(init=False)
    """If none of them is in a row, it is no header."""

    def __attrs_post_init__(self) -> None:
        """Write the name of the SMILES column in the ways in which another file may."""
        name = self.header[self.place]
        forms = {name, "smiles", "canonical_smiles", "isomeric_smiles"}
        forms |= {form.replace("_", " ") for form in forms}
        written = {write(form) for form in forms for write in (str, str.lower, str.upper, str.title, str.capitalize)}
        self.marks = frozenset(written | {form.replace("Smiles", "SMILES") for form in written}) - {""}

    def problem(self, number: int, cells: Sequence[str]) -> str:
        """Return why a row with one of the marks can't be used, or nothing if it may be a molecule after all.

        Raises
        ------
        InputError
            If it is a header of other columns: from there on they may mean something else.
        """
        known = [plain_name(name) for name in self.header]
        given = [plain_name(cell) for cell in cells]
        if given == known:
            return "the header again"
        here = given[self.place] if self.place < len(given) else ""
        shared = sum(cell in known for cell in given if cell)
        if here == known[self.place] or "smiles" in here or shared * 2 > len(given):
            raise InputError(
                f"{self.path}, {self.word} {number}: a second header, which isn't the first:"
                f" {', '.join(cell.strip() for cell in cells)}",
                hint=f"The columns may mean something else from there on. The first is: {', '.join(self.header)}."
                " Make two files of it.",
            )
        return ""


def _nth(place: int) -> str:
    number = place + 1
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
