"""Figures of a card: of cross-validation on own compounds, and of a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fluidmol.report.card.fields import CardTable, Cell
from fluidmol.report.parts import as_float
from fluidmol.values.results import SCORES, VALUE_SCORES

_ALL = {**SCORES, **VALUE_SCORES}

SHOWN = ("mcc", "balanced_accuracy", "sensitivity", "specificity", "roc_auc", "brier", *VALUE_SCORES)
"""Figures of a run that a card shows, where there are many models; ``metrics.csv`` has all."""


def score_table(scores: Mapping[str, float]) -> CardTable:
    """Make a table of one model's figures, a row each.

    Examples
    --------
    >>> score_table({"mcc": 0.5}).rows
    (('MCC', 0.5, 'Matthews correlation coefficient, -1 to 1'),)
    """
    known = [(name, _ALL[name]) for name in _ALL if name in scores]
    rows = tuple((score.short, float(scores[name]), _meaning(score.meaning)) for name, score in known)
    return CardTable(("figure", "value", "meaning"), rows)


def run_table(rows: Sequence[Mapping[str, str]], dataset: str, kinds: Sequence[str]) -> CardTable:
    """Make a table of the models of some kinds on one data set of a run, a row each."""
    judged = [row for row in rows if row["dataset"] == dataset and row["kind"] in kinds]
    names = [name for name in SHOWN if judged and name in judged[0]]
    head = ["model", "tested", *(name for metric in names for name in _columns(metric, judged[0]))]
    body: list[tuple[Cell, ...]] = [
        (
            row["model"],
            int(as_float(row["n_test"])),
            *(as_float(row[key]) for metric in names for key in _keys(metric, row)),
        )
        for row in judged
    ]
    return CardTable(tuple(head), tuple(body))


def cover_table(coverage: Sequence[Mapping[str, float]]) -> CardTable:
    """Make a table of what conformal sets, or intervals, of own compounds held at each level."""
    names = {
        "level": "promised", "held": "hold the truth", "single": "decide for one class", "both": "undecided",
        "half_width": "half width",
    }  # fmt: skip
    keys = [key for key in names if coverage and key in coverage[0]]
    rows: list[tuple[Cell, ...]] = [tuple(float(cost[key]) for key in keys) for cost in coverage]
    return CardTable(tuple(names[key] for key in keys), tuple(rows))


def _keys(metric: str, row: Mapping[str, str]) -> list[str]:
    return [key for key in (metric, f"{metric}_low", f"{metric}_high") if key in row]


def _columns(metric: str, row: Mapping[str, str]) -> list[str]:
    ends = {"": "", "_low": " (from)", "_high": " (to)"}
    return [f"{_ALL[metric].short}{ends[key.removeprefix(metric)]}" for key in _keys(metric, row)]


def _meaning(text: str) -> str:
    return text.replace(", with its 95 % interval", "")
