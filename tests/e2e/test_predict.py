"""``fluid hybrid fit``, ``fluid predict`` and ``fluid export``, from files to files."""

import csv
import json
import signal
import time
from types import SimpleNamespace

import numpy as np
import pytest
from pyarrow.parquet import read_table
from rdkit.Chem import MolFromSmarts, SDMolSupplier

from fluidmol.values.charter import Charter


@pytest.fixture(scope="session")
def own(tmp_path_factory, rows, as_table):
    """A company's own file."""
    path = tmp_path_factory.mktemp("own") / "own.csv"
    path.write_text(as_table(rows[:78]))
    return path


@pytest.fixture(scope="session")
def round_(simulate, files, tmp_path_factory):
    """A finished run of experts, which has what a round leaves."""
    folder = tmp_path_factory.mktemp("round") / "RUN"
    result = simulate(folder, charter=files.experts, external=None)
    assert result.code == 0, result.err
    return folder


@pytest.fixture(scope="session")
def hybrid(fluid, own, round_, tmp_path_factory):
    """A kept hybrid, and what was said when it was made."""
    folder = tmp_path_factory.mktemp("kept") / "hybrid"
    options = ["--labels", round_ / "labels.fluid", "--data", own, "--as", "partner-1", "--out", folder]
    result = fluid("hybrid", "fit", *options, "--folds", 3, "--workers", 1, "--quiet")
    assert result.code == 0, result.err
    return SimpleNamespace(folder=folder, out=result.out)


@pytest.fixture
def predict(fluid, hybrid, files, tmp_path):
    def run(*words, molecules=files.external, model=hybrid.folder, out=tmp_path / "out.csv"):
        options = ["--model", model, "--out", out, "--workers", 1, "--quiet"]
        return fluid("predict", molecules, *options, *words)

    return run


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


class TestFit:
    def test_what_is_said(self, hybrid):
        assert "Hybrid of 78 own compounds (36 active) and labels of" in hybrid.out
        assert (
            "Private: holds coefficients from which own compounds can be decoded; never give it to others."
            in hybrid.out
        )
        assert (hybrid.folder / "PRIVATE.txt").read_text().startswith("private: holds coefficients")

    def test_where_it_came_from(self, hybrid, round_):
        facts = json.loads((hybrid.folder / "model.json").read_text())["facts"]
        assert facts["partner"] == "partner-1"
        assert (facts["n_own"], facts["n_own_active"]) == (78, 36)
        assert facts["charter"] == Charter.from_toml((round_ / "charter.toml").read_text()).digest
        assert set(facts["versions"]) >= {"fluidmol", "rdkit", "lightgbm"}

    def test_a_newcomer_with_named_files(self, fluid, own, round_, tmp_path):
        options = ["--labels", round_ / "labels.fluid", "--charter", round_ / "charter.toml", "--newcomer"]
        named = ["--transfer", round_ / "labels.parquet", "--data", own, "--out", tmp_path / "h"]
        result = fluid("hybrid", "fit", *options, *named, "--folds", 0, "--workers", 1, "--quiet")
        assert result.code == 0, result.err
        assert "isn't calibrated" in result.out

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (("--as", "partner-1"), 64, "no hybrid without compounds of your own"),
            (("--data", "OWN"), 64, "--as NAME"),
            (("--data", "OWN", "--as", "partner-1", "--newcomer"), 64, "both --as and --newcomer"),
            (("--data", "OWN", "--as", "partner-9"), 64, "know no partner 'partner-9'"),
            (("--data", "OWN", "--as", "partner-1", "--folds", 1), 64, "--folds is 1"),
            (("--data", "absent.csv", "--as", "partner-1"), 66, "absent.csv"),
            (("--data", "OWN", "--as", "partner-1", "--transfer", "OWN"), 65, "isn't the one that the charter names"),
            (("--data", "OWN", "--as", "partner-1", "--charter", "OTHER"), 65, "another charter"),
        ],
        ids=str,
    )
    def test_refused(self, words, code, said, fluid, own, round_, files, tmp_path):
        given = [{"OWN": own, "OTHER": files.forest}.get(word, word) for word in words]
        out = tmp_path / "h"
        result = fluid(
            "hybrid", "fit", "--labels", round_ / "labels.fluid", "--out", out, "--workers", 1, "--quiet", *given
        )
        assert result.code == code, result.err
        assert said in result.err
        assert not out.exists()

    def test_a_hybrid_is_replaced_only_when_asked(self, fluid, own, round_, hybrid):
        options = ["--labels", round_ / "labels.fluid", "--data", own, "--as", "partner-1", "--out", hybrid.folder]
        result = fluid("hybrid", "fit", *options, "--quiet")
        assert result.code == 73
        assert "--overwrite" in result.err


