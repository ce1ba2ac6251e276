"""Dates of compounds, to tell older ones from newer ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.table import RawTable, find_column
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import nearest

_MISSING = ("", "na", "n/a", "nan", "nat", "none", "null", "-")
_YEAR_FIRST = re.compile(r"(\d{4})(?:\.0)?(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ]\d.*)?)?)?")
_EXPECTED = "Expected say 2021, 2021-05, 2021-05-31 or 31.05.2021."
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read_dates(
    path: Path,
    column: str,
    compounds: CompoundSet,
    *,
    smiles_column: str | None = None,
    sheet: str | None = None,
    cache: StandardCache | None = None,
    note: Callable[[str], None] | None = None,
    complete: bool = False,
) -> NDArray[np.datetime64]:
    r"""Read when each compound was first measured.

    Parameters
    ----------
    path : Path
        The file that the compounds were read from.
    column : str
        Column of the dates: years, ``2021-05``, ``2021-05-31`` (with or without a time) or ``31.05.2021``.
    compounds : CompoundSet
        Whose dates are wanted.
    smiles_column, sheet : str, optional
        As for :func:`~fluidmol.chem.intake.tables.read_table`.
    cache : StandardCache, optional
        Of standardised structures.
    note : callable, optional
        Is told how many dates can't be read, if some can't, and the first of them.
    complete : bool
        Whether each compound must have a date.

    Returns
    -------
    (n_compounds,) datetime64[D]
        The earliest where a compound occurs in several rows; NaT where none is given that can be read.

    Raises
    ------
    InputError
        If there is no such column, most of its dates can't be read, or a compound has none that must have one.

    Examples
    --------
    >>> import tempfile
    >>> from fluidmol.chem.intake.standardise import compound_set
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "assay.csv")
    ...     _ = file.write_text("smiles,active,measured\nCCO,1,2021-05-31\nOCC,1,2020\nCCN,0,\n")
    ...     read_dates(file, "measured", compound_set(["CCO", "CCN"])).astype(str).tolist()
    ['2020-01-01', 'NaT']
    """
    table = read_table(path, smiles_column=smiles_column, sheet=sheet)
    found = find_column(list(table.columns), column)
    if found is None:
        raise InputError(f"{path} has no column {column!r}", hint=nearest(column, table.columns))
    dates = _dates(table, table.columns[found], note)
    first: dict[str, np.datetime64] = {}
    rows = standardise(table.smiles, cache=cache)
    for item, date in zip(rows, dates, strict=True):
        if not item.reason and not np.isnat(date):
            first[item.inchikey] = min(date, first.get(item.inchikey, date))
    undated = set(compounds.inchikeys) - set(first) if complete else ()
    if undated:
        i = next(i for i, item in enumerate(rows) if item.inchikey in undated)
        raise InputError(
            f"{path}, {table.word} {table.row(i)}: {table.columns[found][i]!r} in column {found!r} is no date;"
            f" {len(undated):,} of {len(compounds):,} usable compounds have none",
            hint=f"Here each needs one. {_EXPECTED} Complete them, or leave these rows out.",
        )
    never = np.datetime64("NaT")
    return np.array([first.get(key, never) for key in compounds.inchikeys], dtype="datetime64[D]")


def _dates(table: RawTable, texts: list[str], note: Callable[[str], None] | None) -> list[np.datetime64]:
    given = [i for i, text in enumerate(texts) if text.strip().lower() not in _MISSING]
    read = {i: _read(texts[i]) for i in given}
    strange = [i for i in given if np.isnat(read[i])]
    if strange:
        first = strange[0]
        where = f"{table.path}, {table.word} {table.row(first)}: {texts[first]!r}"
        if 2 * len(strange) > len(given):
            raise InputError(
                f"{where} is no date, nor are {len(strange)} of {len(given)} in all",
                hint=_EXPECTED,
            )
        if note is not None:
            note(f"{len(strange)} of {len(given)} dates can't be read and count as missing, the first in {where}.")
    never = np.datetime64("NaT", "D")
    return [read.get(i, never) for i in range(len(texts))]


def _read(text: str) -> np.datetime64:
    """Read a date; NaT if it is none, or may be two: 03/04/2021 is one day here and another there."""
    plain = text.strip()
    if said := _YEAR_FIRST.fullmatch(plain):
        year, month, day = said.groups(default="1")
    elif said := _DAY_FIRST.fullmatch(plain):
        day, month, year = said.groups()
    else:
        return np.datetime64("NaT", "D")
    try:
        return np.datetime64(f"{year}-{int(month):02}-{int(day):02}", "D")
    except ValueError:
        return np.datetime64("NaT", "D")
