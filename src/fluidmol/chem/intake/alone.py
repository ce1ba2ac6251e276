"""Each row by itself: whether a file means of each compound what that row alone says.

Differential privacy compares a release with the one that a company would have made without a compound. If a row can
decide how *other* rows are read (``750,5`` makes ``12.500`` twelve thousand), taking it away changes other compounds
too, and nothing is proved. So a file is read twice: as a whole, and row by row. Where both agree everywhere, the
classes are a function of single rows; otherwise the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from fluidmol.chem.intake.measurements.measured import MeasuredRow, OutcomeColumns, Outcomes
from fluidmol.chem.intake.outcomes import classify
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import InputError

_WHY = "the charter's proof of privacy needs that no row decides how others are read"
_LOOK = "fluid data check FILE `charter` CHARTER shows what a file lacks before anything else is done."
_CLASSES = {True: "active", False: "inactive", None: "no class"}


def refuse_decided(table: RawTable) -> None:
    """Refuse a file of which rows, not its header or the user, say how all are to be read.

    Raises
    ------
    InputError
        Naming what they decide.
    """
    if table.decided:
        what, advice = table.decided[0]
        raise InputError(f"{table.path}: its rows decide {what}, and {_WHY}", hint=advice)


def refuse_dependent(table: RawTable, wanted: OutcomeColumns, outcomes: Outcomes) -> None:
    """Refuse a file in which a row means something else beside the others than alone.

    Parameters
    ----------
    table : RawTable
        All rows.
    wanted : OutcomeColumns
        As for :func:`~fluidmol.chem.intake.outcomes.classify`.
    outcomes : Outcomes
        What was read of the whole table, so asked.

    Raises
    ------
    InputError
        Naming the first such row, and both meanings.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = RawTable(Path("a.csv"), ["CCO", "CCN"], [2, 3], {"IC50 (nM)": ["12.500", "750,5"]}, "")
    >>> wanted = OutcomeColumns(value_column="IC50 (nM)", threshold=10_000, unit="nM")
    >>> refuse_dependent(table, wanted, classify(table, wanted))
    Traceback (most recent call last):
    fluidmol.errors.InputError: a.csv, line 2: beside the other rows it is read as inactive, and alone as no class ...
    >>> wanted = attrs.evolve(wanted, decimal=",")
    >>> refuse_dependent(table, wanted, classify(table, wanted))
    """
    for i, (beside, alone) in enumerate(zip(outcomes.rows, _each(table, wanted), strict=True)):
        if (beside.active, beside.amount) != (alone.active, alone.amount):
            why = f" ({alone.reason})" if alone.reason else ""
            raise InputError(
                f"{table.path}, {table.word} {table.row(i)}: beside the other rows it is read as"
                f" {_word(beside, wanted)}, and alone as {_word(alone, wanted)}{why}; {_WHY}",
                hint=_advice(wanted),
            )


def _word(row: MeasuredRow, wanted: OutcomeColumns) -> str:
    if wanted.scale is None:
        return _CLASSES[row.active]
    return "no value" if row.amount is None else f"{row.amount:g}"


def _each(table: RawTable, wanted: OutcomeColumns) -> Iterator[MeasuredRow]:
    """Read each row as if the file had no other; rows of the same cells are read once."""
    # The fields of an SDF stand in the order in which records bring them up: alphabetical order is nobody's.
    names = sorted(table.columns) if table.word == "record" else list(table.columns)
    known: dict[tuple[tuple[str, str], ...], MeasuredRow] = {}
    for i in range(len(table.smiles)):
        # A column that is empty here may be there because of another row only, as the fields of an SDF are.
        cells = {name: table.columns[name][i] for name in names if table.columns[name][i]}
        asked = tuple((type(cell).__name__ + name, cell) for name, cell in cells.items())
        if asked not in known:
            known[asked] = _alone(table, i, cells, wanted)
        yield known[asked]


def _alone(table: RawTable, i: int, cells: dict[str, str], wanted: OutcomeColumns) -> MeasuredRow:
    row = attrs.evolve(
        table, smiles=[table.smiles[i]], lines=[table.lines[i]], columns={name: [cell] for name, cell in cells.items()},
        records=None if table.records is None else [table.records[i]], rejected=(),
    )  # fmt: skip
    try:
        return classify(row, wanted).rows[0]
    except InputError as problem:
        return MeasuredRow(None, str(problem))


def _advice(wanted: OutcomeColumns) -> str:
    if wanted.value_column is None:
        named = "" if wanted.active_column else "Name the column with `active_column`. "
        return (
            f"{named}Where two letters or numbers stand for the classes only beside each other, write active and"
            f" inactive, or 1 and 0, into the cells. {_LOOK}"
        )
    return (
        "Say how numbers are written and what they are in, instead of leaving it to the rows: `decimal`, `value_unit`,"
        f" `units_column`, `relation_column`. Or correct the row. {_LOOK}"
    )
