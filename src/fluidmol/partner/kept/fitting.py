"""Fitting a hybrid for use: the model, where it is at home, and how far it may be believed."""

from __future__ import annotations

import logging
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
        If there are fewer than two compounds, or all that it could learn from is of one class.
    CharterError
        If the charter names unknown parts.
    """
    if len(assay) < 2:
        raise InputError(f"there are {len(assay)} own compounds", hint="Expected two or more, of both classes.")
    told = attrs.evolve(public, labels=public.labels.renamed({own_as: name})) if own_as else public
    try:
        rules = charter or told.charter
        own = (own or OwnModel()).asked_about(assay.compounds, rules, name)
        hybrid = Hybrid.fit(assay, told.labels, told.transfer, rules, name, own_model=own)
    except ValueError as problem:
        raise InputError(f"no hybrid can be fitted: {problem}", hint="Expected compounds of both classes.") from problem
    conformal, cautions = _calibrated(hybrid, assay, told, name, folds, progress)
    coverage = [] if conformal is None else [attrs.asdict(cost) for cost in costs(conformal)]
    reliability = None if conformal is None else PredictionReliability.of(conformal.active, conformal.probability)
    kept = KeptHybrid(
        model=hybrid.model,
        public=public,
        near_public=NeighbourDomain.fit(public.transfer),
        near_own=NeighbourDomain.fit(assay.compounds),
        fragments=labelled_fragments(public) | _fragments(assay.compounds),
        conformal=conformal,
        facts=_facts(public, name)
        | {"model": "hybrid", "n_own": len(assay), "n_own_active": assay.n_active, "coverage": coverage},
    )
    return FittedHybrid(kept, cautions, reliability)


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


def _calibrated(
    hybrid: Hybrid,
    assay: Assay,
    public: Publication,
    name: str,
    folds: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Conformal | None, tuple[str, ...]]:
    if not folds:
        return None, ("It isn't calibrated: predictions have no conformal sets.",)
    rest = others(assay, public, name, used=hybrid.choice is None, own=hybrid.own_model)
    done = 0

    def fit_predict(train: Rows, test: Rows) -> Floats:
        nonlocal done
        fitted = hybrid.refitted(assay.take(train), rest.labels, public.transfer, name)
        said = fitted.predict(assay.compounds.take(test.tolist()))
        done += 1
        if progress is not None:
            progress(done, folds)
        return said

    seed = derive_seed(public.charter.seed, "conformal", name)
    try:
        said = out_of_fold(assay.active, fit_predict, seed, folds, assay.compounds.skeletons)
    except ValueError as problem:
        return None, (f"It isn't calibrated, so predictions have no conformal sets: {problem}.",)
    caution = (f"Conformal sets may be too narrow: {rest.leak}.",) if rest.leak else ()
    return Conformal.calibrated(assay.active, np.clip(said, 0, 1)), caution


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
