"""Dates as people write them; what may mean two days is refused."""

import numpy as np
import pytest

from fluidmol.chem.intake.dates import read_dates
from fluidmol.chem.intake.standardise import compound_set
from fluidmol.errors import InputError

TWO = compound_set(["CCO", "CCN"])


def written(tmp_path, *dates):
    path = tmp_path / "assay.csv"
    path.write_text("smiles,Date\n" + "".join(f"CCO,{date}\n" for date in dates))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021", "2021-01-01"), ("2021.0", "2021-01-01"), ("2021-05", "2021-05-01"), ("2021-05-31", "2021-05-31"),
        ("2021/5/3", "2021-05-03"), ("2021-05-31T10:00:00Z", "2021-05-31"), ("2021-05-31 10:00", "2021-05-31"),
        ("31.05.2021", "2021-05-31"), (" 2021 ", "2021-01-01"), ("", "NaT"), ("n/a", "NaT"), ("NaN", "NaT"),
    ],
)  # fmt: skip
def test_read(text, expected, tmp_path):
    found = read_dates(written(tmp_path, text), "date", TWO)
    assert found.astype(str).tolist() == [expected, "NaT"]
    assert found.dtype == np.dtype("datetime64[D]")


def test_the_earliest_counts(tmp_path):
    found = read_dates(written(tmp_path, "2021", "2019-07-01", "", "2020"), "Date", TWO)
    assert str(found[0]) == "2019-07-01"


@pytest.mark.parametrize("text", ["03/04/2021", "soon", "2021-13", "2021-02-30", "31.04.2021", "21", "20210531"])
def test_refused(text, tmp_path):
    with pytest.raises(InputError, match=r"assay\.csv, line 3.*is no date, nor are 2 of 3") as caught:
        read_dates(written(tmp_path, "2020", text, text), "Date", TWO)
    assert repr(text) in str(caught.value)


def test_a_date_that_cant_be_read_is_missing_and_told(tmp_path):
    told = []
    found = read_dates(written(tmp_path, "", "2021", "soon"), "Date", TWO, note=told.append)
    assert found.astype(str).tolist() == ["2021-01-01", "NaT"]
    [said] = told
    assert said.startswith("1 of 2 dates can't be read")
    assert "assay.csv, line 4: 'soon'" in said


def test_nothing_is_told_of_dates_that_can_be_read(tmp_path):
    told = []
    read_dates(written(tmp_path, "2021", ""), "Date", TWO, note=told.append)
    assert not told


def test_where_each_needs_a_date_the_first_without_is_named(tmp_path):
    path = tmp_path / "assay.csv"
    path.write_text("smiles,Date\nCCC,\nCCO,2021\nOCC,\nCCN,soon\nC,2020\nNCC,\n")
    wanted = compound_set(["CCO", "CCN", "C"])
    expected = (
        r"assay\.csv, line 5: 'soon' in column 'Date' is no date; 1 of 3 usable compounds have none.*31\.05\.2021"
    )
    with pytest.raises(InputError, match=expected):
        read_dates(path, "date", wanted, complete=True)
    # Neither the compound that isn't wanted nor the second row of one that has a date is missed.
    found = read_dates(path, "date", wanted.take([0, 2]), complete=True)
    assert found.astype(str).tolist() == ["2021-01-01", "2020-01-01"]


def test_no_such_column(tmp_path):
    with pytest.raises(InputError, match=r"no column 'day'.*Date"):
        read_dates(written(tmp_path, "2020"), "day", TWO)
