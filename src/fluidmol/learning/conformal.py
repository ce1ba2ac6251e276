"""Conformal prediction: sets of classes that hold the truth as often as promised.

For compounds exchangeable with the calibration set, a set at level 0.9 holds the true class for at least nine in ten of
them, in each class by itself (Mondrian by class). Elsewhere nothing is promised, and the share of single-class sets
says, without any label, how far the model still tells the classes apart.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.metrics import Flags, Floats

FOLDS = 10
"""Folds of out-of-fold calibration. With them the models of the folds are nearly as good as the model of all compounds,
and coverage nearly as promised; with fewer folds it is above."""

LEVELS = (0.7, 0.8, 0.9, 0.95)
"""Promised coverages at which it is told what they cost."""

Pairs = NDArray[np.bool_]
"""Whether each class is in each molecule's set, (n, 2): inactive, active."""


def _flags(values: Flags) -> Flags:
    return np.array(values, dtype=bool)


def _floats(values: Floats) -> Floats:
    return np.array(values, dtype=np.float64)


@attrs.frozen(eq=False)
class Conformal:
    """Class-conditional inductive conformal classifier.

    Source: Vovk, Gammerman and Shafer 2022, doi 10.1007/978-3-031-06649-8; for molecules Norinder et al. 2014,
    doi 10.1021/ci5001168. The p-values are computed by crepes (Boström 2022, PMLR 179).

    Raises
    ------
    ValueError
        If lengths differ, or a probability isn't in [0, 1].

    Examples
    --------
    >>> truth = np.arange(20) < 10
    >>> conformal = Conformal.calibrated(truth, np.where(truth, 0.8, 0.3))
    >>> conformal.sets(np.array([0.9, 0.1, 0.5]), 0.9).tolist()
    [[False, True], [True, False], [False, False]]
    """

    active: Flags = attrs.field(converter=_flags, repr=False)
    """Truth of the calibration compounds, (n_calibration,). It is private."""

    probability: Floats = attrs.field(converter=_floats, repr=False)
    """What the model said of each without having learnt from it, (n_calibration,), in [0, 1]. It is private."""

    def __attrs_post_init__(self) -> None:
        if self.active.shape != self.probability.shape or self.active.ndim != 1:
            raise ValueError(f"{self.active.shape} outcomes and {self.probability.shape} probabilities: expected (n,)")
        if not np.all((self.probability >= 0) & (self.probability <= 1)):
            raise ValueError("a probability isn't in [0, 1]")

    @classmethod
    def calibrated(cls, active: Flags, probability: Floats) -> Conformal:
        """Calibrate on compounds that the model hasn't learnt from.

        Parameters
        ----------
        active : (n_calibration,) bool
            The truth.
        probability : (n_calibration,) float
            Of the active class, in [0, 1]: of a hold-out, or :func:`out_of_fold`.
        """
        return cls(active, probability)

    def p_values(self, probability: Floats) -> Floats:
        """How usual each class would be for each molecule.

        Parameters
        ----------
        probability : (n,) float
            Of the active class, in [0, 1].

        Returns
        -------
        (n, 2) float
            For inactive and active, in (0, 1]. Of a class without calibration compounds nothing is known: 1.
        """
        stated = np.asarray(probability, dtype=np.float64)
        # Not smoothed: the same answer each time, and on the safe side.
        classifier = (
            _crepes().ConformalClassifier().fit(_strangeness(self.probability, self.active), self.active.astype(int))
        )
        found = [
            classifier.predict_p(
                _strangeness(stated, np.full(len(stated), bool(c))), np.full(len(stated), c), smoothing=False
            )
            for c in (0, 1)
        ]
        return np.stack(found, axis=1)

    def sets(self, probability: Floats, level: float) -> Pairs:
        """Which classes can't be ruled out.

        Parameters
        ----------
        probability : (n,) float
            Of the active class, in [0, 1].
        level : float
            Promised coverage, in (0, 1).

        Returns
        -------
        (n, 2) bool
            Inactive, active. Both: undecided; none: unlike either class.
        """
        return sets_at(self.p_values(probability), level)


@attrs.frozen
class Cost:
    """What a promised coverage costs on compounds like those of the calibration: shares, in [0, 1]."""

    level: float
    """Promised coverage."""

    held: float
    """Sets that hold the true class."""

    single: float
    """Sets of exactly one class: those that decide something."""

    both: float
    """Sets that rule nothing out."""


def costs(conformal: Conformal, levels: Sequence[float] = LEVELS) -> tuple[Cost, ...]:
    """Count sets of the calibration compounds themselves, each predicted without having been learnt from.

    A compound is among those that its own set is judged by, one in many: nothing to mind with fifty or more of a class.

    Parameters
    ----------
    conformal : Conformal
        With at least one compound.
    levels : sequence of float
        Promised coverages, in (0, 1).

    Examples
    --------
    >>> truth = np.arange(200) < 100
    >>> sure = Conformal.calibrated(truth, np.where(truth, 0.8, 0.3) + np.linspace(-0.2, 0.2, 200))
    >>> [(cost.level, round(cost.single, 1)) for cost in costs(sure, (0.8, 0.9))]
    [(0.8, 0.8), (0.9, 0.9)]
    """
    p_values = conformal.p_values(conformal.probability)
    found = []
    for level in levels:
        sets = sets_at(p_values, level)
        size = sets.sum(axis=1)
        held = sets[np.arange(len(sets)), conformal.active.astype(int)]
        found.append(Cost(level, float(held.mean()), float((size == 1).mean()), float((size == 2).mean())))
    return tuple(found)


