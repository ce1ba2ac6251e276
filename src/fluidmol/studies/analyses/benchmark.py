"""Every model on the public sets, with controls that tell where the loss is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.seeds import derive_seed
from fluidmol.studies.analyses.controls import fixed_rows, logp, ranked, shuffled
from fluidmol.studies.analyses.losses import losses
from fluidmol.studies.lab.ceiling import USUAL, best_pooled, check_kinds, pooled_kinds
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import CachedPredictor
from fluidmol.studies.lab.study import Cell, Finding
from fluidmol.values.charter import Charter


@attrs.frozen
class Benchmark:
    """T0, teachers, ensemble, student, hybrids and T0's hybrid on validation and external set; and controls.

    T0 is the best pooled model of several kinds, by cross-validation over the pooled training compounds; T0-same-make
    is the pooled model of the teachers' make, beside it.

    Arms: ``federation`` is all of these with the split of the loss, and how T0 was chosen.
    ``shuffled-labels`` and ``logp-labels`` are students of the same transfer molecules with the same labels, dealt at
    random or in the order of Crippen's logP. ``single-teacher`` are students of one partner's labels each.
    ``pooled-restricted`` is T0-same-make of as many compounds as the student has rows; where there are fewer, it is
    T0-same-make itself, and its ``n_train`` says so. ``silent-partners`` are, where there are any, the hybrids of
    partners that declined: they have a use of the labels, too.
    """

    title: ClassVar[str] = "Benchmark"
    question: ClassVar[str] = "How good are teachers, student and hybrids, and where is the distance to T0 lost?"
    over: ClassVar[tuple[str, ...]] = ()

    controls: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether the controls are made."""

    single_teachers: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether the students of single teachers are among them, which are most of their work."""

    ceiling: str = attrs.field(default=USUAL, validator=attrs.validators.instance_of(str))
    """Kinds of pooled models, separated by commas, that compete with the teachers' make to be T0; ``none``: T0 is of
    the teachers' make."""

    def __attrs_post_init__(self) -> None:
        pooled_kinds(self.ceiling)

    def check(self, charter: Charter) -> None:
        """Make sure that all kinds of pooled models can be made here.

        Raises
        ------
        UnavailableError
            If one needs what isn't installed.
        """
        check_kinds(charter, pooled_kinds(self.ceiling))

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell an arm.

        Raises
        ------
        QuorumError
            If too few partners have something to say.
        """
        lab.check_quorum()
        yield Cell({"arm": "federation"}, partial(_federation, lab, self.controls, pooled_kinds(self.ceiling)))
        if lab.declined:
            yield Cell({"arm": "silent-partners"}, partial(_silent, lab))
        if self.controls:
            yield Cell({"arm": "shuffled-labels"}, partial(_shuffled, lab))
            yield Cell({"arm": "logp-labels"}, partial(_descriptor, lab))
            yield Cell({"arm": "pooled-restricted"}, partial(_restricted, lab))
        if self.controls and self.single_teachers:
            yield Cell({"arm": "single-teacher"}, partial(_single, lab))


def _federation(lab: Lab, controls: bool, kinds: Sequence[str]) -> Sequence[Finding]:
    with lab.stages.stage("teachers and annotations"):
        lab.annotations()
    with lab.stages.stage("federated labels"):
        labels = lab.labels()
    with lab.stages.stage("choice of T0"):
        ceiling, chosen = best_pooled(lab, kinds)
    models = [
        lab.student(labels),  # the longest first
        lab.pooled_hybrid(labels),
        ceiling,
        lab.pooled(),
        *(lab.hybrid(name, labels) for name in lab.partners),
        *(lab.teacher(name) for name in lab.partners),
        lab.ensemble(),
    ]
    # Controls are fitted beside them, for one alone can't use all cores; their own cells find what they said.
    beside = [_shuffled_student(lab), _descriptor_student(lab)] if controls else []
    names = {model.model for model in models}
    with lab.stages.stage("models and judgement"):
        found = [finding for finding in lab.judge([*models[:2], *beside, *models[2:]]) if finding.model in names]
    return [*found, *chosen, *losses(found, lab.benchmarks, lab.metrics)]


def _silent(lab: Lab) -> Sequence[Finding]:
    labels = lab.labels()
    return lab.judge([lab.hybrid(name, labels) for name in lab.declined])


def _shuffled(lab: Lab) -> Sequence[Finding]:
    return lab.judge([_shuffled_student(lab)])


def _shuffled_student(lab: Lab) -> CachedPredictor:
    labels = lab.labels()
    rng = np.random.default_rng(derive_seed(lab.charter.seed, "shuffled labels"))
    changed = shuffled(labels, lab.chosen(labels), rng)
    return lab.student(changed, fixed_rows(lab.charter), "student-shuffled").named(kind="control")


def _descriptor(lab: Lab) -> Sequence[Finding]:
    return lab.judge([_descriptor_student(lab)])


def _descriptor_student(lab: Lab) -> CachedPredictor:
    labels = lab.labels()
    rows = lab.chosen(labels)
    changed = ranked(labels, rows, logp(lab, rows))
    return lab.student(changed, fixed_rows(lab.charter), "student-logp").named(kind="control")


def _single(lab: Lab) -> Sequence[Finding]:
    students = [
        lab.student(lab.labels([name]), model=f"student-of-{name.removeprefix('partner-')}").named(partner=name)
        for name in lab.partners
    ]
    return lab.judge(students)


def _restricted(lab: Lab) -> Sequence[Finding]:
    everything, size = lab.everything, len(lab.chosen(lab.labels()))
    if size < len(everything):
        rng = np.random.default_rng(derive_seed(lab.charter.seed, "pooled restricted"))
        everything = everything.take(np.sort(rng.permutation(len(everything))[:size]))
    return lab.judge([lab.pooled(assay=everything, model="T0-restricted").named(kind="control")])
