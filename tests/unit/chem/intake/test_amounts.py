"""Columns of values for a regression: units, limits, repeats, and what can't be on the scale."""

from pathlib import Path

import numpy as np
import pytest

from fluidmol.chem.intake.alone import refuse_dependent
from fluidmol.chem.intake.labelled import read_labelled
from fluidmol.chem.intake.measurements.measured import OutcomeColumns
from fluidmol.chem.intake.outcomes import classify
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import InputError, UsageError
from fluidmol.values.scale import Scale

P = Scale("p", 3, 11)
CLEARANCE = Scale("mL/min/g", 1, 1000, "log10")


def read(scale, columns, **wanted):
    """Read columns of cells; the first is the one that is wanted."""
    n = len(next(iter(columns.values())))
    table = RawTable(Path("a.csv"), ["C"] * n, list(range(2, n + 2)), columns, "")
    wanted.setdefault("value_column", next(iter(columns)))
    return classify(table, OutcomeColumns(scale=scale, **wanted))


def amounts(found):
    return [row.amount for row in found.rows]


def reasons(found):
    return [row.reason for row in found.rows]


@pytest.mark.parametrize(
    ("scale", "name", "cells", "expected"),
    [
        (P, "pIC50", ["5.5", "7"], [5.5, 7]),
        (P, "IC50 (nM)", ["1000", "10"], [6, 8]),
        (P, "IC50 (uM)", ["1", "0,01"], [6, 8]),
        (Scale("nM", 1, 1e6, "log10"), "IC50_uM", ["1", "0.5"], [1000, 500]),
        (Scale("nM", 1, 1e6, "log10"), "pIC50", ["6", "9"], [1000, 1]),
        (CLEARANCE, "clearance (mL/min/g)", ["12.5", "1e2"], [12.5, 100]),
        (CLEARANCE, "value", ["12,5", "100"], [12.5, 100]),
    ],
)
def test_values_come_in_the_scales_unit(scale, name, cells, expected):
    assert amounts(read(scale, {name: cells})) == pytest.approx(expected)


def test_units_stand_in_a_column_of_their_own():
    found = read(P, {"standard_value": ["1000", "1"], "standard_units": ["nM", "uM"]})
    assert amounts(found) == [6, 6]
    assert found.reading.units == {"nM": 1, "uM": 1}


def test_rows_in_another_unit_are_left_out_by_name():
    found = read(CLEARANCE, {"value": ["10", "20", "5 %"], "units": ["mL/min/g", "mL/min/kg", ""]})
    assert amounts(found) == [10, None, None]
    assert "another unit: mL/min/kg, where the scale is in mL/min/g" in reasons(found)[1]
    assert "another unit: %" in reasons(found)[2]


def test_what_the_file_doesnt_say_is_told():
    assert "read in mL/min/g, as the scale says" in read(CLEARANCE, {"value": ["10", "20"]}).reading.cautions[0]
    assert not read(CLEARANCE, {"value (mL/min/g)": ["10", "20"]}).reading.cautions


@pytest.mark.parametrize("cell", ["> 30", "<30", "≥ 30", ">=30"])
def test_limits_are_left_out_and_counted(cell):
    found = read(CLEARANCE, {"value": ["10", cell]})
    assert amounts(found) == [10, None]
    assert reasons(found)[1].startswith("a limit: ")
    beside = read(CLEARANCE, {"value": ["10", "30"], "relation": ["=", ">"]})
    assert amounts(beside) == [10, None]


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "high", "1-5", "1.2.3"])
def test_cells_without_a_number_are_left_out(cell):
    assert amounts(read(CLEARANCE, {"value": ["10", cell]})) == [10, None]


def test_values_a_little_beyond_are_cut_and_far_ones_left_out():
    cells = ["5"] * 40 + ["2.5", "20"]
    found = read(P, {"pIC50": cells})
    assert amounts(found)[-2:] == [2.5, None]
    assert "not plausible" in reasons(found)[-1] or "far outside of 3 to 11 (p)" in reasons(found)[-1]
    assert "values beyond 3 to 11 (p) are taken for its ends: 1 of" in " ".join(found.reading.cautions)


