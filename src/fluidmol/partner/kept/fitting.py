"""Fitting a hybrid for use: the model, where it is at home, and how far it may be believed."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.chem.domain.neighbours import NeighbourDomain
from fluidmol.errors import InputError
from fluidmol.learning.conformal import FOLDS, Conformal, costs, out_of_fold
from fluidmol.learning.model import Floats
from fluidmol.learning.prediction_reliability import PredictionReliability
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.value_intervals import ValueIntervals, interval_costs
from fluidmol.learning.value_metrics import judge_values
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid, distilled
from fluidmol.partner.kept.saved_hybrid import KeptHybrid, versions
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.tuning.others import others
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.publication import Publication

logger = logging.getLogger(__name__)

Rows = NDArray[np.int64]

FRAGMENT_RADIUS = 1
"""In bonds, of the fragments that a model has seen or not: an atom with its neighbours.

No radius tells where hybrids err (``benchmarks/applicability.py``). At 2 a third of ordinary molecules have unknown
fragments, of some ten atoms; at 1 it is one in a hundred, and what is written is what a chemist would call unusual."""


@attrs.frozen(eq=False)
class FittedHybrid:
    """A hybrid for use, and what its owner should know."""

    kept: KeptHybrid
    cautions: tuple[str, ...]
    """Why something is lacking, or means less than it seems to."""

    reliability: PredictionReliability | None = None
    """How often it errs where it is sure and where it isn't; None without calibration."""


