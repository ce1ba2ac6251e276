"""Files as people have them become the same table."""

import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from fluidmol.chem.intake.table import Exact
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, MissingFileError

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
SMILES = ["CCO", "c1ccccc1O", "CCN"]
ACTIVE = ["1", "0", "1"]


def write(folder: Path, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    data = text if isinstance(text, bytes) else text.encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def sdf_text() -> str:
    records = []
    for smiles, active in zip(SMILES, ACTIVE, strict=True):
        block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))
        records.append(f"{block}>  <Active>  (1)\n{active}\n\n>  <Note>\ntwo\nlines\n\n$$$$\n")
    return "".join(records)


@pytest.mark.parametrize("zipped", ["", ".gz"])
@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.txt", "\t")])
def test_delimited(tmp_path: Path, name: str, separator: str, zipped: str) -> None:
    rows = [
        separator.join(row) for row in [("ID", "Canonical SMILES", "Active"), *zip("abc", SMILES, ACTIVE, strict=True)]
    ]
    table = read_table(write(tmp_path, name + zipped, "\n".join(rows) + "\n"))
    assert table.smiles == SMILES
    assert list(table.lines) == [2, 3, 4]
    assert table.columns == {"ID": ["a", "b", "c"], "Active": ACTIVE}
    assert table.n_rows == 3


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    values = {"smiles": [*SMILES, None], "active": [True, False, None, True], "pic50": [5.5, None, float("nan"), 4.0]}
    pyarrow.parquet.write_table(pyarrow.table(values), path)
    table = read_table(path)
    assert table.smiles == [*SMILES, ""]
    assert list(table.lines) == [2, 3, 4, 5]
    assert table.columns == {"active": ["True", "False", "", "True"], "pic50": ["5.5", "", "", "4.0"]}
    zipped = write(tmp_path, "b.parquet.gz", path.read_bytes())
    assert read_table(zipped).columns == table.columns