class TestPredict:
    def test_a_table_of_predictions(self, predict, files, tmp_path):
        result = predict()
        assert result.code == 0, result.err
        assert "molecules/s" in result.out
        found, asked = read(tmp_path / "out.csv"), read(files.external)
        assert [row["smiles"] for row in found] == [row["smiles"] for row in asked]
        right = np.mean(
            [(row["class"] == "active") == (truth["active"] == "1") for row, truth in zip(found, asked, strict=True)]
        )
        assert right > 0.7
        assert {row["applicability"] for row in found} <= {"inside", "outside"}
        assert {row["near_to"] == "nothing known" for row in found if row["applicability"] == "inside"} == {False}
        assert all(row["evidence_3_smiles"] and row["own_similarity"] and row["conformal_set"] for row in found)

    def test_the_same_again_is_refused_or_the_same(self, predict, tmp_path):
        assert predict().code == 0
        before = (tmp_path / "out.csv").read_bytes()
        refused = predict()
        assert (refused.code, "--overwrite" in refused.err) == (73, True)
        assert predict("--overwrite").code == 0
        assert (tmp_path / "out.csv").read_bytes() == before

    def test_the_student_needs_nothing_private(self, predict, round_, tmp_path):
        result = predict("--labels", round_ / "labels.fluid", model="student")
        assert result.code == 0, result.err
        row = read(tmp_path / "out.csv")[0]
        assert row["own_similarity"] == row["conformal_set"] == ""
        assert row["probability"]

    def test_names_and_what_cant_be_used(self, predict, tmp_path):
        molecules = tmp_path / "few.smi"
        molecules.write_text("CCN(C)CCc1ccccc1 mine\nC1CC broken\n")
        result = predict("--evidence", 0, molecules=molecules)
        assert "1 couldn't be used" in result.out
        rows = read(tmp_path / "out.csv")
        assert [row["id"] for row in rows] == ["mine", "broken"]
        assert "unreadable" in rows[1]["problem"]
        assert "evidence_1_smiles" not in rows[0]

    def test_parts_that_nobody_has_seen_are_named(self, predict, round_, tmp_path):
        molecules = tmp_path / "odd.smi"
        molecules.write_text("OB(O)c1ccccc1CCN boronic\nCCCCN plain\n")
        for model in ({}, {"model": "student"}):
            words = ("--labels", round_ / "labels.fluid") if model else ()
            assert predict(*words, "--overwrite", molecules=molecules, **model).code == 0
            odd, plain = (row["unknown_fragments"] for row in read(tmp_path / "out.csv"))
            part = MolFromSmarts(odd.split(", ")[0])
            assert {atom.GetSymbol() for atom in part.GetAtoms()} == {"B", "C", "O"}
            assert plain == ""

    def test_sdf_and_parquet_hold_what_csv_does(self, predict, tmp_path):
        molecules = tmp_path / "few.smi"
        molecules.write_text("CCN(C)CCc1ccccc1 mine\nC1CC broken\nCBr third\n")
        for ending in ("csv", "sdf", "parquet"):
            assert predict(molecules=molecules, out=tmp_path / f"out.{ending}").code == 0
        rows = read(tmp_path / "out.csv")
        records = list(SDMolSupplier(str(tmp_path / "out.sdf")))
        assert [record.GetProp("_Name") for record in records] == ["mine", "broken", "third"]
        assert [record.GetPropsAsDict(autoConvertStrings=False) for record in records] == [
            {name: cell for name, cell in row.items() if cell} for row in rows
        ]
        assert [record.GetNumAtoms() for record in records] == [12, 0, 2]
        assert records[2].GetProp("unknown_fragments") == "CBr"
        assert len({tuple(place) for place in records[0].GetConformer().GetPositions().round(2)}) == 12
        table = read_table(tmp_path / "out.parquet").to_pylist()
        assert [row["id"] for row in table] == ["mine", "broken", "third"]
        assert table[0]["probability"] == float(rows[0]["probability"])
        assert table[1]["probability"] is None
        assert [path.name for path in tmp_path.glob(".out*")] == []

    def test_wider_sets_at_higher_confidence(self, predict, tmp_path):
        sizes = {"none": 0, "active": 1, "inactive": 1, "both": 2}
        means = []
        for level in (0.6, 0.99):
            assert predict("--confidence", level, "--overwrite").code == 0
            means.append(np.mean([sizes[row["conformal_set"]] for row in read(tmp_path / "out.csv")]))
        assert means[0] < means[1]

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (("--confidence", 1), 64, "--confidence is 1"),
            (("--evidence", 99), 64, "--evidence is 99"),
            (("--workers", 0), 64, "--workers"),
            (("--labels", "x"), 64, "--labels is given with a hybrid"),
            (("--model", "student"), 64, "Give --labels"),
            (("--model", "absent"), 66, "fluid hybrid fit"),
            (("--smiles-column", "x"), 65, "no column 'x'"),
            (("--id-column", "x"), 65, "no column 'x'"),
            (("--out", "."), 73, "is a folder"),
            (("--sheet", "1"), 64, "has no sheets"),
            (("--out", "out.xlsx"), 64, "ends with .csv, .sdf or .parquet"),
            (("--out", "out"), 64, "ends with .csv, .sdf or .parquet"),
        ],
        ids=str,
    )
    def test_refused(self, words, code, said, predict, tmp_path):
        result = predict(*words)
        assert (result.code, said in result.err) == (code, True), result.err
        assert not (tmp_path / "out.csv").exists()

    def test_nothing_that_can_be_predicted(self, predict, tmp_path):
        molecules = tmp_path / "few.csv"
        molecules.write_text("smiles,id\nACME-1,x\nACME-2,y\n")
        result = predict(molecules=molecules)
        assert result.code == 65, result.err
        assert "first in line 2: unreadable SMILES" in result.err
        assert not (tmp_path / "out.csv").exists()

    def test_no_file(self, predict, tmp_path):
        assert predict(molecules=tmp_path / "absent.smi").code == 66

    def test_interrupted_it_goes_on(self, spawn, predict, hybrid, files, tmp_path):
        molecules = tmp_path / "many.smi"
        smiles = [row["smiles"] for row in read(files.external)]
        molecules.write_text("".join(f"{smiles[i % len(smiles)]} M{i}\n" for i in range(90)))
        slow = f"exec({SLOW!r})"
        words = [
            "predict",
            molecules,
            "--model",
            hybrid.folder,
            "--out",
            tmp_path / "out.csv",
            "--workers",
            1,
            "--quiet",
        ]
        process = spawn(*words, first=slow)
        parts = tmp_path / ".out.csv.parts"
        deadline = time.monotonic() + 60
        while not parts.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert not (tmp_path / "out.csv").exists()
        assert predict(molecules=molecules).code == 0
        assert len(read(tmp_path / "out.csv")) == 90
        assert not parts.exists()


