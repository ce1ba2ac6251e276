"""Delimited files: quotation marks, names of rows, ends of lines, and headers, read right or refused."""

import pytest

from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError

A = "CCOc1nn(-c2cccc(OCc3ccccc3)c2)c(=O)o1"
B = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"


@pytest.fixture
def table(tmp_path):
    def read(text, name="a.csv", **options):
        path = tmp_path / name
        path.write_text(text, newline="")
        return read_table(path, **options)

    return read


def reasons(table):
    return [(row.line, row.reason) for row in table.rejected]


class TestMarksInTabSeparatedFiles:
    def test_lone_marks_swallow_no_row(self, table):
        rows = [f'{B}\t"A-ring analog\t90000', "CCO\tx\t1", "CCN\ty\t2", f'{A}\tB-ring analog"\t20']
        found = table("\n".join(["SMILES\tName\tIC50 (nM)", *rows]), "a.tsv")
        assert found.smiles == [B, "CCO", "CCN", A]
        assert found.columns["IC50 (nM)"] == ["90000", "1", "2", "20"]
        assert found.columns["Name"] == ['"A-ring analog', "x", "y", 'B-ring analog"']

    def test_inches_are_no_quotes(self, table):
        assert table('smiles\tname\nCCO\t5" pipe\n', "a.tsv").columns["name"] == ['5" pipe']

    def test_pairs_of_marks_enclose_a_field(self, table):
        assert table(f'"smiles"\t"name"\n"{A}"\t"say ""x"""\n', "a.tsv").columns["name"] == ['say "x"']

    def test_marks_enclose_tabs_and_line_breaks_where_only_that_fits(self, table):
        found = table(f'smiles\tname\tx\n{A}\t"two\nlines"\t1\n{B}\t"a\tb"\t2\n', "a.tsv")
        assert found.columns == {"name": ["two\nlines", "a\tb"], "x": ["1", "2"]}

    def test_a_tab_within_marks_in_every_row_is_quoted(self, table):
        found = table(f'smiles\tname\tx\n{A}\t"a\tb"\t1\n{B}\t"c\td"\t0\n', "a.tsv")
        assert found.columns["x"] == ["1", "0"]

    def test_what_fits_neither_way_is_refused_with_its_line(self, table):
        text = f'smiles\tname\tx\n{A}\t"a\tb"\t2\n{B}\t"z\t3\n'
        with pytest.raises(InputError, match=r"a\.tsv, line 2: a field begins with a quotation mark"):
            table(text, "a.tsv")

    def test_a_damaged_mark_among_quoted_names_is_refused(self, table):
        with pytest.raises(InputError, match="line 2: a field begins with a quotation mark"):
            table(f'"smiles"\t"name"\n"{A}"\t"z\n', "a.tsv")


class TestMarksInCommaSeparatedFiles:
    def test_a_field_with_line_break_and_delimiter_costs_its_row(self, table):
        found = table(f'smiles,name,x\n{B},"A-ring,90000\nCCN,B-ring",20\n{A},n,1\n')
        assert found.smiles == [A]
        said = "a quoted field runs from line 2 to line 3 and holds delimiters: a quotation mark may be missing"
        assert reasons(found) == [(2, said)]

    def test_swallowed_rows_refuse_the_file(self, table):
        with pytest.raises(InputError, match="from line 2 to line 5, and lines within it look like rows"):
            table(f'smiles,name,x\n{B},"A-ring,90000\n{A},y,5\nCCO,z,7\nCCN,B-ring",20\n')

    def test_a_header_that_swallows_rows_is_refused(self, table):
        with pytest.raises(InputError, match="from line 1 to line 4, and lines within it look like rows"):
            table(f'smiles,x,"name\n{A},1,a\n{B},0,b\nCCN,1,"\nCCC,1,c\n')

    def test_a_comment_of_several_lines_is_a_value(self, table):
        found = table(f'smiles,note\n{A},"two\nlines"\n{B},"a, b"\n')
        assert found.columns["note"] == ["two\nlines", "a, b"]
        assert list(found.lines) == [2, 4]

    @pytest.mark.parametrize("name", ["IC50\n(nM)", "IC50\r\n(nM)", "IC50 \n (nM)"])
    def test_a_line_break_in_a_name_is_a_blank(self, name, table):
        found = table(f'smiles,"{name}"\n{A},5\n')
        assert (found.columns, list(found.lines)) == ({"IC50 (nM)": ["5"]}, [2 + name.count("\n")])

    def test_the_first_name_may_have_line_break_and_delimiter(self, table):
        assert table(f'"IC50\n(nM, mean)",smiles\n5,{A}\n').columns == {"IC50 (nM, mean)": ["5"]}

    def test_a_line_break_within_smiles_is_no_molecule(self, table):
        assert reasons(table('smiles,x\n"CCO\nCCN",1\n')) == [(2, "a line break within the SMILES")]


