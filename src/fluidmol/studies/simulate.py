"""The virtual consortium: public data play the private data of partners, and FLuID runs end to end.

It goes through the very same ``federate()`` and ``Partner.answer()`` as a real consortium does; only the judgement at
the end, which looks into every partner, is a simulation's privilege.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.features import features
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.coordinator.federate import Channel, Outcome, federate
from fluidmol.coordinator.student import check_student
from fluidmol.errors import CharterError, InputError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.learning.experts.asking import check_pointwise
from fluidmol.learning.privacy.noise import SimulatedNoise
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.union import UNIONS
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.parallel import in_threads
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.partner import Partner
from fluidmol.partner.teacher import OneClassError, Teacher
from fluidmol.partner.teachers import Annotator
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.private import check_private
from fluidmol.studies.judge import Contender, Judged, ensemble, judge_all
from fluidmol.studies.splits import hold_out, partition
from fluidmol.studies.stages import Stages
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Reply, Request


@attrs.frozen(kw_only=True)
class Setup:
    """How public data become a virtual consortium."""

    n_partners: int = attrs.field(default=8, validator=attrs.validators.ge(2))
    """Number of partners, at least 2."""

    split: str = "kmeans"
    """See :func:`fluidmol.studies.splits.partition`."""

    mixing: float = attrs.field(default=0.05, validator=[attrs.validators.ge(0), attrs.validators.le(1)])
    """Share of compounds that is moved to a random partner after the split."""

    validation_fraction: float = attrs.field(
        default=0.2, validator=[attrs.validators.ge(0.01), attrs.validators.le(0.9)]
    )
    """Share of the source that is held out and belongs to nobody."""


@attrs.frozen(kw_only=True, eq=False)
class Consortium:
    """Everything that a simulation starts from, before any model is trained."""

    charter: Charter
    """The rules, with the transfer set's digest."""

    transfer: CompoundSet
    """The public transfer set."""

    assays: dict[str, Assay]
    """Private data by partner's name, ``partner-1`` and on."""

    benchmarks: dict[str, Assay]
    """``validation``, and ``external`` where there is one."""

    @property
    def labelled(self) -> tuple[Assay, ...]:
        """All labelled sets: the partners' and the benchmarks."""
        return (*self.assays.values(), *self.benchmarks.values())

    @property
    def pooled(self) -> Assay:
        """All partners' data together, which confidentiality forbids."""
        parts = list(self.assays.values())
        smiles = [text for part in parts for text in part.compounds.smiles]
        keys = [key for part in parts for key in part.compounds.inchikeys]
        return Assay(CompoundSet(smiles, keys), np.concatenate([part.outcome for part in parts]))


@attrs.frozen(kw_only=True, eq=False)
class Simulation:
    """What a simulation leaves behind."""

    consortium: Consortium
    """What it started from."""

    outcome: Outcome
    """Labels, student, scorecards and refusals."""

    judged: tuple[Judged, ...]
    """Every model on every data set."""


def divide(source: Assay, setup: Setup, seed: int) -> tuple[dict[str, Assay], Assay]:
    """Hold out a validation set and give the rest to partners.

    Raises
    ------
    InputError
        If there are too few compounds.
    """
    held = hold_out(source.compounds, setup.validation_fraction, seed)
    rest, validation = source.take(np.flatnonzero(~held)), source.take(np.flatnonzero(held))
    if not len(validation):
        raise InputError(
            f"{len(source)} compounds are too few to hold out {setup.validation_fraction:.0%}",
            hint="Give more compounds, or a larger --validation-fraction.",
        )
    groups = partition(rest.compounds, setup.n_partners, setup.split, seed, setup.mixing)
    return {f"partner-{k + 1}": rest.take(np.flatnonzero(groups == k)) for k in range(setup.n_partners)}, validation


def check_parts(charter: Charter) -> None:
    """Build every part once, so that a mistake in a charter is found before anyone computes.

    Raises
    ------
    CharterError
        If a part or one of its options is unknown.
    """
    for catalogue, part in (
        (FEATURISERS, charter.featuriser), (ESTIMATORS, charter.teacher), (PROXIMITIES, charter.proximity),
        (WEIGHTINGS, charter.weighting), (AGGREGATIONS, charter.aggregation), (SELECTIONS, charter.selection),
        (DISTILLATIONS, charter.distillation),
        (STUDENTS, charter.student), (ESTIMATORS, charter.hybrid), (UNIONS, charter.union),
    ):  # fmt: skip
        catalogue.build(part)
    check_pointwise(charter)
    check_private(charter)
    if charter.union.name == "mixture" and charter.distillation.name != "experts":
        raise CharterError(
            f"the union 'mixture' asks experts, and the distillation {charter.distillation.name!r} makes none",
            hint='Take the distillation "experts", or a union of labels: "weighted", "local", "undersampled".',
        )


