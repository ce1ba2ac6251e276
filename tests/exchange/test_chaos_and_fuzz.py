"""A few cases of ``make chaos`` and ``make fuzz``, always the same: that both still run, and find nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "benchmarks"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")


def run(tool, *words):
    environ = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, ROOT / tool, "--seed", "4", *words], capture_output=True, text=True, env=environ, timeout=300,
        check=False,
    )  # fmt: skip


def test_a_few_disturbances():
    done = run("chaos", "--trials", "1", "--only", "kill-partner", "corrupt replies")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all well" in done.stdout
    assert "killed while answering" in done.stdout


READERS = (
    "codec: changed bytes", "codec: changed members", "signed: changed bytes", "signed: by a malicious party", "sealed",
    "charter", "agreements", "closings", "policies", "ledgers", "folder", "folder: names", "hypothesis: texts",
    "measurements",
)  # fmt: skip


def test_a_few_hostile_files():
    done = run("fuzz", "--cases", "1500", "--only", *READERS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 failures" in done.stdout


def test_hostile_requests():
    done = run("fuzz", "--cases", "2500", "--only", "enrolment", "certified", "uploads", "strangers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 failures" in done.stdout
