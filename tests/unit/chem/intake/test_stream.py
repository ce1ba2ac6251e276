"""Molecules a few at a time: the same ones as when a file is read whole, from a bounded part of it."""

import gzip
import tracemalloc
from itertools import islice

import pyarrow
import pyarrow.parquet
import pytest
from rdkit import Chem

from fluidmol.chem.intake.stream import MoleculeEntry, entries, survey
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, MissingFileError


def sdf(smiles, *fields):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles)).split("\n", 1)[1]
    return f"title {smiles}\n{block}" + "".join(f"> <{name}>\n{text}\n\n" for name, text in fields) + "$$$$\n"


FILES = {
    "a.smi": "# a comment\nSMILES Name\nCCO ethanol\n\nCCN\nc1ccccc1 benzene ring\n",
    "b.smi": "CCO\nCCN\n",
    "c.csv": 'id;smiles;note\nA1;CCO;"two\nlines"\n\nA2;CCN;plain\n',
    "d.tsv": "name\tSMILES\nethanol\tCCO\n",
    "e.csv": "structure,potency\nCCO,7\nCCN\nCCC,5\n",
    "f.sdf": sdf("CCO", ("potency", "7")) + sdf("CCN") + "broken\n\n\nnothing\nM  END\n$$$$\n",
    "g.txt": "smiles,id\nCCO,1\n",
}


A = "CCOc1nn(-c2cccc(OCc3ccccc3)c2)c(=O)o1"
B = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"
SDF = sdf(A, ("potency", "7")) + sdf(B, ("note", "x"), ("potency", "5")) + "broken\n\n\nnothing\nM  END\n$$$$\n"

TEXTS = {
    "plain.csv": f"smiles,active\n{A},1\n{B},0\n",
    "plain.tsv": f"SMILES\tactive\n{A}\t1\n{B}\t0\n",
    "inches.tsv": f'SMILES\tName\tIC50\n{B}\t"A-ring analog\t90000\nCCO\tx\t1\nCCN\ty\t2\n{A}\tB-ring analog"\t20\n',
    "quoted.tsv": f'"SMILES"\t"Name"\n"{A}"\t"a ""b"""\n',
    "comment.csv": f'id;smiles;note\nA1;{A};"two\nlines"\n\nA2;{B};plain\n',
    "swallowed.csv": f'smiles,name,x\n{B},"A-ring,90000\nCCN,B-ring",20\n{A},n,1\n',
    "header.csv": f'smiles,"IC50\n(nM, mean)",active\n{A},5,1\n',
    "excel.csv": f"sep=;\nsmiles;x\n{A};5,1\n{B};6\n",
    "r.txt": f'"smiles" "active"\n"1" "{A}" 1\n"2" "{B}" 0\n',
    "r.tsv": f"smiles\tactive\n1\t{A}\t1\n2\t{B}\t0\n",
    "trailing.csv": f"smiles,active\n{A},1,\n{B},0,\n",
    "ragged.csv": f"id,smiles,active\n1,{A},1\n2,CCC\n3,CCN,0,9\n4\n5,{B},1\n",
    "again.csv": f"smiles,active\n{A},1\nSMILES,Active\n{B},0\n",
    "blank.csv": f"smiles,active\n\n{A},1\n,\n  \n{B},0\n",
    "empty smiles.csv": f"smiles,active\n,1\n{B},0\n",
    "names.smi": f"# a comment\nSMILES Name\n{A} a name\n\n{B}\nC1CC broken\n",
    "extended.smi": f"C[C@H](N)O |&1:1| racemate\n{A} |not one\n{B} |$a$|\n",
    "records.sdf": SDF,
    "records.sdf.txt": SDF,
}
"""Layouts that people have. Each is written in several encodings, with several line ends."""


@pytest.fixture(params=[False, True], ids=["plain", "gzipped"])
def write(request, tmp_path):
    def put(name):
        path = tmp_path / (name + (".gz" if request.param else ""))
        path.write_bytes(gzip.compress(FILES[name].encode()) if request.param else FILES[name].encode())
        return path

    return put


@pytest.mark.parametrize("name", FILES)
def test_the_same_molecules_as_when_read_whole(name, write):
    path = write(name)
    whole = read_table(path)
    good = {entry.line: entry.smiles for entry in entries(path) if not entry.problem}
    assert good == dict(zip(whole.lines, whole.smiles, strict=True))
    bad = [(entry.line, entry.problem) for entry in entries(path) if entry.problem]
    assert bad == [(row.line, row.reason) for row in whole.rejected]
    assert survey(path).sha256 == whole.sha256


ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


def assert_same_rows(path):
    whole = read_table(path)
    found = list(entries(path))
    good = [(entry.line, entry.smiles) for entry in found if not entry.problem]
    assert good == list(zip(whole.lines, whole.smiles, strict=True))
    bad = [(entry.line, entry.smiles, entry.problem) for entry in found if entry.problem]
    assert bad == [(row.line, row.smiles, row.reason) for row in whole.rejected]
    assert len(found) == whole.n_rows
    return whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", TEXTS)
