"""Excel: what people see in a sheet, or a refusal that says what to do."""

import datetime
import io
import sys
import zipfile

import pytest

from fluidmol.chem.intake.formats import excel
from fluidmol.chem.intake.formats.number_format import shown
from fluidmol.chem.intake.stream import entries
from fluidmol.chem.intake.table import Exact
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, UnavailableError, UsageError

HEADER = ["smiles", "x"]
ROW = ["CCO", 1]


@pytest.fixture
def book(tmp_path, workbook):
    def written(name="a.xlsx", **sheets):
        path = tmp_path / name
        path.write_bytes(workbook(**sheets))
        return path

    return written


class TestCells:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1, "1"), (2.0, "2"), (0.1, "0.1"), (1e-9, "1e-09"), (6.02345678901234, "6.02345678901234"), (-3, "-3"),
            (True, "True"), (False, "False"), (" a b ", "a b"), ("750,5", "750,5"), ("#N/A", "#N/A"),
            (datetime.date(2021, 5, 31), "2021-05-31"), (datetime.datetime(2021, 5, 31, 10, 30), "2021-05-31T10:30:00"),
            ((750, '0.0 "nM"'), "750 nM"), ((0.5, "0%"), "50 %"), ((0.07, "0.00%"), "7 %"), ("=1+1", ""),
        ],
    )  # fmt: skip
    def test_a_cell_is_what_people_see(self, value, text, book):
        if isinstance(value, datetime.datetime):
            value = (value, "yyyy-mm-dd hh:mm")
        elif isinstance(value, datetime.date):
            value = (value, "yyyy-mm-dd")
        assert read_table(book(s=[HEADER, ["CCO", value]])).columns["x"] == [text]

    def test_cells_that_are_numbers_are_exact_whatever_their_column_holds(self, book):
        rows = [["smiles", "all", "unit", "mixed", "flag"]]
        rows += [["CCO", 1.125, (3, '0 "nM"'), ">12,5", True], ["CCN", None, 4, 2.345, False]]
        columns = read_table(book(s=rows)).columns
        assert columns == {
            "all": ["1.125", ""], "unit": ["3 nM", "4"], "mixed": [">12,5", "2.345"], "flag": ["True", "False"],
        }  # fmt: skip
        exact = {name: [isinstance(cell, Exact) for cell in cells] for name, cells in columns.items()}
        assert exact == {"all": [True, False], "unit": [True, True], "mixed": [False, True], "flag": [False, False]}

    def test_rows_are_counted_as_in_the_sheet(self, book):
        table = read_table(book(s=[[], HEADER, ROW, [], ["CCN", 2], ["C\nC", 3], HEADER]))
        assert (table.smiles, list(table.lines), table.word) == (["CCO", "CCN"], [3, 5], "row")
        assert [(row.line, row.reason) for row in table.rejected] == [
            (6, "a line break within the SMILES"), (7, "the header again"),
        ]  # fmt: skip

    def test_another_header_below_refuses_the_sheet(self, book):
        with pytest.raises(InputError, match="row 3: a second header"):
            read_table(book(s=[HEADER, ROW, ["smiles", "y"], ROW]))

    @pytest.mark.parametrize("titles", [[["hERG, IC50"]], [["A"], [], ["of 2024"]], [[None, "B"], ["c"]]])
    def test_titles_above_the_header_are_passed_over(self, titles, book):
        table = read_table(book(s=[*titles, HEADER, ROW]))
        assert (table.smiles, table.columns, list(table.lines)) == (["CCO"], {"x": ["1"]}, [len(titles) + 2])

    def test_rows_of_several_cells_above_the_header_are_refused(self, book):
        with pytest.raises(InputError, match="its columns are: date, 2024"):
            read_table(book(s=[["date", "2024"], HEADER, ROW]))

    def test_a_header_of_one_cell_is_no_title(self, book):
        table = read_table(book(s=[["smiles"], ["CCO"], ["smiles"], ["CCN"]]))
        assert (table.smiles, [row.line for row in table.rejected]) == (["CCO", "CCN"], [3])

    def test_a_column_without_a_name_is_kept_if_it_holds_something(self, book):
        header = ["smiles", "IC50\n(nM)", None, None, None]
        table = read_table(book(s=[header, ["CCO", 1, None, ">"], ["CCN"], [None, None, None, None, "a note"]]))
        assert table.columns == {"IC50 (nM)": ["1", ""], "column 4": [">", ""]}

    def test_a_header_over_two_columns_loses_no_sign(self, book):
        rows = [["smiles", "IC50 (nM)", None], [None, "value", "modifier"], ["CCO", 5, "="], ["CCN", 3000, ">"]]
        assert read_table(book(s=rows)).columns["column 3"] == ["modifier", "=", ">"]

    def test_the_header_again_is_known_beside_columns_without_a_name(self, book):
        table = read_table(book(s=[HEADER, [*ROW, ">"], HEADER, ["CCN", 2]]))
        assert (table.smiles, table.columns["column 3"]) == (["CCO", "CCN"], [">", ""])

    def test_names_that_occur_twice_are_recorded(self, book):
        assert read_table(book(s=[["smiles", "x", "X"], ["CCO", 1, 2]])).repeated == {"x", "X"}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (750, "General", "750"), (6.25, "0.0", "6.25"), (1500, "#,##0.00", "1500"),
        (750.5, '0.0" nM"', "750.5 nM"), (750, r"0\ \n\M", "750 nM"), (5, "0 [$nM]", "5 nM"),
        (5, "[$-407]0.0", "5"), (10000, '">"0', "> 10000"), (10000, ">0", "> 10000"),
        (1500, '0.0, "uM"', "1.5 uM"), (1500, "0.0,", "1500 shown as 1.5"),
        (-5, '0;-0;"n.d."', "-5"), (0, '0;-0;"n.d."', "n.d."), (5, '0 "a";-0 "b"', "5 a"),
        (20000, '[>10000]">10000";0 "nM"', ">10000"), (5, '[>10000]">10000";0 "nM"', "5 nM"),
        (5, "0_);(0)", "5"), (-5, "0_);(0)", "-5"), (0.000012, "0.00E+00", "1.2e-05"),
        (5, '0;-0;0;@" x"', "5"),
    ],
)  # fmt: skip
def test_a_format_adds_what_it_shows(value, form, text):
    assert shown(value, form) == text