# The module must not be imported before the command blocks Ctrl-C: libraries' threads would take the signal.
SLOW = """
import builtins, sys, time

real = builtins.__import__

def imported(*given, **named):
    found = real(*given, **named)
    job = sys.modules.get("fluidmol.partner.prediction.job")
    if hasattr(job, "rows") and not hasattr(job, "quick"):
        job.quick = job.rows
        job.rows = lambda *given: (time.sleep(20), job.quick(*given))[1]
    return found

builtins.__import__ = imported
"""


class TestExport:
    @pytest.fixture(autouse=True)
    def _extra(self):
        pytest.importorskip("onnx", reason="onnx is an extra")
        pytest.importorskip("onnxruntime", reason="onnxruntime is an extra")

    @pytest.mark.parametrize("part", ["own", "others"])
    def test_parts_of_a_mixture(self, part, fluid, hybrid, tmp_path):
        out = tmp_path / "m.onnx"
        result = fluid("export", "--onnx", "--model", hybrid.folder, "--part", part, "--out", out, "--quiet")
        assert result.code == 0, result.err
        said = "Private: holds" if part == "own" else "For the parties of the charter only: made of labels"
        assert said in result.out
        assert json.loads((tmp_path / "m.onnx.json").read_text())["checked"]["largest_difference"] <= 1e-5
        assert fluid("export", "--onnx", "--model", hybrid.folder, "--part", part, "--out", out).code == 73

    def test_the_student(self, fluid, round_, tmp_path):
        options = ["--model", "student", "--labels", round_ / "labels.fluid", "--out", tmp_path / "s.onnx"]
        result = fluid("export", "--onnx", *options, "--quiet")
        assert result.code == 0, result.err
        assert "student" in result.out

    @pytest.mark.parametrize(
        ("words", "said"),
        [((), "Add --onnx"), (("--onnx",), "--part own"), (("--onnx", "--part", "owm"), "Did you mean own")],
        ids=str,
    )
    def test_refused(self, words, said, fluid, hybrid, tmp_path):
        result = fluid("export", "--model", hybrid.folder, "--out", tmp_path / "m.onnx", "--quiet", *words)
        assert (result.code, said in result.err) == (64, True), result.err
        assert not list(tmp_path.iterdir())
