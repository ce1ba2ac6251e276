"""How the models stand on the public sets: the first of what the summary says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.findings.caveats import few
from fluidmol.report.findings.ceiling_choice import CeilingChoice, ceiling_choice
from fluidmol.report.findings.words import HYBRIDS, TEACHERS, compared, difference, known, tile, told, verdict
from fluidmol.report.parts import Finding, Tile, as_float
from fluidmol.report.read.frame import Frame
from fluidmol.report.read.prediction_files import sizes
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.sections.compared import ALPHA
from fluidmol.report.sections.losses import recovery, without_recovery
from fluidmol.report.style import DOMAINS, NONE, figure
from fluidmol.values.results import TRAINING

Means = Mapping[str, Interval]
"""MCC by model, all over the same seeds."""


def standing(studies: Studies) -> Iterator[Finding]:
    """Say what each public set shows about student and hybrids, beside teachers and T0."""
    frame = studies.main.frame("benchmark")
    there = sizes(studies.main) if frame else {}
    for dataset in frame.datasets:
        # Without predictions, results tell how many compounds there were, but not of which class.
        counts = there.get(dataset) or [(row.n_test, math.nan) for row in frame.of("mcc", dataset) if row.n_test]
        too_few = next(filter(None, (few(*count) for count in counts)), "")
        means = frame.common("mcc", dataset, (TEACHERS, "student", HYBRIDS, "T0"), arm="federation")
        finding = _finding(studies, dataset, frame, means)
        yield attrs.evolve(finding, verdict="few", title=too_few) if too_few else finding


def without_student(frame: Frame) -> tuple[int, int]:
    """Count the seeds of a benchmark in which no student could be made, and all of them."""
    made = {row.seed for row in frame.rows if row.kind == "student" and row.case.get("arm") == "federation"}
    return len(set(frame.seeds) - made), len(frame.seeds)


def _finding(studies: Studies, dataset: str, frame: Frame, means: Means) -> Finding:
    arm = studies.main
    sentences = [
        *_missing(frame),
        *_figures(means, _pooled(frame)),
        *_ceiling(frame, dataset),
        *_said(studies, dataset, arm),
        *_against(studies, dataset, arm),
    ]
    tiles = tuple(tile for tile in _tiles(frame, dataset, means) if tile.value != NONE or tile.name == _R)
    if not known(means["student"]):
        title = "No student could be made." if _never(frame) else "The student can't be judged by MCC here."
        why = [] if _never(frame) else ["MCC is undefined where all compounds are, or are called, the same."]
        return Finding(DOMAINS[dataset], "none", title, (*sentences, *why), tiles)
    over_teachers = compared(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, TEACHERS))
    beside = compared(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, "T0"))
    shows = verdict(over_teachers, means["student"], means[TEACHERS])
    return Finding(DOMAINS[dataset], shows, _title(shows, beside, means), tuple(sentences), tiles)


def _never(frame: Frame) -> bool:
    lacking, of = without_student(frame)
    return lacking == of


def _missing(frame: Frame) -> Iterator[str]:
    lacking, of = without_student(frame)
    if 0 < lacking < of:
        others = "the other one" if of - lacking == 1 else f"the other {of - lacking}"
        yield f"No student could be made in {lacking} of {of} seeds; the figures here are those of {others}."
    elif lacking > 1:
        yield f"No student could be made in any of the {of} seeds."


def _figures(means: Means, called: str) -> Iterator[str]:
    """Say what is known; a sentence without its figure isn't said."""
    student, teachers, pooled, hybrids = (means[name] for name in ("student", TEACHERS, "T0", HYBRIDS))
    others = [(teachers, "the average teacher has {}"), (pooled, f"T0, {called}, has {{}}")]
    rest = ", and ".join(text.format(told(mean)) for mean, text in others if known(mean))
    if known(student):
        reaches = f"The student, which has seen no measurement, reaches an MCC of {told(student)}"
        yield f"{reaches}; {rest}." if rest else f"{reaches}."
    elif rest:
        yield f"In MCC, {rest}."
    if known(hybrids):
        yield f"The partners' hybrids have {told(hybrids)} on average{_beyond(hybrids.mean, pooled)}."


