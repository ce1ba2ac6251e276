"""What a finished study leaves: the long table, the predictions of each seed, the charter and the provenance."""

from __future__ import annotations

import csv
import io
import json
import math
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa

from fluidmol.errors import OutputError
from fluidmol.progress import Stages
from fluidmol.studies.environment import libraries
from fluidmol.studies.lab.cells import FIELDS, Cells, FinishedCell, as_parquet
from fluidmol.studies.lab.folder import LAST, RESULTS, StudyFolder
from fluidmol.studies.lab.model_predictions import prediction_files
from fluidmol.values.charter import Charter
from fluidmol.values.files import write_whole


def case_columns(done: Sequence[FinishedCell]) -> tuple[str, ...]:
    """Give the names of the cases' columns, in the order in which they occur."""
    return tuple(dict.fromkeys(name for cell in done for name in cell.case))


def results_csv(study: str, done: Sequence[FinishedCell]) -> str:
    """Write all figures in long form, one a line; undefined ones are empty."""
    cases = case_columns(done)
    heads = [(study, cell.seed, *(cell.case.get(name, "") for name in cases)) for cell in done]
    rows = (
        (*head, *map(_text, attrs.astuple(row))) for head, cell in zip(heads, done, strict=True) for row in cell.rows
    )
    return as_csv(("study", "seed", *cases, *FIELDS), rows)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a table, whole or not at all.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    write_file(path, as_csv(columns, rows))
    return path


def write_tables(folder: StudyFolder, study: str, cells: Cells, done: Sequence[FinishedCell]) -> None:
    """Write ``results.csv``, and ``predictions/seed-N.parquet`` of each seed that has any.

    Predictions of other seeds, of an earlier and longer run, are removed: figures and comparisons are of equal seeds.
    Their cells stay, and whoever asks for these seeds again has them at once.

    Raises
    ------
    OutputError
        If a file can't be written.
    """
    written: set[int] = set()
    for seed in dict.fromkeys(cell.seed for cell in done):
        tables = [table for cell in done if cell.seed == seed if (table := cells.predictions(cell)) is not None]
        if tables:
            (folder.path / "predictions").mkdir(exist_ok=True)
            table = pa.concat_tables(tables, promote_options="permissive")
            write_file(folder.path / "predictions" / f"seed-{seed}.parquet", as_parquet(table))
            written.add(seed)
    for seed, path in prediction_files(folder.path).items():
        if seed not in written:
            path.unlink()
    write_file(folder.path / RESULTS, results_csv(study, done))


def write_provenance(folder: StudyFolder, facts: Mapping[str, Any], charter: Charter, stages: Stages) -> None:
    """Write ``charter.toml``, then ``study.json``, which marks the study as finished."""
    write_file(folder.path / "charter.toml", charter.to_toml())
    content = {"kind": "study", **facts, "charter": charter.to_table(), **made_with(stages)}
    write_file(folder.path / LAST, as_json(content))


def made_with(stages: Stages) -> dict[str, Any]:
    """Collect with what, when and at which cost something was made; plain values."""
    return {
        "fluidmol": metadata.version("fluidmol"),
        "started": stages.begun.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(stages.seconds, 1),
        "peak_mb": round(stages.peak_mb, 1),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": libraries(),
    }


def as_json(facts: Mapping[str, Any]) -> str:
    """Write plain values as JSON."""
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return target.getvalue()


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    try:
        write_whole(path, content)
    except OSError as problem:
        raise OutputError(
            f"{path} can't be written: {problem.strerror or problem}",
            hint="Make room, then run the same command again: what is finished is kept.",
        ) from problem


def _text(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6f}"
    return value
