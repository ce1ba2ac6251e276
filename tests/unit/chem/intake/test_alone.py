"""Under a charter with [privacy], no row decides how another is read."""

from pathlib import Path

import attrs
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
    "quoted fields": ('smiles,note,active\nCCO,"a, b",1\nCCN,c,0\n', CLASSES),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_rows_that_speak_for_themselves_are_read_as_ever(tmp_path, name):
    text, wanted = PLAIN[name]
    alone = read(tmp_path, text, wanted)
    ever = read(tmp_path, text, attrs.evolve(wanted, alone=False))
    assert (alone.compounds.smiles, alone.active.tolist()) == (ever.compounds.smiles, ever.active.tolist())
    assert len(alone) > 1


REFUSED = {
    "a decimal mark that another row tells": (
        "smiles,IC50\nCCO,12.500\nCCN,\"750,5\"\n", VALUES,
        "line 2: beside the other rows .* inactive, and alone as no class", "--decimal",
    ),
    "thousands that another row tells": (
        "smiles,IC50 nM\nCCO,\"12,500\"\nCCN,0.5\n", NAMED, "line 2: beside the other rows", "--decimal",
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
    "two columns of structures": (
        "Drug,SMILES_2,active\nCCO,CCN,1\nCCN,CCO,0\n", CLASSES, "which column holds the structures", "--smiles-column",
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