def _beyond(hybrids: float, pooled: Interval) -> str:
    if not known(pooled):
        return ""
    return ", not below T0" if hybrids >= pooled.mean else f", {figure(pooled.mean - hybrids)} below T0"


def _ceiling(frame: Frame, dataset: str) -> Iterator[str]:
    """Describe T0, and what recovery would be against a pooled model of the teachers' make."""
    found = choice_of(frame)
    if found is None:
        return
    yield found.sentence()
    share = recovery(frame, dataset, same_make=True)
    if known(share) and not found.of_same_make:
        yield (
            f"Against the pooled model of the teachers' make, which flatters, recovery would be {told(share)}; the "
            "figure here is against T0."
        )


def choice_of(frame: Frame) -> CeilingChoice | None:
    """Return how a benchmark's T0 was chosen."""
    return ceiling_choice((row.model, row.metric, row.value) for row in frame.rows if row.dataset == TRAINING)


def _pooled(frame: Frame) -> str:
    found = choice_of(frame)
    return f"the model of all data pooled ({found.note})" if found else "the model of all data pooled"


def _kind(frame: Frame) -> str:
    found = choice_of(frame)
    return found.note if found else "a reference"


def _tiles(frame: Frame, dataset: str, means: Means) -> Iterator[Tile]:
    share = recovery(frame, dataset)
    yield tile("teacher", "Teachers, MCC", means[TEACHERS], "mean of the partners, own data only")
    yield tile("student", "Student, MCC", means["student"], "no measurements")
    yield tile("hybrid", "Hybrids, MCC", means[HYBRIDS], "mean of the partners")
    yield tile("pooled", "T0, MCC", means["T0"], f"all data pooled: {_kind(frame)}")
    if known(share):
        yield tile("", _R, share, "of the way from teachers to T0", 2)
    elif known(means["student"], means["T0"], means[TEACHERS]):
        yield Tile("", _R, NONE, without_recovery(frame, dataset))


_R = "Recovery R"


def _title(shows: str, beside: Mapping[str, str] | None, means: Means) -> str:
    """Say what the means, and the comparisons that were made, allow.

    R has no part in it: a mean of shares can be above 1 where the student's mean is below T0's.
    """
    if means["T0"].mean <= means[TEACHERS].mean:
        return "The MCC of all data pooled is not above that of the average teacher."
    if shows in _TITLES:
        return _TITLES[shows]
    if means["student"].mean >= means["T0"].mean:
        return "The student's MCC is not below that of all data pooled."
    if beside is not None and as_float(beside["p_holm"]) < ALPHA:
        return "The student knows more than the average teacher, and less than all data pooled."
    return "The student knows more than the average teacher; whether less than all data pooled is not clear."


_TITLES = {
    "worse": "The student is worse than the average teacher.",
    "unclear": "Whether the student knows more than the average teacher is not clear.",
    "partly": "The student seems to know more than the average teacher.",
}


def _said(studies: Studies, dataset: str, arm: ArmResults) -> Iterator[str]:
    row = compared(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, "T0"))
    if row is not None:
        yield f"Student less T0: {difference(row)}."


def _against(studies: Studies, dataset: str, arm: ArmResults) -> Iterator[str]:
    for other in studies.arms:
        row = compared(studies, "benchmark", dataset, (arm.name, "student"), (other.name, "student"))
        theirs = other.frame("benchmark").mean("mcc", dataset, called="student", arm="federation")
        if row is not None and other.name != arm.name and known(theirs):
            yield f"The student of {other.name} has {told(theirs)}; {arm.name} less {other.name}: {difference(row)}."
