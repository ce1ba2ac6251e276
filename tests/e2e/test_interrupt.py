"""Ctrl-C at any moment: the documented code, whole files, no process left, and the same command goes on."""

import json
import os
import signal
import time
import tomllib

import psutil
import pyarrow.parquet as pq
import pytest

BYTES = ("labels.parquet", "metrics.csv", "predictions.parquet", "charter.toml", "rejected.csv", "partners.csv")

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX signals")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """650 public molecules: more than one piece of work, so that processes are started."""
    path = tmp_path_factory.mktemp("large") / "public.smi"
    chains = [
        "C" * n + tail for n in range(1, 14) for tail in ("N", "O", "F", "Cl", "C#N", "OC", "NC", "C(=O)O", "S", "Br")
    ]
    rings = ("c1ccc({})cc1", "c1ccnc({})c1", "C1CCC({})CC1", "c1csc({})c1", "c1coc({})c1")
    path.write_text("".join(f"{ring.format(chain)} m\n" for ring in rings for chain in chains))
    return path


@pytest.fixture(scope="module")
def command(files, large):
    """The command that is interrupted."""

    def words(out):
        return (
            "simulate", "--source", files.source, "--external", files.external, "--transfer", large,
            "--charter", files.forest, "--partners", 3, "--workers", 2, "--out", out,
        )  # fmt: skip

    return words


@pytest.fixture(scope="module")
def undisturbed(command, fluid, tmp_path_factory):
    """The folder of the same run, left alone."""
    folder = tmp_path_factory.mktemp("undisturbed") / "RUN"
    assert fluid(*command(folder)).code == 0
    return folder


def interrupt(process, stage, delay):
    """Press Ctrl-C, which reaches the whole group, some seconds after a stage began."""
    said = ""
    for line in process.stderr:
        said += line
        if line.rstrip().endswith(f"] {stage}"):
            break
    time.sleep(delay)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return out, said + err, children


MOMENTS = [
    ("source", 0.0),
    ("transfer set", 0.8),  # while processes standardise
    ("teachers and annotations", 0.1),  # while threads train
    ("tables", 0.0),
    ("report", 0.0),
]


@pytest.mark.parametrize(("stage", "delay"), MOMENTS)
def test_an_interrupted_run_leaves_nothing_broken_and_goes_on(
    stage, delay, command, spawn, fluid, undisturbed, tmp_path
):
    out = tmp_path / "RUN"
    process = spawn(*command(out), env={"FLUID_CACHE": str(tmp_path / "cache")})
    printed, said, children = interrupt(process, stage, delay)
    assert process.returncode == 130, said
    assert said.endswith("Interrupted. Nothing is half-written; the same command goes on where it can.\n")
    assert "Traceback" not in said
    assert "Warning" not in said
    assert printed == ""
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []

    _all_whole(out)
    assert not (out / "report.html").exists()
    result = fluid(*command(out))
    assert result.code == 0, result.err
    assert [name for name in BYTES if (out / name).read_bytes() != (undisturbed / name).read_bytes()] == []
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in undisturbed.iterdir())


def _all_whole(folder):
    for path in folder.iterdir() if folder.exists() else ():
        assert not path.name.startswith("."), "a temporary file is left"
        match path.suffix:
            case ".parquet":
                pq.read_table(path)
            case ".json":
                json.loads(path.read_text())
            case ".toml":
                tomllib.loads(path.read_text())
            case ".csv":
                assert path.read_text().endswith("\n")


def test_an_interruption_before_anything_begins(spawn, command, tmp_path):
    process = spawn(*command(tmp_path / "RUN"), first="import os; os.write(2, b'ready\\n')")
    process.stderr.readline()
    time.sleep(0.3)  # libraries are being loaded
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
