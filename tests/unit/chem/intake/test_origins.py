"""Sources of compounds: which column names them, and what becomes of merged rows."""

import pytest

from fluidmol.chem.intake.labelled import read_labelled
from fluidmol.chem.intake.origins import OriginColumn
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import InputError


@pytest.fixture
def read(tmp_path):
    def read(text, origin=None):
        path = tmp_path / "assay.csv"
        path.write_text(text)
        return read_labelled(path, OutcomeColumns(), origin=origin)

    return read


ROWS = (
    "smiles,active,Source,lab\n"
    "CCN,0,b,x\n"
    "CCCl,1,b,x\n"  # conflicts with the next one: both are left out
    "ClCC,0,a,x\n"
    "C1CC,0,a,x\n"  # unreadable
    "NCCCCO,1,a | b,\n"
    "OCCCCN.O.Cl,1,c;a,y\n"  # the same compound as the one before, as a salt
    "c1ccccc1,1,,x\n"
)


def test_sources_follow_their_compounds_through_standardisation_and_merging(read):
    found = read(ROWS, OriginColumn())
    assert found.compounds.smiles == ("CCN", "NCCCCO", "c1ccccc1")
    assert found.origins == (("b",), ("a", "b", "c"), ())


def test_a_named_column_is_read_in_place_of_the_usual_one(read):
    assert read(ROWS, OriginColumn("LAB")).origins == (("x",), ("y",), ("x",))


def test_no_sources_are_read_unless_somebody_asks(read):
    assert read(ROWS).origins is None


@pytest.mark.parametrize("header", ["smiles,active,origin", "smiles,active,data_source"])
def test_a_file_without_the_usual_column_names_no_sources(read, header):
    assert read(f"{header}\nCCO,1,a\nCCN,0,b\n", OriginColumn()).origins is None


def test_of_several_usual_columns_none_is_guessed(read):
    assert read("smiles,active,Source,SOURCE\nCCO,1,a,b\nCCN,0,a,b\n", OriginColumn()).origins is None


def test_a_named_column_that_is_not_there_is_refused_where_it_is_needed(read):
    with pytest.raises(InputError, match="has no column 'maker'"):
        read(ROWS, OriginColumn("maker"))
    assert read(ROWS, OriginColumn("maker", needed=False)).origins is None
    assert read(ROWS, OriginColumn("LAB", needed=False)).origins == (("x",), ("y",), ("x",))
