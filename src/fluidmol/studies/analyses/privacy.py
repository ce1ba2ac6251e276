"""What privacy costs, and where what is missing was lost."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.errors import CharterError, QuorumError
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.learning.privacy.accountant import found_at_most, largest_auc, noise_multiplier
from fluidmol.learning.privacy.noise import NoNoise
from fluidmol.learning.privacy.settings import chosen_for
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.analyses.cross_domain import left_out
from fluidmol.studies.analyses.own_domain import held_out
from fluidmol.studies.analyses.student_size import spread_out
from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding, Row
from fluidmol.studies.leakage import leakage
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

logger = logging.getLogger(__name__)

MOST = 64.0
"""Largest epsilon that a charter may have."""


@attrs.frozen
class Privacy:
    """Students and ensembles at several epsilons and sizes of partners, beside what is lost on the way.

    The losses are differences of a figure: T0-same-make minus a pooled logistic regression in the public directions
    (``lost to projection``), that minus the ensemble without noise (``to federation``), that minus the ensemble with
    noise (``to noise``), that minus the student (``to distillation``). ``bound`` is what no attack can exceed,
    ``worst attack`` what those of a quick audit reached on the smallest partner. ``gain at home`` is what a partner's
    hybrid gains over its own unprotected teacher on a held-out fifth of its own compounds, mean over partners;
    ``hybrids' gain`` and ``student's gain`` are those of the others on the compounds of a partner that stayed out.
    """

    title: ClassVar[str] = "Privacy"
    question: ClassVar[str] = "What does each epsilon cost, and where is what is missing lost?"
    over: ClassVar[tuple[str, ...]] = ()

    epsilons: str = attrs.field(default="inf,32,8,4,2,1", validator=attrs.validators.instance_of(str))
    """Epsilons, separated by commas; ``inf`` is without noise."""

    attacked: bool = True
    """Whether the smallest partner is attacked as well, by a quick audit."""

    hybrids: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether hybrids are made and judged, at home and on left-out domains: most of the time goes there."""

    sizes: str = attrs.field(default="all", validator=attrs.validators.instance_of(str))
    """Most compounds that a partner keeps, separated by commas; ``all`` keeps all."""

    def __attrs_post_init__(self) -> None:
        epsilons(self.epsilons)
        sizes(self.sizes)

    def check(self, charter: Charter) -> None:
        """Refuse a charter without privacy.

        Raises
        ------
        CharterError
            Saying which would do.
        """
        if charter.privacy is None:
            raise CharterError("the charter has no [privacy]", hint="Give `preset` private.")

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a size and epsilon; size 0 stands for all."""
        for size in sizes(self.sizes):
            for epsilon in epsilons(self.epsilons):
                yield Cell(
                    {"size": size, "epsilon": f"{epsilon:g}"},
                    partial(_private, lab, size, epsilon, attacked=self.attacked, hybrids=self.hybrids),
                )


def epsilons(text: str) -> tuple[float, ...]:
    """Read epsilons.

    Raises
    ------
    CharterError
        If one is neither ``inf`` nor a number above 0 and at most 64.

    Examples
    --------
    >>> epsilons("inf, 4,1")
    (inf, 4.0, 1.0)
    """
    try:
        found = tuple(float(word) for word in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < one <= MOST or one == math.inf for one in found):
        raise CharterError(f"epsilons are {text!r}", hint=f"Expected numbers above 0, {MOST:g} at most, or inf.")
    return found


def sizes(text: str) -> tuple[int, ...]:
    """Read sizes; 0 stands for all.

    Raises
    ------
    CharterError
        If one is neither ``all`` nor a whole number of at least 20.

    Examples
    --------
    >>> sizes("all,1000")
    (0, 1000)
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word == "all" or (word.isdecimal() and int(word) >= 20) for word in words):
        raise CharterError(f"sizes are {text!r}", hint="Expected numbers of 20 or more, or all.")
    return tuple(0 if word == "all" else int(word) for word in words)