def check_feasible(charter: Charter) -> None:
    """Check the parts, and that what the charter asks of a coordinator can be done on this machine.

    Raises
    ------
    CharterError
        If a part or one of its options is unknown.
    UnavailableError
        If something that a part needs isn't installed.
    """
    check_parts(charter)
    check_student(charter)


Heard = Callable[[Request, str, Reply], None]
Connect = Callable[[Sequence[Partner], Heard], Channel]
"""Makes the engine that carries messages to partners, and reports each reply; :class:`LocalChannel` is one."""


def simulate(consortium: Consortium, stages: Stages, connect: Connect) -> Simulation:
    """Run FLuID in a virtual consortium and judge every model.

    Parameters
    ----------
    consortium : Consortium
    stages : Stages
        Keeps times, and shows progress.
    connect : callable
        Makes the engine between coordinator and partners, say :class:`fluidmol.engines.local.LocalChannel`.

    Returns
    -------
    Simulation

    Raises
    ------
    QuorumError
        If too few teachers have an opinion.
    InputError
        If all source compounds are of one class.
    """
    charter, transfer = consortium.charter, consortium.transfer
    with stages.stage("features"):
        for compounds in (transfer, *(assay.compounds for assay in consortium.labelled)):
            features(compounds, charter.featuriser)

    partners = [
        Partner(
            name, assay, transfer, benchmarks=consortium.benchmarks, recipe=Charters(simulated_noise(charter, name))
        )
        for name, assay in consortium.assays.items()
    ]
    with _StagedChannel(partners, stages, connect) as channel:
        outcome = federate(charter, transfer, channel)

    with stages.stage("pooled model and its hybrid"):
        pooled = consortium.pooled
        # Side by side: two models, and at least two cores on most machines.
        ceiling, ceiling_hybrid = in_threads(
            _called,
            (
                (Teacher.fit, pooled, charter, "pooled"),
                (Hybrid.fit, pooled, outcome.labels, transfer, charter, "pooled"),
            ),
        )
    with stages.stage("judgement"):
        contenders = _contenders(partners, consortium.assays, outcome, ceiling, ceiling_hybrid, charter)
        judged = judge_all(contenders, consortium.benchmarks, charter.seed)
    return Simulation(consortium=consortium, outcome=outcome, judged=tuple(judged))


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _contenders(
    partners: list[Partner], assays: Mapping[str, Assay], outcome: Outcome, ceiling: Teacher, ceiling_hybrid: Hybrid,
    charter: Charter,
) -> list[Contender]:  # fmt: skip
    spoke = {p.name: p.teacher for p in partners if p.teacher is not None}
    teachers = dict(_own_teachers(spoke, assays, charter))
    hybrids = {p.name: p.hybrid for p in partners if p.hybrid is not None}
    student = outcome.student
    return [
        Contender("T0", "pooled", "", ceiling.n_train, ceiling.predict),
        *(Contender(_named("teacher", n), "teacher", n, t.n_train, t.predict) for n, t in teachers.items()),
        Contender("student", "student", "", student.n_train, student.predict),
        *(Contender(_named("hybrid", n), "hybrid", n, h.n_train, h.predict) for n, h in hybrids.items()),
        Contender("T0-hybrid", "pooled_hybrid", "", ceiling_hybrid.n_train, ceiling_hybrid.predict),
        Contender("ensemble", "control", "", ceiling.n_train, ensemble(spoke, charter)),
    ]


def _own_teachers(
    spoke: Mapping[str, Annotator], assays: Mapping[str, Assay], charter: Charter
) -> Iterator[tuple[str, Teacher]]:
    """Give what each company would have alone: what spoke, or the same without noise."""
    for name, teacher in spoke.items():
        if isinstance(teacher, Teacher):
            yield name, teacher
        else:
            with suppress(OneClassError):
                yield name, Teacher.fit(assays[name], charter, name)


def simulated_noise(charter: Charter, name: str) -> SimulatedNoise:
    """Make the noise of a virtual partner: it follows from the charter's seed, and so protects nobody."""
    return SimulatedNoise(derive_seed(charter.seed, "noise", name))


def _named(role: str, partner: str) -> str:
    return f"{role}-{partner.removeprefix('partner-')}"


class _StagedChannel(ExitStack):
    """An engine with a stage around each question and one between them."""

    def __init__(self, partners: list[Partner], stages: Stages, connect: Connect) -> None:
        super().__init__()
        self._partners = partners
        self._stages = stages
        self._heard = 0
        self._channel = connect(partners, self._count)

    def _count(self, _request: Request, _name: str, _reply: Reply) -> None:
        self._heard += 1
        self._stages.advance(self._heard, len(self._partners))

    def ask(self, request: Request) -> Sequence[Reply]:
        self._heard = 0
        self.close()  # what lay between the questions is over
        first = isinstance(request, Annotate)
        with self._stages.stage("teachers and annotations" if first else "hybrids"):
            replies = self._channel.ask(request)
        if first:
            self.enter_context(self._stages.stage("federated labels and student"))
        return replies
