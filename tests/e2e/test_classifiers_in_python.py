"""What Python says of molecules is what the command line says, to the last digit."""

import csv
import importlib.util
import warnings

import numpy as np
import pandas as pd
import pytest

from fluidmol.sklearn import FluidClassifier, FluidStudent

SEEN = ["CCN(C)CCc1ccccc1", "C1CC", "Oc1ccccn1", "O=c1cccc[nH]1", "", "CCO", "OCC"]
"""Unreadable, empty and repeated ones, and two tautomers, among molecules to predict."""


@pytest.fixture(scope="module")
def round_(simulate, files, tmp_path_factory):
    """A finished run of experts."""
    folder = tmp_path_factory.mktemp("python") / "RUN"
    result = simulate(folder, charter=files.experts, external=None)
    assert result.code == 0, result.err
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory, rows, as_table):
    """A company's own file, with rows that agree, that contradict each other, and that can't be used."""
    path = tmp_path_factory.mktemp("own") / "own.csv"
    (first, active), (second, other) = rows[:2]
    path.write_text(as_table([*rows[:78], (first, active), (second, 1 - other), ("C1CC", 1), ("CCCO", "")]))
    return path


@pytest.fixture(scope="module")
def asked(tmp_path_factory, files):
    """Molecules to predict."""
    path = tmp_path_factory.mktemp("asked") / "asked.csv"
    with files.external.open() as table:
        smiles = [*(row["smiles"] for row in csv.DictReader(table)), *SEEN]
    path.write_text("smiles,mass\n" + "".join(f"{text},1.0\n" for text in smiles))
    return path


@pytest.fixture(scope="module")
def predicted(fluid, asked, tmp_path_factory):
    """What ``fluid predict`` writes."""

    def run(model, *words):
        out = tmp_path_factory.mktemp("predicted") / "out.csv"
        result = fluid("predict", asked, "--model", model, "--out", out, *words, "--workers", 1, "--quiet")
        assert result.code == 0, result.err
        return out.read_bytes()

    return run


def written(table):
    """The file that ``fluid predict`` would write of a table."""
    text = table.assign(
        id="",
        **{name: table[name].map("{:.3f}".format, na_action="ignore") for name in table if "similarity" in name},
        **{name: table[name].map("{:.3f}".format, na_action="ignore") for name in table if name.endswith("_label")},
        probability=table["probability"].map("{:.6f}".format, na_action="ignore"),
    )
    columns = list(table)
    return text[[columns[0], "id", *columns[1:]]].to_csv(index=False).encode()


@pytest.mark.parametrize("own_model", [None, "sklearn.naive_bayes:BernoulliNB"])
def test_a_hybrid(fluid, round_, own, asked, predicted, own_model, tmp_path):
    model = ["--teacher", own_model] if own_model else []
    options = ["--labels", round_ / "labels.fluid", "--data", own, "--as", "partner-1", "--out", tmp_path / "hybrid"]
    result = fluid("hybrid", "fit", *options, *model, "--folds", 3, "--workers", 1, "--quiet")
    assert result.code == 0, result.err
    expected = predicted(tmp_path / "hybrid")

    table, molecules = pd.read_csv(own), pd.read_csv(asked)
    found = FluidClassifier(round_, name="partner-1", folds=3, on_error="nan", own_model=own_model)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Conformal sets may be too narrow")  # the company has other compounds now
        found.fit(table[["smiles"]], table["active"])
    assert written(found.predict_with_reliability(molecules)) == expected
    assert found.rejected_["row"].tolist() == [1, 79, 80, 81]

    loaded = FluidClassifier.load(tmp_path / "hybrid", on_error="nan")
    assert np.array_equal(loaded.predict_proba(molecules), found.predict_proba(molecules), equal_nan=True)
    found.save(tmp_path / "saved")
    assert predicted(tmp_path / "saved") == expected


def test_a_student(round_, asked, predicted, tmp_path):
    expected = predicted("student", "--labels", round_ / "labels.fluid")
    found = FluidStudent(round_ / "labels.fluid", on_error="nan").fit()
    assert written(found.predict_with_reliability(pd.read_csv(asked))) == expected
    found.save(tmp_path / "student")
    assert predicted(tmp_path / "student") == expected


def test_after_a_real_round_the_home_knows_the_pseudonym(fluid, root, asked, predicted, as_table, tmp_path):
    spec = importlib.util.spec_from_file_location("round_example", root / "examples" / "round.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    labels = example.main(tmp_path)
    assert all(name.startswith("anon-") for name in labels.partners)
    home = tmp_path / "ada"
    rows = [(ring.format(group), int("N" in group)) for ring in example.RINGS["ada"] for group in example.GROUPS]
    (tmp_path / "own.csv").write_text(as_table(rows))
    options = ["--labels", home / "labels.fluid", "--data", tmp_path / "own.csv", "--as", "ada"]
    result = fluid("hybrid", "fit", *options, "--out", tmp_path / "hybrid", "--folds", 2, "--workers", 1, "--quiet")
    assert result.code == 0, result.err
    found = FluidClassifier(home, name="ada", folds=2, on_error="nan").fit(*map(list, zip(*rows, strict=True)))
    assert written(found.predict_with_reliability(pd.read_csv(asked))) == predicted(tmp_path / "hybrid")


def test_files_are_read_anew_when_they_change(round_, own, tmp_path):
    for name in ("labels.fluid", "labels.parquet", "charter.toml"):
        (tmp_path / name).write_bytes((round_ / name).read_bytes())
    student = FluidStudent(tmp_path).fit()
    assert FluidStudent(tmp_path).fit().model_.public is student.model_.public, "once is enough"
    text = (tmp_path / "charter.toml").read_text()
    (tmp_path / "charter.toml").write_text(text.replace("seed = 42", "seed = 7"))
    with pytest.raises(Exception, match="another charter"):
        student.fit()
