"""All studies under several charters, seed by seed, for one report.

``OUT/ARM`` is the lab of one charter; ``OUT/paper.json`` says what there is, ``OUT/comparisons.csv`` and
``OUT/thresholds.csv`` what follows from several studies' predictions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import CharterError, InputError, OutputError, QuorumError, UsageError
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.comparisons import write_comparisons
from fluidmol.studies.lab.folder import ACROSS
from fluidmol.studies.lab.operating import write_thresholds
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.lab.runner import is_finished
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter
from fluidmol.values.files import write_whole
from fluidmol.values.names import is_part
from fluidmol.values.parts import Part, Scalar

PAPER = "paper.json"
"""Marks the folder, and says what is in it."""

ORDER = (
    "benchmark", "shift", "overlap", "own-domain", "cross-domain", "teacher-cv", "leave-one-out", "teacher-count",
    "student-size", "selection", "domain", "contribution", "malicious",
)  # fmt: skip
"""The studies, what matters most first. An ablation needs to be told of what."""

QUICK: Mapping[str, Mapping[str, Scalar] | None] = {
    "benchmark": {"single_teachers": False},
    "selection": None,
    "domain": {"hybrid_folds": 0},
    "contribution": {"hybrids": False},
    "malicious": {"attacks": "flipped,colluding"},
}
"""Settings of a quick look; none: the study is left out."""


@attrs.frozen
class Arm:
    """One charter, and the name of its lab."""

    name: str
    charter: Charter


@attrs.frozen(kw_only=True)
class Paper:
    """All that is to be studied."""

    arms: tuple[Arm, ...] = attrs.field(validator=attrs.validators.min_len(1))
    sources: Sources
    setup: Setup = attrs.field(factory=Setup)
    seeds: tuple[int, ...] = (1,)
    quick: bool = False
    """Whether what takes long is left out."""

    def __attrs_post_init__(self) -> None:
        plain = [arm.name.casefold() for arm in self.arms]
        for arm, name in zip(self.arms, plain, strict=True):
            if not is_part(name) or plain.count(name) > 1 or name in (PAPER, *ACROSS):
                raise UsageError(
                    f"a lab is called {arm.name!r}", hint="Expected different names, as folders have them."
                )

    def plans(self) -> Iterator[tuple[Arm, StudyPlan]]:
        """Give the work in order: seed by seed, so that what there is already says something of everything."""
        for place in range(len(self.seeds)):
            for arm in self.arms:
                for name in ORDER:
                    settings = QUICK.get(name, {}) if self.quick else {}
                    if settings is not None:
                        yield (
                            arm,
                            StudyPlan(
                                study=Part(name, settings),
                                sources=self.sources,
                                charter=arm.charter,
                                setup=self.setup,
                                seeds=self.seeds[: place + 1],
                            ),
                        )


@attrs.frozen
class _LeftOut:
    reason: str
    seed: int
    """The first one for which it isn't there."""


Runs = Callable[[StudyPlan, Path], object]
"""Runs a study into a lab's folder."""


def run_paper(paper: Paper, out: Path, run: Runs, note: Callable[[str], None] = lambda _text: None) -> None:
    """Run what isn't finished, then compare.

    Parameters
    ----------
    paper : Paper
    out : Path
        The folder.
    run : callable
        Runs a plan into the folder of its lab.
    note : callable, optional
        Called with what the user should know.

    Raises
    ------
    FluidError
        If input or output can't be used. A study that these data or this charter make impossible is left out, from the
        first such seed on, and ``paper.json`` says why; what was found for the seeds before it stays.
    """
    check_folder(out)
    left_out: dict[tuple[str, str], _LeftOut] = {}
    for arm, plan in paper.plans():
        who = (arm.name, plan.study.name)
        if who in left_out or is_finished(plan, out / arm.name):
            continue
        note(f"{arm.name}: {plan.study.name}, {len(plan.seeds)} of {len(paper.seeds)} seeds")
        try:
            run(plan, out / arm.name)
        except (UsageError, CharterError, QuorumError, InputError) as problem:
            if isinstance(problem, InputError) and len(plan.seeds) == 1:
                raise  # no seed has shown yet that the files can be used
            left_out[who] = _LeftOut(str(problem), plan.seeds[-1])
            note(f"{arm.name}: {plan.study.name} is left out from seed {plan.seeds[-1]} on: {problem}")
        _write(paper, out, left_out)
    _write(paper, out, left_out)
    note("comparing methods by their predictions")
    labs = {arm.name: out / arm.name for arm in paper.arms}
    write_comparisons(out, labs)
    write_thresholds(out, labs)


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something else; nothing is changed.

    Raises
    ------
    OutputError
        If it does, or is a file.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file", hint="Give a folder that doesn't exist yet with `out`.")
    names = [path.name for path in out.iterdir() if not path.name.startswith(".")] if out.exists() else []
    if names and PAPER not in names and not any((out / name / "lab.json").exists() for name in names):
        raise OutputError(f"{out} isn't empty ({', '.join(sorted(names)[:3])})", hint="Give another folder with `out`.")


def _write(paper: Paper, out: Path, left_out: Mapping[tuple[str, str], _LeftOut]) -> None:
    wanted = [name for name in ORDER if not (paper.quick and QUICK.get(name, {}) is None)]
    facts: dict[str, Any] = {
        "fluidmol": metadata.version("fluidmol"),
        "kind": "paper",
        "arms": [{"name": arm.name, "preset": arm.charter.preset} for arm in paper.arms],
        "studies": [{"name": name, "title": STUDIES.build(Part(name)).title} for name in wanted],
        "seeds": list(paper.seeds),
        "quick": paper.quick,
        "left_out": [
            {"arm": arm, "study": study, "seed": why.seed, "reason": why.reason}
            for (arm, study), why in left_out.items()
        ],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / PAPER, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    except OSError as problem:
        raise OutputError(f"{out} can't be written: {problem.strerror or problem}", hint="Make room.") from problem
