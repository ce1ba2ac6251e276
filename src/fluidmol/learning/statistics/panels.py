"""A panel of endpoints: how often taking part paid, and what may be said of it after so many tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from fluidmol.learning.statistics.corrections import holm
from fluidmol.learning.statistics.intervals import Interval, over_seeds
from fluidmol.learning.statistics.paired import Comparison
from fluidmol.learning.value_metrics import spearman
from fluidmol.values.results import LOWER_IS_BETTER, gained

OWN, ELSEWHERE = "own", "elsewhere"
"""Where a partner's models are judged: on its own held-out compounds, or on those of all others together."""

METRICS = {"classification": ("mcc", "roc_auc"), "regression": ("rmse",)}
"""Metrics in which a hybrid is compared with its teacher, by kind of endpoint."""

METHODS = ("teachers", "student", "hybrids", "T0")
"""What is compared over repetitions; of teachers and hybrids the mean over partners."""


FEWEST_PAIRS = 20
"""Pairs below which nothing is correlated with their gains."""


@attrs.frozen
class PairGain:
    """What one partner gains at one endpoint, in one place."""

    endpoint: str
    partner: str
    where: str
    """:data:`OWN` or :data:`ELSEWHERE`."""

    metric: str
    teacher: float
    hybrid: float
    gain: float
    """By how much the hybrid is better; negative where it is worse."""

    low: float
    high: float
    p: float
    n_test: int
    """Held-out compounds, over all seeds and folds."""

    p_holm: float = math.nan
    """Corrected over all pairs of this place and metric."""

    @property
    def relative(self) -> float:
        """The gain; of an error, as a share of the teacher's."""
        return self.gain / self.teacher if self.metric in LOWER_IS_BETTER else self.gain


@attrs.frozen
class EndpointFigures:
    """One endpoint: means over partners, seeds and folds, on the partners' own held-out compounds."""

    name: str
    kind: str
    unit: str
    """In what errors of a regression are stated; empty for classes."""

    n_compounds: int
    metric: str
    figures: Mapping[str, float]
    """By :data:`METHODS`, judged on all held-out compounds."""

    gains: Mapping[str, Comparison | None]
    """By place: hybrids' mean against teachers' mean; differences are gains. None where nothing could be judged."""

    p_holm: Mapping[str, float] = attrs.field(factory=dict)
    """By place: corrected over all endpoints."""

    tukey: Mapping[tuple[str, str], float] = attrs.field(factory=dict)
    """By pair of methods: p of Tukey's test over repetitions; empty with fewer than three of them."""


@attrs.frozen(eq=False)
class PanelFigures:
    """All that a panel has found."""

    endpoints: list[EndpointFigures]
    pairs: list[PairGain]
    sizes: dict[tuple[str, str], int]
    """Compounds by endpoint and partner."""

    left_out: dict[str, str]
    """Endpoints that couldn't be studied, and why."""

    def plain(self) -> dict[str, Any]:
        """Return it as values that JSON has; undefined figures are null."""
        return {
            "endpoints": [_plain(attrs.asdict(each, recurse=False)) for each in self.endpoints],
            "pairs": [_plain(attrs.asdict(pair)) for pair in self.pairs],
            "sizes": [[*who, n] for who, n in self.sizes.items()],
            "left_out": self.left_out,
        }

    @classmethod
    def of_plain(cls, told: Mapping[str, Any]) -> PanelFigures:
        """Read it back.

        Raises
        ------
        KeyError, TypeError, ValueError
            If something else was written.
        """
        return cls(
            [_endpoint(each) for each in told["endpoints"]],
            [PairGain(**{key: _number(value) for key, value in pair.items()}) for pair in told["pairs"]],
            {(str(endpoint), str(partner)): int(n) for endpoint, partner, n in told["sizes"]},
            {str(name): str(why) for name, why in told["left_out"].items()},
        )


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key == "tukey":
            found[key] = [[*pair, p] for pair, p in value.items()]
        elif key == "gains":
            found[key] = {where: None if gain is None else _plain(attrs.asdict(gain)) for where, gain in value.items()}
        elif isinstance(value, Mapping):
            found[key] = _plain(value)
        else:
            found[key] = None if isinstance(value, float) and math.isnan(value) else value
    return found


def _number(value: Any) -> Any:
    return math.nan if value is None else value


def _endpoint(told: Mapping[str, Any]) -> EndpointFigures:
    gains = {
        str(where): None if gain is None else Comparison(**{key: _number(value) for key, value in gain.items()})
        for where, gain in told["gains"].items()
    }
    figures = {str(name): float(_number(value)) for name, value in told["figures"].items()}
    p_holm = {str(where): float(_number(p)) for where, p in told["p_holm"].items()}
    tested = {(str(a), str(b)): float(p) for a, b, p in told["tukey"]}
    return EndpointFigures(**{**told, "gains": gains, "figures": figures, "p_holm": p_holm, "tukey": tested})


def corrected(pairs: Sequence[PairGain]) -> list[PairGain]:
    """Correct p values by Holm over all pairs of a place and metric, of all endpoints."""
    found = list(pairs)
    for family in {(pair.where, pair.metric) for pair in pairs}:
        rows = [i for i, pair in enumerate(pairs) if (pair.where, pair.metric) == family]
        for i, p in zip(rows, holm([pairs[i].p for i in rows]), strict=True):
            found[i] = attrs.evolve(found[i], p_holm=float(p))
    return found


