"""What a hybrid would gain on a partner's own compounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError, UsageError
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics import Comparison, Predictions
from fluidmol.partner.assay import Assay
from fluidmol.partner.mixture import MixtureSetting
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.tuning.candidates import AGREED, Candidate, candidates
from fluidmol.partner.tuning.figures import ModelScore, figures, gains, losses
from fluidmol.partner.tuning.holdouts import Dates, check_split, hold_outs
from fluidmol.partner.tuning.others import Others, others
from fluidmol.partner.tuning.trials import ALONE, TEACHER, Known, Trial, chosen, run_trials
from fluidmol.partner.tuning.verdict import ADOPT, SUSPECT, verdict
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import nearest
from fluidmol.values.publication import Publication

FEWEST = 20
"""Fewest own compounds, for anything to be held out."""

FEWEST_OF_A_CLASS = 5
"""Fewest active ones, and inactive ones."""

TUNED = "tuned"
"""For each fold the hybrid that is best on the other folds: what choosing among them is worth, honestly."""

Methods = dict[str, dict[int, list[Predictions]]]


@attrs.frozen(kw_only=True)
class Plan:
    """How own compounds are held out, and what is tried."""

    split: str = "cluster"
    """See :func:`~fluidmol.partner.tuning.holdouts.hold_outs`."""

    folds: int = attrs.field(default=5, validator=attrs.validators.ge(2))
    """Folds, or windows of time, 2 or more."""

    repeats: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """How many times folds are dealt anew; time is cut once."""

    alternatives: bool = False
    """Whether settings besides the charter's are tried."""

    def __attrs_post_init__(self) -> None:
        check_split(self.split)


@attrs.frozen(eq=False, kw_only=True)
class Tuned:
    """What was found. Figures of confidential compounds: it is for the partner's own eyes."""

    plan: Plan
    verdict: str
    """Of the charter's hybrid: one of those in :mod:`~fluidmol.partner.tuning.verdict`."""

    figures: tuple[ModelScore, ...]
    from_others: Mapping[str, Comparison]
    """The charter's hybrid less what it is without the consortium, by metric."""

    tuned: str
    """The verdict of choosing among the hybrids; empty if there was no choice."""

    preferred: str
    """The hybrid with the smallest log-loss over all folds."""

    choices: tuple[tuple[MixtureSetting, int], ...]
    """What the mixtures' own cross-validation preferred, and in how many folds."""

    share: float
    """Mean share of one's own teacher in the labels, in [0, 1]."""

    leak: str
    """Why labels still hold what one's own teacher knows; empty if they don't."""

    n_held: int
    """Compounds that were held out at some time."""

    n_active: int
    """Active ones among them."""