def fit_hybrid(
    assay: Assay,
    public: Publication,
    name: str,
    *,
    own_as: str = "",
    folds: int = FOLDS,
    own: OwnModel | None = None,
    charter: Charter | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FittedHybrid:
    """Fit a hybrid to own compounds and the consortium's labels, and calibrate it on own compounds.

    Calibration is cross-conformal: each own compound is predicted by a hybrid that hasn't learnt from it or another of
    its connectivity, and one's own part is left out of what the consortium says, as far as that can be done. The own
    model and boost of a mixture are chosen once, on all compounds.

    Parameters
    ----------
    assay : Assay
        Own compounds.
    public : Publication
    name : str
        Of the partner; empty for a company that took no part.
    own_as : str
        The partner's pseudonym in the labels; empty if they call it by its name, or know nothing of it.
    folds : int
        Of the calibration, 2 or more; 0: no calibration.
    own : OwnModel, optional
        What the partner has without the consortium, and what has spoken in the round; the charter's estimator by
        default.
    charter : Charter, optional
        The published one with another hybrid or union, which are the partner's own affair; as published by default.
    progress : callable, optional
        Is told how many folds are done, and of how many.

    Raises
    ------
    InputError
        If there are fewer than two compounds, or all that it could learn from is of one class or value.
    CharterError
        If the charter names unknown parts.
    """
    unlike = "of both classes" if assay.scale is None else "of several values"
    if len(assay) < 2:
        raise InputError(f"there are {len(assay)} own compounds", hint=f"Expected two or more, {unlike}.")
    told = attrs.evolve(public, labels=public.labels.renamed({own_as: name})) if own_as else public
    try:
        rules = charter or told.charter
        own = (own or OwnModel()).asked_about(assay.compounds, rules, name)
        hybrid = Hybrid.fit(assay, told.labels, told.transfer, rules, name, own_model=own)
    except ValueError as problem:
        raise InputError(f"no hybrid can be fitted: {problem}", hint=f"Expected compounds {unlike}.") from problem
    held, cautions = _out_of_fold(hybrid, assay, told, name, folds, progress)
    conformal = intervals = reliability = None
    if held is not None and assay.scale is None:
        conformal = Conformal.calibrated(assay.active, held[0])
        reliability = PredictionReliability.of(conformal.active, conformal.probability)
    elif held is not None:
        intervals = ValueIntervals(assay.outcome[:, 0], *held)
    kept = KeptHybrid(
        model=hybrid.model,
        public=public,
        near_public=NeighbourDomain.fit(public.transfer),
        near_own=NeighbourDomain.fit(assay.compounds),
        fragments=labelled_fragments(public) | _fragments(assay.compounds),
        conformal=conformal,
        intervals=intervals,
        facts=_facts(public, name) | {"model": "hybrid", "n_own": len(assay), **_told(assay, conformal, intervals)},
    )
    return FittedHybrid(kept, cautions, reliability)


def _told(assay: Assay, conformal: Conformal | None, intervals: ValueIntervals | None) -> dict[str, object]:
    """Describe what calibration found out, for people."""
    if assay.scale is None:
        coverage = [] if conformal is None else [attrs.asdict(cost) for cost in costs(conformal)]
        return {"n_own_active": assay.n_active, "coverage": coverage}
    if intervals is None:
        return {"coverage": []}
    scale = assay.scale
    wide = [attrs.asdict(cost) | {"half_width": cost.half_width * scale.span} for cost in interval_costs(intervals)]
    figures = judge_values(scale.coordinate(intervals.truth), scale.coordinate(intervals.said))
    return {
        "coverage": wide,
        "errors": {key: None if math.isnan(figure) else figure for key, figure in figures.items()},
        "errors_in": scale.words,
    }


def student_of(public: Publication) -> KeptHybrid:
    """Give the consortium's student with its domain: what a company uses that has no compounds of its own.

    Raises
    ------
    InputError
        If no student can be distilled from the labels.
    UnavailableError
        If the charter's student needs what isn't installed.
    """
    try:
        model = distilled(public.labels, public.transfer, public.charter)
    except ValueError as problem:
        raise InputError(
            f"no student can be distilled: {problem}", hint="Take the labels of another round."
        ) from problem
    near = NeighbourDomain.fit(public.transfer)
    facts = _facts(public, "") | {"model": "student"}
    return KeptHybrid(model=model, public=public, near_public=near, fragments=labelled_fragments(public), facts=facts)


def labelled_fragments(public: Publication) -> FragmentDomain:
    """Collect the fragments of those molecules that the consortium has an opinion of."""
    labelled = np.flatnonzero(~np.isnan(public.labels.value[:, 0]))
    return _fragments(public.transfer.take(labelled.tolist()))


def _fragments(compounds: CompoundSet) -> FragmentDomain:
    return FragmentDomain.fit(compounds, FRAGMENT_RADIUS, by_element=True)


def _out_of_fold(
    hybrid: Hybrid,
    assay: Assay,
    public: Publication,
    name: str,
    folds: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Floats, Floats] | None, tuple[str, ...]]:
    """Predict own compounds by hybrids that haven't learnt from them; None, and why, if that can't be.

    With each, of values, its similarity to the nearest of the compounds that were learnt from, and what makes all of it
    mean less than it seems to.
    """
    what = "conformal sets" if assay.scale is None else "intervals"
    if not folds:
        return None, (f"It isn't calibrated: predictions have no {what}.",)
    rest = others(assay, public, name, used=hybrid.choice is None, own=hybrid.own_model)
    done, near = 0, np.zeros(len(assay))

    def fit_predict(train: Rows, test: Rows) -> Floats:
        nonlocal done
        known, held = assay.take(train), assay.compounds.take(test.tolist())
        fitted = hybrid.refitted(known, rest.labels, public.transfer, name)
        said = fitted.predict(held)
        if assay.scale is not None:
            near[test] = NeighbourDomain.fit(known.compounds).score(held)
        done += 1
        if progress is not None:
            progress(done, folds)
        return said

    seed = derive_seed(public.charter.seed, "conformal", name)
    try:
        strata = assay.active if assay.scale is None else np.zeros(len(assay), dtype=np.int64)
        said = out_of_fold(strata, fit_predict, seed, folds, assay.compounds.skeletons)
    except ValueError as problem:
        return None, (f"It isn't calibrated, so predictions have no {what}: {problem}.",)
    caution = (f"{what.capitalize()} may be too narrow: {rest.leak}.",) if rest.leak else ()
    return (np.clip(said, 0, 1), near), caution


def _facts(public: Publication, name: str) -> dict[str, object]:
    return {
        "partner": name,
        "endpoint": public.charter.endpoints[0].name,
        "charter": public.charter.digest,
        "labels": public.labels.digest,
        "transfer": public.transfer.digest,
        "n_transfer": len(public.transfer),
        "versions": versions(),
    }