def test_all_layouts_are_read_alike(name, end, encoding, tmp_path):
    plain = tmp_path / ("plain " + name)
    plain.write_text(TEXTS[name], newline="")
    expected = read_table(plain)
    assert expected.smiles
    path = tmp_path / name
    path.write_bytes(TEXTS[name].replace("\n", ENDS[end]).encode(encoding))
    whole = assert_same_rows(path)
    assert (whole.smiles, list(whole.lines)) == (expected.smiles, list(expected.lines))
    assert {k: [" ".join(v.split()) for v in vs] for k, vs in whole.columns.items()} == {
        k: [" ".join(v.split()) for v in vs] for k, vs in expected.columns.items()
    }
    assert [(row.line, row.reason, row.record) for row in whole.rejected] == [
        (row.line, row.reason, row.record) for row in expected.rejected
    ]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_parquet_is_read_alike(packed, tmp_path):
    columns = {"id": ["a", "b", "c"], "smiles": [A, None, B], "x": [1.5, 2.0, None]}
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "plain", row_group_size=2)
    data = (tmp_path / "plain").read_bytes()
    path = tmp_path / "table.parquet"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert assert_same_rows(path).smiles == [A, "", B]
    assert [entry.name for entry in entries(path)] == ["a", "b", "c"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_excel_is_read_alike(packed, workbook, tmp_path):
    data = workbook(notes=[["nothing"]], data=[[], ["smiles", "id"], [A, "a"], [], [B, "b"]])
    path = tmp_path / "book.xlsx"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert list(assert_same_rows(path).lines) == [3, 5]
    assert [entry.name for entry in entries(path)] == ["a", "b"]


def test_names(write):
    assert [entry.name for entry in entries(write("a.smi"))] == ["ethanol", "", "benzene ring"]
    assert [entry.name for entry in entries(write("c.csv"))] == ["A1", "A2"]
    assert next(entries(write("c.csv"), id_column="note")).name == "two\nlines"
    assert next(entries(write("f.sdf"))).name == "title CCO"
    assert next(entries(write("f.sdf"), id_column="potency")).name == "7"


def test_about_how_many_there_are(write):
    assert survey(write("f.sdf")).n_lines == 3
    assert survey(write("b.smi")).n_lines == 2


def test_columns_that_arent_there(write):
    with pytest.raises(InputError, match="no column 'smile'"):
        list(entries(write("c.csv"), smiles_column="smile"))
    with pytest.raises(InputError, match=r"no column 'ident'.*id, smiles, note"):
        list(entries(write("c.csv"), id_column="ident"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"PAR1....", "broken Parquet"),
        (b"C\0C", "isn't text"),
        (b"what,ever\n1,2\n", "no SMILES column"),
        (b'smiles,id\n"CCO,1\n', "quotation"),
    ],
)
def test_what_cant_be_read(content, said, tmp_path):
    path = tmp_path / "molecules.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        list(entries(path))


def test_a_gzip_file_cut_short_is_refused_before_its_first_molecule(tmp_path):
    path = tmp_path / "many.smi.gz"
    path.write_bytes(gzip.compress(b"".join(b"C%s O%d\n" % (b"C" * (i % 50), i) for i in range(200_000)))[:-20])
    with pytest.raises(InputError, match="broken gzip"):
        next(entries(path))


def test_a_name_in_latin_1_stays_as_it_is(tmp_path):
    path = tmp_path / "latin.smi"
    path.write_bytes("CCO \xe4thanol\nCCN amine\n".encode("latin-1"))
    assert [(entry.smiles, entry.name) for entry in entries(path)] == [("CCO", "\xe4thanol"), ("CCN", "amine")]


def test_a_byte_order_mark(tmp_path):
    path = tmp_path / "marked.csv"
    path.write_bytes(b"\xef\xbb\xbfsmiles\nCCO\n")
    assert list(entries(path, smiles_column="smiles")) == [MoleculeEntry(2, "CCO", "")]


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(MissingFileError):
        list(entries(tmp_path / "absent.smi"))
    with pytest.raises(InputError, match="folder"):
        list(entries(tmp_path))


@pytest.mark.parametrize(
    ("name", "line"), [("a.smi", "CCO name\n"), ("a.csv", "CCO,name,1\n"), ("a.smi.gz", "CCO x\n")]
)
def test_a_large_file_isnt_held_in_memory(name, line, tmp_path):
    path = tmp_path / name
    data = ("smiles,id,x\n" * name.endswith("csv") + line * 1_000_000).encode()
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    sum(1 for _ in islice(entries(path), 1))  # imports and the like aren't measured
    tracemalloc.start()
    assert sum(1 for _ in islice(entries(path), 50_000)) == 50_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e6
