"""Models fitted without the held-out compounds, and asked about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.table import Table
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.from_experts import FromExperts
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.experts.asking import Asked
from fluidmol.learning.seeds import derive_seed
from fluidmol.parallel import in_threads
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid, OnFeatures, Predicts, on_molecules
from fluidmol.partner.mixture import Choice, Mixed
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.tuning.candidates import Candidate
from fluidmol.partner.tuning.holdouts import HeldOut
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.publication import Publication

Floats = NDArray[np.float64]

TEACHER, ALONE, STUDENT = "teacher", "alone", "student"
"""One's own teacher; what the hybrid is without the consortium; the consortium without oneself."""


@attrs.frozen(eq=False, kw_only=True)
class Known:
    """All that a trial may use, held-out compounds apart."""

    assay: Assay
    public: Publication
    """With labels without one's own part, see :mod:`~fluidmol.partner.tuning.others`."""
    name: str
    """Of the partner."""


@attrs.frozen(eq=False)
class Trial:
    """What all models said of one fold."""

    held: HeldOut
    said: dict[str, Floats]
    """By model: probability of the active class, (n_test,)."""
    choice: Choice | None
    """What the charter's hybrid preferred by its own cross-validation, where it is a mixture."""


def run_trials(
    known: Known, parts: Sequence[HeldOut], tried: Sequence[Candidate], progress: Callable[[int, int], None]
) -> tuple[Trial, ...]:
    """Fit all models once for each fold, folds side by side."""
    student = _student(known)
    done: list[Trial] = []
    for trial in in_threads(_trial, ((known, held, tried, student) for held in parts)):
        done.append(trial)
        progress(len(done), len(parts))
    return tuple(done)


def _trial(known: Known, held: HeldOut, tried: Sequence[Candidate], student: Predicts | None) -> Trial:
    public = known.public
    train, test = known.assay.take(held.train), known.assay.compounds.take(held.test.tolist())
    fitted = {
        candidate.name: Hybrid.fit(train, public.labels, public.transfer, candidate.charter, known.name).model
        for candidate in tried
    }
    agreed = fitted[tried[0].name]
    models: dict[str, Predicts] = {TEACHER: Teacher.fit(train, public.charter, known.name)}
    models[ALONE] = _OwnOf(agreed) if isinstance(agreed, Mixed) else _alone(train, public.charter, known.name)
    models |= {} if student is None else {STUDENT: student}
    said = {name: model.predict(test) for name, model in (models | fitted).items()}
    return Trial(held, said, agreed.choice if isinstance(agreed, Mixed) else None)


@attrs.frozen(eq=False)
class _OwnOf:
    """The own model within a mixture, without the others."""

    mixed: Mixed

    def predict(self, compounds: CompoundSet) -> Floats:
        if self.mixed.own is None:
            raise ValueError("the mixture has no own model: its compounds are of one class")
        values, _ = self.mixed.own.annotate(compounds)
        return values[self.mixed.choice.own]


def _alone(train: Assay, charter: Charter, name: str) -> Predicts:
    """Fit the hybrid's estimator to one's own compounds alone."""
    rows = features(train.compounds, charter.featuriser)
    seed = derive_seed(charter.seed, "hybrid", name)
    model = ESTIMATORS.build(charter.hybrid).fit(rows, train.outcome[:, 0], np.ones(len(train)), seed)
    return OnFeatures(model, charter.featuriser)


def _student(known: Known) -> Predicts | None:
    """Give the consortium's student without one's own part; None if nobody else has said anything."""
    labels, charter = known.public.labels, known.public.charter
    distillation = DISTILLATIONS.build(charter.distillation)
    if isinstance(distillation, FromExperts) and labels.experts is not None:
        return OnFeatures(Asked(labels.experts, charter, distillation.sharpness), charter.featuriser)
    try:
        model, _ = distillation.student(labels, Table(known.public.transfer, charter.featuriser), charter)
    except ValueError:
        return None
    return on_molecules(model, charter.featuriser)


def chosen(trials: Sequence[Trial], tried: Sequence[Candidate], losses: Callable[[int, str], float]) -> Iterator[str]:
    """Choose a candidate for each fold by the others' mean losses: none is judged by what it was chosen by.

    Parameters
    ----------
    trials : sequence of Trial
    tried : sequence of Candidate
    losses : callable
        From fold and candidate's name to the summed loss on its held-out compounds.
    """
    for fold in range(len(trials)):
        rest = [k for k in range(len(trials)) if k != fold]
        yield (
            min((c.name for c in tried), key=lambda name: sum(losses(k, name) for k in rest))
            if rest
            else (tried[0].name)
        )
