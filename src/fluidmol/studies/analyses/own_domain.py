"""Whether a partner gains on its own chemistry by taking part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses.folds import folds
from fluidmol.studies.lab.ceiling import USUAL, best_pooled, check_kinds, pooled_kinds
from fluidmol.studies.lab.judgement import derived, figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding
from fluidmol.values.charter import Charter
from fluidmol.values.results import gained


@attrs.frozen
class OwnDomain:
    """All partners hold out a fold of their compounds, federate without it, and are judged by it.

    A partner's teacher and hybrid, the student, T0 and T0-same-make are judged on that partner's held-out compounds,
    which nobody has seen: neither its teacher when it annotated, nor anybody's labels. ``gain`` is hybrid minus
    teacher: that of a partner without regret isn't negative beyond noise. T0's kind is chosen without the held-out
    compounds, too.
    """

    title: ClassVar[str] = "Own domain"
    question: ClassVar[str] = "Is a partner's hybrid better than its teacher on the partner's own held-out compounds?"
    over: ClassVar[tuple[str, ...]] = ("fold",)

    folds: int = attrs.field(default=5, validator=attrs.validators.ge(2))
    """Into how many folds compounds are dealt."""

    asked: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """How many of them are held out, one after the other; each is a federation of its own."""

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
        """One cell a fold."""
        for fold in range(min(self.asked, self.folds)):
            yield Cell({"fold": fold + 1}, partial(held_out, lab, self.folds, fold, pooled_kinds(self.ceiling)))


HELD_OUT = "held-out-"
"""What the set of a partner's held-out compounds is called, before the partner's name."""


def without_fold(lab: Lab, n_folds: int, fold: int) -> Lab:
    """Return a lab without a fold of each partner's compounds; its benchmarks are these, by partner."""
    inside: dict[str, Assay] = {}
    rest: dict[str, Assay] = {}
    for name, assay in lab.assays.items():
        held = folds(assay.compounds, n_folds, lab.charter.seed, name) == fold
        rest[name] = assay.take(np.flatnonzero(~held))
        if held.any():
            inside[f"{HELD_OUT}{name}"] = assay.take(np.flatnonzero(held))
    return Lab(
        attrs.evolve(lab.consortium, assays=rest, benchmarks=inside), lab.store, lab.policy, noiseless=lab.noiseless
    )


def held_out(lab: Lab, n_folds: int, fold: int, kinds: Sequence[str] = ()) -> list[Finding]:
    """Federate without a fold of each partner's compounds, and judge by it; ``gain`` is hybrid minus teacher."""
    without = without_fold(lab, n_folds, fold)
    names = [name for name in without.partners if f"{HELD_OUT}{name}" in without.benchmarks]
    labels = without.labels()
    own = [(name, [f"{HELD_OUT}{name}"]) for name in names]
    everywhere = [f"{HELD_OUT}{name}" for name in names]
    ceiling, chosen = best_pooled(without, kinds)
    found = without.judge_pairs(
        [
            (without.student(labels), everywhere),
            (ceiling, everywhere),
            (without.pooled(), everywhere),
            *((without.hybrid(name, labels), sets) for name, sets in own),
            *((without.teacher(name), sets) for name, sets in own),
        ]
    )
    for dataset in everywhere:
        for metric in lab.metrics:
            before, after = (figure(found, dataset, metric, kind=kind) for kind in ("teacher", "hybrid"))
            found.append(derived("gain", dataset, metric, gained(metric, after, before)))
    return [*found, *chosen]
