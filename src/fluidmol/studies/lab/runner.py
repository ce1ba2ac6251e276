"""Running a study: seed by seed, cell by cell; what is finished is kept, and the same command goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from fluidmol.charters.feasible import check_feasible
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.errors import OutputError, QuorumError
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.lab.bench import Bench
from fluidmol.studies.lab.cells import Cells, FinishedCell
from fluidmol.studies.lab.folder import LAST, StudyFolder
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.plan import StudyPlan, settings_of
from fluidmol.studies.lab.results import write_provenance, write_tables
from fluidmol.studies.lab.study import CheckedStudy, Study
from fluidmol.studies.prepare import VirtualConsortium
from fluidmol.studies.repeats import AT_LEAST, compared_sets, overlap_facts


def is_finished(plan: StudyPlan, out: Path) -> bool:
    """Tell whether a study's tables are there, of these seeds, and nothing that they follow from has changed."""
    folder = plan.folder(out)
    try:
        folder.still_ours()
        facts = json.loads((folder.path / LAST).read_text(encoding="utf-8"))
        same = facts["seeds"] == list(plan.seeds)
    except (OutputError, OSError, ValueError, KeyError, TypeError):
        return False
    cells = Cells(folder.path / "cells", folder.study)
    return same and all(cells.finished(seed) is not None for seed in plan.seeds)


def run_study(
    plan: StudyPlan,
    out: Path,
    *,
    cache: StandardCache | None,
    stages: Stages,
    workers: int = 1,
    overwrite: bool = False,
    bench: Bench | None = None,
) -> tuple[FinishedCell, ...]:
    """Run what isn't finished of a study, and write its tables.

    Runs on the ambient joblib backend.

    Parameters
    ----------
    plan : StudyPlan
    out : Path
        Folder of the lab; the study gets one within.
    cache : StandardCache or None
        Of standardised structures.
    stages : Stages
    workers : int
        For the record.
    overwrite : bool
        Whether results of another consortium, or of other settings, may be removed.
    bench : Bench, optional
        Shared by studies that follow one another: what one has prepared, the next one needn't.

    Returns
    -------
    tuple of FinishedCell
        All cells of all seeds, in order.

    Raises
    ------
    FluidError
        If charter, input or output can't be used.
    """
    check_feasible(plan.charter)
    study = STUDIES.build(plan.study)
    if isinstance(study, CheckedStudy):
        study.check(plan.charter)
    folder = plan.folder(out)
    folder.check((plan.sources.source, plan.sources.external, plan.sources.transfer), overwrite=overwrite)
    cells = Cells(folder.path / "cells", folder.study)
    bench = bench or Bench()
    hold = _Hold(folder, overwrite)
    done: list[FinishedCell] = []
    facts: dict[int, dict[str, Any]] = {}
    for place, seed in enumerate(plan.seeds):
        found = cells.finished(seed)
        if found is None:
            stages.note(f"Seed {seed} ({place + 1} of {len(plan.seeds)})")
            lab_of = partial(bench.lab, plan, seed, out, cache=cache, stages=stages)
            try:
                found = _seed(plan, study, seed, hold, cells, lab_of, stages)
            except QuorumError as problem:
                raise QuorumError(f"seed {seed}: {problem.message}", hint=problem.hint) from problem
        done += found[0]
        facts[seed] = found[1]
    with stages.stage("tables"):
        hold()
        write_tables(folder, plan.study.name, cells, done)
    hold()
    write_provenance(
        folder,
        {
            "study": plan.study.name,
            "title": study.title,
            "question": study.question,
            "over": list(study.over),
            "settings": settings_of(study),
            "seeds": list(plan.seeds),
            "preset": plan.charter.preset,
            **({"unit": plan.charter.scale.words} if plan.charter.scale else {}),
            "setup": attrs.asdict(plan.setup),
            "by_seed": {str(seed): facts[seed] for seed in plan.seeds},
            "cells": len(done),
            "cell_seconds": round(sum(cell.seconds for cell in done), 1),
            "workers": workers,
        },
        plan.charter,
        stages,
    )
    return tuple(done)


class _Hold:
    """Takes the folder at the first call; at each later one makes sure that nobody else has taken it."""

    def __init__(self, folder: StudyFolder, overwrite: bool) -> None:
        self._folder = folder
        self._overwrite = overwrite
        self._taken = False

    def __call__(self) -> None:
        if self._taken:
            self._folder.still_ours()
        else:
            self._folder.claim(overwrite=self._overwrite)
            self._taken = True


def _seed(
    plan: StudyPlan,
    study: Study,
    seed: int,
    hold: Callable[[], None],
    cells: Cells,
    lab_of: Callable[[], tuple[VirtualConsortium, Lab]],
    stages: Stages,
) -> tuple[list[FinishedCell], dict[str, Any]]:
    begun = time.perf_counter()
    prepared, lab = lab_of()
    work = list(study.cells(lab))
    hold()  # only now, for a mistake in the input is no reason to remove older results
    done: list[FinishedCell] = []
    with stages.stage(f"{plan.study.name}, seed {seed}"):
        for cell in work:
            stages.advance(len(done), len(work))
            key = cells.key(seed, cell.case)
            known = cells.read(key)
            if known is None:
                started = time.perf_counter()
                found: Sequence[Any] = cell.run()
                hold()
                known = cells.write(key, seed, cell.case, time.perf_counter() - started, found)
            done.append(known)
        stages.advance(len(done), len(work))
    with stages.stage(f"overlap of the sets, seed {seed}"):
        overlap = _overlap(lab)
    facts = {**_facts(prepared, lab, time.perf_counter() - begun), "overlap": overlap}
    cells.finish(seed, done, facts)
    return done, facts


def _overlap(lab: Lab) -> dict[str, Any]:
    """Measure the overlap of this seed's sets, once for all studies of the lab."""
    sets = {name: known.digest for name, known in compared_sets(lab.consortium).items()}
    facts = {"role": "overlap", "at_least": AT_LEAST, "sets": sets}
    return dict(lab.store.plain(facts, lambda: overlap_facts(lab.consortium)))


def _facts(prepared: VirtualConsortium, lab: Lab, seconds: float) -> dict[str, Any]:
    consortium = prepared.consortium
    labelled = {"train": lab.everything, **consortium.benchmarks}
    return {
        "charter_digest": consortium.charter.digest,
        "transfer_digest": consortium.transfer.digest,
        "partners": {name: len(assay) for name, assay in consortium.assays.items()},
        "silent": list(lab.declined),
        "sets": {**{name: len(assay) for name, assay in labelled.items()}, "transfer": len(lab.transfer)},
        "mean" if consortium.charter.scale else "prevalence": {
            name: _mean(assay) for name, assay in labelled.items() if len(assay)
        },
        "inputs": [dict(item) for item in prepared.inputs],
        "seconds": round(seconds, 1),
    }


def _mean(assay: Assay) -> float:
    """Return the share of actives, or the mean value in the units of the scale's transformation."""
    mean = float(assay.outcome[:, 0].mean())
    return mean if assay.scale is None else float(assay.scale.coordinate(mean))
