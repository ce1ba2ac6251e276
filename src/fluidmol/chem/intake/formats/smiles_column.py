"""Which column holds the structures: by its name, and where several may, by what is in their first cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.structures.readable import are_other_molecules, is_structure
from fluidmol.chem.intake.table import SMILES_NAMES, NoColumnError, alike_names, find_column, plain_name
from fluidmol.errors import InputError
from fluidmol.values.parts import nearest

SAMPLE = 200
"""Rows that are looked at where the names leave a choice."""

_FIRST = 50
_HALF = 0.5

Sample = Callable[[], Iterable[Sequence[str]]]
"""Reads the first rows of a file; called only where there is a choice."""


@attrs.frozen
class Chosen:
    """The column of the SMILES."""

    place: int
    """Its place in the row."""

    twins: list[int]
    """Places of other columns of that name, which must say the same in each row."""

    notes: tuple[str, ...] = ()
    """Which other columns hold structures of other molecules."""

    decided: tuple[tuple[str, str], ...] = ()
    """That cells, not names, chose it, and what to do about it; empty otherwise."""


def choose_smiles(path: Path, names: Sequence[str], header: Sequence[str], asked: str | None, sample: Sample) -> Chosen:
    """Choose the column of the SMILES among names of which each is another.

    Raises
    ------
    InputError
        If there is none, or several may be meant and their cells don't tell.
    """
    cells = _Cells(names, sample)
    name = smiles_name(path, names, asked, cells)
    place = names.index(name)
    if asked in names and list(header).count(asked or "") <= 1:
        return Chosen(place, [])
    form = plain_name(header[place])
    twins = [k for k, other in enumerate(header) if k != place and plain_name(other) == form]
    rivals = [] if asked else [other for other in candidates(names) if other != name]
    notes = [
        f"columns {name} and {other} hold different molecules; {name} is read"
        for other in rivals
        if cells.share(other) >= _HALF and are_other_molecules(cells.of(name), cells.of(other))
    ]
    decided = (("which column holds the structures", "Name it with `smiles_column`."),) if rivals else ()
    return Chosen(place, twins, tuple(notes), decided)


def candidates(names: Sequence[str]) -> list[str]:
    """Return the columns that may be that of the SMILES, the likeliest first; of names alike the first.

    Examples
    --------
    >>> candidates(["Drug", "IC50", "Ligand SMILES", "SMILES"])
    ['SMILES', 'Ligand SMILES', 'Drug']
    """
    usual = [found[0] for name in SMILES_NAMES if (found := alike_names(names, name))]
    other = [name for name in names if "smiles" in name.lower() and plain_name(name) not in SMILES_NAMES]
    sure = [name for name in usual if _says_smiles(name)]
    return [*sure, *other, *(name for name in usual if name not in sure)]


def smiles_name(path: Path, names: Sequence[str], asked: str | None, cells: _Cells | None = None) -> str:
    """Return the name of the SMILES column.

    A name that says SMILES goes before one that doesn't (``Drug``), as long as any of its cells can be read: names of
    compounds such as FCCP can be read as SMILES, too. Otherwise a column of which half the cells can be read goes
    before one of which fewer can, and then the likelier name decides.

    Raises
    ------
    InputError
        If there is none (the message lists the columns there are), or none of several is likelier.
    """
    if asked is not None:
        named = find_column(names, asked)
        if named is None:
            raise NoColumnError(f"{path} has no column {asked!r}", hint=nearest(asked, names))
        return named
    found = candidates(names)
    if not found:
        raise NoColumnError(
            f"{path} has no SMILES column; its columns are: {', '.join(names)}",
            hint="Name it with `smiles_column` (the first line must be a header).",
        )
    if len(found) == 1:
        return found[0]
    share = {name: 0.0 if cells is None else min(cells.share(name), _HALF) for name in found}
    readable = [name for name in found if share[name]] or found
    group = [name for name in readable if _says_smiles(name)] or readable
    best = max(group, key=share.__getitem__)  # of equal ones the first
    equal = [name for name in group if share[name] == share[best] and plain_name(name) not in SMILES_NAMES]
    if best in equal and len(equal) > 1:
        raise InputError(
            f"{path} has several SMILES columns: {', '.join(equal)}", hint="Choose one with `smiles_column`."
        )
    return best


def _says_smiles(name: str) -> bool:
    return "smi" in plain_name(name)


class _Cells:
    """The first cells of columns, read when they are asked for."""

    def __init__(self, names: Sequence[str], sample: Sample) -> None:
        self._names = list(names)
        self._sample = sample
        self._rows: list[Sequence[str]] | None = None

    def of(self, name: str) -> list[str]:
        """Return the cells of a column, empty ones included."""
        if self._rows is None:
            self._rows = list(self._sample())
        place = self._names.index(name)
        return [row[place].strip() if place < len(row) else "" for row in self._rows]

    def share(self, name: str) -> float:
        """Return the share of cells that can be read as structures, between 0 and 1, of those with something in."""
        given = [cell for cell in self.of(name) if cell][:_FIRST]
        return sum(map(is_structure, given)) / len(given) if given else 0.0
