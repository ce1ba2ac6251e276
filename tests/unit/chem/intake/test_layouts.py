"""Files as people have them: each layout is read in full, and each known confusion is read right or refused."""

import csv
import gzip
import io
import random
import re
import subprocess
import sys
from types import MappingProxyType

import openpyxl
import pytest
from layouts import LAYOUTS, judge
from layouts.writers import molblock, write_excel, write_parquet, write_sdf
from typer.testing import CliRunner

from fluidmol.chem.intake.check import check_file
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.cli.data import app
from fluidmol.errors import FluidError, InputError, UsageError

A, B = "CCOc1nn(-c2cccc(OCc3ccccc3)c2)c(=O)o1", "Cn1cnc2c1c(=O)n(C)c(=O)n2C"
B_CANONICAL = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
DOCUMENTED = (
    "ChEMBL web export", "ChEMBL client dump", "BindingDB", "PubChem", "MELLODDY", "KNIME", "German Excel", "R",
    "Excel", "SDF", "own", "classes",
)  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Read a file: the class by row, and what the reader says of it."""

    def reader(content, name="table.csv", **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = check_file(path, OutcomeColumns(**said))
        for row in found.rows:
            assert (row.active is None) == bool(row.reason)
        return {row.row: row.active for row in found.rows}, found

    return reader


@pytest.fixture
def read_or_refuse(read):
    """Read a file; where it is refused, no row has a class, and the words are the refusal's."""

    def reader(content, name="table.csv", **said):
        try:
            classes, found = read(content, name, **said)
        except FluidError as refused:
            return {}, str(refused)
        return classes, "\n".join([found.line, *found.cautions, *(row.reason for row in found.rows)])

    return reader


@pytest.mark.parametrize("layout", DOCUMENTED)
def test_each_documented_layout_is_read_in_full(layout, tmp_path):
    generator, _ = LAYOUTS[layout]
    cases = [case for case in (generator(random.Random(f"{layout} {i}")) for i in range(12)) if case.plain]
    assert len(cases) >= 4
    for case in cases[:6]:
        judged = judge(case, tmp_path)
        assert judged.read == judged.decidable, f"{judged}\n{case.text()}"


class TestCompanionsOfTheValueColumn:
    """Units and relations go with the column of values, not with a fixed order of names."""

    RAW = (
        "canonical_smiles,relation,standard_relation,standard_units,standard_value,units,value\n"
        f"{A},=,=,nM,750.0,uM,0.75\n"
    )

    @pytest.mark.parametrize("value", ["standard_value", "value"])
    def test_standard_and_raw_columns_have_their_own_units(self, read, value):
        classes, found = read(self.RAW, value_column=value, threshold=1, unit="uM")
        assert classes == {2: True}
        assert found.rows[0].unit == {"standard_value": "nM", "value": "uM"}[value]
        assert {"standard_value": "standard_units", "value": "units"}[value] in found.line

    @pytest.mark.parametrize(("value", "active"), [("standard_value", False), ("value", None)])
    def test_standard_and_raw_columns_have_their_own_relations(self, read, value, active):
        text = f"smiles,relation,standard_relation,standard_units,standard_value,units,value\n{A},<,>,nM,20000,uM,20\n"
        text += f"{B},=,=,nM,750,uM,0.75\n"
        assert read(text, value_column=value, threshold=10, unit="uM")[0] == {2: active, 3: True}

    @pytest.mark.parametrize(
        "text",
        [
            f"smiles,value,units,unit\n{A},750,nM,uM\n",
            f"smiles,IC50_nM,relation,qualifier\n{A},20000,<,>\n",
            f"smiles,IC50_nM,relation,operator\n{A},20000,=,>\n",
        ],
    )
    def test_candidates_that_disagree_stop_the_run(self, read, text):
        value = text.split(",")[1]
        with pytest.raises(FluidError) as caught:
            read(text, value_column=value, threshold=10, unit="uM")
        for name in text.split("\n")[0].split(",")[2:]:
            assert name in str(caught.value)

    def test_the_user_settles_which_companion_is_meant(self, read):
        text = f"smiles,value,units,unit,relation,qualifier\n{A},20000,nM,uM,>,=\n{B},750,nM,uM,=,=\n"
        said = {"value_column": "value", "threshold": 10, "unit": "uM", "units_column": "units"}
        assert read(text, **said, relation_column="relation")[0] == {2: False, 3: True}
        assert read(text, **said, relation_column="qualifier")[0] == {2: False, 3: True}
        assert read(text, **{**said, "threshold": 30}, relation_column="relation")[0] == {2: None, 3: True}
        assert read(text, **{**said, "threshold": 30}, relation_column="qualifier")[0] == {2: True, 3: True}


