"""Whether a column holds the quantity that the charter means."""

import pytest

from fluidmol.errors import InputError
from fluidmol.partner.quantity_check import check_quantity
from fluidmol.values.measure import Measure

IC50 = Measure("IC50", "uM", 10)


def test_charter_without_a_measure_has_nothing_to_check():
    assert check_quantity(None, "Ki", {"Ki": 5, "IC50": 3}) == ()


@pytest.mark.parametrize(("measure", "column"), [
    (IC50, "ic50_nM"), (IC50, "pIC50"), (Measure("pIC50", "p", 5), "hERG IC50 (nM)"), (Measure("ki", "nM", 5), "pKi"),
    (Measure("Potency", "nM", 5), "potency"), (Measure("Apparent affinity", "nM", 5), "apparent-affinity (nM)"),
])  # fmt: skip
def test_column_of_the_quantity_passes(measure, column):
    assert check_quantity(measure, column, {}) == ()


@pytest.mark.parametrize(("column", "words"), [
    ("Ki (nM)", "ki"), ("pEC50", "ec50"), ("AC50", "ac50"), ("potency", "potency"), ("IC50 or Ki", "ic50 and ki"),
    ("MIC50", "mic50"),
])  # fmt: skip
@pytest.mark.parametrize("types", [{}, {"IC50": 5}])
def test_column_of_another_quantity_is_refused(column, words, types):
    with pytest.raises(
        InputError, match=rf"the charter says IC50, but column .* is {words} by its name.*`value_column`"
    ):
        check_quantity(IC50, column, types)


@pytest.mark.parametrize("column", ["value", "standard_value", "pchembl_value", "x"])
def test_column_that_states_nothing_is_a_caution_unless_rows_do(column):
    (caution,) = check_quantity(IC50, column, {})
    assert column in caution
    assert check_quantity(IC50, column, {"IC50": 400, "Ki": 0}) == ()


def test_rows_of_other_types_are_refused_with_their_counts():
    with pytest.raises(InputError, match=r"Ki \(1,200 rows\), EC50 \(20 rows\), Kd \(1 row\)\. Keep the rows"):
        check_quantity(IC50, "IC50", {"IC50": 3, "EC50": 20, "Kd": 1, "ki ": 0, "Ki": 1200})
    with pytest.raises(InputError, match=r"T4 \(5 rows\), and 4 more types"):
        check_quantity(IC50, "value", {f"T{i}": 9 - i for i in range(9)})


def test_types_are_compared_without_capitals_and_signs():
    assert check_quantity(IC50, "value", {"ic50": 3, "IC-50": 2}) == ()


def test_rows_without_a_type_are_a_caution():
    (caution,) = check_quantity(IC50, "value", {"IC50": 3, "": 1, "NA": 2})
    assert caution == "3 rows to be used state no type; the charter says IC50."


def test_concentrations_and_logarithms_in_one_column_are_a_caution():
    (caution,) = check_quantity(IC50, "value", {"IC50": 3, "pIC50": 2})
    assert "IC50 and pIC50" in caution
    assert check_quantity(IC50, "value", {"pIC50": 2}) == ()