@pytest.mark.parametrize("cell", ["0", "-3"])
def test_what_has_no_logarithm_is_left_out(cell):
    found = read(CLEARANCE, {"value": ["10"] * 30 + [cell]})
    assert reasons(found)[-1].startswith("has no log10: ")


def test_a_number_beyond_all_floats_is_none():
    found = read(Scale("logD", -2, 5), {"logd": ["1"] * 30 + ["1e999"]})
    assert found.rows[-1].amount is None


def test_another_unit_is_suspected_where_many_values_lie_outside():
    with pytest.raises(InputError, match=r"20 of 20 values lie outside of 1 to 1000 mL/min/g.*line 2.*Is the unit"):
        read(CLEARANCE, {"value": ["5000"] * 20})


@pytest.mark.parametrize(
    ("scale", "name", "said"),
    [
        (CLEARANCE, "IC50 (nM)", "a concentration in nM"),
        (CLEARANCE, "pIC50", "-log10 of a concentration"),
        (CLEARANCE, "value SD", "a figure about measurements"),
        (CLEARANCE, "log clearance", "a logarithm already"),
    ],
)
def test_a_column_that_is_called_something_else_is_refused(scale, name, said):
    with pytest.raises(InputError, match=said):
        read(scale, {name: ["5.5", "7"]})


def test_classes_are_no_values():
    with pytest.raises(InputError, match="nothing but 0 and 1"):
        read(CLEARANCE, {"value": ["0", "1", "1"]})


def test_the_column_is_named_by_the_user():
    with pytest.raises(UsageError, match="column of the values: clearance, weight"):
        read(CLEARANCE, {"clearance": ["10"], "weight": ["300"], "name": ["a"]}, value_column=None)


@pytest.mark.parametrize(
    ("more", "said"), [({"threshold": 5.0}, "is a regression"), ({"active_column": "a"}, "both|regr")]
)
def test_options_of_classes_are_refused(more, said):
    with pytest.raises(UsageError, match=said):
        read(P, {"pIC50": ["5", "6"], "a": ["0", "1"]}, **more)


@pytest.mark.parametrize("cells", [["10", "20"], ["12,5", "20,5"]])
def test_rows_that_mean_alone_what_they_mean_together_are_private(cells):
    table = RawTable(Path("a.csv"), ["C", "CC"], [2, 3], {"value": cells}, "")
    wanted = OutcomeColumns(value_column="value", scale=CLEARANCE, decimal="," if "," in cells[0] else ".")
    refuse_dependent(table, wanted, classify(table, wanted))


def test_a_row_that_decides_how_others_are_read_is_refused_where_privacy_is_proved():
    table = RawTable(Path("a.csv"), ["C", "CC"], [2, 3], {"value": ["12.500", "20,5"]}, "")
    wanted = OutcomeColumns(value_column="value", scale=Scale("mg", 1, 20000))
    with pytest.raises(InputError, match="beside the other rows it is read as 12500, and alone as no value"):
        refuse_dependent(table, wanted, classify(table, wanted))


@pytest.fixture
def repeated(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "smiles,logD\nCCO,1.0\nOCC,1.2\nC(O)C,1.6\nCCN,0.5\nNCC,4.5\nc1ccccc1,2.0\nCCCC,>3\n", encoding="utf-8"
    )
    return path


def test_repeats_count_once_by_their_median_and_contradictions_not_at_all(repeated):
    scale = Scale("logD", -2, 6)
    found = read_labelled(repeated, OutcomeColumns(value_column="logD", scale=scale))
    assert found.compounds.smiles == ("CCO", "c1ccccc1")
    assert scale.value(found.outcome) == pytest.approx([1.2, 2.0])
    assert (found.n_merged, found.scale) == (2, scale)
    told = {row.line: row.reason for row in found.rejected}
    assert set(told) == {5, 6, 8}
    assert "conflicting values: the same compound has others in line 6" in told[5]
    assert "a limit" in told[8]
    assert "values from -2 to 6 logD: 4 usable rows, 3 rejected" in found.reading.line


def test_outcomes_lie_on_the_scale(repeated):
    found = read_labelled(repeated, OutcomeColumns(value_column="logD", scale=Scale("logD", 1.5, 6)))
    assert np.all((found.outcome >= 0) & (found.outcome <= 1))