@pytest.mark.parametrize(
    ("first", "delimiter"), [("sep=;", ";"), ('"sep=,"', ","), ("SEP=\t", "\t"), ("sep=|", "|"), ("sep=,,,", ",")]
)
def test_the_first_line_of_excel_names_the_delimiter(first, delimiter, table):
    found = table("\n".join([first, f"smiles{delimiter}x", f"{A}{delimiter}1.5"]))
    assert (found.smiles, found.columns, list(found.lines)) == ([A], {"x": ["1.5"]}, [3])


class TestLinesAboveTheHeader:
    @pytest.mark.parametrize(
        "above",
        ["# exported by LIMS, 2024\n", "#exported\n\n# SMILES, IC50 from ChEMBL\n", '"# a, b"\n', "sep=,\n# title,,\n"],
    )
    def test_comments_are_passed_over(self, above, table):
        found = table(f"{above}smiles,x\n{A},1\n")
        assert (found.smiles, found.columns, list(found.lines)) == ([A], {"x": ["1"]}, [above.count("\n") + 2])

    @pytest.mark.parametrize("header", ["#SMILES,x", "# smiles,x", "#,smiles", '"#Canonical SMILES",x'])
    def test_a_header_may_begin_as_a_comment(self, header, table):
        above = f"# exported\n{header}\n"
        row = f"1,{A}" if header == "#,smiles" else f"{A},1"
        for text in (above, above.partition("\n")[2]):
            assert table(f"{text}{row}\n").smiles == [A]

    def test_the_named_column_tells_the_header(self, table):
        for text in (f"# exported\n#Parent,x\n{A},1\n", f"# Parent or not\n#Parent,x\n{A},1\n"):
            assert table(text, smiles_column="#Parent").smiles == [A]


class TestBars:
    def test_they_part_fields(self, table):
        found = table(f'smiles|IC50 (nM)|"a|b"\n{A}|5|x\n')
        assert (found.smiles, found.columns) == ([A], {"IC50 (nM)": ["5"], "a|b": ["x"]})

    def test_they_part_none_beside_another_delimiter(self, table):
        assert table(f"smiles,a|b|c\n{A},1\n").columns == {"a|b|c": ["1"]}

    def test_those_of_an_extension_part_none(self, table):
        assert table("C[C@H](N)O |&1:1| racemate\n", "a.txt").columns == {"name": ["racemate"]}


