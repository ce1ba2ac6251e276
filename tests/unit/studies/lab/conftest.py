"""A small consortium in a lab, and one whose fits are counted."""

import numpy as np
import pytest

from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore


@pytest.fixture(scope="session")
def consortium(assays, transfer, benchmark_assay, quick_charter):
    half = len(benchmark_assay) // 2
    rows = range(len(benchmark_assay))
    benchmarks = {
        "validation": benchmark_assay.take(np.array(rows[:half])),
        "external": benchmark_assay.take(np.array(rows[half:])),
    }
    return Consortium(charter=quick_charter, transfer=transfer, assays=assays, benchmarks=benchmarks)


@pytest.fixture
def store(tmp_path):
    return ArrayStore(tmp_path / "cache")


@pytest.fixture
def lab(consortium, store):
    return Lab(consortium, store)
