"""An opened file: the names of its columns, and its rows one after another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.structures.readable import starts_with_smiles
from fluidmol.chem.intake.table import SMILES_NAMES, is_smiles_name, plain_name
from fluidmol.errors import InputError

Row = tuple[int, str, Sequence[str], str]
"""The line where it starts, its SMILES, its cells in the order of the columns, and why it can't be used, if it can't.

Cells are as in the file, blanks around them included; there are none where the row can't be used."""


_NUMBER = re.compile(r"[<>=~]*[+_-]?\d[\d.,_e+-]*")
"""In the form of a plain name."""


@attrs.define
class Rows:
    """What every format is opened as. Nothing but the present row need be in memory."""

    names: list[str]
    """The columns, each another name; the one with the SMILES is among them, if there is one. Those of an SDF and
    of a sheet grow while it is read. The empty name is that of an SDF's title, which is no column."""

    rows: Iterator[Row]

    smiles_column: str = ""
    """Name of the column of the SMILES; empty where there is none."""

    header: Sequence[str] = ()
    """The names as they stand in the file, where they may occur more than once."""

    word: str = "line"
    """What a row's number counts: lines, rows of a sheet, or records of an SDF."""

    notes: tuple[str, ...] = ()
    """What a person should look at."""

    decided: list[tuple[str, str]] = attrs.field(factory=list)
    """What rows, rather than header and user, decide of how all rows are read, each with what to do about it; it may
    grow while they are read."""

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


def without_blank_end(cells: Sequence[str], width: int = 0) -> list[str]:
    """Return cells without the empty ones at their end, but so many at least, made up with empty ones.

    Examples
    --------
    >>> without_blank_end(["a", "", "b", ""]), without_blank_end(["a"], 2)
    (['a', '', 'b'], ['a', ''])
    """
    end = next((k for k in range(len(cells), width, -1) if cells[k - 1]), width)
    return [*cells[:end], *[""] * (end - len(cells))]


def repeated(header: Sequence[str]) -> frozenset[str]:
    """Find the names that occur more than once, without regard to case, blanks and hyphens.

    Examples
    --------
    >>> sorted(repeated(["Activity", "activity", "smiles"]))
    ['Activity', 'activity']
    """
    plain = [plain_name(name) for name in header]
    return frozenset(name for name, form in zip(header, plain, strict=True) if name and plain.count(form) > 1)


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
                    hint="Rename one, or name the one that is meant exactly with `smiles_column`.",
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
    _own: frozenset[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Note by which words a header is known at once."""
        self._own = frozenset({self.header[self.place].strip().lower(), *SMILES_NAMES})

    def may_be(self, cells: Sequence[str]) -> bool:
        """Tell quickly whether a row has anything that a header has; most molecules don't."""
        text = "\0".join(cells).lower()
        return "smiles" in text or not self._own.isdisjoint(map(str.strip, text.split("\0")))

    def problem(self, number: int, cells: Sequence[str]) -> str:
        """Return why a row that may be a header can't be used, or nothing if it may be a molecule after all.

        Raises
        ------
        InputError
            If it is a header of other columns: from there on they may mean something else.
        """
        known = [plain_name(name) for name in without_blank_end(self.header)]
        given = [plain_name(cell) for cell in without_blank_end(cells)]
        if given == known:
            return "the header again"
        here = given[self.place] if self.place < len(given) else ""
        shared = sum(cell in known for cell in given if cell)
        titled = here == known[self.place] or _is_sure(here) or (is_smiles_name(here) and _may_be_names(given))
        elsewhere = here != "" and not starts_with_smiles(here) and any(map(_is_sure, given))
        if titled or elsewhere or shared * 2 > len(given):
            raise InputError(
                f"{self.path}, {self.word} {number}: a second header, which isn't the first:"
                f" {', '.join(cell.strip() for cell in cells)}",
                hint=f"The columns may mean something else from there on. The first is: {', '.join(self.header)}."
                " Make two files of it.",
            )
        return ""


def _is_sure(plain: str) -> bool:
    """Whether it is the name of a SMILES column, and nothing else; ``drug`` and ``no SMILES`` may be in a cell."""
    return plain in SMILES_NAMES and "smiles" in plain


def _may_be_names(cells: Sequence[str]) -> bool:
    """Whether several cells are filled, and none by a number."""
    given = [cell for cell in cells if cell]
    return len(given) > 1 and not any(_NUMBER.fullmatch(cell) for cell in given)


def _nth(place: int) -> str:
    number = place + 1
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
