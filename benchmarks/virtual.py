"""The paper's virtual consortium on the real hERG files: what checks and benchmarks share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from joblib import parallel_config

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.cli.run import cores
from fluidmol.exchange.local import LocalChannel
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.studies.simulate import Setup, Simulation, simulate
from fluidmol.studies.stages import Stages
from fluidmol.values.charter import Charter

DATA = Path(__file__).parents[2] / "shared" / "data"
"""Where the real data are, outside of this repository; absent elsewhere."""

PROOF_OF_CONCEPT = {
    ("pooled", "external"): 0.445,
    ("pooled", "validation"): 0.484,
    ("teacher", "external"): 0.259,
    ("teacher", "validation"): 0.220,
    ("student", "external"): 0.345,
    ("student", "validation"): 0.259,
}
"""MCC that the paper's own code reached on these files: one seed, 50 000 transfer molecules."""


def consortium_of(seed: int, preset: str = "paper-2025", size: int = 50_000) -> tuple[Simulation, Stages]:
    """Run the virtual consortium of eight partners with one seed."""
    import attrs  # noqa: PLC0415

    sources = Sources(
        source=DATA / "herg_train.csv.gz",
        external=DATA / "herg_test.csv.gz",
        transfer=DATA / "transfer.csv.gz",
        transfer_size=size,
    )
    stages = Stages()
    with parallel_config(n_jobs=cores()):
        charter = attrs.evolve(Charter.from_preset(preset), seed=seed)
        prepared = prepare(sources, charter, Setup(), StandardCache(), stages)
        return simulate(prepared.consortium, stages, LocalChannel), stages


def mean_mcc(simulation: Simulation) -> dict[tuple[str, str], float]:
    """Average the MCC over the models of each kind, by kind and data set."""
    found: dict[tuple[str, str], list[float]] = {}
    for judged in simulation.judged:
        found.setdefault((judged.contender.kind, judged.dataset), []).append(judged.figures["mcc"])
    return {key: float(np.mean(values)) for key, values in found.items()}
