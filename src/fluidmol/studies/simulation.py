"""A simulation: the benchmark of one seed, and beside its results what a consortium would have in its hands."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.coordinator.federate import distil
from fluidmol.errors import OutputError
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.bench import Bench
from fluidmol.studies.lab.ceiling import USUAL, pooled_kinds
from fluidmol.studies.lab.folder import FINISHED, LAST, RUN_REPORT
from fluidmol.studies.lab.model_predictions import answers
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.lab.results import as_json, made_with, write_file
from fluidmol.studies.lab.runner import is_finished, run_study
from fluidmol.studies.lab.study import Row
from fluidmol.studies.prepare import Sources
from fluidmol.studies.views import write_views
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part
from fluidmol.values.results import TRAINING
from fluidmol.values.scale import Scale

STUDY = Part("benchmark", {"controls": False})
"""What a simulation is, as a study."""


def plan_of(sources: Sources, charter: Charter, setup: Setup, ceiling: str = USUAL) -> StudyPlan:
    """Return the study that a simulation is: a benchmark with the charter's own seed, without controls.

    Parameters
    ----------
    sources : Sources
    charter : Charter
    setup : Setup
    ceiling : str
        Kinds of pooled models that compete to be T0, see :func:`fluidmol.studies.lab.ceiling.pooled_kinds`.

    Raises
    ------
    CharterError
        If there is no such kind.
    """
    pooled_kinds(ceiling)
    study = STUDY if ceiling == USUAL else Part(STUDY.name, {**dict(STUDY.options), "ceiling": ceiling})
    return StudyPlan(study=study, sources=sources, charter=charter, setup=setup, seeds=(charter.seed,))


def simulate(
    plan: StudyPlan,
    out: Path,
    *,
    cache: StandardCache | None,
    stages: Stages,
    bench: Bench,
    workers: int = 1,
    overwrite: bool = False,
    title: str = "",
    synthetic: bool = False,
) -> bool:
    """Run FLuID in a virtual consortium, judge every model, and write the run folder but for its report.

    Runs on the ambient joblib backend. What was finished before an interruption isn't computed again.

    Parameters
    ----------
    plan : StudyPlan
        Made by :func:`plan_of`.
    out : Path
        The run folder: a lab that holds one study, and beside it labels, wide tables and ``provenance.json``.
    cache : StandardCache or None
        Of standardised structures.
    stages : Stages
    bench : Bench
        Keeps the consortium for whoever wants to go on with it.
    workers : int
        For the record.
    overwrite : bool
        Whether another run in the folder may be removed.
    title : str
        What the report calls it.
    synthetic : bool
        Whether the chemistry is made up.

    Returns
    -------
    bool
        Whether anything was written: a finished run stays as it is.

    Raises
    ------
    FluidError
        If anything about charter, input or output is wrong, or no student can be distilled.
    """
    [seed] = plan.seeds
    folder = plan.folder(out)
    _check_run(out, folder.study, seed, overwrite=overwrite)
    if is_finished(plan, out) and _run_in(out) == [folder.study, seed]:
        return False
    done = run_study(plan, out, cache=cache, stages=stages, workers=workers, overwrite=overwrite, bench=bench)
    prepared, lab = bench.lab(plan, seed, out, cache=cache, stages=stages)
    charter = lab.charter
    if charter.transfer_digest != plan.charter.transfer_digest != "":
        stages.note("The charter names another transfer set: the new charter.toml names the one that was given.")
    labels = lab.labels()
    rows = [row for cell in done for row in cell.rows]
    if not any(row.kind == "student" for row in rows):
        distil(labels, lab.transfer, charter)  # says why there is none
    with stages.stage("tables"):
        folder.still_ours()
        # The mark of completion goes first: were we interrupted now, the rest would not pass for a finished run.
        for name in (FINISHED, RUN_REPORT):
            (out / name).unlink(missing_ok=True)
        write_views(out, lab.consortium, labels, rows, answers(folder.path), lab.declined, prepared.rejected)
    folder.still_ours()
    study = json.loads((folder.path / LAST).read_text(encoding="utf-8"))
    facts = {
        "kind": "simulation", "run": [folder.study, seed], "title": title, "synthetic": synthetic,
        "t0": chosen_ceiling(rows), **_facts(plan, study["by_seed"][str(seed)], labels),
        **made_with(stages), "workers": workers,
        "stages": [
            {"stage": s.name, "seconds": round(s.seconds, 3), "peak_mb": round(s.peak_mb, 1)} for s in stages.finished
        ],
    }  # fmt: skip
    write_file(out / FINISHED, as_json(facts))
    return True


def chosen_ceiling(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Collect how T0 was chosen, one entry a kind; none where nothing was chosen."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.dataset == TRAINING:
            value = None if math.isnan(row.value) else row.value
            found.setdefault(row.model, {"kind": row.model})[row.metric] = value
    return list(found.values())


def _facts(plan: StudyPlan, told: dict[str, Any], labels: FederatedLabels) -> dict[str, Any]:
    """Collect what a run was made of, from what its study tells of the seed."""
    setup = attrs.asdict(plan.setup)
    return {
        **{name: told[name] for name in ("charter_digest", "transfer_digest", "inputs", "sets", "overlap")},
        "preset": plan.charter.preset,
        "seed": plan.seeds[0],
        "partners": setup.pop("n_partners"),
        **setup,
        "labels_digest": labels.digest,
        **_means(told, plan.charter.scale, labels),
    }


def _means(told: dict[str, Any], scale: Scale | None, labels: FederatedLabels) -> dict[str, Any]:
    """Collect how active the sets are, or which values they have on average, and of which endpoint this is told."""
    if scale is None:
        return {"prevalence": {**told["prevalence"], "labels": float(np.mean(labels.hard))}}
    mean = float(scale.coordinate(np.nanmean(labels.value)))
    return {"mean": {**told["mean"], "labels": mean}, "scale": {**attrs.asdict(scale), "words": scale.words}}


def _run_in(out: Path) -> list[Any]:
    """Return which run a folder holds, finished; nothing if none is."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((out / FINISHED).read_text(encoding="utf-8"))["run"]
        if isinstance(found, list) and (out / RUN_REPORT).exists():
            return found
    return []


def _check_run(out: Path, study: str, seed: int, *, overwrite: bool) -> None:
    """Refuse a folder with the same study of another seed, for there is room for one run."""
    found = _run_in(out)
    if found and found[0] == study and found != [study, seed] and not overwrite:
        raise OutputError(
            f"{out} holds another run, of seed {found[1]}",
            hint="Give another folder with `out`, or repeat the command with `overwrite`.",
        )
