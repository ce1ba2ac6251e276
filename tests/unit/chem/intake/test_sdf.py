"""SDF: where a field starts, which records can't be trusted, and what they are counted as."""

import pytest
from rdkit import Chem

from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError


def block(smiles="CCO"):
    return Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))


@pytest.fixture
def table(tmp_path):
    def read(*records, **options):
        path = tmp_path / "a.sdf"
        path.write_text("".join(f"{record}$$$$\n" for record in records))
        return read_table(path, **options)

    return read


def test_a_data_header_starts_a_field_without_a_blank_line(table):
    found = table(block() + "> <ID>\nX3\n> <Relation>\n>\n> <Value>  (1)\n10\n\n")
    assert found.columns == {"ID": ["X3"], "Relation": [">"], "Value": ["10"]}


@pytest.mark.parametrize("value", [">", "> 10", ">10", ">= 5", "<5>", "a <b> c"])
def test_a_relation_is_a_value(value, table):
    assert table(block() + f"> <Relation>\n{value}\n\n> <x>\n1\n\n").columns == {"Relation": [value], "x": ["1"]}


def test_a_name_may_hold_angle_brackets(table):
    assert table(block() + ">  <IC50 < 10 uM>  (1)\n7\n\n> <a > b>\n8\n\n").columns == {
        "IC50 < 10 uM": ["7"],
        "a > b": ["8"],
    }


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (block() + "> <x>\n1\n\n> <x>\n2\n\n", "a field given twice: x is '1' and '2'"),
        (block() + "> <x>\n1\n\n" + block("CCN") + "> <y>\n2\n\n", "two mol blocks in one record"),
        (block() + "> <x>\n> 10 <y>\n\n", "a value or the start of a field: '> 10 <y>'"),
        ("no block\n\n\n\nM  END\n", "unreadable mol block"),
    ],
)
def test_a_doubtful_record_is_rejected_with_its_number(record, reason, table):
    found = table(block("CCC"), record, block("CCCC"))
    assert found.smiles == ["CCC", "CCCC"]
    [row] = found.rejected
    assert row.reason.startswith(reason)
    assert row.record == 2
    assert (list(found.records), [found.row(i) for i in range(2)], found.word) == ([1, 3], [1, 3], "record")


def test_a_field_given_twice_with_one_value_is_fine(table):
    assert table(block() + "> <x>\n1\n\n> <x>\n1\n\n").columns == {"x": ["1"]}


def test_fields_that_differ_in_case_are_recorded(table):
    found = table(block() + "> <Active>\n1\n\n", block() + "> <active>\n0\n\n")
    assert found.columns == {"Active": ["1", ""], "active": ["", "0"]}
    assert found.repeated == {"Active", "active"}


def test_a_field_may_hold_the_smiles(table):
    found = table(block() + "> <x>\n1\n\n", block() + "> <parent>\nCCN\n\n", smiles_column="Parent")
    assert (found.smiles, found.columns, found.smiles_column) == (["", "CCN"], {"x": ["1", ""]}, "parent")
    with pytest.raises(InputError, match="no column 'parnt'"):
        table(block() + "> <parent>\nCCN\n\n", smiles_column="parnt")


def test_enhanced_stereo_stays_marked(table):
    racemate = Chem.MolToV3KMolBlock(Chem.MolFromSmiles("C[C@H](N)C(=O)O |&1:1|"))
    assert table(racemate).smiles == ["C[C@H](N)C(=O)O |&1:1|"]


def test_other_files_have_no_records(tmp_path):
    (tmp_path / "a.csv").write_text("smiles\nC1\nCCO\n")
    found = read_table(tmp_path / "a.csv")
    assert (found.records, found.word, found.row(1)) == (None, "line", 3)