def tune(
    assay: Assay,
    public: Publication,
    name: str | None,
    plan: Plan | None = None,
    *,
    own: OwnModel | None = None,
    dates: Dates | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Hold out own compounds, and compare hybrids with one's own teacher on them.

    Parameters
    ----------
    assay : Assay
        The partner's own compounds.
    public : Publication
        With labels as the coordinator sends them.
    name : str or None
        Of the partner, as the labels know it; None for a company that took no part.
    plan : Plan, optional
    own : OwnModel, optional
        What the partner has without the consortium, and what has spoken in the round; the charter's estimator by
        default.
    dates : (n_compounds,) datetime64, optional
        Of the compounds, for a split by time.
    progress : callable, optional
        Is told how many folds are done, and of how many.

    Returns
    -------
    Tuned

    Raises
    ------
    UsageError
        If the labels know no partner of this name, or a split by time has no dates.
    InputError
        If the compounds are too few or of one class.
    """
    public.charter.require_classes(
        "the look at what a hybrid gains",
        "Fit the hybrid without it: fluid hybrid fit says how far it errs on compounds that it hasn't learnt from.",
    )
    plan = plan or Plan()
    _check(assay, public.labels, name)
    tried, who = candidates(public.charter, alternatives=plan.alternatives), name or ""
    repeats = 1 if plan.split == "time" else plan.repeats
    parts = [
        hold_outs(assay, plan.split, plan.folds, derive_seed(public.charter.seed, "tune", plan.split, str(r)), dates)
        for r in range(repeats)
    ]
    own = (own or OwnModel()).asked_about(assay.compounds, public.charter, who)
    rest = others(assay, public, who, used=any(c.labels for c in tried) or public.labels.experts is None, own=own)
    known = Known(assay=assay, public=attrs.evolve(public, labels=rest.labels), name=who, own=own)
    trials = run_trials(known, [part for found in parts for part in found], tried, progress or (lambda _d, _t: None))
    waiting = iter(trials)
    by_repeat = [[next(waiting) for _ in found] for found in parts]
    return _concluded(assay, by_repeat, tried, rest, plan, derive_seed(public.charter.seed, "tune"))


def _check(assay: Assay, labels: FederatedLabels, name: str | None) -> None:
    if name is not None and name not in labels.partners:
        raise UsageError(f"the labels know no partner {name!r}", hint=nearest(name, labels.partners))
    smaller = min(assay.n_active, len(assay) - assay.n_active)
    if len(assay) < FEWEST or smaller < FEWEST_OF_A_CLASS:
        raise InputError(
            f"{len(assay)} compounds, {assay.n_active} of them active, are too few to hold out any",
            hint=f"Expected {FEWEST} or more, and {FEWEST_OF_A_CLASS} or more of each class.",
        )


def _concluded(
    assay: Assay, by_repeat: Sequence[Sequence[Trial]], tried: Sequence[Candidate], rest: Others, plan: Plan, seed: int
) -> Tuned:
    # Repeats are models of one method on the same compounds, and no seeds: what is asked is about these compounds.
    methods: Methods = {}
    loss: dict[str, float] = {}
    for trials in by_repeat:
        said = _joined(assay, trials, tried)
        rows = np.concatenate([trial.held.test for trial in trials])
        keys = np.array(assay.compounds.inchikeys)[rows]
        for model, probability in said.items():
            methods.setdefault(model, {0: []})[0].append(Predictions(assay.active[rows], probability, keys))
            loss[model] = loss.get(model, 0.0) + float(losses(assay.active[rows], probability).sum())
    found = figures(methods, TEACHER, seed)
    gain = {model: {f.metric: f.gain for f in found if f.model == model and f.gain is not None} for model in methods}
    rows = np.unique(np.concatenate([trial.held.test for trials in by_repeat for trial in trials]))
    made = [trial.choice for trials in by_repeat for trial in trials if trial.choice is not None]
    # Where a boost holds depends on the compounds of each fold: what is counted is the choice.
    choices = Counter(attrs.evolve(choice, home=0.0) for choice in made)
    return Tuned(
        plan=plan,
        verdict=_doubted(verdict(gain[AGREED]), rest.leak),
        figures=found,
        from_others=gains(methods[AGREED], methods[ALONE], seed),
        tuned=_doubted(verdict(gain[TUNED]), rest.leak) if TUNED in gain else "",
        preferred=min((c.name for c in tried), key=lambda name: loss[name]),
        choices=tuple(choices.most_common()),
        share=rest.share,
        leak=rest.leak,
        n_held=len(rows),
        n_active=int(assay.active[rows].sum()),
    )


def _doubted(told: str, leak: str) -> str:
    """Take back a recommendation whose gain may come of the others' knowing the held-out compounds."""
    return SUSPECT if leak and told == ADOPT else told


def _joined(assay: Assay, trials: Sequence[Trial], tried: Sequence[Candidate]) -> dict[str, NDArray[np.float64]]:
    """Put folds end to end, with the hybrid that is chosen for each by the others."""
    said = {model: np.concatenate([trial.said[model] for trial in trials]) for model in trials[0].said}
    if len(tried) > 1 and len(trials) > 1:

        def summed(fold: int, model: str) -> float:
            held = trials[fold].held.test
            return float(losses(assay.active[held], trials[fold].said[model]).sum())

        picked = chosen(trials, tried, summed)
        said[TUNED] = np.concatenate([trial.said[model] for trial, model in zip(trials, picked, strict=True)])
    return said
