"""What the models of a finished study said, read back from its predictions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.errors import InputError
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.studies.lab.cells import TOLD

# As we write it: no copy of it, and no leading zeros.
_FILE = re.compile(r"seed-(0|[1-9][0-9]*)\.parquet")

_TOLD = ("dataset", "inchikey", "model", "kind", "partner", *TOLD[0], *TOLD[1])


@attrs.frozen(eq=False)
class ModelPredictions:
    """One model's predictions of one data set."""

    seed: int
    case: Mapping[str, Any]
    dataset: str
    model: str
    kind: str
    partner: str
    said: Predictions = attrs.field(repr=False)


def answers(study: Path, wanted: Callable[[str], bool] = lambda _kind: True) -> list[ModelPredictions]:
    """Read the predictions of all seeds of a study; none if it has none.

    Parameters
    ----------
    study : Path
        Folder of the study in its lab.
    wanted : callable, optional
        Tells by the kind of a model whether it is read.

    Raises
    ------
    InputError
        If a file can't be used.
    """
    found: list[ModelPredictions] = []
    for path in prediction_files(study).values():
        try:
            table = pq.read_table(path)
            found += _answers(table, wanted)
        except (pa.ArrowException, OSError, KeyError, ValueError) as problem:
            raise InputError(f"{path} can't be used: {problem}", hint="Remove it and run the study again.") from problem
    return found


def predictions_digest(study: Path) -> str:
    """SHA-256 over the predictions of all seeds of a study, with their names; empty if it has none.

    Raises
    ------
    InputError
        If a file can't be read.
    """
    state = hashlib.sha256()
    files = prediction_files(study)
    for path in files.values():
        try:
            state.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        except OSError as problem:
            raise InputError(f"{path} can't be read: {problem}", hint="Remove it and run the study again.") from problem
    return state.hexdigest() if files else ""


def prediction_files(study: Path) -> dict[int, Path]:
    """Find the files of a study's predictions, by seed, ascending; files of any other name are nobody's business."""
    named = ((_FILE.fullmatch(path.name), path) for path in (study / "predictions").glob("seed-*.parquet"))
    return dict(sorted((int(match[1]), path) for match, path in named if match))


def by_seed(found: Iterable[ModelPredictions]) -> dict[int, list[Predictions]]:
    """Give a method: all models of a seed, whose mean is its figure."""
    method: dict[int, list[Predictions]] = {}
    for answer in found:
        method.setdefault(answer.seed, []).append(answer.said)
    return method


def _answers(table: pa.Table, wanted: Callable[[str], bool]) -> Iterator[ModelPredictions]:
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    truth, predicted = TOLD[TOLD[1][0] in columns]
    cases = [name for name in columns if name not in {*_TOLD, "seed"}]
    changed = np.zeros(len(table), dtype=bool)
    changed[:1] = True
    for name in ("seed", *cases, "dataset", "model", "partner"):
        changed[1:] |= columns[name][1:] != columns[name][:-1]
    starts = np.flatnonzero(changed)
    for start, stop in zip(starts, [*starts[1:], len(table)], strict=True):
        if wanted(str(columns["kind"][start])):
            rows = slice(int(start), int(stop))
            said = Predictions(columns[truth][rows], columns[predicted][rows], columns["inchikey"][rows])
            dataset, model, kind, partner = (str(columns[n][start]) for n in ("dataset", "model", "kind", "partner"))
            case = {name: columns[name][start] for name in cases}
            yield ModelPredictions(int(columns["seed"][start]), case, dataset, model, kind, partner, said)
