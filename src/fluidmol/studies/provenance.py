"""Provenance: what a run was made of and with."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np

from fluidmol.studies.environment import libraries
from fluidmol.studies.prepare import Prepared
from fluidmol.studies.simulate import Setup, Simulation
from fluidmol.studies.stages import Stages


def provenance(
    prepared: Prepared,
    simulation: Simulation,
    setup: Setup,
    stages: Stages,
    *,
    title: str,
    synthetic: bool,
    overlap: Mapping[str, Any],
    workers: int,
) -> dict[str, Any]:
    """Collect the facts of a run.

    Parameters
    ----------
    prepared, simulation, setup, stages
        Of the run.
    title : str
        What the report calls it.
    synthetic : bool
        Whether the chemistry is made up.
    overlap : mapping
        Of the sets; see :func:`fluidmol.studies.repeats.overlap_facts`.
    workers : int
        Processes or threads in use.

    Returns
    -------
    dict
        Plain values, ready for JSON.
    """
    consortium, outcome = simulation.consortium, simulation.outcome
    train = consortium.pooled
    sets = {"train": len(train), **{name: len(b) for name, b in consortium.benchmarks.items()}}
    active = {"train": train.n_active, **{name: b.n_active for name, b in consortium.benchmarks.items()}}
    return {
        "fluidmol": metadata.version("fluidmol"),
        "kind": "simulation",
        "title": title,
        "synthetic": synthetic,
        "preset": consortium.charter.preset,
        "seed": consortium.charter.seed,
        "split": setup.split,
        "partners": setup.n_partners,
        "mixing": setup.mixing,
        "validation_fraction": setup.validation_fraction,
        "started": stages.begun.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": libraries(),
        "charter_digest": consortium.charter.digest,
        "transfer_digest": consortium.transfer.digest,
        "labels_digest": outcome.labels.digest,
        "inputs": list(prepared.inputs),
        "sets": {**sets, "transfer": len(consortium.transfer)},
        "overlap": dict(overlap),
        "prevalence": {
            **{name: active[name] / sets[name] for name in sets if sets[name]},
            "labels": float(np.mean(outcome.labels.hard)),
        },
        "stages": [
            {"stage": s.name, "seconds": round(s.seconds, 3), "peak_mb": round(s.peak_mb, 1)} for s in stages.finished
        ],
        "seconds": round(stages.seconds, 3),
        "peak_mb": round(stages.peak_mb, 1),
        "workers": workers,
    }
