"""Check that a partner's column holds the quantity that the charter means."""

from __future__ import annotations

from collections.abc import Mapping

from fluidmol.chem.intake.binary import is_missing
from fluidmol.errors import InputError
from fluidmol.values.measure import Measure
from fluidmol.values.quantities import is_logarithm, plain_quantity, quantities_in


def check_quantity(measure: Measure | None, column: str, types: Mapping[str, int]) -> tuple[str, ...]:
    """Check that a column of values holds the quantity that the charter means.

    Parameters
    ----------
    measure : Measure or None
        Of the charter's endpoint; None has nothing to check.
    column : str
        Name of the values' column.
    types : mapping of str to int
        Number of rows that would be used by what the type column (such as ``standard_type``) says; empty if
        there is no such column.

    Returns
    -------
    tuple of str
        Cautions, in full sentences: what couldn't be checked.

    Raises
    ------
    InputError
        If the column's name or a row states another quantity.

    Examples
    --------
    >>> check_quantity(Measure("IC50", "uM", 10), "pIC50", {})
    ()
    >>> check_quantity(Measure("IC50", "uM", 10), "Value", {"IC50": 300, "Ki": 20})
    Traceback (most recent call last):
    fluidmol.errors.InputError: the charter says IC50, but rows of other types would be used: Ki (20 rows). Keep ...
    """
    if measure is None:
        return ()
    stated = quantities_in(column, measure.quantity)
    if stated - {plain_quantity(measure.quantity)}:
        raise InputError(
            f"the charter says {measure.quantity}, but column {column!r} is {' and '.join(sorted(stated))} by its name",
            hint=f"Name the column of {measure.quantity} with `value_column`. Other quantities need another charter.",
        )
    if types:
        return _check_types(measure, types)
    if stated:
        return ()
    return (
        f"The charter says {measure.quantity}; neither the name of column {column!r} nor a column of types says"
        " what it holds: make sure that it is this.",
    )


def _check_types(measure: Measure, types: Mapping[str, int]) -> tuple[str, ...]:
    used = {name: count for name, count in types.items() if count > 0}
    stated = {name: count for name, count in used.items() if not is_missing(name)}
    wanted = plain_quantity(measure.quantity)
    other = sorted((-count, name) for name, count in stated.items() if plain_quantity(name) != wanted)
    if other:
        shown = ", ".join(f"{name[:30]} ({_rows(-count)})" for count, name in other[:5])
        more = f", and {len(other) - 5} more types" if len(other) > 5 else ""
        raise InputError(
            f"the charter says {measure.quantity}, but rows of other types would be used: {shown}{more}",
            hint=f"Keep the rows of type {measure.quantity} only, and run this again.",
        )
    cautions = []
    if silent := sum(used.values()) - sum(stated.values()):
        cautions.append(f"{_rows(silent)} to be used state no type; the charter says {measure.quantity}.")
    if 0 < sum(is_logarithm(name) for name in stated) < len(stated):
        cautions.append(
            f"Rows are of types {' and '.join(sorted(stated))}: concentrations and their negative logarithms in one"
            " column; make sure that a units column tells them apart."
        )
    return tuple(cautions)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
