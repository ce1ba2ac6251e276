"""What tuning found, as a CSV table and as facts for JSON."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import attrs

from fluidmol.learning.statistics import Comparison
from fluidmol.partner.tuning.tune import Tuned

COLUMNS = (
    "split", "model", "metric", "value", "low", "high", "gain", "gain_low", "gain_high", "gain_p", "n_held", "n_active",
)  # fmt: skip
"""Columns of ``tune.csv``; ``gain`` is this model less the teacher."""


def tune_csv(tuned: Tuned) -> str:
    """Write all figures as CSV, one row a model and metric; what is undefined is empty."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figure in tuned.figures:
        value, gain = figure.value, figure.gain
        found = (math.nan,) * 4 if gain is None else (gain.difference, gain.low, gain.high, gain.p)
        numbers = (
            "" if math.isnan(number) else f"{number:.6f}" for number in (value.mean, value.low, value.high, *found)
        )
        writer.writerow((tuned.plan.split, figure.model, figure.metric, *numbers, tuned.n_held, tuned.n_active))
    return target.getvalue()


def tune_facts(tuned: Tuned) -> dict[str, Any]:
    """Give verdict and circumstances as plain values; what is undefined is None."""
    return {
        "plan": attrs.asdict(tuned.plan),
        "verdict": tuned.verdict,
        "tuned": tuned.tuned,
        "preferred": tuned.preferred,
        "from_others": {metric: _plain(gain) for metric, gain in tuned.from_others.items()},
        "choices": [{"own": c.own, "boost": c.boost, "folds": n} for c, n in tuned.choices],
        "own_share": tuned.share,
        "leak": tuned.leak,
        "n_held": tuned.n_held,
        "n_active": tuned.n_active,
    }


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"


def _plain(gain: Comparison) -> dict[str, float | None]:
    named = {"difference": gain.difference, "low": gain.low, "high": gain.high, "p": gain.p}
    return {name: None if math.isnan(value) else value for name, value in named.items()}
