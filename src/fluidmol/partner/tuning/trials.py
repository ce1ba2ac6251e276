"""Models fitted without the held-out compounds, and asked about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from fluidmol.learning.model import Floats, Model
from fluidmol.parallel import in_threads
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid, OnMolecules, distilled
from fluidmol.partner.mixture import MixtureSetting
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.tuning.candidates import Candidate
from fluidmol.partner.tuning.holdouts import HeldOut
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.publication import Publication

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
    own: OwnModel = attrs.field(factory=OwnModel)
    """What the partner has without the consortium."""


@attrs.frozen(eq=False)
class Trial:
    """What all models said of one fold."""

    held: HeldOut
    said: dict[str, Floats]
    """By model: probability of the active class, (n_test,)."""
    choice: MixtureSetting | None
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


def _trial(known: Known, held: HeldOut, tried: Sequence[Candidate], student: OnMolecules | None) -> Trial:
    train, test = known.assay.take(held.train), known.assay.compounds.take(held.test.tolist())
    fitted = {
        candidate.name: Hybrid.fit(
            train, known.public.labels, known.public.transfer, candidate.charter, known.name, own_model=known.own
        )
        for candidate in tried
    }
    agreed = fitted[tried[0].name]
    models: dict[str, Model[CompoundSet]] = {TEACHER: known.own.fit(train, known.public.charter, known.name)}
    models[ALONE] = agreed.alone(train, known.name)
    models |= {} if student is None else {STUDENT: student}
    said = {name: model.predict(test) for name, model in (models | fitted).items()}
    return Trial(held, said, agreed.choice)


def _student(known: Known) -> OnMolecules | None:
    """Give the consortium's student without one's own part; None if nobody else has said anything."""
    public = known.public
    try:
        return distilled(public.labels, public.transfer, public.charter)
    except ValueError:
        return None


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
