"""Where a table of predictions has what: by names, and never one of several that say different things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from fluidmol.chem.intake.binary import binary, is_missing
from fluidmol.chem.intake.table import SMILES_NAMES, plain_name
from fluidmol.errors import InputError
from fluidmol.partner.teachers.column_names import probability_of
from fluidmol.partner.teachers.shares import read_shares
from fluidmol.partner.teachers.sheet import INCHIKEY_NAMES, Sheet

USUAL: Mapping[str, Sequence[str]] = {
    "inchikey": INCHIKEY_NAMES,
    "smiles": SMILES_NAMES,
    "confidence": ("confidence", "weight"),
}
"""Usual names of columns, the likeliest first; case, blanks and hyphens don't matter."""

LOOSE = ("prediction", "pred")
"""Names of a class, a probability, or anything else that is predicted: the cells tell."""

_ALIKE = 1e-6
_ROUNDED = 0.011
"""Two probabilities of two decimals add up to 1 within this."""


@attrs.frozen
class PredictionColumns:
    """PredictionColumns of the columns that are used."""

    molecule: int
    keyed: bool
    """Whether molecules are stated by InChIKey, not by SMILES."""

    probability: int
    confidence: int | None
    complement: bool
    """Whether another column, of the inactive class, adds up to 1 with the probability."""


def find_columns(sheet: Sheet, names: Mapping[str, str]) -> PredictionColumns:
    """Find the columns.

    Parameters
    ----------
    sheet : Sheet
    names : mapping of str to str
        Names by what they are: smiles, inchikey, probability, confidence; found by usual names otherwise.

    Raises
    ------
    InputError
        If a column isn't there, or several say different things.
    """
    found = {what: _asked(sheet, names[what]) for what in names}
    for what, usual in USUAL.items():
        if what not in found:
            places = (sheet.named(name) for name in usual)
            place = next((place for place in places if place is not None), None)
            found |= {} if place is None else {what: place}
    if "probability" in found:
        probability, complement = found["probability"], False
        name = sheet.header[probability]
        if probability_of(name) == "inactive" or "inactive" in name.lower():
            raise _only_inactive(sheet, name)
    else:
        probability, complement = _probability(sheet)
    keyed = "inchikey" in found
    if not keyed and "smiles" not in found:
        raise InputError(
            f"{sheet.path} doesn't say which molecules it is about; its columns are: {', '.join(sheet.header)}",
            hint="Expected a column inchikey or smiles.",
        )
    molecule = found["inchikey" if keyed else "smiles"]
    return PredictionColumns(molecule, keyed, probability, found.get("confidence"), complement)


def states_classes(cells: Sequence[str]) -> bool:
    """Whether a column states classes, at least one, and nothing else.

    Examples
    --------
    >>> states_classes(["active", "", "Inactive"]), states_classes(["0", "1", "0.5"])
    (True, False)
    """
    distinct = [cell for cell in set(cells) if not is_missing(cell)]
    return bool(distinct) and all(binary(cell) is not None for cell in distinct)


def _asked(sheet: Sheet, name: str) -> int:
    place = sheet.named(name)
    if place is None:
        raise InputError(f"{sheet.path} has no column {name!r}", hint=f"Its columns are: {', '.join(sheet.header)}.")
    return place


def _probability(sheet: Sheet) -> tuple[int, bool]:
    """Find the column of probabilities, and whether a column of the inactive class confirms it."""
    kinds = [probability_of(name) for name in sheet.header]
    found = [place for place, kind in enumerate(kinds) if kind in ("active", "plain", "predicted")]
    for place, name in enumerate(sheet.header):
        if plain_name(name) in LOOSE and (not found or _may_be_probability(sheet.columns[place])):
            found.append(place)
    inactive = [place for place, kind in enumerate(kinds) if kind == "inactive"]
    if not found:
        if inactive:
            raise _only_inactive(sheet, sheet.header[inactive[0]])
        raise InputError(
            f"{sheet.path} has no column of probabilities; its columns are: {', '.join(sheet.header)}",
            hint="Name it with `names`.",
        )
    for other in found[1:]:
        _must_agree(sheet, found[0], other)
    for other in inactive:
        _must_add_up(sheet, found[0], other)
    return found[0], bool(inactive)


def _may_be_probability(cells: Sequence[str]) -> bool:
    numbers = [_number(cell) for cell in cells if not is_missing(cell)]
    return bool(numbers) and not states_classes(cells) and all(0 <= number <= 1 for number in numbers)


def _number(cell: str) -> float:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return -1.0


def _must_agree(sheet: Sheet, first: int, other: int) -> None:
    a, b = (read_shares(sheet, place, "probability")[0] for place in (first, other))
    unlike = ~(np.isclose(a, b, rtol=0, atol=_ALIKE) | (np.isnan(a) & np.isnan(b)))
    if unlike.any():
        raise InputError(
            f"{sheet.path}: columns {sheet.header[first]!r} and {sheet.header[other]!r} could both be the probability,"
            f" and differ: {_both(sheet, first, other, unlike)}",
            hint="Choose one with `names`.",
        )


def _must_add_up(sheet: Sheet, active: int, inactive: int) -> None:
    a, b = (read_shares(sheet, place, "probability")[0] for place in (active, inactive))
    unlike = ~(np.isclose(a + b, 1, rtol=0, atol=_ROUNDED) | (np.isnan(a) & np.isnan(b)))
    if unlike.any():
        raise InputError(
            f"{sheet.path}: columns {sheet.header[active]!r} and {sheet.header[inactive]!r} should add up to 1, and"
            f" don't: {_both(sheet, active, inactive, unlike)}",
            hint="Choose the probability of the active class with `names`.",
        )


def _both(sheet: Sheet, first: int, other: int, unlike: np.typing.NDArray[np.bool_]) -> str:
    row = int(np.argmax(unlike))
    return f"line {sheet.lines[row]} has {sheet.columns[first][row]!r} and {sheet.columns[other][row]!r}"


def _only_inactive(sheet: Sheet, name: str) -> InputError:
    return InputError(
        f"{sheet.path}: column {name!r} is the probability of the inactive class by its name",
        hint="Expected that of the active class: add a column p_active with 1 minus it.",
    )
