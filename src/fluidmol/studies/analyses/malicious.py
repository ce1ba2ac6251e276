"""What dishonest and worthless partners can do to a federation, and what stops them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.errors import UsageError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.disagreement import findings
from fluidmol.learning.federation import aggregate
from fluidmol.learning.metrics import judge
from fluidmol.learning.seeds import derive_seed
from fluidmol.studies.analyses.attacked import AttackedLab
from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, CellPredictions, Finding, Row
from fluidmol.studies.malice import Adversary, containing
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part, Scalar

NOBODY = "none"
"""The case in which all are honest."""

ABSENT = "absent"
"""The case in which those who would lie stay out: the most that can be had without what they know."""


@attrs.frozen
class Malicious:
    """Some partners lie, each seed others: with honest weights, and claiming to know every molecule.

    ``none`` is all partners being honest, ``absent`` the federation without the liars, whose knowledge is lost then: no
    aggregation can be expected to keep more. Ensemble and student of each aggregation are judged on the benchmarks.
    ``kept`` is the share of the MCC that is left of the honest one of the charter's own aggregation, 0 where no student
    could be made; for ``targeted`` there is also ``mcc_target``, on the molecules that are lied about. Of each partner
    the table has what the consortium sees: ``agreement`` and ``trust``, whether it is named as one that ``disagrees``
    or is ``uninformative``, and its ``share`` in the labels.
    """

    title: ClassVar[str] = "Malicious partners"
    question: ClassVar[str] = "What can dishonest partners do to labels and student, and are they named?"
    over: ClassVar[tuple[str, ...]] = ()

    malicious: int = attrs.field(default=2, validator=attrs.validators.ge(1))
    """How many partners lie."""

    attacks: str = "flipped,nearest,active,colluding,targeted,noise"
    """Which lies, see :data:`fluidmol.studies.malice.BEHAVIOURS`."""

    aggregations: str = "weighted-mean,trimmed-mean,weighted-median,reliability"
    """Which aggregations are asked, with their options by default; the charter's own one with its own."""

    students: str = "weighted-mean,reliability"
    """Of which of these a student is distilled."""

    target: str = "C1CNCCN1"
    """SMARTS of the substructure that ``targeted`` lies about; piperazine by default."""

    def check(self, charter: Charter) -> None:
        """Refuse lies, aggregations and substructures that there aren't.

        Raises
        ------
        FluidError
            Naming the nearest.
        """
        for attack in _names(self.attacks):
            Adversary(attack)
        containing(CompoundSet((), ()), self.target)
        for name in _names(self.aggregations):
            AGGREGATIONS.build(_aggregation(charter, name))
        if unknown := set(_names(self.students)) - set(_names(self.aggregations)):
            raise UsageError(
                f"students of {', '.join(sorted(unknown))} are asked for", hint=f"Aggregations are {self.aggregations}."
            )

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a lie, kind of weights, and aggregation."""
        lies: list[tuple[str, Adversary | None]] = [(NOBODY, None), (ABSENT, None)]
        lies += [(name, Adversary(name, inflated)) for name in _names(self.attacks) for inflated in (False, True)]
        for lie, attack in lies:
            who = [] if lie == NOBODY else liars(lab, self.malicious)
            # One lab for all aggregations: what was understood of each teacher is the same for them.
            there = lab if attack is None else AttackedLab(lab, attack, who, self.target)
            for name in _names(self.aggregations):
                weights = "inflated" if attack is not None and attack.inflated else "honest"
                case: dict[str, Scalar] = {"attack": lie, "weights": weights, "aggregation": name}
                yield Cell(case, partial(_attacked, self, lab, there, lie, tuple(who), name))


def liars(lab: Lab, how_many: int) -> list[str]:
    """Draw who lies; the same ones for all attacks of a seed.

    Raises
    ------
    UsageError
        If nobody honest is left.
    """
    if how_many >= len(lab.partners):
        raise UsageError(
            f"{how_many} of {len(lab.partners)} partners are to be malicious", hint="At least one must be honest."
        )
    rng = np.random.default_rng(derive_seed(lab.charter.seed, "liars"))
    return sorted(str(name) for name in rng.choice(lab.partners, how_many, replace=False))


def _attacked(study: Malicious, lab: Lab, there: Lab, lie: str, who: tuple[str, ...], name: str) -> Sequence[Finding]:
    present = [partner for partner in lab.partners if lie != ABSENT or partner not in who]
    charter = attrs.evolve(lab.charter, aggregation=_aggregation(lab.charter, name))
    sent = there.annotations(present, charter=charter)
    models = [there.ensemble(present, charter)]
    if name in _names(study.students):
        models.append(there.student(there.labels(present, charter), charter))
    found = there.judge(models)
    found += _kept(lab, found, [model.model for model in models])
    if lie == "targeted":
        found += _on_target(lab, found, study.target)
    return [*found, *_seen(sent, charter, set(who))]


def _kept(lab: Lab, found: Sequence[Finding], models: Sequence[str]) -> list[Row]:
    honest = lab.judge([lab.ensemble(), *([lab.student(lab.labels())] if "student" in models else [])])
    rows = []
    for model in models:
        for dataset in lab.benchmarks:
            now, before = (figure(part, dataset, "mcc", model=model) for part in (found, honest))
            left = 0.0 if math.isnan(now) else now  # no student at all, say because all labels are of one class
            rows.append(derived(model, dataset, "kept", left / before if before else math.nan))
    return rows


def _on_target(lab: Lab, found: Sequence[Finding], smarts: str) -> list[Row]:
    rows = []
    for said in found:
        if isinstance(said, CellPredictions):
            inside = containing(lab.dataset(said.dataset).compounds, smarts)
            figures = judge(said.active[inside], said.probability[inside]) if inside.any() else {}
            value = figures.get("mcc", math.nan)
            rows.append(Row(said.model, "derived", "", said.dataset, "mcc_target", value, n_test=int(inside.sum())))
    return rows


def _seen(sent: Sequence[Annotations], charter: Charter, who: set[str]) -> Iterator[Row]:
    share = aggregate(sent, charter).contribution.mean(axis=(1, 2))
    for place, finding in enumerate(findings(sent, charter)):
        model = "liar" if finding.partner in who else "honest partner"
        figures = {
            "share": float(share[place]),
            "agreement": finding.agreement,
            "trust": finding.trust,
            "disagrees": float(finding.disagrees),
            "uninformative": float(finding.uninformative),
        }
        for metric, value in figures.items():
            yield Row(model, "derived", finding.partner, "transfer", metric, value)


def _aggregation(charter: Charter, name: str) -> Part:
    return charter.aggregation if charter.aggregation.name == name else Part(name)


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
