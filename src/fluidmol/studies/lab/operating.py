"""MCC at thresholds that are fixed on the training side.

The ``own-domain`` study holds a fold of each partner's compounds out of everything. On these, and on no test set, each
model's threshold is chosen: a partner's teacher and hybrid on its own held-out compounds, student and both T0 on those
of all partners. The models of the ``benchmark``, of all compounds, are then judged at it. This costs no fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from fluidmol.learning.metrics import judge_at
from fluidmol.learning.statistics.thresholds import best_threshold
from fluidmol.studies.lab.model_predictions import ModelPredictions, answers
from fluidmol.studies.lab.results import write_csv

THRESHOLDS = "thresholds.csv"
"""Name of the table."""

COLUMNS = ("arm", "seed", "model", "kind", "partner", "dataset", "threshold", "n_fixed", "mcc")

Threshold = tuple[float, int]


def write_thresholds(out: Path, labs: Mapping[str, Path]) -> Path:
    """Write the table of all arms' models; it is empty where one of the two studies is missing.

    Parameters
    ----------
    out : Path
        Folder of the table.
    labs : mapping of str to Path
        Names and folders of the labs, one a charter.

    Returns
    -------
    Path
        The table.

    Raises
    ------
    InputError
        If predictions can't be read.
    OutputError
        If the table can't be written.
    """
    rows = ((arm, *row) for arm, lab in labs.items() for row in _rows(lab))
    return write_csv(out / THRESHOLDS, COLUMNS, rows)


def thresholds(held_out: Sequence[ModelPredictions]) -> dict[tuple[int, str], Threshold]:
    """Choose thresholds by seed and model from predictions of compounds that nobody has learnt from.

    Parameters
    ----------
    held_out : sequence of ModelPredictions
        Of the ``own-domain`` study.

    Returns
    -------
    dict
        From (seed, model) to threshold and number of compounds; none where these are of one class.
    """
    groups: dict[tuple[int, str], list[ModelPredictions]] = {}
    for answer in held_out:
        groups.setdefault((answer.seed, answer.model), []).append(answer)
    found = {}
    for who, group in groups.items():
        active = np.concatenate([answer.said.active for answer in group])
        if active.any() and not active.all():
            probability = np.concatenate([answer.said.probability for answer in group])
            found[who] = (best_threshold(active, probability), len(active))
    return found


def _rows(lab: Path) -> Iterator[tuple[object, ...]]:
    fixed = thresholds(answers(lab / "own-domain"))
    for answer in answers(lab / "benchmark"):
        if answer.case.get("arm") == "federation" and (answer.seed, answer.model) in fixed:
            threshold, n_fixed = fixed[answer.seed, answer.model]
            figure = judge_at(answer.said.active, answer.said.probability, threshold)["mcc"]
            shown = "" if math.isnan(figure) else f"{figure:.6f}"
            who = (answer.seed, answer.model, answer.kind, answer.partner, answer.dataset)
            yield (*who, f"{threshold:.6f}", n_fixed, shown)
