"""Molecules a few at a time: the same ones as when a file is read whole, from a bounded part of it."""

import gzip
import tracemalloc
from itertools import islice

import pytest
from rdkit import Chem

from fluidmol.chem.intake.stream import Entry, entries, survey
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
    assert list(entries(path, smiles_column="smiles")) == [Entry(2, "CCO", "")]


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
