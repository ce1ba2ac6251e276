"""Applicability domains: which predictions can be relied on, and how far federation carries."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.chem.domain import DOMAINS
from fluidmol.chem.domain.environments import environments
from fluidmol.parallel import in_threads
from fluidmol.studies.analyses.candidates import FederatedModel, Federation, HeldOutFederation
from fluidmol.studies.analyses.inside import asked_domain, fragments_of
from fluidmol.studies.analyses.worth import figures_of_sets, figures_of_worth, mcc_of
from fluidmol.studies.lab.judgement import derived
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import NoModelError
from fluidmol.studies.lab.study import Cell, Finding, Row

logger = logging.getLogger(__name__)

SEVERAL = {"teacher": "teachers", "hybrid": "hybrids", "pooled_same_make": "T0-same-make", "pooled_hybrid": "T0-hybrid"}
"""What models of a kind are called in the mean; others by the kind."""

INSIDE = 0.8
"""Level at which a conformal set of exactly one class counts as inside."""


@attrs.frozen
class ApplicabilityDomain:
    """What domains of teachers, hybrids, student, T0-same-make and T0's hybrid are worth.

    Arm ``federation`` judges the models of the benchmark on the public sets. Arm ``held-out`` holds one fold of each
    partner's compounds out of everything, judges each partner's models on its own, too, and calibrates conformal sets
    at the partner: teachers and hybrids by out-of-fold predictions, the student on the partner's own compounds,
    T0-same-make and its hybrid on everybody's.

    Rows of a model: ``coverage`` (share inside), ``mcc_inside`` and ``mcc_outside``, ``error_inside`` and
    ``error_outside``, ``mcc_at_25`` (over the quarter that is most inside) and on, ``coverage_at_error_10`` (largest
    coverage with at most 10 % wrong) and on, ``aurc`` and ``aurc_excess``. Of conformal sets: ``set_coverage_80`` (at
    level 0.8) with ``_active`` and ``_inactive``, ``efficiency_80``, ``empty_80``, ``both_80``, and ``fuzziness``. Of
    fragments: ``brought_in``, the share that a hybrid's strict domain has and its teacher's has not, with
    ``mcc_brought_in`` of hybrid and teacher on these. Lines such as ``hybrids inside`` are means over partners.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Applicability domain"
    question: ClassVar[str] = "Does a domain tell right predictions from wrong ones, and does federation widen it?"
    over: ClassVar[tuple[str, ...]] = ()

    folds: int = attrs.field(default=5, validator=attrs.validators.ge(2))
    """One fold of so many of each partner's compounds is held out."""

    calibration_folds: int = attrs.field(default=10, validator=attrs.validators.ge(2))
    """Folds by which teachers and T0-same-make are calibrated."""

    hybrid_folds: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    """Folds by which hybrids are calibrated, each with the cost of a hybrid; 0: they aren't."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell an arm and domain."""
        whole = Federation(lab)
        held_out = HeldOutFederation(lab, self.folds, self.calibration_folds, self.hybrid_folds)
        for name in DOMAINS:
            yield Cell({"arm": "federation", "domain": name}, partial(_worth, whole, name))
        for name in (*DOMAINS, "conformal"):
            yield Cell({"arm": "held-out", "domain": name}, partial(_worth, held_out, name))


def _worth(federation: Federation, domain: str) -> Sequence[Finding]:
    if domain == "fragments":
        # Here, for it may use several processes; within threads it may not.
        for compounds in (federation.chosen, *(part.compounds for part in federation.lab.consortium.labelled)):
            environments(compounds)
    tasks = [(federation, candidate, domain) for candidate in federation.candidates()]
    found = [row for rows in in_threads(_judged, tasks) for row in rows]
    return [*found, *_means(found)]


def _judged(federation: Federation, candidate: FederatedModel, domain: str) -> list[Row]:
    who = candidate.who
    try:
        n_train = who.n_train
        ask = asked_domain(domain, federation, candidate, INSIDE)
    except NoModelError as problem:
        logger.warning("left out: %s", problem)
        return []
    except ValueError as problem:
        logger.warning("%s has no %s domain: %s", who.model, domain, problem)
        return []
    found: list[Row] = []
    if ask is None:
        return found
    for dataset in candidate.datasets:
        truth = candidate.lab.dataset(dataset)
        probability = who.predict(truth.compounds)
        said = ask(truth.compounds, probability)
        figures = figures_of_worth(truth.active, probability, said.score, said.inside)
        if said.p_values is not None:
            figures |= figures_of_sets(truth.active, said.p_values)
        if domain == "fragments" and candidate.federated and candidate.own:
            figures |= _brought_in(federation, candidate, dataset)
        row = partial(Row, who.model, who.kind, who.partner, dataset)
        found += [row(metric, value, n_train=n_train, n_test=len(truth)) for metric, value in figures.items()]
    return found


def _brought_in(federation: Federation, hybrid: FederatedModel, dataset: str) -> dict[str, float]:
    """Judge a hybrid, and the teacher of the same compounds, on what federation brought into the strict domain."""
    truth, lab = hybrid.lab.dataset(dataset), hybrid.lab
    teacher = lab.teacher(hybrid.who.partner) if hybrid.who.partner else lab.pooled()
    after = fragments_of(federation, hybrid).covers(truth.compounds)
    before = fragments_of(federation, hybrid, own_only=True).covers(truth.compounds)
    new = after & ~before
    return {
        "brought_in": float(new.mean()),
        "mcc_brought_in": mcc_of(truth.active[new], hybrid.who.predict(truth.compounds)[new]),
        "teacher_mcc_brought_in": mcc_of(truth.active[new], teacher.predict(truth.compounds)[new]),
    }


def _means(found: Iterable[Row]) -> list[Row]:
    """Give the MCC inside, outside and on what was brought in as lines of their own, as means over partners."""
    values: dict[tuple[str, str], list[float]] = {}
    for row in found:
        several = SEVERAL.get(row.kind, row.kind)
        before = {"hybrids": "teachers", "T0-hybrid": "T0-same-make"}.get(several, several)
        name = {
            "mcc_inside": f"{several} inside",
            "mcc_outside": f"{several} outside",
            "mcc_brought_in": f"{several} on what was brought in",
            "teacher_mcc_brought_in": f"{before} on what was brought in",
        }.get(row.metric)
        if name and not np.isnan(row.value):
            dataset = "held-out" if row.dataset.startswith("held-out-") else row.dataset
            values.setdefault((name, dataset), []).append(row.value)
    return [derived(name, dataset, "mcc", float(np.mean(some))) for (name, dataset), some in values.items()]