def at(charter: Charter, epsilon: float) -> Charter:
    """Give a charter with another epsilon, and the steps that were chosen for it.

    Raises
    ------
    CharterError
        If it has no privacy.
    """
    if charter.privacy is None:
        raise CharterError("the charter has no [privacy]", hint="Give `preset` private.")
    options = dict(charter.privacy.options) | chosen_for(epsilon) | {"epsilon": min(epsilon, MOST)}
    return attrs.evolve(charter, privacy=Part(charter.privacy.name, options))


def _private(lab: Lab, size: int, epsilon: float, *, attacked: bool, hybrids: bool) -> Sequence[Finding]:
    assays = {
        name: _part(assay, size, derive_seed(lab.charter.seed, "size", name)) for name, assay in lab.assays.items()
    }
    charter = at(lab.charter, epsilon)
    consortium = attrs.evolve(lab.consortium, assays=assays, charter=charter)
    private = Lab(consortium, lab.store, lab.policy, noiseless=epsilon == math.inf)
    silent = Lab(consortium, lab.store, lab.policy, noiseless=True)
    try:
        released = [private.student(private.labels()), private.ensemble()]
    except QuorumError as problem:
        logger.warning("%d compounds a partner, epsilon %g: %s", size, epsilon, problem.message)
        released = []  # noise drowns too many of them
    controls = [silent.ensemble(model="ensemble without noise"), private.pooled(), private.pooled_in_directions()]
    found = private.judge([*released, *controls])
    for dataset in private.benchmarks:
        for metric in ("mcc", "roc_auc"):
            way = ("T0-same-make", "T0 in directions", "ensemble without noise", "ensemble", "student")
            level = [figure(found, dataset, metric, model=model) for model in way]
            for what, before, after in zip(LOST, level, level[1:], strict=False):
                found.append(derived(f"lost to {what}", dataset, metric, before - after))
    if hybrids and released:
        found += _gains(private)
    if epsilon < math.inf and charter.privacy is not None:
        sigma = noise_multiplier(epsilon, PRIVACIES.build(charter.privacy).delta)
        found.append(derived("bound", MEMBERS, "roc_auc", largest_auc(sigma)))
        found.append(derived("bound", MEMBERS, "found at 1 %", found_at_most(sigma, 0.01)))
    if attacked:
        noise = NoNoise() if epsilon == math.inf else None
        audit = leakage(consortium, Stages(), noise=noise)
        found_share = math.nan if audit.largest_found is None else audit.largest_found
        found.append(derived("worst attack", MEMBERS, "roc_auc", audit.largest_auc))
        found.append(derived("worst attack", MEMBERS, "found at 1 %", found_share))
    return found


def _gains(lab: Lab) -> Iterator[Finding]:
    """Compute what hybrids gain at home, and hybrids and student on the domain of a partner that stayed out."""
    home = held_out(lab, _FOLDS, 0)
    away = [finding for name in lab.partners for finding in left_out(lab, name)]
    for metric in ("mcc", "roc_auc"):
        for what, findings, model in (
            ("gain at home", home, "gain"), ("hybrids' gain", away, "hybrids-gain"),
            ("student's gain", away, "student-gain"),
        ):  # fmt: skip
            values = [
                row.value
                for row in findings
                if isinstance(row, Row) and (row.model, row.metric) == (model, metric) and not math.isnan(row.value)
            ]
            yield derived(what, MEMBERS, metric, float(np.mean(values)) if values else math.nan)


_FOLDS = 5
MEMBERS = "members"
"""What figures about partners' own compounds are said to be on."""

LOST = ("projection", "federation", "noise", "distillation")
"""The steps on the way from T0-same-make to the student."""


def _part(assay: Assay, size: int, seed: int) -> Assay:
    if not size or len(assay) <= size:
        return assay
    return assay.take(np.sort(spread_out(assay.active, seed)[:size]))