class TestTheScale:
    """A value is on the p scale or a concentration; a contradiction is never settled silently."""

    def test_a_units_column_of_concentrations_does_not_turn_p_values_into_such(self, read_or_refuse):
        text = f"Smiles;Standard Value;Standard Units;pChEMBL Value\n{B};398107;nM;3.4\n"
        classes, _ = read_or_refuse(text, value_column="pChEMBL Value", threshold=5, unit="p")
        assert classes == {2: False}

    def test_the_same_with_another_name(self, read_or_refuse):
        text = f"smiles,value,units,pIC50\n{B},398107,nM,3.4\n"
        assert read_or_refuse(text, value_column="pIC50", threshold=5, unit="p")[0] == {2: False}

    def test_p_values_called_nanomolar_are_not_taken_silently(self, read):
        text = f"smiles,standard_value,standard_units\n{B},3.4,nM\n"
        with pytest.raises(FluidError, match="nM"):
            read(text, value_column="standard_value", threshold=5, unit="p")

    @pytest.mark.parametrize("relation", ["relation", "standard_relation", "IC50_relation"])
    def test_a_relation_carried_over_to_the_p_scale_makes_no_weak_compound_active(self, read_or_refuse, relation):
        text = f"smiles,{relation},pIC50\n{B},>,5.0\n"
        classes, words = read_or_refuse(text, value_column="pIC50", threshold=5, unit="p")
        assert classes.get(2) is not True
        assert "relation" in words

    def test_the_same_among_others(self, read_or_refuse):
        text = f"smiles,relation,pIC50\n{B},>,4.5\n{A},=,7.1\nCCO,=,6.2\nCCN,>,4.5\n"
        classes, words = read_or_refuse(text, value_column="pIC50", threshold=4.5, unit="p")
        assert True not in {classes.get(2), classes.get(5)}
        assert "relation" in words

    def test_relations_of_the_p_values_themselves_are_honoured(self, read):
        text = f"smiles,pIC50_relation,pIC50\n{B},<,4.5\n{A},=,7.1\nCCO,=,6.2\nCCN,<,5.0\n"
        assert read(text, value_column="pIC50", threshold=5, unit="p")[0] == {2: False, 3: True, 4: True, 5: False}

    def test_numbers_beyond_any_p_value_are_no_p_values(self, read_or_refuse):
        text = f"smiles,activity\n{B},39810\n{A},750\nCCO,120\n"
        classes, _ = read_or_refuse(text, value_column="activity", threshold=5, unit="p")
        assert set(classes.values()) <= {None}

    def test_a_logarithm_is_no_concentration(self, read_or_refuse):
        text = f"smiles,logIC50 (nM)\n{B},5.6\n{A},2.87\n"
        classes, _ = read_or_refuse(text, value_column="logIC50 (nM)", threshold=10, unit="uM")
        assert classes.get(2) is not True


