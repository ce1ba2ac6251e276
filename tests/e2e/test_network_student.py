"""A charter whose student is a network, from files to a run folder; or the word what to install."""

import csv
from importlib.util import find_spec

import attrs
import pytest

from fluidmol.learning.estimators import chemprop as module
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

NETWORK = Part("chemprop", {"epochs": 2, "hidden": 16})


@pytest.fixture(scope="module")
def charter(files, tmp_path_factory):
    path = tmp_path_factory.mktemp("charter") / "network.toml"
    agreed = attrs.evolve(Charter.from_toml(files.forest.read_text()), student=NETWORK)
    path.write_text(agreed.to_toml())
    return path


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def study(fluid, files, charter, out):
    return fluid(
        "study", "benchmark", "--source", files.source, "--external", files.external, "--transfer", files.transfer,
        "--charter", charter, "--out", out, "--partners", 3, "--workers", 2, "--quiet", "--seeds", "1",
    )  # fmt: skip


@pytest.mark.parametrize("command", ["simulate", "study"])
def test_what_to_install_is_said_before_anything_is_done(
    command, charter, fluid, files, simulate, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    out = tmp_path / "OUT"
    result = simulate(out, charter=charter) if command == "simulate" else study(fluid, files, charter, out)
    assert result.code == 69
    assert "pip install 'fluidmol[chemprop]'" in result.err.replace("\n", " ")
    assert not out.exists()


def test_a_teacher_cannot_be_a_network(charter, simulate, tmp_path):
    agreed = attrs.evolve(Charter.from_toml(charter.read_text()), teacher=NETWORK)
    (tmp_path / "c.toml").write_text(agreed.to_toml())
    result = simulate(tmp_path / "OUT", charter=tmp_path / "c.toml")
    assert (result.code, "can't be used here" in result.err) == (78, True)


@pytest.fixture(scope="module")
def run(charter, simulate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("network") / "RUN"
    result = simulate(folder, charter=charter)
    assert (result.code, result.err) == (0, "")
    return folder


@pytest.mark.skipif(find_spec("chemprop") is None, reason="chemprop isn't installed: fluidmol[chemprop]")
class TestWithChemprop:
    def test_the_same_bytes_each_time(self, run, charter, simulate, tmp_path):
        assert simulate(tmp_path / "AGAIN", charter=charter).code == 0
        for name in ("metrics.csv", "predictions.parquet"):
            assert (run / name).read_bytes() == (tmp_path / "AGAIN" / name).read_bytes()

    def test_the_student_is_among_the_models(self, run, good):
        figures, others = (
            list(csv.DictReader((f / "metrics.csv").read_text().splitlines())) for f in (run, good.folder)
        )
        assert [row["model"] for row in figures] == [row["model"] for row in others]
        differ = {one["model"] for one, other in zip(figures, others, strict=True) if one != other}
        assert differ == {"student"}

    def test_the_student_predicts(self, run, fluid, files, tmp_path):
        words = ["--model", "student", "--labels", run / "labels.fluid", "--out", tmp_path / "p.csv", "--quiet"]
        result = fluid("predict", files.external, *words, "--workers", 1)
        assert result.code == 0, result.err
        said = [float(row["probability"]) for row in read(tmp_path / "p.csv")]
        assert len(said) > 10
        assert all(0 <= p <= 1 for p in said)

    def test_a_study(self, charter, fluid, files, tmp_path):
        result = study(fluid, files, charter, tmp_path / "LAB")
        assert result.code == 0, result.err
        rows = read(tmp_path / "LAB" / "benchmark" / "results.csv")
        assert {"student", "student-shuffled"} <= {row["model"] for row in rows}
