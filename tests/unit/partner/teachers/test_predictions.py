"""Files of predictions as teachers: matched by structure, coverage checked, contradictions left out by name."""

import numpy as np
import pytest

from fluidmol.errors import InputError, MissingFileError
from fluidmol.partner.teachers import LEVEL
from fluidmol.partner.teachers.matching import PredictionIndex
from fluidmol.partner.teachers.predicted import PredictionRow, read_predicted
from fluidmol.partner.teachers.predictions import FromPredictions
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.pieces import InMemory

PHENOL, TOLUENE = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "YXFVVABEGXRONW-UHFFFAOYSA-N"
L_ALANINE, D_ALANINE = "QNAYBMKLOCPYGJ-REOHCLBHSA-N", "QNAYBMKLOCPYGJ-UWTATZPHSA-N"
ALANINE = CompoundSet(("CC(N)C(=O)O",), ("QNAYBMKLOCPYGJ-UHFFFAOYSA-N",))


@pytest.fixture
def file(tmp_path):
    def write(text, name="predictions.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def table(transfer, *, n=None, column="inchikey"):
    values = transfer.inchikeys if column == "inchikey" else transfer.smiles
    rows = [f"{text},{i / 100}" for i, text in enumerate(values[:n])]
    return "\n".join([f"{column},probability", *rows]) + "\n"


@pytest.mark.parametrize("column", ["inchikey", "smiles"])
def test_molecules_are_found_by_structure(column, file, transfer):
    teacher = FromPredictions(path=file(table(transfer, column=column))).fit(None, None, "ada")
    value, weight = teacher.annotate(transfer)
    assert np.allclose(value[:, 0], np.arange(40) / 100)
    assert set(weight[:, 0]) == {LEVEL}


def test_what_isnt_covered_is_silence(file, transfer):
    said = []
    teacher = FromPredictions(path=file(table(transfer, n=30)), note=said.append).fit(None, None, "ada")
    value, weight = teacher.annotate(transfer)
    assert np.isnan(value[30:]).all()
    assert (weight[30:] == 0).all()
    assert not said
    teacher.check(InMemory(transfer, size=25))
    assert "30 of 40 molecules (75.0%): 30 by InChIKey, 0 by connectivity" in said[0]


def test_too_little_coverage_is_refused_but_for_other_sets(file, transfer):
    path = file(table(transfer, n=10))
    with pytest.raises(InputError, match=r"10 of 40 molecules \(25\.0%\).*Expected 50% or more"):
        FromPredictions(path=path).fit(None, None, "ada").check(InMemory(transfer, size=25))
    FromPredictions(path=path, least_coverage=0.25).fit(None, None, "ada").check(InMemory(transfer, size=25))
    assert np.isnan(FromPredictions(path=path).fit(None, None, "ada").predict(transfer)).sum() == 30


def test_a_confidence_is_the_weight_where_it_is_stated(file):
    path = file(f"InChIKey;Probability;Confidence\n{PHENOL};0.5;0.9\n{TOLUENE};0.25;\n")
    pair = CompoundSet(("Oc1ccccc1", "Cc1ccccc1"), (PHENOL, TOLUENE))
    assert FromPredictions(path=path, level=0.1).fit(None, None, "ada").annotate(pair)[1].ravel().tolist() == [0.9, 0.1]


def test_connectivity_is_second_best():
    rows = [PredictionRow(2, L_ALANINE, 0.2, None), PredictionRow(3, D_ALANINE, 0.4, 0.8)]
    found = PredictionIndex.of(rows).match(ALANINE)
    assert (found.n_exact, found.n_connectivity) == (0, 1)
    assert found.value[0] == pytest.approx(0.3)
    assert found.confidence[0] == pytest.approx(0.8)
    exact = PredictionIndex.of([*rows, PredictionRow(4, ALANINE.inchikeys[0], 0.9, None)]).match(ALANINE)
    assert (exact.n_exact, exact.value[0]) == (1, 0.9)


def test_contradictory_rows_are_left_out_by_name():
    rows = [
        PredictionRow(2, PHENOL, 0.2, None),
        PredictionRow(3, TOLUENE, 0.5, None),
        PredictionRow(7, PHENOL, 0.9, None),
        PredictionRow(8, TOLUENE, 0.5, None),
    ]
    found = PredictionIndex.of(rows).match(CompoundSet(("Oc1ccccc1", "Cc1ccccc1"), (PHENOL, TOLUENE)))
    assert np.isnan(found.value[0])
    assert found.value[1] == 0.5
    assert f"{PHENOL} (lines 2, 7)" in str(found)


def test_rows_that_cant_be_used_are_said(file):
    path = file(f"inchikey,probability\n{PHENOL},2\nnone,0.5\n{TOLUENE},\n{PHENOL},0.5,9\n{PHENOL},x\n{TOLUENE},0.5\n")
    found = read_predicted(path)
    assert [row.line for row in found.rows] == [7]
    assert found.n_silent == 1
    assert [(row.line, row.kind) for row in found.rejected] == [
        (2, "no probability"), (3, "no InChIKey"), (5, "wrong number of fields"), (6, "no probability"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inchikey,p\nA,0.5\n", "no column of probabilities.*`names`"),
        ("name,probability\nA,0.5\n", "doesn't say which molecules"),
        ("inchikey,probability\nA,0.5\n", "no usable prediction: no InChIKey"),
        ("inchikey,probability\n", "no usable prediction: no row"),
        ('inchikey,probability\n"A,0.5\n', "quotation"),
        ("", "empty"),
    ],
)
def test_files_that_cant_be_used(text, said, file):
    with pytest.raises(InputError, match=said):
        FromPredictions(path=file(text)).fit(None, None, "ada")


def test_columns_may_be_named(file):
    path = file(f"inchikey,hERG\n{PHENOL},0.5\n")
    assert read_predicted(path, {"probability": "herg"}).rows[0].probability == 0.5
    with pytest.raises(InputError, match="no column 'potency'"):
        read_predicted(path, {"probability": "potency"})


def test_a_file_that_isnt_there(tmp_path):
    with pytest.raises(MissingFileError, match=r"absent\.csv"):
        FromPredictions(path=tmp_path / "absent.csv").fit(None, None, "ada")
