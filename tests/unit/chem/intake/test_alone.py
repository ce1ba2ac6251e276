"""Under a charter with [privacy], no row decides how another is read."""

import contextlib
from pathlib import Path

import attrs
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluidmol.chem.intake.labelled import read_labelled
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import InputError
from fluidmol.partner.measurements import wanted_by
from fluidmol.values.charter import Charter
from fluidmol.values.measure import Measure

CLASSES = OutcomeColumns(alone=True)
VALUES = OutcomeColumns(value_column="IC50", threshold=10_000, unit="nM", value_unit="nM", alone=True)
NAMED = OutcomeColumns(value_column="IC50 nM", threshold=10_000, unit="nM", alone=True)
SDF = """
  fluid

  2  1  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 {}   0  0
  1  2  1  0
M  END
{}
$$$$
"""


def read(tmp_path, text, wanted, name="a.csv", encoding="utf-8"):
    path = Path(tmp_path, name)
    path.write_text(text, encoding=encoding)
    return read_labelled(path, wanted)


PLAIN = {
    "classes": ("smiles,active\nCCO,1\nCCN,0\nCCC,\n", CLASSES),
    "words": ("smiles,active\nCCO,active\nCCN,inactive\nCCC,inconclusive\n", CLASSES),
    "values in the header's unit": ("smiles,IC50 nM\nCCO,100\nCCN,20000\nCCC,> 30000\n", NAMED),
    "values in the user's unit": ("smiles,IC50\nCCO,100.5\nCCN,20000\nCCC,\n", VALUES),
    "a row of its own unit": (
        "smiles,IC50,units\nCCO,5,uM\nCCN,20000,nM\nCCC,7,mg\n", attrs.evolve(NAMED, value_column="IC50"),
    ),
    "empty fields at the end": ("smiles,active,,\nCCO,1,,\nCCN,0,,\n", CLASSES),
    "tabs and quoted fields": ('"smiles"\t"active"\n"CCO"\t1\n"CCN"\t0\n', CLASSES),
    "quoted fields": ('smiles,note,active\nCCO,"a, b",1\nCCN,c,0\n', CLASSES),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_rows_that_speak_for_themselves_are_read_as_ever(tmp_path, name):
    text, wanted = PLAIN[name]
    kind = "a.tsv" if "\t" in text else "a.csv"
    alone = read(tmp_path, text, wanted, kind)
    ever = read(tmp_path, text, attrs.evolve(wanted, alone=False), kind)
    assert (alone.compounds.smiles, alone.active.tolist()) == (ever.compounds.smiles, ever.active.tolist())
    assert len(alone) > 1


REFUSED = {
    "a decimal mark that another row tells": (
        "smiles,IC50\nCCO,12.500\nCCN,\"750,5\"\n", VALUES,
        "line 2: beside the other rows .* inactive, and alone as no class", "`decimal`",
    ),
    "thousands that another row tells": (
        "smiles,IC50 nM\nCCO,\"12,500\"\nCCN,0.5\n", NAMED, "line 2: beside the other rows", "`decimal`",
    ),
    "letters that stand for classes together": (
        "smiles,active\nCCO,A\nCCN,I\n", CLASSES,
        "line 2: beside .* active, and alone as no class", "active and inactive",
    ),
    "rows over several lines": (
        'smiles,note,active\nCCO,"a\nb",1\nCCN,c,0\n', CLASSES, "where other rows end", "in one line",
    ),
    "names of rows": (
        "smiles\tactive\n1\tCCO\t1\n2\tCCN\t0\n", CLASSES, "which field belongs to which name", "Give each column",
    ),
    "fields beyond the header": (
        "smiles,active,\nCCO,1,x\nCCN,0,\n", CLASSES, "which field belongs to which name", "Give each column",
    ),
    "a lone quotation mark": (
        'smiles\tactive\tnote\nCCO\t1\t"A ring\nCCN\t0\tb\n', CLASSES, "whether quotation marks", "save it as CSV",
    ),
    "two columns of structures": (
        "Drug,SMILES_2,active\nCCO,CCN,1\nCCN,CCO,0\n", CLASSES, "which column holds the structures", "`smiles_column`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_rows_decide_for_others_is_refused(tmp_path, name):
    text, wanted, says, advice = REFUSED[name]
    kind = "a.tsv" if "\t" in text else "a.csv"
    assert len(read(tmp_path, text, attrs.evolve(wanted, alone=False), kind))
    with pytest.raises(InputError, match=says) as caught:
        read(tmp_path, text, wanted, kind)
    assert "no row decides how others are read" in caught.value.message
    assert advice in caught.value.hint


def test_saying_it_is_enough(tmp_path):
    text = 'smiles,IC50\nCCO,12.500\nCCN,"750,5"\n'
    found = read(tmp_path, text, attrs.evolve(VALUES, decimal=","))
    assert found.active.tolist() == [False, True]


def test_a_unit_below_the_header_must_be_said(tmp_path):
    text = "smiles,IC50\n,nM\nCCO,100\nCCN,20000\n"
    wanted = attrs.evolve(VALUES, value_unit=None, agreed=True)
    assert len(read(tmp_path, text, attrs.evolve(wanted, alone=False))) == 2
    with pytest.raises(InputError, match="line 3: beside"):
        read(tmp_path, text, wanted)
    assert len(read(tmp_path, text, attrs.evolve(wanted, value_unit="nM"))) == 2


def test_text_of_windows_is_refused(tmp_path):
    text = "smiles,who,active\nCCO,Müller,1\nCCN,x,0\n"
    assert len(read(tmp_path, text, CLASSES)) == 2
    with pytest.raises(InputError, match="its rows decide its encoding") as caught:
        read(tmp_path, text, CLASSES, encoding="cp1252")
    assert "UTF-8" in caught.value.hint


def test_a_field_of_one_record_says_nothing_of_the_others(tmp_path):
    own = ">  <IC50>\n5\n\n>  <units>\nuM\n"
    bare = ">  <IC50>\n5\n"
    wanted = attrs.evolve(VALUES, value_unit=None, agreed=True)
    both = SDF.format("N", own) + SDF.format("O", own)
    assert read(tmp_path, both, wanted, "a.sdf").active.tolist() == [True, True]
    mixed = SDF.format("N", own) + SDF.format("O", bare)
    found = read(tmp_path, mixed, wanted, "a.sdf")
    assert len(found) == 1  # without a unit of its own it has none


def test_one_record_in_another_encoding_spoils_no_unit_of_another(tmp_path):
    units = ">  <IC50>\n5\n\n>  <units>\nµM\n"
    wanted = attrs.evolve(VALUES, value_unit=None, agreed=True)
    text = SDF.format("N", units) + SDF.format("O", ">  <who>\nMüller\n")
    assert len(read(tmp_path, text, wanted, "a.sdf")) == 1
    path = Path(tmp_path, "b.sdf")
    path.write_bytes(text.encode().replace("ü".encode(), b"\xfc"))
    with pytest.raises(InputError, match="its rows decide its encoding"):
        read_labelled(path, wanted)


def test_windows_text_of_an_smi_file_is_refused(tmp_path):
    wanted = attrs.evolve(VALUES, value_column="name", value_unit=None, agreed=True)
    assert len(read(tmp_path, "CCO 5 µM\nCCN 6 µM\n", wanted, "a.smi")) == 2
    with pytest.raises(InputError, match="its rows decide its encoding"):
        read(tmp_path, "CCO 5 µM\nCCN 6 µM\n", attrs.evolve(wanted, value_unit="uM"), "a.smi", encoding="cp1252")


def test_no_record_brings_up_a_field_that_becomes_the_structures(tmp_path):
    fields = ">  <{}>\nCC{}\n\n>  <active>\n1\n"
    text = SDF.format("N", fields.format("smiles", "N")) + SDF.format("S", fields.format("smiles", "S"))
    with pytest.raises(InputError, match="which field holds the structures") as caught:
        read(tmp_path, text, attrs.evolve(CLASSES, smiles_column="SMILES"), "a.sdf")
    assert caught.value.hint == "Say `smiles_column` smiles."
    assert len(read(tmp_path, text, attrs.evolve(CLASSES, smiles_column="smiles"), "a.sdf")) == 2


@pytest.mark.parametrize("lost", ["$$$$\n", "M  END\n>  <active>\n1\n\n$$$$\n"])
def test_a_record_without_an_end_takes_no_other_with_it(tmp_path, lost):
    first, *others = (SDF.format(atom, ">  <active>\n1\n") for atom in "ONS")
    assert lost in first
    text = first.replace(lost, "") + "".join(others)
    assert len(read(tmp_path, text, attrs.evolve(CLASSES, alone=False), "a.sdf")) == 1
    with pytest.raises(InputError, match="where other records end") as caught:
        read(tmp_path, text, CLASSES, "a.sdf")
    assert "$$$$" in caught.value.hint


def test_records_decide_no_order_of_fields(tmp_path):
    # Types beside two columns of numbers: whose they are is told by the order of the columns.
    wanted = attrs.evolve(VALUES, value_column="MW", agreed=True)
    own = ">  <pIC50>\n20000\n\n>  <type>\npIC50\n\n>  <MW>\n4\n\n"
    other = ">  <type>\nKi\n\n>  <MW>\n6.5\n\n>  <pIC50>\n9000\n\n"
    found = set()
    for before in ("", SDF.format("O", other)):
        with contextlib.suppress(InputError):
            found.add("CN" in read(tmp_path, before + SDF.format("N", own), wanted, "a.sdf").compounds.smiles)
    assert len(found) < 2


def test_a_header_swallows_no_row(tmp_path):
    text = 'smiles,active,"note\nCCO,1,x"\nCCN,0,y"\nCCC,1,z\n'
    assert len(read(tmp_path, text, attrs.evolve(CLASSES, alone=False))) == 2
    with pytest.raises(InputError, match="where the header ends"):
        read(tmp_path, text, CLASSES)
    broken = 'smiles,active,"a note\nof two lines"\nCCN,0,y\n'
    assert len(read(tmp_path, broken, CLASSES)) == 1


def test_no_row_below_a_comment_becomes_the_header(tmp_path):
    text = "#smiles,class,salt\n{}CCN,active,CCCN\nCCC,inactive,CCCC\n"
    assert read(tmp_path, text.format(""), CLASSES).compounds.smiles == ("CCN", "CCC")
    with pytest.raises(InputError, match="which line is the header"):
        read(tmp_path, text.format("CCO,active,no SMILES\n"), CLASSES)
    plain = "# SMILES of ours\nsmiles,active\nCCN,1\nCCC,0\n"
    assert len(read(tmp_path, plain, CLASSES)) == 2


@pytest.mark.parametrize("merged", ["C1:C2", "A3:C3", "C2:C3"])
def test_merged_rows_are_refused(tmp_path, merged):
    openpyxl = pytest.importorskip("openpyxl")
    path = Path(tmp_path, "a.xlsx")
    book = openpyxl.Workbook()
    for row in (["smiles", "active", "note"], ["CCO", 1, "both"], ["CCN", 0, None], ["CCC", 0, "x"]):
        book.active.append(row)
    book.active.merge_cells(merged)
    book.save(path)
    assert len(read_labelled(path, attrs.evolve(CLASSES, alone=False))) == 2
    if merged != "C2:C3":
        assert len(read_labelled(path, CLASSES)) == 2
        return
    with pytest.raises(InputError, match="what merged cells hold") as caught:
        read_labelled(path, CLASSES)
    assert "Unmerge" in caught.value.hint


def test_a_date_beyond_all_years_empties_no_other_cell(tmp_path):
    path = Path(tmp_path, "a.parquet")
    dates = pyarrow.array([None, 1_600_000_000, 10**14], pyarrow.timestamp("s"))
    found = []
    for n in (2, 3):
        table = {"smiles": ["CCO", "CCN", "CCC"][:n], "IC50": [5.0, 6.0, 7.0][:n], "upper": dates[:n]}
        pyarrow.parquet.write_table(pyarrow.table(table), path)
        found.append(read_labelled(path, VALUES).compounds.smiles)
    assert found == [("CCO",), ("CCO", "CCC")]  # where there is an upper limit, the value is a range


@pytest.mark.parametrize("measure", [None, Measure("IC50", "uM", 10)])
@pytest.mark.parametrize("preset", ["private", "open"])
def test_a_charter_with_privacy_asks_for_it(preset, measure):
    charter = Charter.from_preset(preset)
    endpoint = attrs.evolve(charter.endpoints[0], measure=measure) if charter.endpoints else None
    if endpoint is not None:
        charter = attrs.evolve(charter, endpoints=(endpoint,))
    assert wanted_by(charter, OutcomeColumns(active_column="active")).columns.alone is (preset == "private")


SMILES = ("CCO", "CCN", "CCC", "CCS", "CCF", "CCCl")
NUMBERS = st.sampled_from(
    ["12.500", "750,5", "12,500", "0.5", "7", "> 10", "<5,5", "", "n/a", "?", "5 uM", "1e4", "1.234.567", "5.5-6", "~8"]
)
UNITS = st.sampled_from(["", "nM", "uM", "?", "mg/l", "p"])
SIGNS = st.sampled_from(["", "=", ">", "<", "?", "~", "x"])
WORDS = st.sampled_from(["1", "0", "A", "I", "N", "Y", "T", "active", "inactive", "", "0.0", "1,0", "inconclusive"])
TABLES = {
    "IC50 nM": (("IC50 nM", NUMBERS), ("relation", SIGNS)),
    "IC50": (("IC50", NUMBERS), ("units", UNITS), ("relation", SIGNS)),
    "pIC50": (("pIC50", NUMBERS), ("note", SIGNS)),
    "active": (("active", WORDS), ("class", WORDS)),
}


@settings(max_examples=300)
@given(st.data(), st.sampled_from(sorted(TABLES)), st.booleans())
def test_one_more_row_changes_no_other_compound(tmp_path_factory, data, kind, agreed):
    columns = TABLES[kind]
    rows = data.draw(st.lists(st.tuples(*(cells for _, cells in columns)), min_size=2, max_size=len(SMILES)))
    wanted = OutcomeColumns(alone=True) if kind == "active" else OutcomeColumns(
        value_column=kind, threshold=5.0 if kind == "pIC50" else 10_000.0, unit="p" if kind == "pIC50" else "nM",
        agreed=agreed, alone=True,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tables")
    header = ["smiles", *(name for name, _ in columns)]
    found = []
    for some in (rows[:-1], rows):
        path = folder / f"{len(some)}.csv"
        lines = [[smiles, *cells] for smiles, cells in zip(SMILES, some, strict=False)]
        path.write_text("\n".join(";".join(line) for line in [header, *lines]), encoding="utf-8")
        try:
            read = read_labelled(path, wanted)
        except InputError:
            return
        found.append(dict(zip(read.compounds.smiles, read.active.tolist(), strict=True)))
    without, within = found
    within.pop(SMILES[len(rows) - 1], None)
    assert within == without
