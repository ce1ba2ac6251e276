"""T0: the best pooled model of several kinds, which cross-validation chooses.

A ceiling of the teachers' make alone flatters: linear teachers and their student agree with a linear pooled model, and
all of them may be below a pooled forest. docs/decisions/0016 says why ROC AUC decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.representation.underlying import underlying
from fluidmol.chem.table import LazyFeatures
from fluidmol.errors import CharterError
from fluidmol.learning.estimators import STUDENTS
from fluidmol.learning.metrics import judge
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.table_rows import read
from fluidmol.learning.value_metrics import judge_values
from fluidmol.parallel import in_threads
from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses.folds import folds
from fluidmol.studies.lab.ensemble import Pooled
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import CachedPredictor
from fluidmol.studies.lab.store import Arrays
from fluidmol.studies.lab.store_keys import assay_digest
from fluidmol.studies.lab.study import Row
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part, nearest
from fluidmol.values.results import CV_AUC, CV_MCC, CV_R2, CV_RMSE, SAME_MAKE, TAKEN, TRAINING

KINDS_TRIED: Mapping[str, Part] = {
    # Two rows a leaf, as deep as the data allow: on hERG better than one row a leaf, and than 15 levels.
    "random-forest": Part("random-forest", {"trees": 300, "leaf": 2, "balanced": False}),
    "lightgbm": Part("lightgbm"),
    "logistic": Part("logistic", {"strength": 0.05}),
    "chemprop": Part("chemprop"),
}
"""Kinds of pooled models that may be asked for, the slowest first but for chemprop, which takes longest of all."""

USUAL = "random-forest,lightgbm,logistic"
"""What is tried unless something else is asked for: all that needs no extra, and takes minutes."""

FOLDS = 3
"""Of the cross-validation."""


@attrs.frozen
class PooledTrial:
    """What cross-validation says of one kind of pooled model."""

    kind: str
    """Name in :data:`KINDS_TRIED`, or ``same-make``."""

    part: Part
    """Its estimator."""

    figures: Mapping[str, float]
    """By metric, mean over folds; NaN where a fold has one class only, or gives no model. The first decides: ROC AUC,
    or the root mean squared error of a regression."""


def pooled_kinds(text: str) -> tuple[str, ...]:
    """Read kinds of pooled models, separated by commas; ``none`` or nothing is none.

    Raises
    ------
    CharterError
        If there is no such kind.

    Examples
    --------
    >>> pooled_kinds("lightgbm, random-forest"), pooled_kinds("none")
    (('lightgbm', 'random-forest'), ())
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if words == ["none"]:
        return ()
    for word in words:
        if word not in KINDS_TRIED:
            raise CharterError(f"ceiling has no kind {word[:80]!r}", hint=nearest(word[:80], (*KINDS_TRIED, "none")))
    return tuple(dict.fromkeys(words))


def check_kinds(charter: Charter, kinds: Iterable[str]) -> None:
    """Make sure that what these kinds need is installed, before anything is computed.

    Raises
    ------
    UnavailableError
        Saying what to install.
    """
    for part in competing(charter, kinds).values():
        STUDENTS.build(part).check()


def competing(charter: Charter, kinds: Iterable[str]) -> dict[str, Part]:
    """Return the estimators that compete, by kind: the teachers' own always, and first.

    A linear model has one setting, which is the charter's where its teachers are linear.

    Examples
    --------
    >>> list(competing(Charter.from_preset("open"), ("lightgbm", "logistic")))
    ['same-make', 'lightgbm']
    >>> list(competing(Charter.from_preset("paper-2025"), ("random-forest", "logistic")))
    ['same-make', 'random-forest', 'logistic']
    """
    teacher = charter.teacher
    others = {kind: KINDS_TRIED[kind] for kind in kinds}
    linear = "logistic" if teacher.name == "logistic" else ""
    return {SAME_MAKE: teacher} | {kind: part for kind, part in others.items() if kind != linear and part != teacher}


def best_pooled(lab: Lab, kinds: Sequence[str]) -> tuple[CachedPredictor, list[Row]]:
    """Return T0, and how it was chosen.

    Parameters
    ----------
    lab : Lab
    kinds : sequence of str
        What is tried beside the teachers' own make, of :data:`KINDS_TRIED`. Where nothing competes with that, T0 is
        the pooled model of the teachers' make, and nothing is cross-validated.

    Returns
    -------
    T0 : CachedPredictor
    rows : list of Row
        Of kind ``derived``, on the data set ``training``: for each kind its figures, if any, and whether it was taken.
    """
    if len(competing(lab.charter, kinds)) == 1:
        return lab.pooled(model="T0", kind="pooled"), [Row(SAME_MAKE, "derived", "", TRAINING, TAKEN, 1.0)]
    trials = tried(lab, kinds)
    taken = highest(trials)
    if taken.kind == SAME_MAKE:
        model = lab.pooled(model="T0", kind="pooled")
    else:
        whole, charter, part = lab.everything, lab.charter, taken.part
        facts = {"role": "pooled", **_facts(lab, part)}
        model = lab.predictor("T0", "pooled", facts, lambda: fit_pooled(whole, charter, part))
    rows = [
        Row(trial.kind, "derived", "", TRAINING, metric, value, n_train=len(lab.everything))
        for trial in trials
        for metric, value in (*trial.figures.items(), (TAKEN, float(trial is taken)))
    ]
    return model, rows


