"""Whose probability a file states: the active class's, or that of whichever class it predicts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fluidmol.chem.intake.binary import binary
from fluidmol.errors import InputError
from fluidmol.learning.model import Floats
from fluidmol.partner.teachers.column_names import PREDICTED_WORDS, is_class_name, probability_of, words
from fluidmol.partner.teachers.prediction_columns import PredictionColumns, states_classes
from fluidmol.partner.teachers.sheet import Sheet

OF = ("active", "predicted")
"""Whose probability a file may state."""

_TELLING = 20
"""So many probabilities that are all 0.5 or more look like those of the predicted class."""

_ROUNDING = 1e-6
_OPTION = "Say which with `of` active or `of` predicted."


def of_active(sheet: Sheet, columns: PredictionColumns, values: Floats, of: str | None) -> tuple[Floats, list[str]]:
    """Return probabilities of the active class.

    Parameters
    ----------
    sheet : Sheet
    columns : PredictionColumns
    values : (n_rows,) float
        As the file states them; NaN where it states none.
    of : {"active", "predicted"} or None
        Whose they are; None: the active class's, if nothing in the file contradicts that.

    Returns
    -------
    values : (n_rows,) float
    reasons : list of str, length n_rows
        Why a row can't be read; empty where it can.

    Raises
    ------
    InputError
        If the file contradicts the reading, or leaves open which one holds.
    """
    silent = [""] * len(values)
    if of == "active":
        return values, silent
    if of == "predicted":
        return _inverted(sheet, columns, values)
    if probability_of(sheet.header[columns.probability]) == "predicted":
        name = sheet.header[columns.probability]
        raise InputError(f"{sheet.path}: column {name!r} is that of the predicted class by its name", hint=_OPTION)
    confident = bool(np.all(values[~np.isnan(values)] >= 0.5))
    checked = np.zeros(len(values), dtype=bool)
    for place in _class_columns(sheet, columns, odd=confident):
        stated = _classes(sheet, place)
        _check(sheet, columns, place, values, stated)
        checked |= ~np.isnan(stated)
    unchecked = int((~checked & ~np.isnan(values)).sum())
    if confident and unchecked >= _TELLING and not columns.complement:
        raise InputError(
            f"{sheet.path}: all {unchecked:,} probabilities in column {sheet.header[columns.probability]!r} are 0.5"
            " or more: they look like those of the predicted class, active or not",
            hint=_OPTION,
        )
    return values, silent


def _class_columns(sheet: Sheet, columns: PredictionColumns, *, odd: bool) -> list[int]:
    """Find columns that state a class: named as predicted, or else as a class, or else (if odd) of any name."""
    used = (columns.molecule, columns.probability, columns.confidence)
    found = [place for place, cells in enumerate(sheet.columns) if place not in used and states_classes(cells)]
    ways: list[Callable[[int], bool]] = [
        lambda place: bool(PREDICTED_WORDS & set(words(sheet.header[place]))) and not _is_probability(sheet, place),
        lambda place: is_class_name(sheet.header[place]),
        lambda place: odd and not _is_probability(sheet, place) and bool((_classes(sheet, place) == 0).any()),
    ]
    return next((chosen for way in ways if (chosen := [place for place in found if way(place)])), [])


def _is_probability(sheet: Sheet, place: int) -> bool:
    return bool(probability_of(sheet.header[place]))


def _classes(sheet: Sheet, place: int) -> Floats:
    """Read a column of classes: 1, 0, or NaN where a cell is empty."""
    known = {cell: binary(cell) for cell in set(sheet.columns[place])}
    return np.array([np.nan if known[cell] is None else float(bool(known[cell])) for cell in sheet.columns[place]])


def _check(sheet: Sheet, columns: PredictionColumns, place: int, values: Floats, stated: Floats) -> None:
    """Refuse classes that aren't active exactly where the probability is above 0.5; at 0.5, both fit."""
    wrong = ((values > 0.5) & (stated == 0)) | ((values < 0.5) & (stated == 1))
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    given, said = (repr(sheet.columns[at][row]) for at in (columns.probability, place))
    other = values[row] if stated[row] else 1 - values[row]
    impossible = " (which can't be, below 0.5)" if values[row] < 0.5 else ""
    raise InputError(
        f"{sheet.path}, line {sheet.lines[row]}: {sheet.header[columns.probability]!r} is {given} and"
        f" {sheet.header[place]!r} is {said}. As the probability of the active class: P(active) = {values[row]:g}."
        f" As that of the predicted class: P(active) = {other:.6g}{impossible}",
        hint=f"{int(wrong.sum()):,} of {len(values):,} rows are so. {_OPTION}",
    )


def _inverted(sheet: Sheet, columns: PredictionColumns, values: Floats) -> tuple[Floats, list[str]]:
    found = _class_columns(sheet, columns, odd=True)
    if not found:
        raise InputError(
            f"{sheet.path} has no column that states the predicted class; its columns are: {', '.join(sheet.header)}",
            hint="Expected one such as predicted_class, or `of` active.",
        )
    stated = _classes(sheet, found[0])
    for other in found[1:]:
        if not np.array_equal(stated, _classes(sheet, other), equal_nan=True):
            raise InputError(
                f"{sheet.path}: columns {sheet.header[found[0]]!r} and {sheet.header[other]!r} state different classes",
                hint="Name the predicted one predicted_class, and remove or rename other columns of predictions.",
            )
    low = (values < 0.5 - _ROUNDING) & ~np.isnan(stated)
    if low.any():
        row = int(np.argmax(low))
        raise InputError(
            f"{sheet.path}, line {sheet.lines[row]}: {sheet.header[columns.probability]!r} is"
            f" {sheet.columns[columns.probability][row]!r}; a class of such a probability isn't predicted",
            hint="Expected 0.5 or more for the predicted class; or else give `of` active.",
        )
    reasons = [
        "no class" if np.isnan(one) and not np.isnan(value) else "" for one, value in zip(stated, values, strict=True)
    ]
    return np.where(np.isnan(stated), np.nan, np.where(stated == 1, values, 1 - values)), reasons
