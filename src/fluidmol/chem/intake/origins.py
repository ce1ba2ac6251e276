"""Where compounds come from: the column of a file that names the sources of each row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import attrs

from fluidmol.chem.intake.measurements.measured import named_column
from fluidmol.chem.intake.table import RawTable, alike_names

USUAL_ORIGIN = "source"
"""Name of the column that is read where nobody names one."""

Origins = tuple[tuple[str, ...], ...]
"""Names of each compound's sources, in the compounds' order; several, or none."""


@attrs.frozen
class OriginColumn:
    """Which column of a file names the sources of its rows."""

    name: str | None = None
    """Name of the column; by default the one called ``source``, and none where the file has no such column."""

    needed: bool = True
    """Whether a file without the column of that name is refused."""

    def read(self, table: RawTable) -> list[tuple[str, ...]] | None:
        """Read the sources of each row; None if the file has no such column, and none is needed.

        Raises
        ------
        InputError
            If the column that is named isn't there, and is needed, or there are several of that name.

        Examples
        --------
        >>> from pathlib import Path
        >>> table = RawTable(Path("a.csv"), ["CCO", "CCN"], [2, 3], {"Source": ["screen|paper", ""]}, "")
        >>> OriginColumn().read(table)
        [('screen', 'paper'), ()]
        """
        if self.name is None:
            column = self._usual(table)
        else:
            there = self.needed or alike_names(list(table.columns), self.name)
            column = named_column(table, self.name) if there else None
        return None if column is None else [origins_of(cell) for cell in table.columns[column]]

    @staticmethod
    def _usual(table: RawTable) -> str | None:
        found = alike_names(list(table.columns), USUAL_ORIGIN)
        return found[0] if len(found) == 1 and found[0] not in table.repeated else None


def origins_of(cell: str) -> tuple[str, ...]:
    """Read the sources that one cell names, separated by ``|`` or ``;``, each once.

    Examples
    --------
    >>> origins_of("paper 2016; screen|screen")
    ('paper 2016', 'screen')
    """
    words = (word.strip() for word in re.split(r"[|;]", cell))
    return tuple(dict.fromkeys(word for word in words if word))


def all_origins(rows: Sequence[tuple[str, ...]], members: Iterable[int]) -> tuple[str, ...]:
    """Return the sources of a compound that several rows were merged into: those of all of them.

    Examples
    --------
    >>> all_origins([("paper",), ("screen",), ("paper", "screen")], [0, 2])
    ('paper', 'screen')
    """
    return tuple(dict.fromkeys(name for i in members for name in rows[i]))