class TestTheUnit:
    """The file's unit is used wherever it stands, and what isn't stated isn't guessed."""

    @pytest.mark.parametrize(
        "name", ["IC50 (nM)", "Ki [nM]", "ic50_nM", "IC50, nM", "IC50 nM", "ic50_nm", "IC50 (nmol/L)"]
    )
    def test_a_unit_in_the_header_is_used(self, read, name):
        text = f'smiles,"{name}"\n{B},90000\n{A},750\nCCO,10000\n'
        classes, found = read(text, value_column=name, threshold=10, unit="uM")
        assert classes == {2: False, 3: True, 4: True}
        assert "nM" in found.line
        assert found.rows[0].unit == "nM"

    def test_a_unit_in_a_row_below_the_header_is_used(self, read):
        text = (
            "PUBCHEM_RESULT_TAG,PUBCHEM_EXT_DATASOURCE_SMILES,PUBCHEM_ACTIVITY_OUTCOME,IC50\n"
            "RESULT_TYPE,,,FLOAT\nRESULT_DESCR,,,Concentration of half effect\nRESULT_UNIT,,,NANOMOLAR\n"
            f"1,{B},Inactive,90000\n2,{A},Active,750\n"
        )
        classes, _ = read(text, value_column="IC50", threshold=10, unit="uM")
        assert (classes[5], classes[6]) == (False, True)
        assert {state for row, state in classes.items() if row < 5} <= {None}

    @pytest.mark.parametrize(("value", "units"), [("value", "units"), ("standardValue", "units"), ("value", "conc")])
    @pytest.mark.parametrize("value_unit", ["uM", "p"])
    def test_a_units_column_that_contradicts_the_user_stops_the_run(self, read, value, units, value_unit):
        text = f"smiles,{value},{units}\n{A},3,nM\n{B},8,nM\n"
        with pytest.raises(FluidError, match=units) as caught:
            read(text, value_column=value, threshold=5, unit=value_unit, value_unit=value_unit)
        assert "nM" in str(caught.value)

    @pytest.mark.parametrize("value_unit", ["uM", "p"])
    def test_a_header_that_contradicts_the_user_stops_the_run(self, read, value_unit):
        with pytest.raises(FluidError, match="nM") as caught:
            read(
                f"smiles,IC50 (nM)\n{B},90000\n",
                value_column="IC50 (nM)",
                threshold=10,
                unit="uM",
                value_unit=value_unit,
            )
        assert value_unit in str(caught.value)

    def test_a_header_that_contradicts_the_units_column_stops_the_run(self, read):
        with pytest.raises(FluidError) as caught:
            read(f"smiles,IC50 (nM),units\n{B},90000,uM\n", value_column="IC50 (nM)", threshold=10, unit="uM")
        assert "nM" in str(caught.value)
        assert "uM" in str(caught.value)

    def test_magnitudes_that_the_assumed_unit_does_not_allow_are_pointed_out(self, read_or_refuse):
        rows = "\n".join(f"{'C' * i}O,{value}" for i, value in enumerate([90000, 750, 12500, 46000, 230000, 8100], 1))
        classes, words = read_or_refuse(f"smiles,ic50\n{rows}\n", value_column="ic50", threshold=10, unit="uM")
        assert not classes or "nM" in words

    @pytest.mark.parametrize("blank", ["", "NA"])
    def test_a_blank_unit_among_others_is_no_unit(self, read, blank):
        text = f"smiles,type,value,units\n{A},IC50,750,nM\n{B},Log IC50,4.1,{blank}\nCCO,IC50,90000,nM\n"
        classes, found = read(text, value_column="value", threshold=10, unit="uM")
        assert classes == {2: True, 3: None, 4: False}
        assert "unit" in found.rows[1].reason

    @pytest.mark.parametrize("name", ["IC50 (x1000 nM)", "IC50 (nM-1)", "IC50 (1/uM)", "IC50 (mМ)", "IC50 (ÂµM)"])
    def test_a_unit_that_is_not_understood_is_not_passed_over(self, read_or_refuse, name):
        classes, words = read_or_refuse(f"smiles,{name}\n{A},90\n{B},0.7\n", value_column=name, threshold=10, unit="uM")
        assert not classes
        assert name in words

    @pytest.mark.parametrize("name", ["Inhibition (%)", "IC50 (ug/mL)", "inhibition [%]"])
    def test_another_unit_than_a_molar_one_is_refused_by_name(self, read, name):
        with pytest.raises(FluidError, match=re.escape(name)):
            read(f"smiles,{name}\n{A},7.5\n", value_column=name, threshold=10, unit="uM")

    def test_units_are_converted_exactly(self, read):
        text = f"smiles,value,units\n{A},10000,nM\n{B},10.000001,uM\nCCO,0.00001,M\nCCN,0.01,mM\nCCC,10000001,pM\n"
        assert read(text, value_column="value", threshold=10, unit="uM")[0] == {
            2: True, 3: False, 4: True, 5: True, 6: False
        }  # fmt: skip


