"""Files that a breaker of the reader found to be misread: each is read right now, or refused with what settles it."""

import pytest

from fluidmol.chem.intake.check import check_file
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import FluidError, InputError

SMILES = ("CCO", "CCN", "CCC", "CCCl", "CCBr", "CCF")
POTENT = (5, 30, 150, 700, 60, 15)
"""In nM; read in uM most of them would be inactive."""


def values(title, numbers=POTENT):
    rows = "".join(f"{smiles},{number}\n" for smiles, number in zip(SMILES, numbers, strict=True))
    return f'smiles,"{title}"\n{rows}'


@pytest.fixture
def read(tmp_path):
    def checked(text, column, **said):
        file = tmp_path / "file.csv"
        file.write_text(text)
        said = {"threshold": 10, "unit": "uM"} | said
        return [row.active for row in check_file(file, OutcomeColumns(value_column=column, **said)).rows]

    return checked


@pytest.mark.parametrize("title", ["IC50..nM.", "IC50 <nM>", "IC50=nM", "IC50_nmol_L", "Activity (IC50, nM)", "IC50nM"])
def test_units_in_titles_of_other_programs_are_read(read, title):
    assert read(values(title), title) == [True] * 6


@pytest.mark.parametrize(
    "title",
    ["IC50 (nano M)", "IC50_nmol", "IC50_M", "IC50...M.", "ic50_n_m", "1/IC50 (uM)", "IC50 (x1000 nM)", "IC50 (nM-1)",
     "IC50 rank", "IC50 SD", "IC50_ug_mL", "IC50.mg.L", "Activity.at.10.uM", "Percent inhibition at 10 uM",
     "IC50 > (uM)", "delta pIC50", "log1/IC50"],
)  # fmt: skip
def test_titles_that_may_mean_something_else_are_refused(read, title):
    with pytest.raises(FluidError, match=r"`value_unit`|by its name|looks like -log10"):
        read(values(title), title)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        (values("IC50"), "IC50", "`value_unit`"),
        ("smiles,IC50\nCCO,5\nCCN,20\n\"All IC50 values in nM\",\n", "IC50", "speaks of nM"),
        ("smiles,value,type\nCCO,5,IC50 (nM)\nCCN,30,IC50 (nM)\n", "value", "speaks of nM"),
        ("smiles,AC50\nCCO,0.5\nCCN,-1.5\nCCC,1.9\n", "AC50", "negative numbers"),
        ("smiles,hERG,Nav1.5,unit\nCCO,5,50,nM\nCCN,8,30,nM\n", "hERG", "`units_column`"),
        ("smiles,IC50 (nM),IC50_text\nCCO,5,5\nCCN,3000,>3000\nCCC,8000,>8000\n", "IC50 (nM)", "IC50_text"),
        ("smiles,pIC50_relation,IC50_nM\nCCO,=,5\nCCN,<,3000\n", "IC50_nM", "`relation_column`"),
        ("smiles,IC50 (uM),\nCCO,9,5\nCCN,10,5\n", "IC50 (uM)", "decimal commas may have parted"),
        ("smiles,hERG,CYP\n,IC50 (ug/mL),\nCCO,5,1\nCCN,30,5\n", "hERG", "no molar concentration"),
    ],
)  # fmt: skip
def test_files_that_leave_it_open_are_refused(read, text, column, said):
    with pytest.raises(InputError, match=said):
        read(text, column)


def test_relations_beside_a_concentration_may_be_those_of_its_p_value(read, tmp_path):
    text = "smiles,IC50 (nM),pIC50\nCCO,5,8.3\nCCN,>30000,4.52\nCCC,>3000,5.52\n"
    with pytest.raises(InputError, match="has the values of 'pIC50' with relations"):
        read(text, "pIC50", threshold=5, unit="p")


def test_a_second_header_states_the_unit(read):
    assert read("smiles,hERG,CYP\n,IC50 (nM),IC50 (nM)\nCCO,5,1\nCCN,30000,5\n", "hERG") == [None, True, False]


def test_relations_in_words_are_used(read):
    text = "smiles,IC50 (nM),operator\nCCO,5,\nCCN,3000,GREATER_THAN\nCCC,80000,GREATER_THAN\n"
    assert read(text, "IC50 (nM)") == [True, None, False]


def test_types_beside_a_neutral_title_are_looked_at(read):
    text = "smiles,standard_type,value\nCCO,IC50,5\nCCN,pIC50,6.5\nCCC,Ki,30\nCCF,Inhibition,7\n"
    assert read(text, "value") == [True, None, False, None]


def test_a_number_that_a_program_rounded_is_at_the_threshold(read):
    assert read("smiles,IC50 (uM)\nCCO,10.000000000000002\nCCN,10.01\n", "IC50 (uM)") == [True, False]


@pytest.mark.parametrize("title", ["inactive", "InActive", "decoy", "non_blocker", "not active", "nontoxic", "inaktiv"])
def test_class_columns_whose_names_negate_are_refused(tmp_path, title):
    file = tmp_path / "file.csv"
    file.write_text(f"smiles,{title}\nCCO,1\nCCN,0\n")
    with pytest.raises(InputError, match="opposite of active"):
        check_file(file, OutcomeColumns(active_column=title))


def test_a_single_letter_is_no_class(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("smiles,class\nCCO,I\nCCN,I\n")
    with pytest.raises(InputError, match="doesn't state a class"):
        check_file(file, OutcomeColumns())


def test_names_that_could_be_structures_give_way_to_smiles(read):
    text = "Drug,Ligand SMILES,IC50 (uM)\nFCCP,CCO,5\nCCCP,CCN,30\naspirin,CCC,5\n"
    assert read(text, "IC50 (uM)") == [True, False, True]
