"""What the library says of its arguments is printed with the options that were typed."""

import pytest

from fluidmol.chem.intake.measurements.value_column import read_values
from fluidmol.chem.intake.outcomes import OutcomeColumns, classify
from fluidmol.chem.intake.table import RawTable
from fluidmol.cli.main import explain
from fluidmol.cli.place_options import said
from fluidmol.cli.readings import reading_lines
from fluidmol.errors import AwaitingError, FluidError, InputError, UsageError


@pytest.fixture
def table(tmp_path):
    return RawTable(tmp_path / "a.csv", ["CCO", "CCN"], [2, 3], {"result": ["9", "30"]}, "")


def test_an_error_names_options(table):
    with pytest.raises(UsageError) as caught:
        read_values(table, OutcomeColumns(value_column="result"))
    text, code = explain(caught.value)
    assert code == 64
    assert text == (
        "Error: --value-column result is given without --threshold."
        " For instance: --value-column result --threshold 10 --unit uM."
    )


def test_waiting_names_options():
    text, _ = explain(AwaitingError("awaiting the opinion of bob", hint="`close` goes on."))
    assert text == "Awaiting the opinion of bob. --close goes on."


def test_what_somebody_elses_program_says_stays():
    assert explain(InputError("m:o can't be fitted: `max_iter` is too small"))[0].endswith(": `max_iter` is too small")


def test_a_fault_of_our_own_stays():
    assert "KeyError: '`sheet`'" in explain(KeyError("`sheet`"))[0]


def test_how_a_file_was_read_names_options(table):
    reading = classify(table, OutcomeColumns(value_column="result", threshold=10, unit="uM")).reading
    shown = " ".join(reading_lines("a.csv", reading.line, reading.cautions))
    assert "as --unit says" in shown
    assert "`" not in shown


def test_notes_name_options(capsys):
    said(f"a.csv: left out, {FluidError('`sheet` is given').message}")
    assert capsys.readouterr().err == "A.csv: left out, --sheet is given\n"