def corrected_endpoints(endpoints: Sequence[EndpointFigures]) -> list[EndpointFigures]:
    """Correct p values by Holm over all endpoints, place by place."""
    adjusted: list[dict[str, float]] = [{} for _ in endpoints]
    for where in (OWN, ELSEWHERE):
        known = [(i, each.gains[where]) for i, each in enumerate(endpoints)]
        tested = [(i, gain) for i, gain in known if gain is not None]
        for (i, _), p in zip(tested, holm([gain.p for _, gain in tested]), strict=True):
            adjusted[i][where] = float(p)
    return [attrs.evolve(each, p_holm=p) for each, p in zip(endpoints, adjusted, strict=True)]


@attrs.frozen
class PanelShares:
    """How often taking part paid, over pairs of partner and endpoint, in one place and metric."""

    where: str
    metric: str
    n: int
    not_below: float
    """Share of the pairs whose hybrid isn't below its teacher by its figure alone."""

    above: float
    clearly_above: float
    """Share whose gain is beyond chance, after Holm's correction."""

    clearly_below: float
    gain: Interval
    """Mean over endpoints of the mean gain, with its t interval over endpoints; of errors, whose units differ, the
    share of the teacher's error that is saved."""


def shares(pairs: Sequence[PairGain], where: str, metric: str) -> PanelShares | None:
    """Count over pairs; None where there are none."""
    chosen = [pair for pair in pairs if (pair.where, pair.metric) == (where, metric) and not math.isnan(pair.gain)]
    if not chosen:
        return None
    gain = np.array([pair.gain for pair in chosen])
    sure = np.array([pair.p_holm <= 0.05 for pair in chosen])
    by_endpoint: dict[str, list[float]] = {}
    for pair in chosen:
        by_endpoint.setdefault(pair.endpoint, []).append(pair.relative)
    return PanelShares(
        where, metric, len(chosen), float((gain >= 0).mean()), float((gain > 0).mean()),
        float((sure & (gain > 0)).mean()), float((sure & (gain < 0)).mean()),
        over_seeds([float(np.mean(found)) for found in by_endpoint.values()]),
    )  # fmt: skip


def what_predicts(
    pairs: Sequence[PairGain], sizes: Mapping[tuple[str, str], int], where: str, metric: str
) -> dict[str, float]:
    """Correlate gains with what is known beforehand, by rank over pairs: Spearman's coefficients.

    Parameters
    ----------
    pairs : sequence of PairGain
    sizes : mapping of (endpoint, partner) to int
        Compounds of each partner.
    where, metric : str
    """
    chosen = [pair for pair in pairs if (pair.where, pair.metric) == (where, metric) and not math.isnan(pair.gain)]
    if len(chosen) < FEWEST_PAIRS:
        return {}
    gain = np.array([pair.relative for pair in chosen])
    mine = np.array([float(sizes[pair.endpoint, pair.partner]) for pair in chosen])
    whole = np.array([float(sum(n for (e, _), n in sizes.items() if e == pair.endpoint)) for pair in chosen])
    before = np.array([gained(pair.metric, pair.teacher, 0.0) for pair in chosen])
    return {
        "the partner's compounds": spearman(mine, gain),
        "the endpoint's compounds": spearman(whole, gain),
        "the partner's share of them": spearman(mine / whole, gain),
        "how good its teacher is": spearman(before, gain),
    }


def tukey(blocks: Sequence[Mapping[str, float]]) -> dict[tuple[str, str], float]:
    """Test all pairs of methods by Tukey's honestly significant difference, repetitions as blocks.

    Each repetition (a fold of a seed) judges all methods on the same compounds; what makes it hard for all is taken out
    as in a repeated-measures analysis of variance.

    Source: Ash et al. 2025, doi 10.1021/acs.jcim.5c01609.

    Parameters
    ----------
    blocks : sequence of mapping
        A repetition each: figures by method. Repetitions that lack one are left out.

    Returns
    -------
    dict of (str, str) to float
        p by pair of methods; empty with fewer than three repetitions.

    Examples
    --------
    >>> hard = enumerate((0, 0.1, 0.05, 0.2))
    >>> found = tukey([{"a": 0.5 + x, "b": 0.6 + x, "c": 0.5 + x + (-1) ** i * 0.01} for i, x in hard])
    >>> found["a", "b"] < 0.001, found["a", "c"] > 0.5
    (True, True)
    """
    from scipy.stats import studentized_range  # noqa: PLC0415 - heavy

    names = list(blocks[0]) if blocks else []
    table = np.array([[block[name] for name in names] for block in blocks]).reshape(len(blocks), len(names))
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 3 or k < 2:
        return {}
    left = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    degrees = (n - 1) * (k - 1)
    error = math.sqrt(float((left**2).sum()) / degrees / n)
    means = table.mean(axis=0)
    return {
        (names[i], names[j]): 1.0 if means[i] == means[j]
        else float(studentized_range.sf(abs(means[i] - means[j]) / error, k, degrees)) if error else 0.0
        for i in range(k)
        for j in range(i + 1, k)
    }  # fmt: skip