class TestNamesOfCompanions:
    """Relations and units are found under other names, and by what stands in the column."""

    @pytest.mark.parametrize(
        "name",
        [
            "standard_qualifier", "ic50_relation", "activity_qualifier", "modifier", "Qualifier", "IC50 Qualifier",
            "operator", "standardRelation", "sign", "Vorzeichen", "xyz",
        ],
    )  # fmt: skip
    def test_a_relation_is_never_ignored(self, read_or_refuse, name):
        text = f"smiles,{name},IC50_nM\n{B},>,10000\n{A},=,750\nCCO,>,5000\n"
        classes, words = read_or_refuse(text, value_column="IC50_nM", threshold=10, unit="uM")
        assert classes in ({2: False, 3: True, 4: None}, {})
        assert name in words

    @pytest.mark.parametrize("name", ["standard_qualifier", "ic50_relation", "activity_qualifier", "modifier"])
    def test_these_relations_are_used(self, read, name):
        text = f"smiles,{name},IC50_nM\n{B},>,10000\n{A},=,750\nCCO,>,5000\n"
        assert read(text, value_column="IC50_nM", threshold=10, unit="uM")[0] == {2: False, 3: True, 4: None}

    @pytest.mark.parametrize("name", ["IC50 units", "standardUnits", "ic50_unit", "Einheit", "uom", "xyz"])
    def test_a_unit_is_never_ignored(self, read_or_refuse, name):
        text = f"smiles,IC50,{name}\n{B},90000,nM\n{A},750,nM\n"
        classes, words = read_or_refuse(text, value_column="IC50", threshold=10, unit="uM")
        assert classes in ({2: False, 3: True}, {})
        assert name in words

    @pytest.mark.parametrize("quoted", ["'>'", "\"'>'\"", ">"])
    def test_a_relation_in_quotes_is_one(self, read, quoted):
        text = f"Smiles;Standard Relation;Standard Value;Standard Units\n{B};{quoted};10000;nM\n{A};'=';750;nM\n"
        assert read(text, value_column="Standard Value", threshold=10, unit="uM")[0] == {2: False, 3: True}

    @pytest.mark.parametrize("sign", ["&gt;", "＞", "gt", "greater than"])
    def test_a_relation_in_words_or_other_signs_is_never_ignored(self, read_or_refuse, sign):
        text = f"smiles,IC50_nM,modifier\n{B},5000,{sign}\n{A},750,exact\nCCO,20,exact\n"
        classes, _ = read_or_refuse(text, value_column="IC50_nM", threshold=10, unit="uM")
        assert classes.get(2) is None

    @pytest.mark.parametrize(
        "names", ["hERG_IC50 value,hERG_IC50_mod", "Ki,Ki_relation", "hERG IC50 (nM),hERG qualifier"]
    )
    def test_relations_of_another_quantity_are_not_ours(self, read_or_refuse, names):
        text = f"smiles,IC50 (nM),{names}\n{A},68,2,\n{B},9000,4,>\nCCO,20000,9,<\n"
        classes, _ = read_or_refuse(text, value_column="IC50 (nM)", threshold=10, unit="uM")
        assert classes in ({2: True, 3: True, 4: False}, {})

    def test_companions_of_another_assay_are_not_ours(self, read_or_refuse):
        text = f"smiles,IC50_nM,sol_value,sol_units,sol_relation\n{B},20000,3,uM,<\n{A},750,20,uM,>\n"
        classes, _ = read_or_refuse(text, value_column="IC50_nM", threshold=10, unit="uM")
        assert classes in ({2: False, 3: True}, {})


