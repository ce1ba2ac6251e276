import importlib.util
from pathlib import Path

import pytest

from fluidmol.report.read.studies import read_studies


def _load():
    path = Path(__file__).with_name("studies_folder.py")
    spec = importlib.util.spec_from_file_location("report_studies_folder", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_studies():
    """Write a small folder of studies: ``make_studies(folder, **options)``."""
    return _load().write_studies


@pytest.fixture
def folder(make_studies, tmp_path):
    """A folder of one's own, to be damaged."""
    return make_studies(tmp_path / "DIR")


@pytest.fixture(scope="session")
def studies(make_studies, tmp_path_factory):
    return read_studies(make_studies(tmp_path_factory.mktemp("studies") / "DIR"))
