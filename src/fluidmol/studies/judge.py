"""Judgement: every model on every labelled set, with the same metrics and intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.federation import aggregate
from fluidmol.learning.metrics import judge, mcc_interval
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.teachers import Annotator
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

Predict = Callable[[CompoundSet], NDArray[np.float64]]

KINDS = ("pooled", "teacher", "student", "hybrid", "pooled_hybrid", "control")
"""What a model is."""


@attrs.frozen(eq=False)
class Contender:
    """A model that is to be judged."""

    model: str
    """Its name, unique in a run."""

    kind: str = attrs.field(validator=attrs.validators.in_(KINDS))
    """One of :data:`KINDS`."""

    partner: str
    """Whose it is; empty for the consortium's."""

    n_train: int
    """Rows that it learnt from."""

    predict: Predict = attrs.field(repr=False)
    """Gives the probability of the active class."""


@attrs.frozen(eq=False)
class Judged:
    """One model on one data set."""

    contender: Contender
    """The model."""

    dataset: str
    """``validation`` or ``external``."""

    probability: NDArray[np.float64] = attrs.field(repr=False)
    """Of the active class, (n_compounds,)."""

    figures: dict[str, float]
    """All metrics, see :data:`fluidmol.learning.metrics.METRICS`."""

    interval: tuple[float, float]
    """95 % bootstrap interval of the MCC over molecules."""


def judge_all(contenders: Iterable[Contender], benchmarks: Mapping[str, Assay], seed: int) -> list[Judged]:
    """Judge every model on every labelled set.

    Parameters
    ----------
    contenders : iterable of Contender
    benchmarks : mapping of str to Assay
        Labelled sets by name.
    seed : int
        Of the bootstrap; all models of a data set share its draws' seed.

    Returns
    -------
    list of Judged
        In the order of the models, then of the data sets.
    """
    judged = []
    for contender in contenders:
        for dataset, benchmark in benchmarks.items():
            probability = contender.predict(benchmark.compounds)
            figures = judge(benchmark.active, probability)
            interval = mcc_interval(benchmark.active, probability, derive_seed(seed, "bootstrap", dataset))
            judged.append(Judged(contender, dataset, probability, figures, interval))
    return judged


def ensemble(teachers: Mapping[str, Annotator], charter: Charter) -> Predict:
    """Ask the teachers directly and combine what they say as the charter does, without any distillation.

    What it achieves is the quality of the federated labels themselves: what a student loses against it is lost in
    distillation. No real consortium can do so for confidential molecules; here it is a control.
    """

    def predict(compounds: CompoundSet) -> NDArray[np.float64]:
        opinions = [
            Annotations(charter.digest, name, *teacher.annotate(compounds)) for name, teacher in teachers.items()
        ]
        return aggregate(opinions, charter).value[:, 0].astype(np.float64)

    return predict