class TestText:
    """Quotes, line breaks and stray delimiters swallow and shift nothing."""

    def test_quotes_in_names_of_a_tsv_are_characters(self, read):
        text = (
            "SMILES\tName\tIC50 (nM)\n"
            f'{B}\t"A-ring analog\t90000\n{A}\taspirin\t750\nCCO\tethanol\t12500\nCCN\tB-ring analog"\t20\n'
        )
        classes, _ = read(text, "table.tsv", value_column="IC50 (nM)", threshold=10, unit="uM")
        assert classes == {2: False, 3: True, 4: False, 5: True}

    def test_a_tsv_that_is_really_quoted_is_read_so(self, read):
        text = f'"SMILES"\t"Name"\t"IC50 (nM)"\n"{B}"\t"left\tright"\t"90000"\n"{A}"\t"say ""hi"""\t"750"\n'
        assert read(text, "table.tsv", value_column="IC50 (nM)", threshold=10, unit="uM")[0] == {2: False, 3: True}

    def test_a_line_break_within_a_quoted_field_keeps_its_row(self, read):
        text = f'smiles,comment,IC50 (nM)\n{B},"two\nlines",90000\n{A},,750\n'
        assert read(text, value_column="IC50 (nM)", threshold=10, unit="uM")[0] == {2: False, 4: True}

    def test_a_field_that_swallowed_rows_is_refused_by_line(self, read_or_refuse):
        text = f'smiles,name,IC50 (nM)\n{B},"A-ring analog,90000\n{A},aspirin,750\nCCO,B-ring analog",20\n'
        classes, words = read_or_refuse(text, value_column="IC50 (nM)", threshold=10, unit="uM")
        assert classes.get(2) in {None, False}
        assert classes.get(2) is False or "2" in words

    def test_a_shifted_row_gets_no_class(self, read):
        text = f"smiles,name,IC50 (nM),Ki (nM)\n{B},1,1-dimethyl,90000,3\n{A},aspirin,750,80000\n"
        classes, found = read(text, value_column="IC50 (nM)", threshold=10, unit="uM")
        assert classes == {2: None, 3: True}
        assert "field" in found.rows[0].reason or "column" in found.rows[0].reason

    def test_trailing_commas_shift_nothing(self, read):
        for text in (
            f"smiles,IC50 (nM),year\n{B},90000,2010,\n{A},750,2011,\n",
            f"smiles,IC50 (nM),year,\n{B},90000,2010,\n{A},750,2011,\n",
        ):
            assert read(text, value_column="IC50 (nM)", threshold=10, unit="uM")[0] == {2: False, 3: True}

    def test_row_names_of_r_shift_nothing(self, read):
        text = f'"smiles"\t"IC50_nM"\t"Ki_nM"\n"1"\t"{B}"\t90000\t3\n"2"\t"{A}"\t750\tNA\n"3"\t"CCO"\tNA\t5\n'
        classes, _ = read(text, "table.txt", value_column="IC50_nM", threshold=10, unit="uM")
        assert classes == {2: False, 3: True, 4: None}

    def test_the_sep_line_of_excel_is_no_header(self, read):
        text = f"sep=;\r\nSMILES;IC50 [nM]\r\n{B};90000\r\n{A};750\r\n"
        classes, _ = read(text, value_column="IC50 [nM]", threshold=10, unit="uM")
        assert list(classes.values()) == [False, True]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_encodings_of_spreadsheets_are_read(self, read, encoding):
        text = f"Substanz;SMILES;IC50 [µM]\r\nübel;{B};90,5\r\nö;{A};0,75\r\n"
        assert read(text.encode(encoding), value_column="IC50 [µM]", threshold=10, unit="uM")[0] == {2: False, 3: True}