def test_types_of_parquet(tmp_path: Path) -> None:
    columns = {
        "smiles": pyarrow.array([b"CCO", b"CCN"], pyarrow.binary()),
        "large": pyarrow.array(["a", None], pyarrow.large_string()),
        "kind": pyarrow.array(["x", "x"]).dictionary_encode(),
        "exact": pyarrow.array([Decimal("750.50"), Decimal("0.10")]),
        "narrow": pyarrow.array([0.1, 6.25], pyarrow.float32()),
        "wide": pyarrow.array([0.1 + 0.2, 1e-9]),
        "whole": pyarrow.array([750, None]),
        "flag": pyarrow.array([True, False]),
        "bytes": pyarrow.array([b"\xff", b"\xc2\xb5M"]),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert table.smiles == ["CCO", "CCN"]
    assert table.columns == {
        "large": ["a", ""], "kind": ["x", "x"], "exact": ["750.50", "0.10"], "narrow": ["0.1", "6.25"],
        "wide": ["0.30000000000000004", "1e-09"], "whole": ["750", ""], "flag": ["True", "False"],
        "bytes": ["\ufffd", "µM"],
    }  # fmt: skip
    exact = {name for name, cells in table.columns.items() if isinstance(cells[0], Exact)}
    assert exact == {"exact", "narrow", "wide", "whole"}
    assert (table.word, table.row(1)) == ("row", 3)


def test_parquet_with_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pyarrow.table([["CCO"], ["a"], ["b"]], names=["smiles", "x", "x"])
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="two columns of one name"):
        read_table(tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.sdf", "a.sdf.gz", "a.dat"])
def test_sdf(tmp_path: Path, name: str) -> None:
    broken = "nonsense\n\n\n  1  0  0  0  0\n    x\nM  END\n$$$$\n"
    text = sdf_text() + broken
    table = read_table(write(tmp_path, name, text))
    assert [Chem.CanonSmiles(s) for s in table.smiles] == [Chem.CanonSmiles(s) for s in SMILES]
    assert table.columns["Active"] == ACTIVE
    assert table.columns["Note"][0] == "two\nlines"
    starts = [1] + [i + 2 for i, line in enumerate(text.split("\n")) if line == "$$$$"]
    assert list(table.lines) == starts[:3]
    assert [(row.line, row.reason) for row in table.rejected] == [(starts[3], "unreadable mol block")]


def test_sdf_keeps_stereo(tmp_path: Path) -> None:
    mol = Chem.MolFromSmiles("C[C@H](N)C(=O)O")
    rdDepictor.Compute2DCoords(mol)
    Chem.WedgeMolBonds(mol, mol.GetConformer())
    table = read_table(write(tmp_path, "a.sdf", Chem.MolToMolBlock(mol) + "$$$$\n"))
    assert Chem.CanonSmiles(table.smiles[0]) == Chem.CanonSmiles("C[C@H](N)C(=O)O")


@pytest.mark.parametrize("name", ["a.smi", "a.smi.gz", "a.txt", "molecules"])
@pytest.mark.parametrize("head", ["", "SMILES Name\n", "smiles\n"])
def test_smi(tmp_path: Path, name: str, head: str) -> None:
    table = read_table(write(tmp_path, name, head + "CCO\tethanol\n\nc1ccccc1O phenol of coal\r\nC1CC broken"))
    assert table.smiles == ["CCO", "c1ccccc1O", "C1CC"]
    first = 2 if head else 1
    assert list(table.lines) == [first, first + 2, first + 3]
    assert table.columns == {"name": ["ethanol", "phenol of coal", "broken"]}


def test_smi_with_a_delimited_header_keeps_its_columns(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.smi", "smiles\tactive\nCCO\t1\n"))
    assert table.columns == {"active": ["1"]}


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    packed = tmp_path / "a.csv"
    packed.write_bytes(gzip.compress(b"smiles,active\nCCO,1\n"))
    plain = tmp_path / "b.csv.gz"
    plain.write_bytes(b"smiles,active\nCCO,1\n")
    assert read_table(packed).smiles == read_table(plain).smiles == ["CCO"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    table = read_table(write(tmp_path, "a.csv", "smiles,Säure\nCCO,µ\n", encoding))
    assert table.columns == {"Säure": ["µ"]}


def test_a_late_byte_decides_the_encoding_of_the_whole_file(tmp_path: Path) -> None:
    text = "smiles,name\n" + "CCO,x\n" * 100_000 + "CCN,\u20acé\n"
    assert read_table(write(tmp_path, "a.csv", text, "cp1252")).columns["name"][-1] == "\u20acé"
    assert read_table(write(tmp_path, "b.csv", text, "utf-8")).columns["name"][-1] == "\u20acé"


def test_a_bad_byte_after_a_mark_spoils_its_own_cell(tmp_path: Path) -> None:
    data = "\ufeffsmiles,name\nCCO,µ\n".encode() + b"CCN,\xe9\n"
    assert read_table(write(tmp_path, "a.csv", data)).columns["name"] == ["µ", "\ufffd"]


def test_broken_utf_16_is_refused(tmp_path: Path) -> None:
    data = "smiles,name\nCCO,µ\n".encode("utf-16") + b"\x00"
    with pytest.raises(InputError, match="broken UTF-16"):
        read_table(write(tmp_path, "a.csv", data))


def test_extensions_of_smiles_are_no_names(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.smi", "C[C@H](N)O |&1:1| racemate\nCCO\t|$a$|\nCCN |no end\n"))
    assert table.smiles == ["C[C@H](N)O |&1:1|", "CCO |$a$|", "CCN |no end"]
    assert table.columns["name"] == ["racemate", "", ""]


def test_quotes_blank_lines_and_windows_line_ends(tmp_path: Path) -> None:
    text = '\r\n"smiles","note"\r\nCCO,"two\r\nlines; a b"\r\n\r\nCCN,"x, y"\r\n'
    table = read_table(write(tmp_path, "a.csv", text))
    assert table.smiles == ["CCO", "CCN"]
    assert list(table.lines) == [3, 6]
    assert table.columns["note"] == ["two\r\nlines; a b", "x, y"]


def test_ragged_rows_are_rejected_not_fatal(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.csv", "id,smiles,active\n1,CCO,1\n2,CCC\n3,CCN,0,9\n4\n5,CCCl,1\n"))
    assert table.smiles == ["CCO", "CCCl"]
    assert list(table.lines) == [2, 6]
    assert [(row.line, row.smiles) for row in table.rejected] == [(3, "CCC"), (4, "CCN"), (5, "")]
    assert table.rejected[0].reason == "wrong number of fields: 2, expected 3 as in the header"
    assert table.n_rows == 5


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("smiles,SMILES_raw", "smiles"),
        ("mol,Smi", "Smi"),
        ("x,Structure", "Structure"),
        ("x,my_smiles_here", "my_smiles_here"),
    ],
)
def test_usual_names(tmp_path: Path, header: str, chosen: str) -> None:
    place = header.split(",").index(chosen)
    assert read_table(write(tmp_path, "a.csv", f"{header}\nC,CC\n")).smiles == [["C", "CC"][place]]


@pytest.mark.parametrize(
    ("header", "rows", "chosen"),
    [
        ("Drug,Ligand SMILES", ["FCCP,CCO", "CCCP,CCN", "aspirin,CCC"], "Ligand SMILES"),
        ("Molecule,SMILES string", ["MOL-1,CCO", "MOL-2,CCN"], "SMILES string"),
        ("Structure,Drug", ["aspirin,CCO", "CCCP,CCN", "DNP,CCC", "PI 103,CCF"], "Drug"),
        ("Structure,Drug", ["CCO,CCCP", "CCN,FCCP"], "Structure"),
        ("smiles,canonical_smiles", [",CCO", ",CCN"], "canonical_smiles"),
        ("smiles,canonical_smiles", ["CCO,CCO", "n/a,CCN"], "smiles"),
        ("SMILES,Structure", ["n/a,CCO", "n/a,CCN"], "Structure"),
        ("SMILES,Structure", ["CCO,CCCP", "n/a,FCCP", "n/a,CCCP"], "SMILES"),
        ("raw_smiles_1,raw_smiles_2", ["MOL-1,CCO"], "raw_smiles_2"),
    ],
)  # fmt: skip
def test_cells_tell_columns_apart_that_may_hold_structures(
    tmp_path: Path, header: str, rows: list[str], chosen: str
) -> None:
    assert read_table(write(tmp_path, "a.csv", "\n".join([header, *rows]))).smiles_column == chosen
    frame = pyarrow.table([list(cells) for cells in zip(*(r.split(",") for r in rows), strict=True)], header.split(","))
    pyarrow.parquet.write_table(frame, tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").smiles_column == chosen


@pytest.mark.parametrize("other", ["Product SMILES", "parent_smiles", "Structure"])
def test_a_second_column_of_other_molecules_is_noted(tmp_path: Path, other: str) -> None:
    table = read_table(write(tmp_path, "a.csv", f"SMILES,{other}\nCCBr,CCN\nCCCBr,CCCN\n"))
    assert table.notes == (f"columns SMILES and {other} hold different molecules; SMILES is read",)
    assert not read_table(tmp_path / "a.csv", smiles_column="smiles").notes


@pytest.mark.parametrize(
    "row", ["CC(=O)[O-].[Na+],CC(=O)O", "C[C@H](N)O,CC(N)O", "c1ccccc1O,C1=CC=CC=C1O", "CC(=O)CC,CC(O)=CC", "CCO,"]
)
def test_a_second_way_of_writing_the_same_molecules_is_not_noted(tmp_path: Path, row: str) -> None:
    assert not read_table(write(tmp_path, "a.csv", f"SMILES,canonical_smiles\n{row}\n")).notes


def test_another_molecule_in_a_tenth_of_the_rows_is_not_noted(tmp_path: Path) -> None:
    rows = ["CCO,CCO"] * 9
    assert not read_table(write(tmp_path, "a.csv", "\n".join(["SMILES,parent_smiles", *rows, "CCO,CCC"]))).notes
    assert read_table(write(tmp_path, "a.csv", "\n".join(["SMILES,parent_smiles", *rows[1:], "CCO,CCC"]))).notes


def test_smiles_column_is_obeyed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "smiles,parent\nCCO,CCN\n")
    assert read_table(path, smiles_column="Parent").smiles == ["CCN"]
    with pytest.raises(InputError, match=r"no column 'parnt'.*Did you mean parent\?"):
        read_table(path, smiles_column="parnt")


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.csv", "smiles,x,x,\nCCO,1,2,3\n"))
    assert table.columns == {"x": ["1"], "x (2)": ["2"], "column 4": ["3"]}


def test_no_smiles_column_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv has no SMILES column.*compound, ic50.*`smiles_column`"):
        read_table(write(tmp_path, "a.csv", "compound,ic50\nx,1\n"))


def test_several_smiles_columns_ask_for_a_choice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"several SMILES columns: raw_smiles_1, raw_smiles_2"):
        read_table(write(tmp_path, "a.csv", "raw_smiles_1,raw_smiles_2\nC,C\n"))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \n\n", "is empty"),
        ("a.csv", gzip.compress(b"", mtime=0), "is empty"),
        ("a.csv.gz", gzip.compress(b"smiles\n" + bytes(range(65, 91)) * 99, mtime=0)[:-20], "broken gzip"),
        ("a.csv", gzip.compress(b"smiles\nCCO\n", mtime=0)[:-4] + b"xxxx", "broken gzip"),
        ("a.csv", gzip.compress(b"smiles\nCCO\n", mtime=0)[:9], "broken gzip"),
        ("a.csv.gz", b"\x00\x01\x02", "isn't a gzip file"),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "Excel"),
        ("a.csv", b"smiles\x00\x01", "is binary"),
        ("a.parquet", b"smiles\nCCO\n", "isn't a Parquet file"),
        ("a.parquet", b"PAR1" + bytes(50) + b"PAR1", "broken Parquet"),
        ("a.sdf", b"smiles\nCCO\n", "isn't an SDF"),
        ("a.csv", b'smiles,x\nCCO,1\nCCN,"2\nCCC,3\n', "line 3: .*quotation mark"),
    ],
)
def test_unusable_files(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_table(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"no file .*nowhere\.csv"):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data aren't here")
def test_a_real_file_of_400_000_rows() -> None:
    table = read_table(SHARED / "transfer.csv.gz")
    assert table.n_rows == len(table.smiles) == 400_000
    assert table.lines[-1] == 400_001
    assert set(table.columns) == {"inchikey", "origin"}


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n", "\ufeff".encode("utf-16"), "\u00a0".encode()]
)
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.smi"])
def test_nothing_but_marks_and_blanks_is_an_empty_file(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        read_table(tmp_path / name)


def test_a_cell_of_a_million_characters_costs_its_row_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("smiles,active\nCCO,1\n" + "C" * 10**6 + ",1\nCCN,0\n")
    assert [len(text) for text in read_table(tmp_path / "a.csv").smiles] == [3, 10**6, 3]


def test_dates_beyond_reckoning_do_not_cost_a_parquet_file(tmp_path: Path) -> None:
    far = pyarrow.array([2**62, 1], pyarrow.int64())
    table = pyarrow.table(
        {"smiles": ["CCO", "CCN"], "at": far.cast(pyarrow.timestamp("us")), "when": far.cast(pyarrow.timestamp("ns"))}
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").smiles == ["CCO", "CCN"]
