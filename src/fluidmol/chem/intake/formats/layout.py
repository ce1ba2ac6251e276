"""Which field of a delimited file belongs to which name of its header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

import attrs

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.formats.dialect import Dialect
from fluidmol.chem.intake.formats.rows import unique
from fluidmol.chem.intake.formats.smiles_column import smiles_name
from fluidmol.chem.intake.structures.readable import starts_with_smiles
from fluidmol.errors import InputError

ROW_NAMES = "row names"
"""What the column is called that R's ``write.table`` gives no name."""

_SAMPLE = 50


@attrs.frozen
class Layout:
    """The columns of a file."""

    header: list[str]
    """The names as they stand in the file, one for each column that is read."""

    width: int
    """Fields of a row; those beyond the header are empty."""

    by_rows: bool = False
    """Whether the rows, and not the header alone, tell which field belongs to which name."""

    @property
    def names(self) -> list[str]:
        """The columns, each another name."""
        return unique(self.header)


def tidy(name: str) -> str:
    r"""Write a name of a header in one line.

    Examples
    --------
    >>> tidy(" IC50\r\n(nM) ")
    'IC50 (nM)'
    """
    return re.sub(r"\s*[\r\n]+\s*", " ", name.strip())


def find_layout(content: Content, dialect: Dialect, smiles_column: str | None) -> Layout:
    """Find the columns: R leaves out the name of the rows' names, others end each line with a delimiter.

    Raises
    ------
    InputError
        If two readings are possible, and the SMILES don't tell them apart.
    """
    header, *first = ([tidy(cell) for cell in row] for row in islice(dialect.records(content), 2))
    named = len(header) - _trailing(header)
    if named == len(header) and (not first or len(first[0]) == named):
        return Layout(header, named)
    widths, spare = _shape(content, dialect)
    # Empty fields below names that aren't there are nobody's; with anything in them the file is read otherwise.
    by_rows = widths != {len(header)} or spare < len(header) - named
    found = _by_rows(content, dialect, header, named, widths, spare, smiles_column)
    return attrs.evolve(found, by_rows=by_rows)


def _by_rows(
    content: Content, dialect: Dialect, header: list[str], named: int, widths: set[int], spare: int, asked: str | None
) -> Layout:
    if len(widths) != 1:
        return Layout(header, len(header))
    [width] = widths
    plain = _plain(header, named, width, spare)
    shifted = Layout([ROW_NAMES, *header[:named]], width) if _may_have_row_names(header, named, width, spare) else None
    if shifted is None:
        return plain or Layout(header, len(header))
    return _choose(content, dialect, plain, shifted, header[:named], asked)


def _plain(header: list[str], named: int, width: int, spare: int) -> Layout | None:
    """Read names and fields from the left, if no field is left over but empty ones."""
    if width >= named and spare >= width - named:
        return Layout(header[:named], width)
    return Layout(header, width) if width == len(header) else None


def _may_have_row_names(header: list[str], named: int, width: int, spare: int) -> bool:
    same_end = width == len(header) and spare >= width - named
    return not same_end and 0 <= width - 1 - named <= spare and (width > len(header) or named < len(header))


def _choose(
    content: Content, dialect: Dialect, plain: Layout | None, shifted: Layout, names: list[str], asked: str | None
) -> Layout:
    place = unique(names).index(smiles_name(content.path, unique(names), asked))
    rows = list(islice(dialect.records(content), 1, _SAMPLE + 1))
    here, next_to_it = (_hold_smiles([row[at] for row in rows if at < len(row)]) for at in (place, place + 1))
    if here != next_to_it:
        return shifted if next_to_it else plain or Layout(names, len(names))
    raise InputError(
        f"the rows of {content.path} have {shifted.width} fields, and its header has {len(names)} names: either the"
        f" first field is the name of the row and {names[place]!r} is {rows[0][place + 1]!r} in the first row, or the"
        f" last field has no name and it is {rows[0][place]!r}; {'both are' if here else 'neither is'} SMILES",
        hint="Give each column a name, and each row as many fields.",
    )


def _hold_smiles(cells: Sequence[str]) -> bool:
    given = [cell for cell in cells if cell.strip()]
    return bool(given) and sum(map(starts_with_smiles, given)) * 2 >= len(given)


def _shape(content: Content, dialect: Dialect) -> tuple[set[int], int]:
    """Return how many fields rows have, and how many at the end are empty in all of them."""
    widths: set[int] = set()
    spare: int | None = None
    for row in islice(dialect.records(content), 1, None):
        widths.add(len(row))
        spare = _trailing(row) if spare is None else min(spare, _trailing(row))
    return widths, spare or 0


def _trailing(cells: Sequence[str]) -> int:
    n = 0
    while n < len(cells) and not cells[-1 - n].strip():
        n += 1
    return n
