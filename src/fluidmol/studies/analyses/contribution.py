"""Who brings what to a consortium."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.federation import aggregate
from fluidmol.learning.metrics import judge
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.shapley import Coalition, Contributions, Game, shapley
from fluidmol.studies.lab.judgement import figure
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding, Row
from fluidmol.values.annotations import Annotations

METRICS = ("mcc", "roc_auc")
"""What contributions are counted in."""

CHANCE = {"mcc": 0.0, "roc_auc": 0.5}
"""What nobody achieves."""


@attrs.frozen
class Contribution:
    """Leave-one-out and Shapley values of each partner, on the public benchmarks.

    - ``leave-one-out``: student, hybrids and ensemble of all partners, less those without one of them. Labels,
      selection and models are made anew without it.
    - ``shapley``: the value of a coalition is the quality of *its labels themselves*, that is of its teachers asked
      directly about the benchmark: no student is distilled for each of the many coalitions. ``labels`` is the game of
      all partners. ``for partner-1`` is the one that partner-1 sees: it is always in, and the values say what each
      other one adds to what it knows alone, as a stand-in for its hybrid.

    ``partner`` is who contributes, ``model`` who profits. An interval is over the sampled orders alone; without bounds
    all coalitions were asked.
    """

    title: ClassVar[str] = "Contributions of the partners"
    question: ClassVar[str] = "Who brings what to the student, and to each partner's hybrid?"
    over: ClassVar[tuple[str, ...]] = ()

    hybrids: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether hybrids are made without each of the others, too: with n partners n (n - 1) more models."""

    exact_up_to: int = attrs.field(default=8, validator=attrs.validators.ge(1))
    """With so many partners at most all coalitions are asked, 2^n of them."""

    orders: int = attrs.field(default=40, validator=attrs.validators.ge(4))
    """Random orders that are sampled otherwise, an even number."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell for all Shapley values, and one a left-out partner."""
        yield Cell({"measure": "shapley"}, partial(_shapley, self, lab))
        for name in lab.partners if len(lab.partners) > 1 else ():
            yield Cell({"measure": f"without {name}"}, partial(_without, self, lab, name))


def _without(study: Contribution, lab: Lab, name: str) -> Sequence[Finding]:
    others = [other for other in lab.partners if other != name]
    found = []
    for present in (lab.partners, others):
        labels = lab.labels(present)
        models = [lab.student(labels), lab.ensemble(present, model="labels")]
        models += [lab.hybrid(other, labels) for other in others if study.hybrids]
        found.append([row for row in lab.judge(models) if isinstance(row, Row)])
    rows = []
    for model in dict.fromkeys(row.model for row in found[0]):
        for dataset in lab.benchmarks:
            for metric in METRICS:
                whole, less = (figure(part, dataset, metric, model=model) for part in found)
                rows.append(Row(model, "derived", name, dataset, f"leave_one_out_{metric}", whole - less))
    return rows


def _shapley(study: Contribution, lab: Lab) -> Sequence[Finding]:
    public = _Labels(lab)
    rows = _rows("labels", shapley_of(study, lab, Game(lab.partners, public)), lab.benchmarks)
    for name in lab.partners if len(lab.partners) > 1 else ():
        others = tuple(other for other in lab.partners if other != name)
        game = Game(others, partial(_with, public, name))
        rows += _rows(f"for {name}", shapley_of(study, lab, game), lab.benchmarks)
    return rows


def _with(public: _Labels, name: str, team: Coalition) -> list[float]:
    return public(team | {name})


def shapley_of(study: Contribution, lab: Lab, game: Game) -> Contributions:
    """Give the Shapley values of a game as the study's settings say."""
    seed = derive_seed(lab.charter.seed, "shapley", *game.players)
    return shapley(game, exact_up_to=study.exact_up_to, orders=study.orders, seed=seed)


class _Labels:
    """The value of a coalition: its teachers asked directly about each benchmark, in each metric."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._said: dict[str, dict[str, Annotations]] = {
            dataset: {said.partner: said for said in lab.annotations(compounds=lab.dataset(dataset).compounds)}
            for dataset in lab.benchmarks
        }
        self._known: dict[Coalition, list[float]] = {}

    def __call__(self, team: Coalition) -> list[float]:
        if team not in self._known:
            self._known[team] = [value for dataset in self._lab.benchmarks for value in self._figures(team, dataset)]
        return self._known[team]

    def _figures(self, team: Coalition, dataset: str) -> list[float]:
        if not team:
            return [CHANCE[metric] for metric in METRICS]
        label = aggregate([self._said[dataset][name] for name in team], self._lab.charter).value[:, 0]
        probability = np.where(np.isnan(label), 0.5, label).astype(np.float64)
        figures = judge(self._lab.dataset(dataset).active, probability)
        return [figures[metric] for metric in METRICS]


def _rows(model: str, found: Contributions, datasets: Sequence[str]) -> list[Row]:
    rows = []
    columns = [(dataset, metric) for dataset in datasets for metric in METRICS]
    for place, name in enumerate(found.players):
        for column, (dataset, metric) in enumerate(columns):
            value, low, high = (float(side[place, column]) for side in (found.value, found.low, found.high))
            row = Row(model, "derived", name, dataset, f"shapley_{metric}", value, low, high)
            rows.append(row if found.n_orders else attrs.evolve(row, low=math.nan, high=math.nan))
    return rows
