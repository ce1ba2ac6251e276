"""The paper's virtual consortium on the real hERG files: what checks and benchmarks share."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import numpy as np
from joblib import parallel_config

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.cli.workers import cores
from fluidmol.progress import Stages
from fluidmol.studies.analyses.benchmark import Benchmark
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.lab.study import Row
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.charter import Charter

DATA = Path(__file__).parents[2] / "shared" / "data"
"""Where the real data are, outside of this repository; absent elsewhere."""

PROOF_OF_CONCEPT = {
    ("pooled_same_make", "external"): 0.445,
    ("pooled_same_make", "validation"): 0.484,
    ("teacher", "external"): 0.259,
    ("teacher", "validation"): 0.220,
    ("student", "external"): 0.345,
    ("student", "validation"): 0.259,
}
"""MCC that the paper's own code reached on these files: one seed, 50 000 transfer molecules. Its T0 is of
the teachers' make."""


def consortium_of(seed: int, preset: str = "paper-2025", size: int = 50_000) -> tuple[list[Row], Stages]:
    """Run the virtual consortium of eight partners with one seed; give all figures of all models."""
    sources = Sources(
        source=DATA / "herg_train.csv.gz",
        external=DATA / "herg_test.csv.gz",
        transfer=DATA / "transfer.csv.gz",
        transfer_size=size,
    )
    stages = Stages()
    with TemporaryDirectory() as folder, parallel_config(n_jobs=cores()):
        charter = attrs.evolve(Charter.from_preset(preset), seed=seed)
        prepared = prepare(sources, charter, Setup(), StandardCache(), stages)
        lab = Lab(prepared.consortium, ArrayStore(Path(folder)), stages=stages)
        found = [finding for cell in Benchmark(controls=False, ceiling="none").cells(lab) for finding in cell.run()]
    return [finding for finding in found if isinstance(finding, Row)], stages


def mean_mcc(rows: list[Row]) -> dict[tuple[str, str], float]:
    """Average the MCC over the models of each kind, by kind and data set."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.metric == "mcc" and row.kind != "derived":
            found.setdefault((row.kind, row.dataset), []).append(row.value)
    return {key: float(np.mean(values)) for key, values in found.items()}
