"""What each partner gains at an endpoint of a panel, from what its study's models have predicted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics.intervals import over_molecules
from fluidmol.learning.statistics.paired import Comparison, compare
from fluidmol.learning.statistics.panels import ELSEWHERE, METHODS, METRICS, OWN, EndpointFigures, PairGain, tukey
from fluidmol.learning.statistics.predictions import Method, Predictions
from fluidmol.studies.analyses.own_domain import HELD_OUT
from fluidmol.studies.lab.model_predictions import ModelPredictions
from fluidmol.values.results import gained

DRAWS = 1000
"""Bootstrap samples behind each comparison."""

FEWEST, OF_EACH = 20, 3
"""Held-out compounds, and compounds of each class, below which a pair isn't judged."""


def pair_gains(endpoint: str, kind: str, answers: Sequence[ModelPredictions]) -> list[PairGain]:
    """Compare each partner's hybrid with its teacher, on its own held-out compounds and on those of others.

    Paired bootstrap over molecules, and over seeds where there are several. Folds of one seed are put together: each
    compound is held out once.
    """
    found = []
    partners = sorted({answer.partner for answer in answers if answer.kind == "hybrid"})
    for partner in partners:
        for where in (OWN, ELSEWHERE):
            sides = [_said(answers, which, partner, where) for which in ("hybrid", "teacher")]
            seeds = sorted(set(sides[0]) & set(sides[1]))
            hybrid, teacher = ({seed: side[seed] for seed in seeds} for side in sides)
            if not seeds or not all(map(_judged, hybrid.values())):
                continue
            for metric in METRICS[kind]:
                compared = _compared(hybrid, teacher, metric)
                found.append(
                    PairGain(
                        endpoint, partner, where, metric, _mean(teacher, metric), _mean(hybrid, metric),
                        compared.difference, compared.low, compared.high, compared.p,
                        sum(len(said) for said in hybrid.values()),
                    )
                )  # fmt: skip
    return found


def endpoint_figures(
    name: str, kind: str, unit: str, n_compounds: int, answers: Sequence[ModelPredictions]
) -> EndpointFigures:
    """Average an endpoint over partners, and compare hybrids with teachers, and all methods over repetitions."""
    metric = METRICS[kind][0]
    blocks = _blocks(answers, metric)
    means = {method: float(np.nanmean([block[method] for block in blocks])) for method in METHODS if blocks}
    gains = {where: _of_means(answers, where, metric) for where in (OWN, ELSEWHERE)}
    return EndpointFigures(name, kind, unit, n_compounds, metric, means, gains, tukey=tukey(blocks))


def _said(answers: Iterable[ModelPredictions], kind: str, partner: str, where: str) -> dict[int, Predictions]:
    """Put together what a partner's model of a kind said in a place, by seed."""
    parts: dict[int, list[Predictions]] = {}
    for answer in answers:
        own = answer.dataset == f"{HELD_OUT}{partner}"
        if (answer.kind, answer.partner) == (kind, partner) and own == (where == OWN):
            parts.setdefault(answer.seed, []).append(answer.said)
    return {seed: _joined(found) for seed, found in parts.items()}


def _joined(found: Sequence[Predictions]) -> Predictions:
    molecules: list[NDArray[np.str_]] = [np.asarray(said.molecules) for said in found if said.molecules is not None]
    truth = np.concatenate([said.active for said in found])
    return Predictions(truth, np.concatenate([said.probability for said in found]), np.concatenate(molecules))


def _judged(said: Predictions) -> bool:
    """Tell whether so few compounds can say anything."""
    if len(said) < FEWEST:
        return False
    if said.valued:
        return said.varied
    n_active = int(said.active.sum())
    return min(n_active, len(said) - n_active) >= OF_EACH


def _of_means(answers: Sequence[ModelPredictions], where: str, metric: str) -> Comparison | None:
    """Compare the mean of all hybrids with that of all teachers, of partners whose compounds can be judged."""
    sides: dict[str, dict[int, list[Predictions]]] = {"hybrid": {}, "teacher": {}}
    for partner in sorted({answer.partner for answer in answers if answer.kind == "hybrid"}):
        said = {kind: _said(answers, kind, partner, where) for kind in sides}
        for seed in set(said["hybrid"]) & set(said["teacher"]):
            if _judged(said["hybrid"][seed]):
                for kind, found in sides.items():
                    found.setdefault(seed, []).append(said[kind][seed])
    if not sides["hybrid"]:
        return None
    return _compared(sides["hybrid"], sides["teacher"], metric)


def _compared(first: Method, second: Method, metric: str) -> Comparison:
    """Compare by the paired bootstrap; a positive difference is a gain.

    Hundreds of pairs are corrected together, and no bootstrap has draws enough for that: where none of them reaches 0,
    p is that of a normal distribution as wide as the interval.
    """
    from scipy.stats import norm  # noqa: PLC0415 - heavy

    found = compare(first, second, metric, seed=derive_seed(0, "panel"), draws=DRAWS)
    if found.p <= 2 / (DRAWS + 1) and found.high > found.low:
        spread = (found.high - found.low) / (2 * norm.ppf(0.975))
        found = attrs.evolve(found, p=min(found.p, float(2 * norm.sf(abs(found.difference) / spread))))
    if gained(metric, 1.0, 0.0) > 0:
        return found
    return attrs.evolve(found, difference=-found.difference, low=-found.high, high=-found.low)


def _mean(said: Mapping[int, Predictions], metric: str) -> float:
    return float(np.mean([over_molecules(each.active, each.probability, metric, seed=0, draws=2).mean
                          for each in said.values()]))  # fmt: skip


def _blocks(answers: Sequence[ModelPredictions], metric: str) -> list[dict[str, float]]:
    """Judge all methods on all held-out compounds of each repetition."""
    groups: dict[tuple[int, str], dict[str, dict[str, list[Predictions]]]] = {}
    for answer in answers:
        method = {"hybrid": "hybrids", "teacher": "teachers", "student": "student", "pooled": "T0"}.get(answer.kind)
        if method:
            block = groups.setdefault((answer.seed, str(answer.case.get("fold", ""))), {})
            block.setdefault(method, {}).setdefault(answer.partner, []).append(answer.said)
    found = []
    for block in groups.values():
        if set(METHODS) <= set(block):
            joined = {m: [_joined(parts) for parts in block[m].values()] for m in METHODS}
            if all(_judged(said) for side in joined.values() for said in side):
                found.append({m: float(np.mean([_mean({0: s}, metric) for s in side])) for m, side in joined.items()})
    return found