def _crepes() -> Any:
    # It changes the process's own warning filters when it is imported; and catching them isn't safe among threads.
    with _importing:
        if "crepes" not in sys.modules:
            with warnings.catch_warnings():
                importlib.import_module("crepes")
        return sys.modules["crepes"]


_importing = Lock()


def _strangeness(probability: Floats, active: Flags) -> Floats:
    return np.where(active, 1.0 - probability, probability)


def sets_at(p_values: Floats, level: float) -> Pairs:
    """Cut p-values, (n, 2), into sets of promised coverage, (n, 2).

    Examples
    --------
    >>> sets_at(np.array([[0.05, 0.4]]), 0.9).tolist()
    [[False, True]]
    """
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}: expected one in (0, 1)")
    # 1 - 0.9 is a little below 0.1 as floats go.
    return np.asarray(p_values > 1.0 - level + 1e-12)


def coverage(sets: Pairs, active: Flags) -> float:
    """Share of molecules whose set holds the true class, in [0, 1]; NaN without any.

    Examples
    --------
    >>> coverage(np.array([[True, False], [True, True]]), np.array([True, True]))
    0.5
    """
    return _mean(sets[np.arange(len(active)), active.astype(int)])


def coverage_by_class(sets: Pairs, active: Flags) -> tuple[float, float]:
    """Coverage among the inactive and among the active; NaN for a class that doesn't occur.

    Examples
    --------
    >>> coverage_by_class(np.array([[True, False], [True, True]]), np.array([False, True]))
    (1.0, 1.0)
    """
    return _mean(sets[~active, 0]), _mean(sets[active, 1])


def efficiency(sets: Pairs) -> float:
    """Share of sets with exactly one class, in [0, 1]: where the model decides. It needs nobody's labels.

    Source: Heyndrickx et al. 2024 (MELLODDY), doi 10.1021/acs.jcim.3c00799.

    Examples
    --------
    >>> efficiency(np.array([[True, False], [True, True]]))
    0.5
    """
    return _mean(sets.sum(axis=1) == 1)


def share_empty(sets: Pairs) -> float:
    """Share of sets without any class, in [0, 1]: unlike what the model learnt from.

    Examples
    --------
    >>> share_empty(np.array([[False, False], [True, True]]))
    0.5
    """
    return 1.0 - _mean(np.asarray(sets.any(axis=1)))


def share_both(sets: Pairs) -> float:
    """Share of sets with both classes, in [0, 1]: undecided.

    Examples
    --------
    >>> share_both(np.array([[False, False], [True, True]]))
    0.5
    """
    return _mean(np.asarray(sets.all(axis=1)))


def observed_fuzziness(p_values: Floats, active: Flags) -> float:
    """Mean p-value of the false class, in [0, 1]; lower is better, and no level need be chosen.

    Source: Vovk et al. 2016, doi 10.1007/978-3-319-33395-3_2.

    Examples
    --------
    >>> observed_fuzziness(np.array([[0.1, 0.9], [0.8, 0.3]]), np.array([True, False])).__round__(3)
    0.2
    """
    return _mean(p_values[np.arange(len(active)), (~active).astype(int)])


def out_of_fold(
    strata: Flags | NDArray[np.int64],
    fit_predict: Callable[[NDArray[np.int64], NDArray[np.int64]], Floats],
    seed: int,
    folds: int = FOLDS,
    groups: Sequence[str] | None = None,
) -> Floats:
    """Predict each compound by a model that hasn't learnt from it, so that none is lost to calibration.

    Parameters
    ----------
    strata : (n,) bool or int
        The truth, if that is a class, or groups of like values; each fold has its share of each.
    fit_predict : callable
        Takes places to learn from and places to predict, gives numbers in [0, 1] for the latter.
    seed : int
        Of the folds.
    folds : int
        How many, at least 2.
    groups : sequence of str, optional
        Names, (n,): compounds of one name, say of one skeleton, stay in one fold. Each is a group of its own by
        default.

    Returns
    -------
    (n,) float
        What was given for each.

    Raises
    ------
    ValueError
        If there are fewer than two groups of a class or stratum, so that a fold's model might know one class only.

    Examples
    --------
    >>> truth = np.array([True, False] * 4)
    >>> out_of_fold(truth, lambda train, test: np.full(len(test), truth[train].mean()), seed=1, folds=2).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    """
    _, first, group = np.unique(
        np.arange(len(strata)) if groups is None else np.asarray(groups), return_index=True, return_inverse=True
    )
    # A group of both classes counts as one of its first compound's.
    kinds = (True, False) if strata.dtype == bool else tuple(np.unique(strata))
    sides = [np.flatnonzero(strata[first] == side) for side in kinds]
    fewest = min(len(side) for side in sides)
    if fewest < 2:
        of = "of one class: expected at least two of each" if len(kinds) > 1 else "alone: expected at least two"
        raise ValueError(f"{fewest} compounds {of} to calibrate on")
    dealt = np.empty(len(first), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for side in sides:
        dealt[rng.permutation(side)] = np.arange(len(side)) % folds
    fold = dealt[group]
    probability = np.empty(len(strata))
    for number in np.unique(fold):
        test = np.flatnonzero(fold == number)
        probability[test] = fit_predict(np.flatnonzero(fold != number), test)
    return probability


def _mean(values: NDArray[np.bool_] | Floats) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
