"""Numbers from 0 to 1 in a column: one decimal mark for all of it, and one scale."""

from __future__ import annotations

import numpy as np

from fluidmol.chem.intake.binary import is_missing
from fluidmol.chem.intake.measurements.numerals import Marks, marks_of
from fluidmol.errors import InputError
from fluidmol.learning.model import Floats
from fluidmol.partner.teachers.sheet import Sheet

_ROUNDING = 1e-6
"""A number that is beyond 0 or 1 by no more is 0 or 1."""

_SEVERAL = 2
"""So many numbers outside of [0, 1] are no accident of one row."""


def read_shares(sheet: Sheet, place: int, what: str) -> tuple[Floats, list[str]]:
    """Read a column of numbers from 0 to 1.

    Parameters
    ----------
    sheet : Sheet
    place : int
        Of the column.
    what : {"probability", "confidence"}
        What it states, for messages.

    Returns
    -------
    values : (n_rows,) float
        NaN where the cell is empty or no such number.
    reasons : list of str, length n_rows
        Why the cell is no such number; empty where it is, or is empty.

    Raises
    ------
    InputError
        If the column mixes decimal points and commas, is in percent, or is on no scale from 0 to 1.
    """
    cells = sheet.columns[place]
    marks = _marks(sheet, place)
    values, reasons = np.full(len(cells), np.nan), [""] * len(cells)
    for row, cell in enumerate(cells):
        number = marks.read(cell)
        if number is not None:
            values[row] = float(number)
        elif not is_missing(cell):
            reasons[row] = f"no {what}: {cell[:40]!r}{_remark(cell)}"
    values[(values < 0) & (values >= -_ROUNDING)] = 0
    values[(values > 1) & (values <= 1 + _ROUNDING)] = 1
    _check_scale(sheet, place, values, what)
    for row in np.flatnonzero((values < 0) | (values > 1)).tolist():
        reasons[row] = f"no {what}: {cells[row]} is outside of [0, 1]"
        values[row] = np.nan
    return values, reasons


def _marks(sheet: Sheet, place: int) -> Marks:
    cells = sheet.columns[place]
    marks = marks_of(cells)
    # Thousands have no place between 0 and 1: a comma beside points is a fault, too.
    commas = [cell for cell in cells if "," in cell and marks_of([cell], small=True).decimal]
    points = [cell for cell in cells if "." in cell and marks_of([cell], small=True).decimal] if commas else []
    if points:
        both = (commas[0], points[0])
        shown = " and ".join(f"{cell!r} in line {sheet.lines[cells.index(cell)]}" for cell in both)
        raise InputError(
            f"{sheet.path}: column {sheet.header[place]!r} has commas and points in its numbers: {shown}",
            hint="Write all of them with a decimal point.",
        )
    return marks


def _remark(cell: str) -> str:
    if cell.endswith("%"):
        return " has a percent sign; expected a number from 0 to 1"
    return " (a decimal comma or thousands?)" if "," in cell else ""


def _check_scale(sheet: Sheet, place: int, values: Floats, what: str) -> None:
    """Refuse percentages and scores, for then those from 0 to 1 are none of what is looked for either."""
    above, below = np.flatnonzero(values > 1), np.flatnonzero(values < 0)
    outside = np.sort(np.concatenate([above, below]))
    # One number that is repeated below 0 marks failures, such as -1.
    several = len(above) >= _SEVERAL or len(np.unique(values[below])) >= _SEVERAL
    if not several and (not len(outside) or 2 * len(outside) < np.isfinite(values).sum()):
        return
    percent = not len(below) and 2 * (values[above] <= 100).sum() > len(above)
    shown = ", ".join(f"{sheet.columns[place][row]} in line {sheet.lines[row]}" for row in outside[:3])
    kind = "percentages" if percent else f"scores, not {'probabilities' if what == 'probability' else what + 's'}"
    mend = "Divide the whole column by 100" if percent else "Turn them into numbers from 0 to 1"
    raise InputError(
        f"{sheet.path}: {len(outside):,} of {np.isfinite(values).sum():,} numbers of column {sheet.header[place]!r} are"
        f" outside of [0, 1] ({shown}): it seems to hold {kind}",
        hint=f"{mend}, for its numbers from 0 to 1 can't be trusted either; or rename it if it's no {what}.",
    )
