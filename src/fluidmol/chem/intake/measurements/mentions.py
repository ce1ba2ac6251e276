"""Units that a file mentions anywhere, where no rule says whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.measurements.units import Unit, plain_letters
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import InputError

_MENTIONED = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d )"
    r"([munp]M|(?:nano|micro|milli|pico)molar|[munp]?mol ?/ ?[lL]|[munp]mol [lL]-1)(?![A-Za-z0-9])"
)
"""A unit as people write it; not one behind a number, which is a concentration that something was measured at."""

_MOST = 20_000
_LONGEST = 2_000


def refuse_mentions(table: RawTable, name: str, unit: Unit) -> None:
    """Refuse to take the user's unit for the values' where the file speaks of another one.

    Names of other columns and all texts are looked at: footnotes, types such as IC50 (nM), second headers.

    Raises
    ------
    InputError
        With the place, and what is said there.
    """
    for where, text in _texts(table, name):
        for match in _MENTIONED.finditer(plain_letters(text[:_LONGEST])):
            found = Unit.named(match[1])
            if found is not None and found != unit:
                raise InputError(
                    f"nothing in {table.path} says in which unit column {name!r} is; `unit` is {unit.text}, but"
                    f" {where} speaks of {found.text}: {text.strip()[:80]!r}",
                    hint=f"Say what the values are in: `value_unit` {unit.text} or `value_unit` {found.text}.",
                )


def _texts(table: RawTable, name: str) -> Iterator[tuple[str, str]]:
    for other in table.columns:
        if other != name and read_title(other).scale != "statistic":
            yield f"the name of column {other!r}", other
    # A footnote stands where structures do.
    for text in (*table.smiles, *(row.smiles for row in table.rejected)):
        if len(text.split()) > 1:
            yield "a text in place of a structure", text
    seen: set[str] = set()
    for other, cells in table.columns.items():
        for i, cell in enumerate(cells):
            if len(cell) > 1 and cell not in seen and not cell[0].isdigit() and len(seen) < _MOST:
                seen.add(cell)
                yield f"{table.word} {table.row(i)} of column {other!r}", cell
