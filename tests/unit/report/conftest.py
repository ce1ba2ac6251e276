import importlib.util
from pathlib import Path

import pytest

from fluidmol.report.read.run import read_run


def _load():
    spec = importlib.util.spec_from_file_location("report_run_folder", Path(__file__).with_name("run_folder.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_run():
    """Write a small finished run: ``make_run(folder, **options)``."""
    return _load().write_run


@pytest.fixture(scope="session")
def nasty():
    return _load().NASTY


@pytest.fixture
def folder(make_run, tmp_path):
    """A run folder of one's own, to be damaged."""
    return make_run(tmp_path / "run")


@pytest.fixture(scope="session")
def run(make_run, tmp_path_factory):
    return read_run(make_run(tmp_path_factory.mktemp("report") / "run"))
