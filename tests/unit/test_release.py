"""A release can be built again by anybody: the same source gives the same bytes."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[2]


def test_the_wheel_is_the_same_bytes_each_time(tmp_path):
    found = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        folder = tmp_path / str(number)
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "TZ": zone})
        (wheel,) = folder.glob("*.whl")
        found.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert found[0] == found[1]
    names = zipfile.ZipFile(wheel).namelist()
    assert "fluidmol/py.typed" in names
    assert "fluidmol/values/presets/private.toml" in names
    assert {name.partition("/")[0] for name in names} == {"fluidmol", "fluidmol_drop", "fluidmol-0.1.0.dist-info"}
