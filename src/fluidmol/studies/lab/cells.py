"""Finished cells on disk: each whole or not there."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.errors import OutputError
from fluidmol.studies.environment import environment
from fluidmol.studies.lab.store import key_of
from fluidmol.studies.lab.study import CellPredictions, Finding, Row
from fluidmol.values.files import write_whole
from fluidmol.values.parts import Scalar

logger = logging.getLogger(__name__)

TOLD = (("active", "probability"), ("value", "predicted"))
"""Columns of truth and prediction, of a classification and of a regression."""

FIELDS = tuple(field.name for field in attrs.fields(Row))
"""Columns of a row."""


@attrs.frozen(eq=False)
class FinishedCell:
    """A finished cell."""

    key: str
    """Names its files."""

    seed: int
    case: dict[str, Scalar]
    seconds: float
    rows: tuple[Row, ...] = attrs.field(repr=False)


class Cells:
    """The finished cells of one study.

    Parameters
    ----------
    folder : Path
        It is made with the first cell.
    study : str
        Digest of what makes the study this one: settings, charter, inputs.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self.folder = folder
        self._study = study

    def key(self, seed: int, case: dict[str, Scalar]) -> str:
        """Give the name of a cell's files; it changes with our code and the libraries' versions."""
        return key_of({"study": self._study, "seed": seed, "case": case, "environment": environment()})

    def read(self, key: str) -> FinishedCell | None:
        """Give a cell if it is finished: its figures are there, and its predictions as they were written."""
        path = self.folder / f"{key}.json"
        if not path.exists():
            return None
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            rows = tuple(_row(values) for values in kept["rows"])
            self._check_predictions(key, kept.get("predictions"))
            return FinishedCell(key, kept["seed"], kept["case"], kept["seconds"], rows)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as problem:
            logger.warning("the cell %s can't be read and is made again: %s", key, problem)
            return None

    def write(
        self, key: str, seed: int, case: dict[str, Scalar], seconds: float, found: Sequence[Finding]
    ) -> FinishedCell:
        """Keep what a cell found; the rows last, for they say that it is finished."""
        rows = tuple(row for row in found if isinstance(row, Row))
        said = [item for item in found if isinstance(item, CellPredictions)]
        content = {
            "seed": seed,
            "case": case,
            "seconds": seconds,
            "rows": [[_plain(value) for value in attrs.astuple(row)] for row in rows],
            "predictions": "",
        }
        if said:
            predictions = as_parquet(predictions_table(said))
            content["predictions"] = _digest(predictions)
            self._write(f"{key}.parquet", predictions)
        self._write(f"{key}.json", json.dumps(content))
        return FinishedCell(key, seed, case, seconds, rows)

    def predictions(self, done: FinishedCell) -> pa.Table | None:
        """Give a finished cell's predictions with seed and case in front; nothing if it has none."""
        path = self.folder / f"{done.key}.parquet"
        if not path.exists():
            return None
        table = pq.read_table(io.BytesIO(path.read_bytes()))
        for name, value in reversed(list({"seed": done.seed, **done.case}.items())):
            table = table.add_column(0, name, pa.array([value] * len(table)))
        return table

    def finished(self, seed: int) -> tuple[list[FinishedCell], dict[str, Any]] | None:
        """Give all cells of a seed, and its facts, if its work is known to be complete; nothing is prepared for it."""
        try:
            kept = json.loads((self.folder / f"{self.key(seed, {})}.seed.json").read_text(encoding="utf-8"))
            cells = [self.read(str(key)) for key in kept["cells"]]
            facts = dict(kept["facts"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        whole = [cell for cell in cells if cell is not None]
        return (whole, facts) if len(whole) == len(cells) else None

    def finish(self, seed: int, cells: Sequence[FinishedCell], facts: Mapping[str, Any]) -> None:
        """Say that these are all cells of a seed, and what it was made of."""
        content = {"cells": [cell.key for cell in cells], "facts": dict(facts)}
        self._write(f"{self.key(seed, {})}.seed.json", json.dumps(content))

    def _check_predictions(self, key: str, noted: str | None) -> None:
        path = self.folder / f"{key}.parquet"
        if noted is None:  # written before digests were
            if path.exists():
                pq.read_table(path)
        elif noted and _digest(path.read_bytes()) != noted:
            raise ValueError(f"{path.name} isn't what was written")

    def _write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as problem:
            raise OutputError(
                f"{path} can't be written: {problem.strerror or problem}",
                hint="Make room, then run the same command again: finished cells are kept.",
            ) from problem


def predictions_table(said: Sequence[CellPredictions]) -> pa.Table:
    """Give predictions as a long table: dataset, inchikey, active, model, kind, partner, probability.

    Of a regression, the columns are called value and predicted in place of active and probability.
    """
    return pa.concat_tables(
        pa.table(
            {
                "dataset": [item.dataset] * len(item.active),
                "inchikey": list(item.inchikeys),
                TOLD[item.active.dtype.kind == "f"][0]: item.active,
                "model": [item.model] * len(item.active),
                "kind": [item.kind] * len(item.active),
                "partner": [item.partner] * len(item.active),
                TOLD[item.active.dtype.kind == "f"][1]: item.probability,
            }
        )
        for item in said
    )


def as_parquet(table: pa.Table) -> bytes:
    """Give a table's bytes."""
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _row(values: Sequence[Any]) -> Row:
    known = [math.nan if value is None else value for value in values]
    named: dict[str, Any] = dict(zip(FIELDS, known, strict=True))
    return Row(**named)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    return value if isinstance(value, str) else int(value)