class TestSheets:
    def test_the_sheet_with_smiles_is_found(self, book):
        assert read_table(book(notes=[["a", "b"]], empty=[], data=[HEADER, ROW])).smiles == ["CCO"]

    def test_cells_tell_columns_apart(self, book):
        table = read_table(book(s=[["Molecule", "Ligand SMILES"], ["CCCP", "CCO"], ["MOL-2", "CCN"], ["MOL-3", "CCC"]]))
        assert (table.smiles, table.notes) == (["CCO", "CCN", "CCC"], ())

    def test_several_are_refused_and_named(self, book):
        with pytest.raises(InputError, match=r"several sheets with a SMILES column: 'one', 'two'.*`sheet`"):
            read_table(book(one=[HEADER, ROW], two=[HEADER, ROW]))

    def test_none_is_refused_with_the_first_rows(self, book):
        with pytest.raises(InputError, match=r"no sheet.*'one': a, b; 'two': empty"):
            read_table(book(one=[["a", "b"]], two=[]))
        with pytest.raises(InputError, match="has no SMILES column; its columns are: a, b"):
            read_table(book(one=[["a", "b"]]))

    @pytest.mark.parametrize("asked", ["two", "2", "Two"])
    def test_one_is_named_or_numbered(self, asked, book):
        path = book(one=[HEADER, ROW], two=[HEADER, ["CCN", 2]])
        assert read_table(path, sheet=asked).smiles == ["CCN"]
        assert [entry.smiles for entry in entries(path, sheet=asked)] == ["CCN"]

    @pytest.mark.parametrize("asked", ["three", "0", "3"])
    def test_one_that_isnt_there(self, asked, book):
        with pytest.raises(UsageError, match=f"no sheet '{asked}'.*'one', 'two'"):
            read_table(book(one=[HEADER], two=[HEADER]), sheet=asked)

    def test_other_files_have_none(self, tmp_path):
        (tmp_path / "a.csv").write_text("smiles\nCCO\n")
        with pytest.raises(UsageError, match=r"a\.csv has no sheets"):
            read_table(tmp_path / "a.csv", sheet="1")

    def test_a_named_column_tells_the_sheet(self, book):
        path = book(one=[["a"], ["CCO"]], two=[["b"], ["CCN"]])
        assert read_table(path, smiles_column="b").smiles == ["CCN"]


class TestRefused:
    def test_a_workbook_is_known_by_its_content(self, book):
        assert read_table(book("a.csv", s=[HEADER, ROW])).smiles == ["CCO"]

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"PK\x03\x04" + bytes(50), "is a zip archive or an Excel file"),
            (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel or Word file"),
            (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "that a password protects"),
        ],
    )
    def test_other_files_of_microsoft(self, data, said, tmp_path):
        (tmp_path / "a.xlsx").write_bytes(data)
        for read in (read_table, lambda path: list(entries(path))):
            with pytest.raises(InputError, match=said):
                read(tmp_path / "a.xlsx")

    @pytest.mark.parametrize(("member", "said"), [("x.txt", "a zip archive"), ("xl/workbook.bin", r"\(\.xlsb\)")])
    def test_other_archives(self, member, said, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(InputError, match=said):
            read_table(tmp_path / "a.xlsx")

    def test_a_damaged_sheet(self, book):
        path = book(s=[HEADER, *[ROW] * 50])
        damaged = io.BytesIO()
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(damaged, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                new.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
        path.write_bytes(damaged.getvalue())
        with pytest.raises(InputError, match="broken Excel file"):
            read_table(path)

    def test_one_that_would_fill_the_memory(self, book, monkeypatch):
        path = book(s=[HEADER, ROW])
        monkeypatch.setattr(excel, "_LARGEST", 1000)
        with pytest.raises(InputError, match=r"unpacks to .* GB, expected 1 GB at most"):
            read_table(path)

    def test_without_the_extra(self, book, monkeypatch):
        path = book(s=[HEADER, ROW])
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        with pytest.raises(UnavailableError, match=r"pip install 'fluidmol\[excel\]'"):
            read_table(path)


def test_a_relation_merged_over_two_rows_leaves_the_second_row_without_a_class(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl isn't installed: fluidmol[excel]")
    book = openpyxl.Workbook()
    for row in (["smiles", "relation", "IC50 (nM)"], ["CCO", ">", 9000], ["CCN", None, 9000], ["CCC", "=", 5]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "merged.xlsx")
    table = read_table(tmp_path / "merged.xlsx")
    assert table.smiles == ["CCO", "CCC"]
    assert [(row.line, row.reason.partition(":")[0]) for row in table.rejected] == [(3, "merged cells")]
