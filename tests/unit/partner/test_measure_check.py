"""What a partner says about its measurements, against what the charter says."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import CharterError, UsageError
from fluidmol.partner.measure_check import Agreed, agreed
from fluidmol.values.measure import Measure

TEN = Measure("IC50", "uM", 10)
FIVE = Measure("pIC50", "p", 5)
EXPONENTS = {"M": 0, "mM": -3, "uM": -6, "nM": -9, "pM": -12}


def said(threshold=None, unit=None, column="x"):
    return OutcomeColumns(value_column=column, threshold=threshold, unit=unit)


@pytest.mark.parametrize("wanted", [OutcomeColumns(), OutcomeColumns("active"), said(), said(1, "mg")])
def test_charter_without_a_measure_changes_nothing(wanted):
    assert agreed(None, wanted) == Agreed(wanted)


SAME = [
    (TEN, 10, "uM"), (TEN, 10.0, "µM"), (TEN, 10000.0, "nM"), (TEN, 0.01, "mM"), (TEN, 1e-5, "M"), (TEN, 5, "p"),
    (TEN, 5.0, "pIC50"), (FIVE, 10, "uM"), (FIVE, 5.0, "p"), (FIVE, 1e7, "pM"), (Measure("Ki", "nM", 0.3), 300, "pM"),
    (Measure("Ki", "nM", 12.34567890123), 0.01234567890123, "uM"), (Measure("Ki", "p", 5.3), 5.3, "p"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "threshold", "unit"), SAME)
def test_same_cut_in_another_unit_is_the_users_to_state(measure, threshold, unit):
    assert agreed(measure, said(threshold, unit)) == Agreed(said(threshold, unit))


OTHER = [
    (TEN, 1.0, "uM", "you say active at or below 1 uM; the charter says at or below 10 uM"),
    (TEN, 10, "nM", "at or below 10 nM; the charter says at or below 10 uM"),
    (TEN, 10.000000001, "uM", "10.000000001 uM"),
    (TEN, 5.1, "p", "you say active at or above 5.1 p; the charter says at or below 10 uM"),
    (TEN, -5.0, "p", "at or above -5 p"),
    (TEN, 1e300, "p", "1e[+]300 p"),
    (TEN, 0, "uM", "at or below 0 uM"),
    (FIVE, 1, "uM", r"at or below 1 uM; the charter says at or above 5 \(p"),
    (Measure("IC50", "uM", 20), 4.69897, "p", "at or above 4.69897 p"),  # all decimals would be endless
]  # fmt: skip


@pytest.mark.parametrize(("measure", "threshold", "unit", "words"), OTHER)
def test_another_cut_is_refused_with_both(measure, threshold, unit, words):
    with pytest.raises(CharterError, match=f"{words}.*Leave `threshold` and `unit` away.*ask the coordinator"):
        agreed(measure, said(threshold, unit))


@pytest.mark.parametrize("measure", [TEN, FIVE])
def test_cut_is_the_charters_where_the_user_gives_none(measure):
    found = agreed(measure, said())
    # Agreed: the unit is that of the threshold, and says nothing of what the values are in.
    assert found.columns == attrs.evolve(said(measure.threshold, measure.unit), agreed=True)


@pytest.mark.parametrize(("measure", "unit", "threshold"), [
    (TEN, "nM", 10000.0), (TEN, "uM", 10.0), (TEN, "µM", 10.0), (TEN, "p", 5.0), (FIVE, "uM", 10.0),
    (Measure("IC50", "nM", 30.1), "uM", 0.0301), (Measure("pKi", "p", 5.5), "pKi", 5.5),
])  # fmt: skip
def test_threshold_is_brought_into_the_users_unit(measure, unit, threshold):
    assert agreed(measure, said(unit=unit)) == Agreed(said(threshold, unit), ())


@given(st.integers(1, 10**12), st.sampled_from(list(EXPONENTS)), st.sampled_from(list(EXPONENTS)))
def test_threshold_in_the_users_unit_is_the_same_concentration(millionths, old, new):
    measure = Measure("IC50", old, millionths / 1e6)
    found = agreed(measure, said(unit=new)).columns
    assert found.threshold == pytest.approx(measure.threshold * 10.0 ** (EXPONENTS[old] - EXPONENTS[new]), rel=1e-14)
    assert agreed(measure, found) == Agreed(found)


@pytest.mark.parametrize(("measure", "unit"), [(Measure("IC50", "uM", 20), "p"), (Measure("pIC50", "p", 5.5), "nM")])
def test_threshold_that_another_unit_can_not_state_is_not_rounded(measure, unit):
    with pytest.raises(CharterError, match=f"which no number in `unit` {unit} states exactly.*Leave `unit` away"):
        agreed(measure, said(unit=unit))


def test_threshold_without_unit_is_the_charters_or_refused():
    found = agreed(TEN, said(10))
    assert found.columns == attrs.evolve(said(10.0, "uM"), agreed=True)
    for threshold in (10000.0, 5.0, float("nan")):
        with pytest.raises(CharterError, match="without `unit`; the charter says at or below 10 uM"):
            agreed(TEN, said(threshold))


@pytest.mark.parametrize(("threshold", "unit", "words"), [
    (10, "mg/ml", "unknown `unit` 'mg/ml'"), (None, "mg/ml", "unknown `unit` 'mg/ml'"),
    (float("nan"), "uM", "`threshold` is nan"), (float("inf"), "p", "`threshold` is inf"),
])  # fmt: skip
def test_options_that_say_nothing_are_refused(threshold, unit, words):
    with pytest.raises(UsageError, match=words):
        agreed(TEN, said(threshold, unit))


@pytest.mark.parametrize("wanted", [OutcomeColumns(), OutcomeColumns("active")])
def test_classes_are_taken_with_a_caution(wanted):
    found = agreed(TEN, wanted)
    assert found.columns == wanted
    (caution,) = found.cautions
    assert caution.startswith("The charter says IC50, active at or below 10 uM. Classes can't be checked")
    assert ("column 'active'" in caution) == (wanted.active_column is not None)


@pytest.mark.parametrize("wanted", [OutcomeColumns(), OutcomeColumns("active"), said(), said(10, "uM")])
def test_limits_are_treated_as_the_charter_says(wanted):
    for relations in ("judge", "exclude"):
        assert agreed(attrs.evolve(TEN, relations=relations), wanted).columns.relations == relations