class TestMarks:
    """Decimal and thousands marks are decided once a column."""

    def test_points_are_thousands_where_commas_are_decimals(self, read):
        text = f"SMILES;IC50_nM\n{A};750,5\n{B};12.500\n"
        assert read(text, value_column="IC50_nM", threshold=10_000, unit="nM")[0] == {2: True, 3: False}

    def test_commas_are_thousands_where_points_are_decimals(self, read):
        text = f'SMILES,IC50_nM\n{A},750.5\n{B},"12,500"\n'
        assert read(text, value_column="IC50_nM", threshold=10_000, unit="nM")[0] == {2: True, 3: False}

    def test_three_decimals_with_a_comma_are_numbers_on_the_p_scale(self, read):
        text = f"SMILES;pIC50\n{A};6,125\n{B};4,250\n"
        assert read(text, value_column="pIC50", threshold=5, unit="p")[0] == {2: True, 3: False}

    def test_a_leading_zero_makes_it_a_decimal_mark(self, read):
        text = f"SMILES;IC50_uM\n{A};0,125\n{B};12,500\n"
        assert read(text, value_column="IC50_uM", threshold=10, unit="uM")[0] == {2: True, 3: False}
        assert read(text, value_column="IC50_uM", threshold=13, unit="uM")[0] == {2: True, 3: True}

    @pytest.mark.parametrize("mark", [".", ","])
    def test_marks_that_can_be_either_are_refused_or_settled_by_the_user(self, read, mark):
        text = f"SMILES;IC50_nM\n{A};7{mark}500\n{B};12{mark}500\n"
        said = {"value_column": "IC50_nM", "threshold": 10_000, "unit": "nM"}
        with pytest.raises(FluidError, match="decimal"):
            read(text, **said)
        assert read(text, **said, decimal=mark)[0] == {2: True, 3: True}
        assert read(text, **said, decimal="," if mark == "." else ".")[0] == {2: True, 3: False}

    @pytest.mark.parametrize("cell", ["12 500", "12'500", "5-50000", "1-May", "1_0", "0.1; 90000", "#DIV/0!", "inf"])
    def test_what_is_no_plain_number_is_not_read_as_another_one(self, read_or_refuse, cell):
        text = f"smiles;IC50_nM\n{A};750\n{B};{cell}\n"
        classes, _ = read_or_refuse(text, value_column="IC50_nM", threshold=10_000, unit="nM")
        assert classes.get(3) is not True


class TestClasses:
    """A column of classes keeps its rows; where two could be meant, the user decides."""

    TEXT = f"Smiles,Outcome,Toxicity\n{A},Positive,0\n{B},Negative,1\nCCO,Equivocal,1\n"

    def test_two_candidates_stop_the_run(self, read):
        with pytest.raises(FluidError, match="Outcome") as caught:
            read(self.TEXT)
        assert "Toxicity" in str(caught.value)

    def test_an_odd_value_is_a_rejected_row(self, read):
        classes, found = read(self.TEXT, active_column="Outcome")
        assert classes == {2: True, 3: False, 4: None}
        assert "Equivocal" in found.rows[2].reason

    @pytest.mark.parametrize("odd", ["Inconclusive", "equivocal", "Intermediate", "Unspecified", "AMBIGUOUS"])
    def test_undecided_words_are_rejected_rows(self, read, odd):
        assert read(f"smiles,activity\n{A},Active\n{B},Inactive\nCCO,{odd}\n")[0] == {2: True, 3: False, 4: None}

    @pytest.mark.parametrize("name", ["inactive", "non_blocker", "not active", "nontoxic"])
    def test_a_name_that_denies_the_class_does_not_turn_it_round(self, read_or_refuse, name):
        classes, words = read_or_refuse(f"smiles,{name}\n{A},1\n{B},0\n", active_column=name)
        assert classes in ({}, {2: False, 3: True})
        assert name in words

    def test_codes_of_pubchem_are_not_read_as_yes_and_no(self, read_or_refuse):
        classes, _ = read_or_refuse(f"smiles,PUBCHEM_ACTIVITY_OUTCOME\n{A},1\n{B},1\n")
        assert True not in classes.values()

    @pytest.mark.parametrize("said", [{}, {"active_column": "Active"}])
    def test_two_columns_of_one_name_stop_the_run(self, read, said):
        with pytest.raises(FluidError, match="Active"):
            read(f"smiles,Active,Active\n{A},1,0\n{B},0,1\n", **said)

    def test_two_columns_of_values_with_one_name_stop_the_run(self, read):
        with pytest.raises(FluidError, match="IC50_nM"):
            read(f"smiles,IC50_nM,IC50_nM\n{A},750,90000\n", value_column="IC50_nM", threshold=10, unit="uM")