@pytest.mark.parametrize("row", ['{},="5",="="', '{},"=""5""","=""="""', '="{}",="5",="="'])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_cells_that_are_kept_from_excel_are_unwrapped(row, delimiter, table):
    text = f"smiles,IC50,relation\n{row.format(A)}\n".replace(",", delimiter)
    found = table(text, "a.csv" if delimiter == "," else "a.tsv")
    assert (found.smiles, found.columns) == ([A], {"IC50": ["5"], "relation": ["="]})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"smiles": "CCO", "x": 1}\n{"smiles": "CCN", "x": 2}\n', "JSON"), ('[{"smiles": "CCO"}]', "JSON"),
        ("<html><table><tr><td>smiles</td></tr></table></html>", "HTML"), ("\n<!DOCTYPE html>\n<head>", "HTML"),
        ("<TABLE border=1>\n<tr><td>smiles", "HTML"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl", "a.xls"])
def test_text_that_is_no_table_is_called_what_it_is(text, what, name, table):
    with pytest.raises(InputError, match=rf"holds {what}.*Save the table as CSV"):
        table(text, name)


class TestFieldsBesideTheNames:
    @pytest.mark.parametrize(
        "text",
        [
            f"smiles,active\n1,{A},1\n2,{B},0\n",
            f'"smiles","active"\n"1","{A}",1\n"2","{B}",0\n',
            f'"smiles" "active"\n"1" "{A}" 1\n"2" "{B}" 0\n',
            f"smiles\tactive\n1\t{A}\t1\n2\t{B}\t0\n",
            f"smiles,active,\n1,{A},1\n2,{B},0\n",
        ],
    )
    def test_names_of_rows_have_no_name(self, text, table):
        found = table(text)
        assert (found.smiles, found.columns["active"]) == ([A, B], ["1", "0"])
        assert found.columns["row names"] == ["1", "2"]

    def test_names_of_rows_before_an_empty_last_column(self, table):
        found = table(f"smiles,active,note\n1,{A},1,\n2,{B},0,\n")
        assert (found.smiles, found.columns["active"], found.columns["note"]) == ([A, B], ["1", "0"], ["", ""])

    @pytest.mark.parametrize(
        "text",
        [
            f"smiles,active\n{A},1,\n{B},0,\n",
            f"smiles,active,\n{A},1\n{B},0\n",
            f"smiles,active,\n{A},1,\n{B},0,\n",
            f"smiles,active,,,\n{A},1,,,\n{B},0,,,\n",
        ],
    )
    def test_delimiters_at_the_end_of_lines(self, text, table):
        found = table(text)
        assert (found.smiles, found.columns) == ([A, B], {"active": ["1", "0"]})

    def test_fields_beyond_the_names_are_kept_where_the_header_leaves_room(self, table):
        assert table(f"smiles,IC50 (uM),\n{A},9,5\n{B},10,5\n").columns["column 3"] == ["5", "5"]

    def test_a_column_without_name_and_cells_is_none(self, table):
        assert list(table(f"smiles,,x\n{A},,1\n").columns) == ["x"]

    def test_two_possible_readings_are_refused_with_both(self, table):
        with pytest.raises(InputError, match=r"either the first field is the name of the row.*or the last.*both are"):
            table(f"smiles,parent\n{A},{B},\n{B},{A},\n")

    def test_no_possible_reading_is_refused(self, table):
        with pytest.raises(InputError, match="neither is SMILES"):
            table("smiles,active\nx1,y,1\nx2,y,0\n")

    def test_a_decimal_comma_is_no_name_of_a_row(self, table):
        found = table(f"smiles,ic50\n{A},750,5\n{B},1,0\n")
        assert not found.smiles
        assert {row.kind for row in found.rejected} == {"wrong number of fields"}

    def test_a_single_longer_row_changes_no_reading(self, table):
        found = table(f"smiles,active\n1,{A},1\n{B},0\n")
        assert (found.smiles, found.columns) == ([B], {"active": ["0"]})


class TestHeaders:
    def test_the_same_header_again_is_no_row(self, table):
        found = table(f"smiles,active\n{A},1\nSMILES,Active\n{B},0\n")
        assert (found.smiles, reasons(found)) == ([A, B], [(3, "the header again")])

    @pytest.mark.parametrize(
        "second",
        [
            "smiles,inactive", "active,smiles", "smiles,x,active", "Canonical SMILES,active", "Ligand SMILES,IC50 (nM)",
            "Structure,IC50 (nM)", "Canonical-Smiles,5", "IC50 (nM),Canonical SMILES", "rdkit_smiles,y",
        ],
    )  # fmt: skip
    def test_another_header_refuses_the_file(self, second, table):
        with pytest.raises(InputError, match=r"a\.csv, line 3: a second header, which isn't the first"):
            table(f"smiles,active\n{A},1\n{second}\n{B},0\n")

    @pytest.mark.parametrize("row", ["no SMILES,1", "drug,0", "SMILES missing,", ",SMILES missing", "CCO,smiles"])
    def test_a_word_in_place_of_a_structure_is_no_header(self, row, table):
        assert table(f"smiles,note\n{A},1\n{row}\n").smiles == [A, row.split(",")[0]]

    def test_a_molecule_called_smiles_is_a_row(self, table):
        assert table("smiles,name,a,b\nCCO,SMILES,1,2\n").columns["name"] == ["SMILES"]

    def test_names_that_occur_twice_are_recorded(self, table):
        found = table(f"smiles,Activity,x,activity,x,y\n{A},1,2,3,4,5\n")
        assert list(found.columns) == ["Activity", "x", "activity", "x (2)", "y"]
        assert found.repeated == {"Activity", "activity", "x"}
        assert table(f"smiles,x,\n{A},1,2\n").repeated == frozenset()

    @pytest.mark.parametrize("names", ["smiles,smiles", "SMILES,Smiles", "smiles,SMILES"])
    def test_two_columns_of_smiles_must_agree(self, names, table):
        assert table(f"{names}\n{A},{A}\n").smiles == [A]
        with pytest.raises(InputError, match=r"two columns of SMILES.*differ in line 3.*`smiles_column`"):
            table(f"{names}\n{A},{A}\n{A},{B}\n")

    def test_an_exact_name_chooses_between_columns_of_smiles(self, table):
        assert table(f"smiles,SMILES\n{A},{B}\n", smiles_column="SMILES").smiles == [B]
        assert table(f"smiles,smiles\n{A},{B}\n", smiles_column="smiles (2)").smiles == [B]

    def test_a_name_that_fits_two_columns_is_refused(self, table):
        with pytest.raises(InputError, match=r"several columns are called 'parent'.*'Parent', 'PARENT'"):
            table(f"Parent,PARENT\n{A},{B}\n", smiles_column="parent")


def test_rows_without_anything_are_passed_over(table):
    found = table(f"smiles,x\n{A},1\n,\n  \n,,\n{B},2\n")
    assert (found.smiles, list(found.lines), found.rejected) == ([A, B], [2, 6], ())
