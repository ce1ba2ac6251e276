"""Bootstrap draws of molecules, shared by all methods and seeds that know a molecule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from fluidmol.learning.statistics.draws import times_drawn
from fluidmol.learning.statistics.predictions import Floats, Method, Predictions, models_of
from fluidmol.learning.statistics.weighted import Metric, Places, weighted


@attrs.frozen(eq=False)
class Resampled:
    """A method's figures, as found and for each draw of molecules."""

    seeds: tuple[int, ...]
    """Ascending."""

    n_molecules: int
    """Different ones, over all seeds."""

    figures: Floats
    """By seed, (n_seeds,): the mean of those of its models that have one."""

    drawn: Floats = attrs.field(repr=False)
    """By draw and seed, (draws, n_seeds); NaN where undefined."""

    def minus(self, other: Resampled) -> Resampled:
        """Give the differences to another method of the same draws, for the seeds that both have."""
        both = tuple(sorted(set(self.seeds) & set(other.seeds)))
        mine, theirs = ([one.seeds.index(s) for s in both] for one in (self, other))
        figures = self.figures[mine] - other.figures[theirs]
        drawn = self.drawn[:, mine] - other.drawn[:, theirs]
        return Resampled(both, min(self.n_molecules, other.n_molecules), figures, drawn)


def resample(methods: Mapping[str, Method], metric: Metric, seed: int, draws: int) -> dict[str, Resampled]:
    """Draw molecules with replacement, and judge all methods on each draw.

    One draw is a multinomial sample of all molecules that occur for any seed. A molecule of several seeds (an external
    set has the same ones for all) counts as often for each of them.

    Parameters
    ----------
    methods : mapping of str to Method
        For one seed, all of the same molecules.
    metric : str or callable
    seed : int
        Of the draws.
    draws : int
        How many.

    Returns
    -------
    dict of str to Resampled
        By method.

    Raises
    ------
    ValueError
        If a method has no seed, methods differ in a seed's molecules, or a molecule is active here and inactive there.
    UsageError
        If there is no metric of that name.

    Examples
    --------
    >>> method = {seed: Predictions([True, False], [0.9, 0.2]) for seed in (1, 2)}
    >>> found = resample({"student": method}, "accuracy", seed=1, draws=10)["student"]
    >>> found.figures.tolist(), found.drawn.shape, found.n_molecules
    ([1.0, 1.0], (10, 2), 4)
    """
    if not all(methods.values()):
        raise ValueError("a method has no seed: expected predictions of at least one")
    keys = [(name, s) for name, method in methods.items() for s in sorted(method)]
    models = {key: models_of(methods[key[0]], key[1]) for key in keys}
    places, n_molecules = _places(models)
    judges = [
        [weighted(metric, said, place, n_molecules) for said, place in zip(models[key], places[key], strict=True)]
        for key in keys
    ]
    batches = (np.ones((1, n_molecules)), *times_drawn(n_molecules, draws, seed))
    found = [[_mean_known([judge(counts) for judge in one]) for one in judges] for counts in batches]
    columns = np.concatenate(found, axis=1)
    rows = {name: [i for i, key in enumerate(keys) if key[0] == name] for name in methods}
    occurring = {name: [place for key in keys if key[0] == name for place in places[key]] for name in methods}
    return {
        name: Resampled(
            seeds=tuple(sorted(method)),
            n_molecules=len(np.unique(np.concatenate(occurring[name]))),
            figures=columns[rows[name], 0],
            drawn=columns[rows[name], 1:].T,
        )
        for name, method in methods.items()
    }


def _mean_known(figures: Sequence[Floats]) -> Floats:
    """Mean over models, draw by draw, of those that have a figure: (draws,); NaN where none has.

    What makes a figure undefined is that a draw holds one class only of the molecules of a model, so that models of
    other methods on the same molecules lack theirs too: a comparison loses the same molecules on both sides.
    """
    if len(figures) == 1:
        return figures[0]
    stacked = np.stack(figures)
    known = ~np.isnan(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(stacked.shape[1], np.nan), where=count > 0))


_Key = tuple[str, int]


def _places(models: Mapping[_Key, Sequence[Predictions]]) -> tuple[dict[_Key, list[Places]], int]:
    """Give each molecule a number, and tell the numbers of those of each prediction."""
    numbers: dict[Any, int] = {}
    classes: list[bool] = []
    if len({said.molecules is None for found in models.values() for said in found}) > 1:
        raise ValueError("some predictions name their molecules and others don't: expected all or none to")

    def place(said: Predictions, seed: int) -> Places:
        names = [(seed, row) for row in range(len(said))] if said.molecules is None else said.molecules.tolist()
        found = [numbers.setdefault(name, len(numbers)) for name in names]
        classes.extend(said.active[np.array(found) >= len(classes)].tolist())
        if not np.array_equal(np.array(classes)[found], said.active):
            raise ValueError("a molecule is active here and inactive there: expected the same molecules in one order")
        return np.array(found, dtype=np.int64)

    places = {key: [place(said, key[1]) for said in found] for key, found in models.items()}
    judged_on: dict[int, Places] = {}
    for (_, seed), found in places.items():
        mine = np.unique(np.concatenate(found))
        if not np.array_equal(mine, judged_on.setdefault(seed, mine)):
            raise ValueError(f"methods were judged on different molecules for seed {seed}: expected the same for all")
    return places, len(numbers)