class TestSdf:
    """Fields of an SDF are told apart, whatever stands between them."""

    @staticmethod
    def record(smiles, fields):
        return f"{molblock(smiles)}\n{fields}$$$$\n"

    def test_fields_without_blank_lines_between_them(self, read_or_refuse):
        text = self.record(B, "> <ID>\nX3\n> <Relation>\n>\n> <IC50_nM>\n10000\n")
        text += self.record(A, "> <ID>\nX4\n\n> <Relation>\n=\n\n> <IC50_nM>\n750\n\n")
        classes, _ = read_or_refuse(text, "a.sdf", value_column="IC50_nM", threshold=10, unit="uM")
        assert classes.get(1) in {False, None}
        assert classes.get(2) is True

    @pytest.mark.parametrize("cell", [">10000", "> 10000", ">  10000"])
    def test_a_value_that_begins_with_a_relation_is_no_header(self, read, cell):
        text = self.record(B, f"> <IC50_nM>\n{cell}\n\n> <ID>\nX3\n\n")
        assert read(text, "a.sdf", value_column="IC50_nM", threshold=10, unit="uM")[0] == {1: False}

    @pytest.mark.parametrize(("newline", "encoding"), [("\r", "utf-8"), ("\r\n", "utf-8"), ("\n", "utf-16")])
    def test_line_ends_and_encodings_of_other_systems(self, read, newline, encoding):
        written = write_sdf([("IC50_nM", ["90000", "750"])], [B_CANONICAL, A], newline=newline, encoding=encoding)
        classes, _ = read(written.data, "a.sdf", value_column="IC50_nM", threshold=10, unit="uM")
        assert classes == {1: False, 2: True}


class TestOtherFormats:
    """Workbooks and Parquet."""

    COLUMNS = (("smiles", [B, A]), ("IC50 (nM)", ["90000", "750"]))
    SAID = MappingProxyType({"value_column": "IC50 (nM)", "threshold": 10, "unit": "uM"})

    @pytest.mark.parametrize("binary", [False, True])
    def test_strings_of_parquet_are_read_as_text_or_as_bytes(self, read, binary):
        written = write_parquet(self.COLUMNS, binary=binary, typed=False)
        assert read(written.data, "a.parquet", **self.SAID)[0] == {2: False, 3: True}

    def test_a_sheet_of_a_workbook_is_read_by_name(self, read):
        written = write_excel(self.COLUMNS, front=True)
        assert read(written.data, "a.xlsx", sheet="Data", **self.SAID)[0] == {2: False, 3: True}

    def test_a_sheet_without_structures_is_passed_over(self, read):
        assert read(write_excel(self.COLUMNS, front=True).data, "a.xlsx", **self.SAID)[0] == {2: False, 3: True}

    def test_of_several_sheets_with_structures_none_is_chosen_silently(self, read):
        book = openpyxl.load_workbook(io.BytesIO(write_excel(self.COLUMNS, title="2019").data))
        sheet = book.create_sheet("2020")
        for row in (["smiles", "IC50 (nM)"], [B, 750], [A, 90000]):
            sheet.append(row)
        target = io.BytesIO()
        book.save(target)
        with pytest.raises(FluidError, match="2019") as caught:
            read(target.getvalue(), "a.xlsx", **self.SAID)
        assert "2020" in str(caught.value)
        assert read(target.getvalue(), "a.xlsx", sheet="2020", **self.SAID)[0] == {2: True, 3: False}

    def test_an_empty_row_of_a_workbook_shifts_no_number(self, read):
        columns = [("smiles", [B, "", A]), ("IC50 (nM)", ["90000", "", "750"])]
        classes, _ = read(write_excel(columns).data, "a.xlsx", **self.SAID)
        assert (classes[2], classes.get(3), classes[4]) == (False, None, True)

    def test_a_sheet_that_is_not_there_is_named_with_those_that_are(self, read):
        with pytest.raises(FluidError, match="Data"):
            read(write_excel(self.COLUMNS).data, "a.xlsx", sheet="Tabelle1", **self.SAID)

    def test_a_compressed_table_is_read(self, read):
        text = gzip.compress(f"smiles,IC50 (nM)\n{B},90000\n{A},750\n".encode())
        assert read(text, "a.csv.gz", **self.SAID)[0] == {2: False, 3: True}


