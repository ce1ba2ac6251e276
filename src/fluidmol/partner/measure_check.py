"""Check what a partner says about its measurements against what the charter says the endpoint means."""

from __future__ import annotations

import math
from decimal import Decimal

import attrs

from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.potency import UNITS_HINT, Unit
from fluidmol.errors import CharterError, UsageError
from fluidmol.values.measure import MAX_P_THRESHOLD, Measure

_OTHER = {"p": "concentration", "concentration": "p"}
_AGREE = "If the charter is wrong, ask the coordinator for another one, which all parties sign."


@attrs.frozen
class Agreed:
    """What to read of a partner's file, in agreement with the charter."""

    columns: OutcomeColumns
    """As the user said, and the charter where the user said nothing."""

    cautions: tuple[str, ...] = ()
    """What could not be checked, in full sentences."""


def agreed(measure: Measure | None, wanted: OutcomeColumns) -> Agreed:
    """Merge the charter's measure into what the user says about the outcome.

    Parameters
    ----------
    measure : Measure or None
        Of the charter's endpoint; None leaves everything as it is.
    wanted : OutcomeColumns
        As typed.

    Raises
    ------
    CharterError
        If the user's threshold isn't the charter's.
    UsageError
        If the user's unit is unknown, or the threshold is no finite number.

    Examples
    --------
    >>> measure = Measure("IC50", "uM", 10)
    >>> agreed(measure, OutcomeColumns(value_column="IC50", threshold=10000.0, unit="nM")).columns.agreed
    False
    >>> agreed(measure, OutcomeColumns(value_column="IC50", unit="nM")).columns.threshold
    10000.0
    >>> agreed(measure, OutcomeColumns(value_column="IC50", threshold=1.0, unit="uM"))
    Traceback (most recent call last):
    fluidmol.errors.CharterError: you say active at or below 1 uM; the charter says at or below 10 uM. Leave ...
    """
    if measure is None:
        return Agreed(wanted)
    wanted = attrs.evolve(wanted, relations="exclude" if measure.relations == "exclude" else "judge")
    if wanted.value_column is None:
        which = f"column {wanted.active_column!r}" if wanted.active_column else "a column of classes"
        return Agreed(
            wanted,
            (
                f"The charter says {measure.quantity}, active {measure.cut}. Classes can't be checked against this:"
                f" make sure that those in {which} were made so.",
            ),
        )
    threshold, unit = _filled(measure, wanted)
    _check_cut(measure, threshold, unit)
    if read_title(wanted.value_column).scale == _OTHER[_known(unit).kind]:
        # The same cut on the other scale than the column's: it says nothing of what the values are in.
        return Agreed(attrs.evolve(wanted, threshold=threshold, unit=unit, agreed=True))
    return Agreed(attrs.evolve(wanted, threshold=threshold, unit=unit, agreed=wanted.unit is None))


def _filled(measure: Measure, wanted: OutcomeColumns) -> tuple[float, str]:
    """Return threshold and unit, the charter's where the user gave none."""
    if wanted.unit is None:
        if wanted.threshold not in (None, measure.threshold):
            raise CharterError(
                f"you say `threshold` {_plain(wanted.threshold)} without `unit`; the charter says {measure.cut}",
                hint=f"Give `unit` too, or leave `threshold` away: the charter's is used then. {_AGREE}",
            )
        return measure.threshold, measure.unit
    if wanted.threshold is not None:
        return wanted.threshold, wanted.unit
    unit = _known(wanted.unit)
    found = float(_converted(Decimal(repr(measure.threshold)), _known(measure.unit), unit))
    if not _same(found, unit, measure):
        raise CharterError(
            f"the charter says {measure.cut}, which no number in `unit` {wanted.unit} states exactly",
            hint="Leave `unit` away where the column's name or a units column says what the values are in,"
            f" or bring the values into {measure.unit}.",
        )
    return found, wanted.unit


def _converted(value: Decimal, old: Unit, new: Unit) -> Decimal:
    if old.kind == new.kind:
        return old.base(value).scaleb(-new.exponent)
    return -old.base(value).log10() if new.kind == "p" else (Decimal(10) ** -value).scaleb(-new.exponent)


def _check_cut(measure: Measure, threshold: float, unit: str) -> None:
    if not math.isfinite(threshold):
        raise UsageError(f"`threshold` is {threshold}", hint="Expected a finite number.")
    known = _known(unit)
    if not _same(threshold, known, measure):
        where = "at or above" if known.kind == "p" else "at or below"
        raise CharterError(
            f"you say active {where} {_plain(threshold)} {known.text}; the charter says {measure.cut}",
            hint=f"Leave `threshold` and `unit` away: the charter's are used then. {_AGREE}",
        )


def _same(threshold: float, unit: Unit, measure: Measure) -> bool:
    """Compare two thresholds exactly: 10 uM is 10000 nM, and 5 on the p scale."""
    agreed_unit = _known(measure.unit)
    given, agreed_value = Decimal(repr(threshold)), Decimal(repr(measure.threshold))
    if unit.kind == agreed_unit.kind:
        return unit.base(given) == agreed_unit.base(agreed_value)
    p, molar = (given, agreed_unit.base(agreed_value)) if unit.kind == "p" else (agreed_value, unit.base(given))
    # 10 to the power of anything else isn't a decimal number at all, so that no concentration equals it.
    whole = p == p.to_integral_value() and abs(p) <= MAX_P_THRESHOLD
    return whole and molar == Decimal(1).scaleb(-int(p))


def _known(name: str) -> Unit:
    unit = Unit.named(name)
    if unit is None:
        raise UsageError(f"unknown `unit` {name!r}", hint=UNITS_HINT)
    return unit


def _plain(number: float | None) -> str:
    return repr(number).removesuffix(".0")