def highest(trials: Sequence[PooledTrial]) -> PooledTrial:
    """Return the trial whose first figure is the best; of equals, and where none is known, the first.

    Examples
    --------
    >>> part = Part("lightgbm")
    >>> trials = [PooledTrial(name, part, {CV_AUC: auc}) for name, auc in (("a", 0.7), ("b", 0.8), ("c", 0.8))]
    >>> highest(trials).kind
    'b'
    """

    def merit(trial: PooledTrial) -> float:
        metric, value = next(iter(trial.figures.items()))
        return -math.inf if math.isnan(value) else -value if metric == CV_RMSE else value

    return max(trials, key=merit)


def tried(lab: Lab, kinds: Iterable[str]) -> list[PooledTrial]:
    """Cross-validate each kind over all partners' training compounds; no test set is looked at."""
    parts, whole = competing(lab.charter, kinds), lab.everything
    fold = folds(whole.compounds, FOLDS, lab.charter.seed, "pooled")
    asked = [(lab, part, fold, k) for part in parts.values() for k in range(FOLDS)]
    if not all(lab.store.has(_fold_facts(lab, part, k)) for _, part, _, k in asked):
        features(whole.compounds, underlying(lab.charter.featuriser))  # here on all cores; a thread would have one
    said = iter(in_threads(_fold_judged, asked))
    figures = {kind: np.array([next(said) for _ in range(FOLDS)]) for kind in parts}
    names = (CV_AUC, CV_MCC) if whole.scale is None else (CV_RMSE, CV_R2)
    means = {kind: found.mean(axis=0).tolist() for kind, found in figures.items()}
    return [PooledTrial(kind, part, dict(zip(names, means[kind], strict=True))) for kind, part in parts.items()]


def fit_pooled(assay: Assay, charter: Charter, part: Part, rows: NDArray[np.int64] | None = None) -> Pooled:
    """Fit a kind of model to pooled compounds, or to some rows of them.

    It reads the charter's features, or what its public directions were made of, or structures.

    Raises
    ------
    ValueError
        If all compounds are of one class.
    """
    estimator, featuriser = STUDENTS.build(part), underlying(charter.featuriser)
    known = np.arange(len(assay)) if rows is None else rows
    inputs = read(LazyFeatures(assay.compounds, featuriser), known, structures=estimator.reads_structures)
    seed = derive_seed(charter.seed, "pooled", part.name)
    model = estimator.fit(inputs, assay.outcome[known, 0], np.ones(len(known)), seed)
    return Pooled(model, featuriser, estimator.reads_structures, n_train=len(known))


def _fold_judged(lab: Lab, part: Part, fold: NDArray[np.int64], k: int) -> tuple[float, float]:
    whole, inside = lab.everything, np.flatnonzero(fold == k)

    def said() -> Arrays:
        try:
            model = fit_pooled(whole, lab.charter, part, np.flatnonzero(fold != k))
            return {"probability": model.predict(whole.compounds.take(inside.tolist()))}
        except ValueError:
            return {"probability": np.full(len(inside), np.nan)}  # all others are of one class

    probability = lab.store.arrays(_fold_facts(lab, part, k), said)["probability"]
    if not len(inside) or np.isnan(probability).any():
        return math.nan, math.nan
    if whole.scale is not None:
        values = judge_values(*(whole.scale.coordinate(each) for each in (whole.outcome[inside, 0], probability)))
        return values["rmse"], values["r2"]
    figures = judge(whole.active[inside], probability)
    return figures["roc_auc"], figures["mcc"]


def _fold_facts(lab: Lab, part: Part, k: int) -> dict[str, object]:
    return {"role": "pooled out of fold", "fold": k, "folds": FOLDS, **_facts(lab, part)}


def _facts(lab: Lab, part: Part) -> dict[str, object]:
    return {
        "estimator": part.as_table(),
        "featuriser": underlying(lab.charter.featuriser).as_table(),
        "seed": lab.charter.seed,
        "assay": assay_digest(lab.everything),
    }