class TestRows:
    """What is said of each row, and of the whole."""

    @pytest.mark.parametrize("salt", ["CC(=O)[O-].[Na+]", "C[N+](C)(C)CCO.[Cl-]"])
    def test_salts_of_listed_acids_are_compounds(self, read, salt):
        classes, found = read(f"smiles,active\n{salt},1\n{A},0\n")
        assert classes == {2: True, 3: False}
        assert found.rows[0].inchikey

    def test_a_duplicate_in_conflict_has_no_class(self, read):
        classes, found = read(f"smiles,active\n{A},1\n{A},0\n{B},1\n")
        assert classes == {2: None, 3: None, 4: True}
        assert "conflict" in found.rows[0].reason

    def test_when_every_row_is_rejected_the_reason_is_theirs(self, read_or_refuse):
        text = f"smiles,value,units\n{A},750,%\n{B},12,%\n"
        classes, words = read_or_refuse(text, value_column="value", threshold=10, unit="uM")
        assert set(classes.values()) <= {None}
        assert "unit" in words
        assert "%" in words

    def test_the_line_tells_how_the_file_was_read(self, read):
        text = (
            "canonical_smiles,standard_relation,standard_units,standard_value\n"
            f"{A},=,nM,750\n{B},>,nM,20000\nCCO,>,nM,500\n"
        )
        _, found = read(text, value_column="standard_value", threshold=10, unit="uM")
        for word in ("standard_value", "nM", "standard_units", "standard_relation", "10 uM", "1 of", "1 rejected"):
            assert word in found.line
        assert "\n" not in found.line


class TestCommand:
    """``fluid data check``."""

    TEXT = f"smiles,relation,IC50 (nM)\n{A},=,750\n{B},>,20000\nCCO,>,500\nnonsense,=,3\n"
    SAID = ("--value-column", "IC50 (nM)", "--threshold", "10", "--unit", "uM")

    def test_out_holds_each_row_with_its_class_or_its_reason(self, tmp_path):
        path, out = tmp_path / "a.csv", tmp_path / "out.csv"
        path.write_text(self.TEXT)
        result = CliRunner().invoke(app, ["check", str(path), *self.SAID, "--out", str(out)])
        assert result.exit_code == 0, result.output
        with out.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == ["row", "smiles", "inchikey", "value", "unit", "relation", "active", "reason"]
        assert [(row["row"], row["active"], bool(row["reason"])) for row in rows] == [
            ("2", "1", False), ("3", "0", False), ("4", "", True), ("5", "", True)
        ]  # fmt: skip
        assert (rows[1]["value"], rows[1]["unit"], rows[1]["relation"]) == ("20000", "nM", ">")
        assert len(rows[0]["inchikey"]) == 27

    def test_what_was_understood_is_printed(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text(self.TEXT)
        result = CliRunner().invoke(app, ["check", str(path), *self.SAID])
        plain = " ".join(result.output.split())
        assert "IC50 (nM)" in plain
        assert "10 uM" in plain
        assert "20000" in plain

    def test_every_option_reaches_the_reader(self, tmp_path):
        path, out = tmp_path / "a.csv", tmp_path / "out.csv"
        path.write_text(f"drawn;Zahl;E;V;x\n{A};7.500;nM;=;1\n{B};12.500;nM;=;2\nCCO;1.000;nM;>;3\n")
        options = ["--value-column", "Zahl", "--threshold", "10000", "--unit", "nM", "--smiles-column", "drawn"]
        options += ["--units-column", "E", "--relation-column", "V", "--decimal", ",", "--out", str(out)]
        result = CliRunner().invoke(app, ["check", str(path), *options])
        assert result.exit_code == 0, result.output
        with out.open(newline="") as file:
            assert [row["active"] for row in csv.DictReader(file)] == ["1", "0", ""]

    def test_a_contradiction_is_refused_with_both_readings(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text(self.TEXT)
        result = CliRunner().invoke(app, ["check", str(path), *self.SAID, "--value-unit", "uM"])
        assert isinstance(result.exception, InputError | UsageError)
        assert "nM" in str(result.exception)

    def test_the_exit_code_is_65_where_it_cannot_be_known(self, tmp_path):
        path, out = tmp_path / "a.csv", tmp_path / "out.csv"
        path.write_text(f"smiles,value,units,unit\n{A},750,nM,uM\n")
        program = "from fluidmol.cli.main import main; main()"
        command = [sys.executable, "-c", program, "data", "check", path, "--value-column", "value"]
        command += ["--threshold", "10", "--unit", "uM", "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 65, done.stderr
        assert "units" in done.stderr
        assert not out.exists()
